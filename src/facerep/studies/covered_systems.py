"""Systems that are judged under covers: networks, one or several side by side, a layer of them, and its scorer.

A scorer is fitted on clean faces and kept: given as a file, or fitted here on other people; without either, cosine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from facerep.console import console
from facerep.errors import BadInput, Mismatch, Usage
from facerep.extraction.extract import Plan, Runner, plan
from facerep.faces.crops import cut_for
from facerep.faces.table import Faces
from facerep.files.features import Features
from facerep.networks.weights import load_model
from facerep.progress import progress
from facerep.readers.decode_many import pictures
from facerep.scorers.chain import Fitted, UnitLength, fit_chain
from facerep.scorers.scorer_file import read_scorer

CHAIN = "l2+pca+joint-bayesian"
BASELINES = ("lbp", "pixels")


@dataclass(frozen=True)
class Networks:
    """Networks whose features are taken side by side, and the layers that are asked of them.

    Attributes:
        name: as they were asked for.
        doing: crops and mirror rule; its layer is the first of `layers`.
        layers: by name.
    """

    name: str
    doing: Plan
    layers: tuple[str, ...]


@dataclass(frozen=True)
class System:
    """One layer with its scorer.

    Attributes:
        networks: the name of its networks.
        layer: which.
        scorer: chain of the scorer, or "cosine".
        fitted_on: where the scorer was fitted; "" for cosine.
        fitted: the chain; None compares by cosine.
    """

    networks: str
    layer: str
    scorer: str
    fitted_on: str
    fitted: Fitted | None

    @property
    def name(self) -> str:
        """For a person."""
        return self.networks if self.networks in BASELINES else f"{self.networks}, {self.layer}"

    def prepare(self, values: np.ndarray) -> np.ndarray:
        """Vectors (n, d) as `score` takes them."""
        if self.fitted is None:
            return UnitLength().prepare(values).astype(np.float32)
        rows = self.fitted.prepare(values)
        return rows if self.fitted.joint_bayesian else UnitLength().prepare(rows)

    def score(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Scores of aligned rows, float64 (p,); an all-zero vector, which a cover can make, has a cosine of 0."""
        if self.fitted is not None and self.fitted.joint_bayesian:
            return self.fitted.joint_bayesian.score(a, b)
        return np.einsum("ij,ij->i", a, b, dtype=np.float64)


def networks_of(
    models: Sequence[str], layers: Sequence[str], faces: Faces, *, crop: str, mirror: str
) -> list[Networks]:  # fmt: skip
    """What `--model` and `--layers` ask for; names with commas between stand for networks side by side.

    Raises:
        Usage: a layer that a network has not; the message lists those it has.
    """
    found = []
    for asked in models:
        loaded = [load_model(None if name == "bundled" else name) for name in asked.split(",")]
        alone = len(loaded) == 1 and loaded[0].row.family in BASELINES
        # a baseline has one layer, whatever is asked of the networks
        wanted = ("feature",) if alone else tuple(layers)
        plans = [plan(loaded, faces, crop=crop, mirror=mirror, layer=layer) for layer in wanted]
        name = "+".join(_short(part) for part in asked.split(","))
        found.append(Networks(name, plans[0], wanted))
    if len({part.name for part in found}) < len(found):
        raise Usage("a --model is given twice: " + ", ".join(part.name for part in found))
    return found


def systems_of(
    networks: Networks, faces: Faces, *, scorers: Sequence[Path], clean: Faces | None, chain: str, runner: Runner,
    workers: int, batch_size: int, seed: int,
) -> list[System]:  # fmt: skip
    """The layers of these networks with their scorers.

    Args:
        networks: which.
        faces: that are judged: they decide the contract that a scorer must have been fitted for.
        scorers: scorer files; each layer takes the one that fits it.
        clean: faces of other people to fit scorers on where no file fits.
        chain: what is fitted.
        runner: of `networks.doing`.
        workers, batch_size, seed: as everywhere.

    Raises:
        Mismatch: scorers are given, none fits a layer, and there are no faces to fit on.
        BadInput: people are in both sets, as far as their labels tell.
    """
    if clean is not None:
        shared = (set(clean.people) & set(faces.people)) - {""}
        if shared:
            what = f"{len(shared)} people are judged and fitted on ({sorted(shared)[0]})"
            raise BadInput(what, clean.root, "fit on other people")
    files = [(path, read_scorer(path)) for path in scorers]
    contracts = [replace(networks.doing, layer=layer).contract(faces) for layer in networks.layers]
    fits = [next((file for file in files if _fits(file[1], contract)), None) for contract in contracts]
    wanting = [layer for layer, file in zip(networks.layers, fits, strict=True) if file is None]
    if wanting and clean is None and files:
        sides = f"{networks.name}, of {', '.join(path.name for path, _ in files)}"
        raise Mismatch(f"no scorer fits layer {wanting[0]}", sides, "fit one with --fit-on other people")
    values = iter(_features(networks, wanting, clean, runner, workers, batch_size) if wanting and clean else ())
    found = []
    for layer, file in zip(networks.layers, fits, strict=True):
        if file is not None:
            found.append(System(networks.name, layer, file[1].text, file[0].name, file[1]))
        elif clean is not None:
            fitted = fit_chain([next(values)], chain, seed=seed)
            told = f"{fitted.faces:,} faces of {fitted.people:,} people of {Path(clean.root).name}"
            found.append(System(networks.name, layer, fitted.text, told, fitted))
        else:
            found.append(System(networks.name, layer, "cosine", "", None))
    return found


def _features(
    networks: Networks, layers: Sequence[str], faces: Faces, runner: Runner, workers: int, batch_size: int
) -> list[Features]:  # fmt: skip
    """Layers of clean faces, cut as these faces are cut: their preset may be another, their geometry is not."""
    doing = plan(networks.doing.models, faces, mirror=networks.doing.mirror, layer=layers[0])
    rows: list[int] = []
    values: list[list[np.ndarray]] = [[] for _ in layers]
    with progress(f"{networks.name} on faces to fit on", len(faces), shown=console.watched) as advance:
        for kept, batch in _batches(doing, faces, workers, batch_size):
            rows += kept
            for parts, answer in zip(values, runner.layers(batch, layers), strict=True):
                parts.append(answer)
            advance(len(kept))
    if not rows:
        raise BadInput("no face could be cut", faces.root)
    found = faces.take(np.array(rows))
    return [
        Features(names=found.names, people=found.people, values=np.concatenate(parts), contract=doing.contract(faces))
        for parts in values
    ]


def _batches(doing: Plan, faces: Faces, workers: int, size: int) -> Iterator[tuple[list[int], np.ndarray]]:
    rows, cuts = [], []
    for row, answer in pictures(faces, partial(cut_for, doing.crops, doing.mirror), workers=workers):
        if not isinstance(answer, str):
            rows.append(row)
            cuts.append(answer)
        if len(cuts) == size:
            yield rows, np.stack(cuts)
            rows, cuts = [], []
    if cuts:
        yield rows, np.stack(cuts)


def _fits(fitted: Fitted, contract) -> bool:
    try:
        fitted.contract.require(contract, "scorer", "faces")
    except Mismatch:
        return False
    return not fitted.rule


def _short(path: str) -> str:
    """The name of a run folder or weights file."""
    place = Path(path)
    return place.parent.name if place.name == "model.safetensors" else place.name.removesuffix(".safetensors")
