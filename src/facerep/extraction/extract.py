"""Extract: faces through one or several networks into a feature file, whole or absent, resumable at any instant.

Faces go through in blocks. A block that is on disk is whole; after kill -9 a run with --resume does the blocks that
are missing and then puts all of them together. Which block a face is in depends on the table of faces alone.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from facerep.console import console
from facerep.detection.aligned_faces import Finding, crop_aligned, cut_aligned, described, require
from facerep.errors import BadInput, OutputExists, Usage
from facerep.extraction.blocks import FACES, Blocks, part_of
from facerep.extraction.input_doubts import doubt_inputs
from facerep.extraction.side_by_side import side_by_side
from facerep.faces.batches import normalise
from facerep.faces.crop_advice import no_face
from facerep.faces.crops import Crop, Preset, cut_for, length_of, preset
from facerep.faces.moves import moves
from facerep.faces.preset_choice import chosen_preset
from facerep.faces.table import Faces
from facerep.files import people
from facerep.files.contract import Contract
from facerep.files.features import read_features, write_features
from facerep.files.inputs import command, remember_pictures
from facerep.files.rows import Features
from facerep.networks.catalog import DRAWN_LAYERS
from facerep.networks.device import warn_of_slow_precision
from facerep.networks.feature_statistics import strange
from facerep.networks.onnx_files.runtime import OnnxNetwork
from facerep.networks.sparsity.product import quicken
from facerep.networks.weights import Model
from facerep.progress import progress
from facerep.readers.cache import cut_before
from facerep.readers.decode_many import Work, pictures

_AT_ONCE = 32
"""Faces at a time on a CPU, never more nor fewer: the last are filled up with black ones.

