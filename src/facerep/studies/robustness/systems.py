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
from facerep.extraction.extract import plan
from facerep.extraction.layer_features import LayerFeatures
from facerep.extraction.model_groups import ModelGroup
from facerep.extraction.side_by_side import in_order, side_by_side
from facerep.faces.crops import cut_for
from facerep.faces.table import Faces
from facerep.files.contract import Contract
from facerep.files.rows import Features
from facerep.networks.catalog import BASELINES
from facerep.progress import progress
from facerep.readers.decode_many import pictures
from facerep.scorers.chain import FittedChain
from facerep.scorers.cosine import Cosine
from facerep.scorers.fit_chain import fit_chain
from facerep.scorers.scorer import Scorer
from facerep.scorers.scorer_file import read_scorer

CHAIN = "l2+pca+joint-bayesian"


@dataclass(frozen=True)
class CoveredSystem:
    """One layer with its scorer.

    Attributes:
        networks: the name of its networks.
        layer: which.
        chain: of the scorer, or "cosine".
        fitted_on: where the scorer was fitted; "" for cosine.
        fitted: the chain; None compares by cosine.
        rows: the networks' rows of the catalog.
    """

    networks: str
    layer: str
    chain: str
    fitted_on: str
    fitted: FittedChain | None
    rows: tuple[str, ...]

    @property
    def name(self) -> str:
        """For a person."""
        return self.networks if self.networks in BASELINES else f"{self.networks}, {self.layer}"

    @property
    def scorer(self) -> Scorer:
        """What compares prepared vectors; of an all-zero vector, which a cover can make, the cosine is 0."""
        return (self.fitted and self.fitted.joint_bayesian) or Cosine(allow_zero=True)

    def prepare(self, values: np.ndarray) -> np.ndarray:
        """Vectors (n, d) as the scorer takes them."""
        return values if self.fitted is None else self.fitted.prepare(values)


def systems_of(
    networks: Sequence[ModelGroup],
    faces: Faces,
    *,
    scorers: Sequence[Path],
    clean: Faces | None,
    chain: str | None,
    device: torch.device,
    workers: int,
    batch_size: int,
    seed: int,
) -> list[CoveredSystem]:
    """The layers of networks with their scorers, in the order in which LayerFeatures gives them.

    Args:
        networks: which.
        faces: that are judged: they decide the contract that a scorer must have been fitted for.
        scorers: scorer files; each layer takes the one that fits it.
        clean: faces of other people to fit scorers on where no file fits.
        chain: what is fitted; None: CHAIN.
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
    files = [read_scorer(path) for path in scorers]
    fits = [[_fitting(files, part, layer, faces) for layer in part.layers] for part in networks]
    wanting = []
    for part, scorers_of in zip(networks, fits, strict=True):
        without = tuple(layer for layer, file in zip(part.layers, scorers_of, strict=True) if file is None)
        if without and clean is None and files:
            sides = f"{part.name}, of {', '.join(path.name for path in scorers)}"
            raise Mismatch(f"no scorer fits layer {without[0]}", sides, "fit one with --fit-on other people")
        if without:
            wanting.append(replace(part, layers=without))
    values = iter(_features(wanting, clean, device, workers, batch_size) if wanting and clean else ())
    systems = []
    for part, scorers_of in zip(networks, fits, strict=True):
        rows = tuple(model.row.name for model in part.doing.models)
        for layer, fitted in zip(part.layers, scorers_of, strict=True):
            fitted_on = fitted.path.name if fitted and fitted.path else ""
            if fitted is None and clean is not None:
                fitted = fit_chain([next(values)], chain or CHAIN, seed=seed)
                fitted_on = f"{fitted.faces:,} faces of {fitted.people:,} people of {Path(clean.root).name}"
            systems.append(
                CoveredSystem(part.name, layer, fitted.text if fitted else "cosine", fitted_on, fitted, rows)
            )
    return systems


def _fitting(files: Sequence[FittedChain], part: ModelGroup, layer: str, faces: Faces) -> FittedChain | None:
    """The scorer that was fitted for such vectors."""
    contract = replace(part.doing, layer=layer).contract(faces)
    return next((fitted for fitted in files if _fits(fitted, contract)), None)


def _features(
    asked: Sequence[ModelGroup], faces: Faces, device: torch.device, workers: int, batch_size: int
) -> Iterator[Features]:
    """Layers of clean faces, cut as these faces are cut: their preset may be another, their geometry is not."""
    plans = [plan(part.doing.models, faces, mirror=part.doing.mirror, layer=part.layers[0]) for part in asked]
    networks = [replace(part, doing=doing) for part, doing in zip(asked, plans, strict=True)]
    through = LayerFeatures(networks, device)
    rows: list[int] = []
    batches: list[list[np.ndarray]] = []
    with progress("faces to fit on", len(faces)) as advance, side_by_side(through, device) as send:
        for answer in in_order(send, _batches(through, faces, workers, batch_size, rows, advance)):
            batches.append(answer)
    if not rows:
        raise BadInput("no face could be cut", faces.root)
    kept = faces.take(np.array(rows))
    layers = zip(*batches, strict=True)
    for part in networks:
        contract = part.doing.contract(faces)
        for _ in part.layers:
            yield Features(
                names=kept.names, people=kept.people, values=np.concatenate(next(layers)), contract=contract,
                trained_people=part.doing.trained_people,
            )  # fmt: skip


def _batches(
    through: LayerFeatures, faces: Faces, workers: int, size: int, rows: list[int], advance: Callable[[int], None]
) -> Iterator[np.ndarray]:
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
