"""Views by a label: what view the faces of each class show, where labels are no degrees.

Photographs seldom have their view in degrees; some have a class, such as left profile, frontal, right profile. The
view that the view units give, as in read_views.py, is averaged over each class, and its order is set beside theirs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from scipy.stats import spearmanr

from facerep.errors import BadInput
from facerep.faces.batches import normalise
from facerep.faces.crops import Crop
from facerep.faces.preset_choice import chosen_preset
from facerep.faces.table import Faces, as_text
from facerep.files.label_columns import by_number, text_column
from facerep.files.people import overlap
from facerep.files.provenance import software
from facerep.metrics.bootstrap import middle
from facerep.networks.view_card import multiview_of
from facerep.networks.weights import Model
from facerep.pairs.people_overlap import Overlaps
from facerep.progress import progress
from facerep.readers.cache import cut_all
from facerep.results.figures import Measure
from facerep.studies.views.result import ClassView, ViewsByLabel

_BATCH, _DRAWS = 256, 1000


def views_by_label(
    model: Model,
    faces: Faces,
    label: str,
    *,
    crop: str = "auto",
    device: torch.device,
    workers: int = -1,
    seed: int = 0,
) -> ViewsByLabel:
    """Read the views of faces, class by class.

    Args:
        model: a multi-view perceptron whose views are numbers, such as degrees.
        faces: of anybody; those without a value of the label are left out.
        label: the column.
        crop: a preset's name, or `auto`.
        device: where the network is.
        workers: processes that cut faces.
        seed: of the bootstrap, which draws people, and faces of nobody known.

    Raises:
        BadInput: another network; views that are no numbers; no such column; no face with a value of it.
    """
    network, card = multiview_of(model)
    numbers = card.degrees(model.path)
    faces = _labelled(faces, label)
    chosen = Crop(chosen_preset(faces, crop), model.crop.height, model.crop.width, model.crop.patch)
    cut = cut_all(faces, chosen, workers=workers)
    network = network.to(device)
    found = []
    with progress("read views", len(cut.faces)) as advance, torch.inference_mode():
        for start in range(0, len(cut.faces), _BATCH):
            batch = normalise(torch.from_numpy(np.array(cut.pixels[start : start + _BATCH, 0])).to(device))
            _, posterior = network.read(batch, network(batch), network.fixed[None], card.sigma)
            found.append(posterior.cpu().double().numpy() @ numbers)
            advance(len(batch))
    views, classes = np.concatenate(found), as_text(cut.faces.labels[label])
    names = sorted(set(classes.tolist()), key=by_number)
    rng, owners = np.random.default_rng(seed), _owners(cut.faces.people)
    made_of = Overlaps(network=overlap(cut.faces.people, model.trained_people))
    return ViewsByLabel(
        network={"name": model.row.name, "weights": model.sha256, "file": model.path, "crop": str(chosen)},
        dataset={"kind": faces.kind, "fingerprint": faces.fingerprint()}, label=label, faces=len(views),
        classes=tuple(
            ClassView(name, int((classes == name).sum()), _of_class(views, owners, classes == name, rng))
            for name in names
        ),
        rank_correlation=_correlation(classes, views, owners, rng), failures=cut.failures, seed=seed, overlap=made_of,
        software=software(), warnings=tuple(made_of.warnings()),
    )  # fmt: skip


def _labelled(faces: Faces, label: str) -> Faces:
    rows = np.flatnonzero(text_column(faces.labels, label, faces.root, "data set") != "")
    if not len(rows):
        raise BadInput(f"no face has a value of {label}", faces.root, "name another column by --by")
    return faces.take(rows)


def _owners(people: np.ndarray) -> np.ndarray:
    """Whose each face is, by number; a face of nobody known is its own."""
    known = np.unique(people.astype(str), return_inverse=True)[1]
    return np.where(people == "", len(people) + np.arange(len(people)), known)


def _of_class(views: np.ndarray, owners: np.ndarray, own: np.ndarray, rng: np.random.Generator) -> Measure:
    return _drawn(np.mean, (views[own],), owners[own], rng)


def _correlation(
    classes: np.ndarray, views: np.ndarray, owners: np.ndarray, rng: np.random.Generator
) -> Measure | None:
    try:
        places = classes.astype(float)
    except ValueError:
        return None
    if len(set(places.tolist())) < 2 or np.ptp(views) == 0:
        return None
    return _drawn(_spearman, (places, views), owners, rng)


def _spearman(places: np.ndarray, views: np.ndarray) -> float:
    return float(spearmanr(places, views).statistic)  # pyright: ignore[reportAttributeAccessIssue]


def _drawn(
    of: Callable[..., float], columns: tuple[np.ndarray, ...], owners: np.ndarray, rng: np.random.Generator
) -> Measure:
    """A figure of columns with its interval: owners are drawn, with all of their faces."""
    owner, counts = np.unique(owners, return_inverse=True, return_counts=True)[1:]
    rows, starts = np.argsort(owner, kind="stable"), np.cumsum(counts) - counts
    values = []
    for _ in range(_DRAWS):
        drawn = rng.integers(len(counts), size=len(counts))
        lengths = counts[drawn]
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        some = rows[np.repeat(starts[drawn], lengths) + within]
        values.append(of(*(column[some] for column in columns)))
    found = np.array(values)
    word = "faces" if counts.max() == 1 else "people"
    return Measure(float(of(*columns)), *middle(found[np.isfinite(found)]), f"bootstrap over {word}")