The kernels of a CPU are chosen by the shape of what they are given, and sum in another order for another: so a face's
last bits would depend on how many faces come with it. And the maps of 128 faces do not fit its cache.
"""

_NAMED = 24
"""Layers that a message names."""


@dataclass(frozen=True)
class Extracted:
    """What an extraction came to."""

    JSON: ClassVar = (
        "output", "faces", "failed", "failures", "dimension", "network=contract.network", "layer=contract.layer",
        "crop=contract.crop", "mirror=contract.mirror",
    )  # fmt: skip

    output: Path
    faces: int
    failures: tuple[tuple[str, str], ...]
    dimension: int
    contract: Contract

    @property
    def failed(self) -> int:
        """How many faces have no vector."""
        return len(self.failures)


MIRRORS = ("none", "mean", "concatenate")
PRECISIONS = ("32-true", "bf16-mixed")


@dataclass(frozen=True)
class Plan:
    """What is done to each face: the same for all faces, and written into the file.

    Attributes:
        models: whose features are concatenated, in this order.
        crops: one a model.
        mirror: "none"; "mean" of the features of face and mirrored face; "concatenate" both.
        layer: which layer.
        finding: how faces are found in photographs and aligned; None: the table says where they are.
    """

    models: tuple[Model, ...]
    crops: tuple[Crop, ...]
    mirror: str
    layer: str
    finding: Finding | None = None

    @property
    def cut(self) -> Work:
        """What cuts a face for all models, flat, as it travels to the networks."""
        if self.finding is not None:
            return functools.partial(cut_aligned, self.finding, self.crops, self.mirror)
        return functools.partial(cut_for, self.crops, self.mirror)

    def cut_by(self, crop: Crop) -> Work:
        """What cuts a face by one crop, to be looked at."""
        return crop.cut if self.finding is None else functools.partial(crop_aligned, self.finding, crop)

    @property
    def trained_people(self) -> np.ndarray | None:
        """Hashes of the people that the models were trained on; None where no file says."""
        return people.together(model.trained_people for model in self.models)

    def contract(self, faces: Faces) -> Contract:
        """What the file says about its vectors."""
        said = [str(model.card.get("input", "")) for model in self.models]
        rules = {"" if self.layer in DRAWN_LAYERS else model.rule for model in self.models}
        return Contract(
            network="+".join(model.row.name for model in self.models),
            weights="+".join(model.sha256 for model in self.models),
            layer=self.layer,
            rule=rules.pop() if len(rules) == 1 else "",
            crop="+".join(str(crop) for crop in self.crops),
            mirror=self.mirror,
            input="+".join(said) if any(said) else "",
            dataset=faces.kind,
            fingerprint=faces.fingerprint(),
        )


def plan(
    models: Sequence[Model],
    faces: Faces,
    *,
    crop: str = "auto",
    mirror: str = "mean",
    layer: str = "feature",
    moved: int = 1,
    finding: Finding | None = None,
) -> Plan:
    """Choose each model's crop for these faces.

    Args:
        models: at least one.
        faces: decide the preset where `crop` is "auto".
        crop: a preset's name.
        mirror: see Plan.
        layer: a layer of every model's row; "feature" is a row's last.
        moved: how many moved crops of a face, whose features are averaged.
        finding: see Plan; of each photograph one face is taken, and its crop is `points` of the aligned face.

    Raises:
        BadInput, NotAvailable: faces cannot be found so, see detection.aligned_faces.require.
        Usage: no such preset, mirror rule, layer or number of moved crops; a preset, or every face, of photographs
            whose faces are found.
    """
    if mirror not in MIRRORS:
        raise Usage(f"no mirror rule {mirror!r}", hint="give none, mean or concatenate")
    moves(moved)
    chosen = chosen_preset(faces, crop) if finding is None else _preset_of_found(finding, crop)
    for model in models:
        if layer not in (*model.row.layers, "feature"):
            what = f"network {model.row.name} has no layer {layer!r}"
            raise Usage(what, hint="it has: " + _some(model.row.layers))
    crops = tuple(Crop(chosen, model.crop.height, model.crop.width, model.crop.patch, moved) for model in models)
    return Plan(tuple(models), crops, mirror, layer, finding)


def _preset_of_found(finding: Finding, crop: str) -> Preset:
    if crop != "auto":
        raise Usage(f"--crop {crop} means nothing with --align", hint="the aligned face says where the points are")
    if finding.faces == "all":
        hint = "run `facerep align --faces all` first, then extract from its folder"
        raise Usage("--faces all gives several faces a photograph, here each has one", hint=hint)
    require(finding)
    return preset("points")


def _some(layers: Sequence[str]) -> str:
    """Names of layers for a message; a network of others may have hundreds."""
    if len(layers) <= _NAMED:
        return ", ".join(layers)
    return ", ".join((*layers[: _NAMED - 1], f"... {len(layers) - _NAMED:,} more ...", layers[-1]))


@command()
def extract(
    faces: Faces,
    doing: Plan,
    output: Path,
    *,
    device: torch.device,
    workers: int = -1,
    batch_size: int = 128,
    precision: str = "32-true",
    resume: bool = False,
    overwrite: bool = False,
    block: int = FACES,
) -> Extracted:
    """Extract features of all faces into `output`.

    Raises:
        OutputExists: `output` is there, and is not what was just finished when the process was killed.
        BadInput: an unfinished extraction is there and neither `resume` nor `overwrite` was given, or it was made
            with another contract; no face gave a vector; the disk refused the bytes.
    """
    remember_pictures(faces.paths)
    doubt_inputs(doing.models, doing.crops, faces)
    contract = doing.contract(faces)
    how = {"batch_size": batch_size, "precision": precision, "pictures": faces.stamp()}
    if doing.finding is not None:
        how["align"] = described(doing.finding)
    if resume and output.exists() and not overwrite:
        return _was_whole(faces, output, contract, how, block)
    with closing(Blocks(output, contract, how, resume=resume, overwrite=overwrite, faces=block)) as blocks:
        rows, values, named = _all_rows(blocks, faces, doing, Runner(doing, device, precision), workers, batch_size)
        kept, parts = faces.take(rows), parts_of(doing, values.shape[1])
        doubt(doing, values, parts)
        features = Features(
            names=kept.names, people=kept.people, labels=kept.labels, failures=named, protocols=faces.protocols,
            contract=contract, trained_people=doing.trained_people, values=values, parts=parts,
        )  # fmt: skip
        with _hint_to_resume():
            write_features(features, output, overwrite=overwrite)
        blocks.remove()
    return Extracted(output, len(rows), named, features.dimension, contract)


def _was_whole(faces: Faces, output: Path, contract: Contract, how: dict[str, Any], block: int) -> Extracted:
    """Tidy up where a kill came between the whole file and the removal of its blocks.

    Raises:
        OutputExists: there are no blocks of this file.
    """
    if not part_of(output).is_dir():
        raise OutputExists(output)
    with closing(Blocks(output, contract, how, resume=True, overwrite=True, faces=block)) as blocks:
        features = read_features(output)
        if features.contract != contract or not blocks.agree(features, faces):
            raise OutputExists(output)
        blocks.remove()
    console.note(f"{output} was whole already; what was left of its making is removed")
    return Extracted(output, len(features.names), features.failures, features.dimension, contract)


def doubt(doing: Plan, values: np.ndarray, parts: Sequence[tuple[str, int]]) -> None:
    """Warn, network by network, where a set of features (n, d) is not like those of faces."""
    start = 0
    for model, (name, columns) in zip(doing.models, parts, strict=True):
        some = values[:, start : start + columns]
        start += columns
        if words := strange(some, model.card, model.row, doing.layer, doing.mirror):
            console.warn(f"features of {name} are not like those of faces ({words}): look at the crops with --sheet")


def _all_rows(
    blocks: Blocks, faces: Faces, doing: Plan, runner: Runner, workers: int, batch_size: int
) -> tuple[np.ndarray, np.ndarray, tuple[tuple[str, str], ...]]:
    """Make the blocks that are missing; rows that gave features, their features, and what failed."""
    missing = blocks.missing(len(faces))
    todo = np.concatenate([np.arange(start, stop) for start, stop in missing]) if missing else np.zeros(0, int)
    if len(todo) < len(faces):
        console.note(f"going on: {len(faces) - len(todo)} of {len(faces)} faces were done before")
    cuts = _cuts(faces, doing, todo, workers)
    with progress(f"extract {faces.kind}", len(todo)) as advance, side_by_side(runner, runner.device) as send:
        for start, stop in missing:
            rows, sent, failures = [], [], []
            for first in range(start, stop, batch_size):
                batch = []
                for row in range(first, min(first + batch_size, stop)):
                    _, answer = next(cuts)
                    if isinstance(answer, str):
                        failures.append((row, answer))
                    else:
                        rows.append(row)
                        batch.append(answer)
                if batch:
                    sent.append(send(np.stack(batch)))
                advance(min(batch_size, stop - first))
            with _hint_to_resume():
                blocks.write(start, rows, [answer.result() for answer in sent], failures)
    rows, values, failures = blocks.gather(len(faces))
    named = (*faces.failures, *((faces.names[row], reason) for row, reason in failures))
    if len(rows) == 0:
        blocks.remove()
        raise no_face("no face gave features", faces, named)
    return rows, values, named


def _cuts(faces: Faces, doing: Plan, todo: np.ndarray, workers: int) -> Iterator[tuple[int, np.ndarray | str]]:
    """The faces of some rows, cut: those that training has cut already are not cut again."""
    some, views = faces.take(todo), 1 if doing.mirror == "none" else 2
    cached = len(set(doing.crops)) == 1 and doing.crops[0].moved == 1 and doing.finding is None and len(todo)
    before = cut_before(some, doing.crops[0], views) if cached else None
    if before is None:
        return pictures(some, doing.cut, workers=workers)
    return ((row, answer if isinstance(answer, str) else answer.ravel()) for row, answer in before)


@contextmanager
def _hint_to_resume() -> Iterator[None]:
    """Blocks outlive a disk that refuses bytes: say so."""
    try:
        yield
    except BadInput as error:
        if not isinstance(error.__cause__, OSError):
            raise
        raise BadInput(error.what, error.where, "make room on the disk and give --resume") from error


class Runner:
    """A batch of cut faces through all networks of a plan; keeps what is asked of the device."""

    def __init__(self, doing: Plan, device: torch.device, precision: str = "32-true") -> None:
        if precision not in PRECISIONS:
            raise Usage(f"no precision {precision!r} for extraction", hint="give 32-true or bf16-mixed")
        self.doing, self.device = doing, device
        self.half = None if precision == "32-true" else torch.bfloat16
        warn_of_slow_precision(device, precision)
        for model in doing.models:
            model.network.to(device)
            if device.type == "cpu":
                quicken(model.network)

    def __call__(self, flat: np.ndarray) -> np.ndarray:
        """Cut faces uint8 (n, length), as cut_for gives them, to features float32 (n, d)."""
        return self.layers(flat, (self.doing.layer,))[0]

    def layers(self, flat: np.ndarray, names: Sequence[str]) -> list[np.ndarray]:
        """The same for several layers, by one pass through the networks."""
        alone = all(isinstance(model.network, OnnxNetwork) for model in self.doing.models)  # face by face already
        if self.device.type != "cpu" or alone:
            return self._layers(flat, names)
        some, step = [], max(1, _AT_ONCE // max(crop.moved for crop in self.doing.crops))
        for start in range(0, len(flat), step):
            part = flat[start : start + step]
            whole = np.concatenate([part, np.zeros((step - len(part), flat.shape[1]), np.uint8)])
            some.append([values[: len(part)] for values in self._layers(whole, names)])
        return [np.concatenate(parts) for parts in zip(*some, strict=True)]

    @torch.inference_mode()
    def _layers(self, flat: np.ndarray, names: Sequence[str]) -> list[np.ndarray]:
        doing = self.doing
        views = 1 if doing.mirror == "none" else 2
        sent = torch.from_numpy(flat).to(self.device)
        pixels, inputs, offset = {}, {}, 0
        for crop in dict.fromkeys(doing.crops):
            length = length_of(crop, doing.mirror)
            faces = sent[:, offset : offset + length].reshape(-1, crop.height, crop.width, crop.channels)
            pixels[crop], inputs[crop] = faces, normalise(faces)
            offset += length
        answers: list[list[torch.Tensor]] = [[] for _ in names]
        with torch.autocast(self.device.type, self.half, enabled=self.half is not None):
            for model, crop in zip(doing.models, doing.crops, strict=True):
                given = pixels if isinstance(model.network, OnnxNetwork) else inputs
                found = model.network.layers(given[crop], names)  # pyright: ignore
                for parts, answer in zip(answers, found, strict=True):
                    moved = answer.float().reshape(len(flat), crop.moved, views, -1).to(self.device)
                    pairs = moved[:, 0] if crop.moved == 1 else moved.mean(dim=1)
                    parts.append(pairs.mean(dim=1) if doing.mirror == "mean" else pairs.flatten(1))
        return [torch.cat(parts, dim=1).cpu().numpy() for parts in answers]


@torch.inference_mode()
def parts_of(doing: Plan, dimension: int) -> tuple[tuple[str, int], ...]:
    """How many columns each network has, asked of the networks themselves with one empty face."""
    if len(doing.models) == 1:
        return ((doing.models[0].row.name, dimension),)
    columns = []
    for model, crop in zip(doing.models, doing.crops, strict=True):
        alone = Plan((model,), (crop,), doing.mirror, doing.layer)
        empty = np.zeros((1, length_of(crop, doing.mirror)), np.uint8)
        columns.append((model.row.name, Runner(alone, torch.device("cpu"))(empty).shape[1]))
    return tuple(columns)
