"""Systems that are judged under covers: a layer of a network, or of several side by side, with its scorer.

A scorer is fitted on clean faces and kept: given as a file, or fitted here on other people; without either, cosine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from facerep.errors import BadInput, Mismatch
from facerep.extraction.extract import in_order, plan, side_by_side
from facerep.extraction.layer_features import LayerFeatures
from facerep.extraction.model_groups import ModelGroup
from facerep.faces.crops import cut_for
from facerep.faces.table import Faces
from facerep.files.features import Contract, Features
from facerep.networks.catalog import BASELINES
from facerep.progress import progress
from facerep.readers.decode_many import pictures
from facerep.scorers.chain import FittedChain, UnitLength, fit_chain
from facerep.scorers.scorer_file import read_scorer

CHAIN = "l2+pca+joint-bayesian"


@dataclass(frozen=True)
class System:
    """One layer with its scorer.

    Attributes:
        networks: the name of its networks.
        layer: which.
        scorer: chain of the scorer, or "cosine".
        fitted_on: where the scorer was fitted; "" for cosine.
        fitted: the chain; None compares by cosine.
        rows: the networks' rows of the catalog.
    """

    networks: str
    layer: str
    scorer: str
    fitted_on: str
    fitted: FittedChain | None
    rows: tuple[str, ...]

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


def systems_of(
    networks: Sequence[ModelGroup], faces: Faces, *, scorers: Sequence[Path], clean: Faces | None, chain: str,
    device: torch.device, workers: int, batch_size: int, seed: int,
) -> list[System]:  # fmt: skip
    """The layers of networks with their scorers, in the order in which LayerFeatures gives them.

    Args:
        networks: which.
        faces: that are judged: they decide the contract that a scorer must have been fitted for.
        scorers: scorer files; each layer takes the one that fits it.
        clean: faces of other people to fit scorers on where no file fits.
        chain: what is fitted.
        device, workers, batch_size, seed: as everywhere.

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
    fits = [[_fitting(files, part, layer, faces) for layer in part.layers] for part in networks]
    wanting = []
    for part, its in zip(networks, fits, strict=True):
        without = tuple(layer for layer, file in zip(part.layers, its, strict=True) if file is None)
        if without and clean is None and files:
            sides = f"{part.name}, of {', '.join(path.name for path, _ in files)}"
            raise Mismatch(f"no scorer fits layer {without[0]}", sides, "fit one with --fit-on other people")
        if without:
            wanting.append(replace(part, layers=without))
    values = iter(_features(wanting, clean, device, workers, batch_size) if wanting and clean else ())
    found = []
    for part, its in zip(networks, fits, strict=True):
        rows = tuple(model.row.name for model in part.doing.models)
        for layer, file in zip(part.layers, its, strict=True):
            if file is not None:
                found.append(System(part.name, layer, file[1].text, file[0].name, file[1], rows))
            elif clean is not None:
                fitted = fit_chain([next(values)], chain, seed=seed)
                told = f"{fitted.faces:,} faces of {fitted.people:,} people of {Path(clean.root).name}"
                found.append(System(part.name, layer, fitted.text, told, fitted, rows))
            else:
                found.append(System(part.name, layer, "cosine", "", None, rows))
    return found


def _fitting(
    files: Sequence[tuple[Path, FittedChain]], part: ModelGroup, layer: str, faces: Faces
) -> tuple[Path, FittedChain] | None:  # fmt: skip
    """The scorer file that was fitted for such vectors."""
    contract = replace(part.doing, layer=layer).contract(faces)
    return next((file for file in files if _fits(file[1], contract)), None)


def _features(
    asked: Sequence[ModelGroup], faces: Faces, device: torch.device, workers: int, batch_size: int
) -> Iterator[Features]:  # fmt: skip
    """Layers of clean faces, cut as these faces are cut: their preset may be another, their geometry is not."""
    plans = [plan(part.doing.models, faces, mirror=part.doing.mirror, layer=part.layers[0]) for part in asked]
    networks = [replace(part, doing=doing) for part, doing in zip(asked, plans, strict=True)]
    through = LayerFeatures(networks, device)
    rows: list[int] = []
    found: list[list[np.ndarray]] = []
    with progress("faces to fit on", len(faces)) as advance, side_by_side(through, device) as send:
        for answer in in_order(send, _batches(through, faces, workers, batch_size, rows, advance)):
            found.append(answer)
    if not rows:
        raise BadInput("no face could be cut", faces.root)
    kept = faces.take(np.array(rows))
    parts = zip(*found, strict=True)
    for part in networks:
        contract = part.doing.contract(faces)
        for _ in part.layers:
            yield Features(
                names=kept.names, people=kept.people, values=np.concatenate(next(parts)), contract=contract,
                trained_people=part.doing.trained_people,
            )  # fmt: skip


def _batches(
    through: LayerFeatures, faces: Faces, workers: int, size: int, rows: list[int], advance: Callable[[int], None]
) -> Iterator[np.ndarray]:  # fmt: skip
    """Cut faces, some at a time; the rows of those that could be cut are put into `rows`."""
    cuts = []
    for row, answer in pictures(faces, partial(cut_for, through.crops, through.mirror), workers=workers):
        if not isinstance(answer, str):
            rows.append(row)
            cuts.append(answer)
        if len(cuts) == size:
            yield np.stack(cuts)
            cuts = []
        advance(1)
    if cuts:
        yield np.stack(cuts)


def _fits(fitted: FittedChain, contract: Contract) -> bool:
    try:
        fitted.contract.require(contract, "scorer", "faces")
    except Mismatch:
        return False
    return not fitted.rule
