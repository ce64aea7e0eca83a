"""Units: the faces that excite a unit most and least, in ranks.

The feature file is read in blocks; of each unit only the faces that are shown are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from facerep.errors import BadInput, Usage
from facerep.faces.crops import Crop, choose_preset
from facerep.faces.table import Faces
from facerep.files.contract import Contract
from facerep.files.streams import FeatureStream, open_features
from facerep.readers.decode_many import pictures
from facerep.results.kinds import UNITS

HEIGHT, WIDTH = 112, 96
"""Of a picture that is shown."""


@dataclass(frozen=True)
class RankedFace:
    """One face of a unit: rank 1 excites it most."""

    rank: int
    value: float
    name: str
    person: str


@dataclass(frozen=True)
class UnitFaces:
    """One unit.

    Attributes:
        layer, unit: which; layer "" where the file does not say.
        most, least: faces by rank.
        active: faces with a value above 0.
        at_lowest: faces that share the lowest value; of more than are shown, the seed picks some at random.
    """

    JSON: ClassVar = ("layer", "unit", "active_faces=active", "at_lowest", "most", "least")

    layer: str
    unit: int
    most: tuple[RankedFace, ...]
    least: tuple[RankedFace, ...]
    active: int
    at_lowest: int

    @property
    def name(self) -> str:
        """As it is typed."""
        return f"{self.layer}:{self.unit}" if self.layer else str(self.unit)


@dataclass(frozen=True)
class Units:
    """The units that were asked for."""

    KIND: ClassVar = UNITS
    JSON: ClassVar = (
        "file", "network=contract.network", "layer=contract.layer", "weights=contract.weights", "faces", "seed",
        "units",
    )  # fmt: skip

    file: str
    contract: Contract
    faces: int
    units: tuple[UnitFaces, ...]
    seed: int

    @property
    def names(self) -> list[str]:
        """The faces that are shown, each once."""
        return list(dict.fromkeys(face.name for unit in self.units for face in (*unit.most, *unit.least)))


def units(features: Path, asked: Sequence[str], *, faces: int = 10, seed: int = 0) -> Units:
    """The faces that excite units most and least.

    Args:
        features: feature file.
        asked: units, as LAYER:NUMBER or NUMBER, from 0.
        faces: how many of each kind.
        seed: draws among faces of equal value.

    Raises:
        Usage: not a unit, another layer than the file's, or a unit asked for twice.
        BadInput: codes, or fewer faces than are to be shown.
    """
    stream = open_features(features)
    if faces > len(stream):
        raise BadInput(f"{faces} faces are to be shown, there are {len(stream)}", features)
    columns = [_column(text, stream) for text in asked]
    if len(set(columns)) < len(columns):
        raise Usage("a unit is asked for twice: " + ", ".join(asked))
    values, rows, active, lowest = _extremes(stream, columns, faces, seed)
    names, people = stream.names(rows), stream.people(rows)
    layer = stream.head.contract.layer
    chosen = []
    for place, unit in enumerate(columns):
        shown = [
            RankedFace(rank, float(value), str(name), str(person))
            for rank, value, name, person in zip(
                [*range(1, faces + 1), *range(len(stream) - faces + 1, len(stream) + 1)],
                values[place], names[place], people[place], strict=True,
            )
        ]  # fmt: skip
        chosen.append(
            UnitFaces(layer, unit, tuple(shown[:faces]), tuple(shown[faces:]), int(active[place]), int(lowest[place]))
        )
    return Units(Path(features).name, stream.head.contract, len(stream), tuple(chosen), seed)


@dataclass(frozen=True)
class UnitPictures:
    """The faces that are shown, aligned: uint8 (HEIGHT, WIDTH, 3) by name; `warnings` name the unreadable ones."""

    by_name: dict[str, np.ndarray]
    warnings: tuple[str, ...]


def pictures_of(result: Units, faces: Faces) -> UnitPictures:
    """Decode the faces that are shown.

    Raises:
        BadInput: the data set lacks some of them.
    """
    index = {name: row for row, name in enumerate(faces.names)}
    absent = [name for name in result.names if name not in index]
    if absent:
        what = f"{len(absent)} of {len(result.names)} faces of {result.file} are not in the data set ({absent[0]})"
        raise BadInput(what, faces.root, "name the data set that the features were made of")
    shown = faces.take(np.array([index[name] for name in result.names]))
    crop = Crop(choose_preset(faces.kind, faces.marks), HEIGHT, WIDTH)
    by_name: dict[str, np.ndarray] = {}
    warnings = []
    for row, answer in pictures(shown, crop.cut, workers=0):
        if isinstance(answer, str):
            warnings.append(f"{shown.names[row]}: {answer}")
        else:
            by_name[shown.names[row]] = answer
    return UnitPictures(by_name, tuple(warnings))


def _column(text: str, stream: FeatureStream) -> int:
    """The unit that a text names."""
    layer, sign, number = text.rpartition(":")
    contract, count = stream.head.contract, stream.head.dimension
    if not number.isdecimal():
        raise Usage(f"--unit {text!r} is not LAYER:NUMBER or NUMBER", hint=f"{contract.layer or 'feature'}:0 is one")
    if sign and contract.layer and layer != contract.layer:
        raise Usage(f"no layer {layer!r} in {stream.path}", hint=f"it has: {contract.layer}")
    if int(number) >= count:
        raise Usage(f"no unit {number} in {stream.path}", hint=f"it has {count}, from 0 to {count - 1}")
    return int(number)


def _extremes(
    stream: FeatureStream, columns: list[int], count: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Values and rows of the most and the least exciting faces, (units, 2 count) by rank; faces active, and at lowest.

    Equal values are in the order of random keys, one a face and unit.
    """
    draws = [np.random.default_rng((seed, column)) for column in columns]
    values = np.zeros((len(columns), 0), np.float32)
    rows, keys = np.zeros(values.shape, np.int64), np.zeros(values.shape)
    active, lowest = np.zeros(len(columns), int), np.full(len(columns), np.inf)
    at_lowest = np.zeros(len(columns), int)
    for start, block in stream.blocks():
        more = block[:, columns].T
        active += (more > 0).sum(axis=1)
        least = more.min(axis=1)
        at_lowest = np.where(least < lowest, 0, at_lowest)
        lowest = np.minimum(lowest, least)
        at_lowest += (more == lowest[:, None]).sum(axis=1)
        values = np.concatenate([values, more], axis=1)
        rows = np.concatenate([rows, np.broadcast_to(np.arange(start, start + len(block)), more.shape)], axis=1)
        keys = np.concatenate([keys, [rng.random(len(block)) for rng in draws]], axis=1)
        order = np.lexsort((keys, -values), axis=1)
        if order.shape[1] > 2 * count:
            order = np.concatenate([order[:, :count], order[:, -count:]], axis=1)
        values, rows, keys = (np.take_along_axis(part, order, axis=1) for part in (values, rows, keys))
    if values.shape[1] < 2 * count:  # few faces: some are among the most and the least
        ends = np.concatenate([np.arange(count), np.arange(values.shape[1] - count, values.shape[1])])
        values, rows = values[:, ends], rows[:, ends]
    return values, rows, active, at_lowest
