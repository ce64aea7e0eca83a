"""Templates: several gallery faces of a person as one, and the scores of probes with them.

`mean` averages vectors, `max` takes the best score of a person's faces.
Source: docs/numbers.md, rule 10 (ranks and the open set).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from facerep.errors import BadInput, Usage
from facerep.files.features import Codes, Features
from facerep.scorers.scorer import Scorer
from facerep.scorers.select_scorer import scorer as pick

BLOCK_BYTES = 16_000_000
LEAST = 32
"""Probes of a block at least: a scorer prepares the gallery anew for each block."""
CLOSE = 1e-6
"""Scores of a block agree with those of single pairs within this share; nearer ones are scored pair by pair."""


@dataclass(frozen=True)
class Templates:
    """What probes are held against.

    Attributes:
        rows: as the scorer takes them, shape (t, k), person by person.
        starts: the first row of each person, shape (people,).
        rule: how the faces of a person became one, in words.
    """

    rows: np.ndarray
    starts: np.ndarray
    rule: str


def settle(features: Features | Codes, metric: str, template: str | None) -> str:
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
    rows: np.ndarray,
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
        features: the file.
        rows: its rows as the scorer takes them.
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
    values = features.values[gallery].astype(np.float64)
    unit = _no_notice_of_length(metric, scorer)
    if unit:
        lengths = np.sqrt(np.einsum("ij,ij->i", values, values))
        if not lengths.all():
            name = features.names[gallery[lengths.argmin()]]
            raise BadInput(f"an all-zero vector has no length 1 ({name!r})", features.where, "give --template max")
        values /= lengths[:, None]
    counts = np.diff(np.append(starts, len(gallery)))
    pooled = (np.add.reduceat(values, starts) / counts[:, None]).astype(np.float32)
    rule = f"mean of {'unit-length ' if unit else ''}vectors"
    first = np.arange(len(starts))
    if scorer is not None and not isinstance(scorer, Path):
        return Templates(pooled, first, rule)
    names = np.array([f"template of {name}" for name in features.names[gallery[starts]]], dtype=object)
    people = features.people[gallery[starts]]
    made = replace(features, values=pooled, names=names, people=people, labels={}, protocols={}, failures=())
    return Templates(pick(metric, made, scorer)[1], first, rule)


def _no_notice_of_length(metric: str, scorer: Scorer | Path | None) -> bool:
    if not isinstance(scorer, Path):
        return metric == "cosine"
    from facerep.scorers.scorer_file import read_scorer

    return read_scorer(scorer).steps[0].name == "l2"


def scores(
    judge: Scorer, templates: Templates, rows: np.ndarray, probes: np.ndarray, person: np.ndarray
) -> Iterator[tuple[slice, np.ndarray]]:
    """Scores of each probe with each gallery person, in blocks of bounded memory.

    A block comes from `matrix`. What lies close to the score of the probe's own person, or to the largest, is scored
    again pair by pair: so ranks and the scores that decide them do not depend on blocks or threads, and equal
    templates tie.

    Args:
        judge: the scorer.
        templates: of the gallery.
        rows: of the file, as the scorer takes them, shape (n, k).
        probes: which of them are probes, shape (p,).
        person: the column of each probe's own person, negative for an unknown probe; shape (p,).

    Yields:
        The place of the block among the probes, and float64 scores, shape (block, people).
    """
    against = templates.rows
    step = max(LEAST, BLOCK_BYTES // (8 * len(against)))
    wide = max(1, BLOCK_BYTES // (8 * against.shape[1]))
    for start in range(0, len(probes), step):
        part = slice(start, start + step)
        some = rows[probes[part]]
        block = np.empty((len(some), len(against)))
        for left in range(0, len(against), wide):
            block[:, left : left + wide] = judge.matrix(some, against[left : left + wide])
        _settle_close(judge, templates, some, person[part], block)
        yield part, _by_person(block, templates)


def _by_person(block: np.ndarray, templates: Templates) -> np.ndarray:
    if len(templates.starts) == block.shape[1]:
        return block
    return np.maximum.reduceat(block, templates.starts, axis=1)


def _settle_close(
    judge: Scorer, templates: Templates, probes: np.ndarray, person: np.ndarray, block: np.ndarray
) -> None:
    """Write the scores that decide a rank anew, from `score`."""
    best = _by_person(block, templates)
    top = best.max(axis=1)
    own = np.where(person >= 0, best[np.arange(len(best)), np.maximum(person, 0)], top)
    with np.errstate(invalid="ignore"):  # an infinity less itself is NaN, which is close
        close = np.zeros(block.shape, bool)
        for level in (own, top):
            close |= ~(np.abs(block - level[:, None]) > CLOSE * np.maximum(1, np.abs(level))[:, None])
    rows, columns = np.nonzero(close)
    step = max(1, BLOCK_BYTES // (16 * max(1, probes.shape[1])))
    for start in range(0, len(rows), step):
        row, column = rows[start : start + step], columns[start : start + step]
        block[row, column] = judge.score(probes[row], templates.rows[column])
