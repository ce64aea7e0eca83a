"""Templates: several gallery faces of a person as one.

`mean` averages vectors, `max` takes the best score of a person's faces.
Source: docs/numbers.md, rule 10 (ranks and the open set).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from facerep.errors import BadInput, Usage
from facerep.files.rows import Codes, Features, Rows
from facerep.pairs.rows_on_disk import RowsOnDisk
from facerep.scorers.scorer import Scorer
from facerep.scorers.select_scorer import scorer as pick


@dataclass(frozen=True)
class Templates:
    """What probes are compared with.

    Attributes:
        rows: as the scorer takes them, shape (t, k), person by person.
        starts: the first row of each person, shape (people,).
        rule: how the faces of a person became one, in words.
    """

    rows: np.ndarray
    starts: np.ndarray
    rule: str


def template_rule(features: Features | Codes, metric: str, template: str | None) -> str:
    """The rule to be used: the one asked for, else `max` for codes, `mean` for vectors.

    Raises:
        Usage: `mean` for codes.
    """
    codes = metric == "hamming" or isinstance(features, Codes)
    if codes and template == "mean":
        raise Usage("codes have no mean", hint="give --template max, or compare vectors")
    return template or ("max" if codes else "mean")


def make_templates(
    features: Features | Codes,
    rows: np.ndarray | RowsOnDisk,
    gallery: np.ndarray,
    starts: np.ndarray,
    metric: str,
    scorer: Scorer | Path | None,
    template: str,
) -> Templates:
    """The templates of a gallery.

    The mean is of the vectors as they come from the file, before a scorer's chain; they are brought to length 1
    first where the metric takes no notice of length: cosine, and chains that begin with l2.

    Args:
        features: the file; where its rows are on disk, its head.
        rows: its rows as the scorer takes them; in memory, or on disk: then those of the gallery are read.
        gallery: rows of the gallery faces, person by person.
        starts: the place in `gallery` where each person begins.
        metric, scorer: as `catalog.scorer` takes them, or a scorer object.
        template: "mean" or "max".

    Raises:
        BadInput: an all-zero vector where a length of 1 is wanted.
    """
    if len(starts) == len(gallery):
        return Templates(rows[gallery], starts, "one face a person")
    if template == "max" or isinstance(features, Codes):
        return Templates(rows[gallery], starts, "max: the best score of a person's faces")
    everyone: Rows = features
    if isinstance(rows, RowsOnDisk):
        everyone, values = rows.everyone, rows.stream.take(gallery, whole_blocks=True).astype(np.float64)
    else:
        values = features.values[gallery].astype(np.float64)
    unit = _no_notice_of_length(metric, scorer)
    if unit:
        lengths = np.sqrt(np.einsum("ij,ij->i", values, values))
        if not lengths.all():
            name = everyone.names[gallery[lengths.argmin()]]
            raise BadInput(f"an all-zero vector has no length 1 ({name!r})", features.where, "give --template max")
        values /= lengths[:, None]
    counts = np.diff(np.append(starts, len(gallery)))
    pooled = (np.add.reduceat(values, starts) / counts[:, None]).astype(np.float32)
    rule = f"mean of {'unit-length ' if unit else ''}vectors"
    first = np.arange(len(starts))
    if scorer is not None and not isinstance(scorer, Path):
        return Templates(pooled, first, rule)
    names = np.array([f"template of {name}" for name in everyone.names[gallery[starts]]], dtype=object)
    people = everyone.people[gallery[starts]]
    made = replace(features, values=pooled, names=names, people=people, labels={}, protocols={}, failures=())
    return Templates(pick(metric, made, scorer)[1], first, rule)


def _no_notice_of_length(metric: str, scorer: Scorer | Path | None) -> bool:
    if not isinstance(scorer, Path):
        return metric == "cosine"
    from facerep.scorers.scorer_file import read_scorer

    return read_scorer(scorer).steps[0].name == "l2"
