"""Read views: by the view units of a network, beside regression on the same pixels; and which units know what.

The view of a face is the mean of the posterior over views that samples of the view units give. Linear and
support-vector regression see the same pixels, and are fitted on other people. That identity and view lie in different
units is judged by linear read-outs: of the view, fitted on other people; of the person, on half of the faces.
Source: MVP (Zhu and others, NIPS 2014), sections 2.3 and 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from facerep.console import counted
from facerep.errors import BadInput
from facerep.faces.batches import normalise
from facerep.faces.crops import Crop
from facerep.faces.preset_choice import chosen_preset
from facerep.faces.table import Faces
from facerep.files.label_columns import text_column
from facerep.files.people import overlap
from facerep.files.provenance import software
from facerep.metrics.bootstrap import drawn_means, middle
from facerep.metrics.clusters import Clusters, clusters
from facerep.metrics.intervals import rate
from facerep.networks.mvp import MVP
from facerep.networks.view_card import ViewCard, multiview_of
from facerep.networks.weights import Model
from facerep.pairs.people_overlap import Overlaps
from facerep.progress import progress
from facerep.readers.cache import cut_all
from facerep.results.figures import Measure
from facerep.studies.views.read_outs import classify, linear_regression, support_vectors
from facerep.studies.views.result import UnitReading, ViewReader, ViewReading

_BATCH = 256
_UNITS = ("h_v", "h1_id", "h2_id", "h3_r", "h4_r")
MOST_FITTED = 6_000
"""Faces that read-outs are fitted on; more are thinned by the seed."""


@dataclass(frozen=True)
class _Seen:
    """Faces with a known view, and what the network makes of them.

    Attributes:
        people: str objects (n,).
        label: place of the view, (n,).
        pixels: float32 (n, pixels) in -1..1.
        units: h_v and the layers, by name; float32 (n, d) each.
        posterior: of the view, float64 (n, views).
    """

    people: np.ndarray
    label: np.ndarray
    pixels: np.ndarray
    units: dict[str, np.ndarray]
    posterior: np.ndarray


def read_views(
    model: Model,
    judged: Faces,
    others: Faces,
    *,
    crop: str = "auto",
    device: torch.device,
    workers: int = -1,
    seed: int = 0,
) -> ViewReading:
    """Read the views of faces.

    Args:
        model: a multi-view perceptron whose views are numbers, such as degrees.
        judged: faces of people with known views.
        others: faces of other people, which regression and read-outs of the view are fitted on.
        crop: a preset's name, or `auto`.
        device: where the network is.
        workers: processes that cut faces.
        seed: thins faces, and halves each person's faces.

    Raises:
        BadInput: another network; views that are no numbers; no such column; no face whose view the network knows; a
            person is on both sides; nobody has faces in both halves.
    """
    network, card = multiview_of(model)
    numbers = card.degrees(model.path)
    if both := (set(judged.people) & set(others.people)) - {""}:
        what = f"{counted(len(both), 'person', 'people')} both judged and fitted on, such as {min(both)}"
        raise BadInput(what, judged.root, "give a --split and a --fit-split of different people")
    chosen = Crop(chosen_preset(judged, crop), model.crop.height, model.crop.width, model.crop.patch)
    rng = np.random.default_rng(seed)
    network = network.to(device)
    fitted, few = _look(network, card, others, chosen, device, workers, rng.permutation(len(others))[:MOST_FITTED])
    seen, failures = _look(network, card, judged, chosen, device, workers, np.arange(len(judged)))
    of = clusters(seen.people, seen.people, "people")
    true, known = numbers[seen.label], numbers[fitted.label]
    support, support_faces = support_vectors(fitted.pixels, known, seen.pixels, seed)
    answers = {
        "view units": seen.posterior @ numbers,
        "linear regression on pixels": linear_regression(fitted.pixels, known, seen.pixels),
        "support vectors on pixels": support,
    }
    made_of = Overlaps(network=overlap(seen.people, model.trained_people))
    return ViewReading(
        network={"name": model.row.name, "weights": model.sha256, "file": model.path, "crop": str(chosen)},
        dataset={"kind": judged.kind, "fingerprint": judged.fingerprint()}, factor=card.factors[0], views=card.names,
        faces=len(seen.people), people=of.count, fitted_faces=len(fitted.people),
        fitted_people=len(set(fitted.people)), support_faces=support_faces,
        readers=tuple(_reader(name, read, true, numbers, of, seed) for name, read in answers.items()),
        units=_units(seen, fitted, of, rng), chance_view=_most(seen.label), chance_person=_most(_numbered(seen.people)),
        failures=(*few, *failures), seed=seed, overlap=made_of, software=software(), warnings=tuple(made_of.warnings()),
    )  # fmt: skip


def _look(
    network: MVP, card: ViewCard, faces: Faces, crop: Crop, device: torch.device, workers: int, some: np.ndarray
) -> tuple[_Seen, tuple[tuple[str, str], ...]]:
    column = card.factors[0]
    shown = text_column(faces.labels, column, faces.root, "data set")
    places = {name: place for place, name in enumerate(card.names)}
    label = np.array([places.get(value, -1) for value in shown])
    rows = np.sort(some[(label[some] >= 0) & (faces.people[some] != "")])
    if not len(rows):
        raise BadInput(
            f"no face of a known person has a {column} that the network knows",
            faces.root,
            "it knows: " + ", ".join(card.names),
        )
    cut = cut_all(faces.take(rows), crop, workers=workers)
    kept = {name: place for place, name in enumerate(faces.names[rows].tolist())}
    true = label[rows][[kept[name] for name in cut.faces.names.tolist()]]
    parts: dict[str, list[np.ndarray]] = {}
    with progress("read views", len(true)) as advance, torch.inference_mode():
        for start in range(0, len(true), _BATCH):
            batch = normalise(torch.from_numpy(np.array(cut.pixels[start : start + _BATCH, 0])).to(device))
            first, identity = network.layers(batch, ("h1_id", "h2_id"))
            own, posterior = network.read(batch, identity, network.fixed[None], card.sigma)
            third, fourth, _ = network.draw(identity, own[:, None])
            found = {
                "h_v": own, "h1_id": first, "h2_id": identity, "h3_r": third[:, 0], "h4_r": fourth[:, 0],
                "pixels": batch.flatten(1), "posterior": posterior,
            }  # fmt: skip
            for name, values in found.items():
                parts.setdefault(name, []).append(values.cpu().numpy())
            advance(len(batch))
    whole = {name: np.concatenate(values) for name, values in parts.items()}
    units = {name: whole[name] for name in _UNITS}
    return _Seen(cut.faces.people, true, whole["pixels"], units, whole["posterior"].astype(float)), cut.failures


def _reader(name: str, read: np.ndarray, true: np.ndarray, numbers: np.ndarray, of: Clusters, seed: int) -> ViewReader:
    off = np.abs(read - true)
    low, high = middle(drawn_means(off[:, None], of, seed=seed)[:, 0], widest=float(np.ptp(numbers)))
    nearest = np.abs(read[:, None] - numbers).argmin(axis=1)
    return ViewReader(
        name, Measure(float(off.mean()), low, high, f"bootstrap over {of.word}"), rate(numbers[nearest] == true, of),
        tuple(float(off[true == number].mean()) if (true == number).any() else None for number in numbers),
    )  # fmt: skip


def _units(seen: _Seen, fitted: _Seen, of: Clusters, rng: np.random.Generator) -> tuple[UnitReading, ...]:
    person = _numbered(seen.people)
    half = _half(person, rng)
    if not half.any() or half.all():
        raise BadInput("no judged person has two faces, so who it is cannot be fitted", "", "give more faces a person")
    asked = np.flatnonzero(~half & np.isin(person, person[half]))
    found = []
    for name, values in seen.units.items():
        view = classify(fitted.units[name], fitted.label, values) == seen.label
        who = classify(values[half], person[half], values[asked]) == person[asked]
        whose = seen.people[asked]
        found.append(UnitReading(name, values.shape[1], rate(view, of), rate(who, clusters(whose, whose, "people"))))
    return tuple(found)


def _half(person: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Half of the faces of each person, drawn; bool (n,). A person's odd face is in the other half."""
    order = np.lexsort((rng.random(len(person)), person))
    place = np.empty(len(person), int)
    place[order] = np.arange(len(person)) - np.searchsorted(person[order], person[order])
    return place < (np.bincount(person) // 2)[person]


def _numbered(people: np.ndarray) -> np.ndarray:
    return np.unique(people.astype(str), return_inverse=True)[1]


def _most(labels: np.ndarray) -> float:
    """The share of the commonest label."""
    return float(np.bincount(labels).max() / len(labels))
