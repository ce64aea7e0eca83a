"""Made sequences as folders in OTB's layout: real faces with known boxes, look-alikes, covers and turns.

Heads and backgrounds come from photographs with a box each, turns from the pictures of people in the order of their
names. One folder holds all; it is there whole or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from facerep.errors import BadInput, OutputExists, Usage
from facerep.faces.backgrounds import cut_beside, drawn
from facerep.faces.crops import CannotCrop, Crop
from facerep.faces.decode import UnreadablePicture, decode
from facerep.faces.pasted import HEAD
from facerep.faces.photographs import Photographs
from facerep.faces.preset_choice import chosen_preset
from facerep.faces.table import Faces
from facerep.files.atomic import write_json, write_text
from facerep.files.inputs import refuse_read
from facerep.files.provenance import software
from facerep.files.unfinished import workplace
from facerep.progress import progress
from facerep.tracking.frames import PICTURES, TRUTH
from facerep.tracking.made import GROUND, KINDS, Actors, as_head, sequence

ABOUT = "made.json"
"""In each sequence's folder: what it was made of."""
HEAD_SIDE, VIEWS = 128, 5
"""Pixels of a head; pictures that a person needs to turn."""
_TILES, _QUALITY = 3, 92


@dataclass(frozen=True)
class MadeSequences:
    """Sequences that were made.

    Attributes:
        folder: where.
        names: of the sequences, a folder each.
        frames: of all together.
        seed: of all draws.
        photographs: how many there were to take heads and backgrounds from.
        people: how many who turn.
    """

    folder: Path
    names: tuple[str, ...]
    frames: int
    seed: int
    photographs: int
    people: int


def make_sequences(
    photographs: Faces,
    output: Path,
    *,
    turns: Faces | None = None,
    kinds: Sequence[str] | None = None,
    count: int = 2,
    frames: Sequence[int] = (150,),
    seed: int = 0,
) -> MadeSequences:
    """Make so many sequences of each kind.

    Args:
        photographs: with a box each.
        output: a folder that is not there yet.
        turns: pictures of people from one view to another, in the order of their names.
        kinds: of KINDS; None: all, "turned" only where there are turns.
        count: of each kind.
        frames: how many a sequence has; several numbers are taken in turn.
        seed: of all draws.

    Raises:
        OutputExists: the folder is there.
        BadInput: too few photographs with boxes that can be read, or nobody who turns.
        Usage: no such kind, or turns are missing.
    """
    kinds = _kinds(kinds, turns)
    if output.exists():
        raise OutputExists(output)
    refuse_read(output)
    stage = _Stage(photographs, turns, seed)
    names, total = [], 0
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with (
            workplace(output.parent, output.name) as place,
            progress(f"make {output}", len(kinds) * count, "sequences") as done,
        ):
            whole = place / output.name
            for kind in kinds:
                for number in range(count):
                    length = frames[number % len(frames)]
                    key = (seed, KINDS.index(kind), number)
                    actors, said = stage.actors(kind, number, key)
                    name = f"{kind}-{number}"
                    _write(whole / name, sequence(kind, actors, length, key))
                    write_json(whole / name / ABOUT, {"kind": kind, "seed": list(key), **said, "software": software()})
                    names.append(name)
                    total += length
                    done(1)
            os.rename(whole, output)
    except OSError as error:
        raise BadInput(f"cannot write ({error.strerror or error})", output, "nothing was left behind") from error
    stage.photographs.warn()
    return MadeSequences(output, tuple(names), total, seed, len(stage.photographs.faces), len(stage.turning))


def _kinds(asked: Sequence[str] | None, turns: Faces | None) -> list[str]:
    if asked is None:
        return [kind for kind in KINDS if kind != "turned" or turns is not None]
    if unknown := [kind for kind in asked if kind not in KINDS]:
        raise Usage(f"no kind of sequence {unknown[0]!r}", hint="there are: " + ", ".join(KINDS))
    if "turned" in asked and turns is None:
        raise Usage("faces that turn are wanted", hint="name a folder of people with --turns")
    return list(asked)


class _Stage:
    """Whoever may act: photographs with boxes, and people who turn."""

    def __init__(self, photographs: Faces, turns: Faces | None, seed: int) -> None:
        boxed = photographs.take(np.flatnonzero(np.isfinite(photographs.boxes).all(axis=1)))
        if len(boxed) < 4:
            what = "fewer than four photographs with boxes"
            raise BadInput(what, photographs.root, "give a table with x1, y1, x2, y2")
        self.photographs, self.turns = Photographs(boxed), turns
        self.crop = Crop(chosen_preset(boxed, "auto"), HEAD_SIDE, HEAD_SIDE, HEAD)
        self.turning = [] if turns is None else _who_turn(turns)
        self.order = np.random.default_rng((seed, 0)).permutation(len(self.turning))

    def actors(self, kind: str, number: int, key: tuple[int, ...]) -> tuple[Actors, dict[str, object]]:
        """Who is in a sequence, and their names."""
        draws = np.random.default_rng((*key, 2))
        heads = self._heads(draws)
        (first, own), (second, other), (third, another) = (next(heads) for _ in range(3))
        said: dict[str, object] = {"face": first}
        seen = own[None]
        if kind == "alike":
            said["others"] = [second, third]
        if kind == "turned":
            assert self.turns is not None
            rows = self.turning[self.order[number % len(self.order)]]
            seen = np.stack([as_head(self._view(int(row)), HEAD_SIDE) for row in rows])
            said["face"] = str(self.turns.people[rows[0]])
        ground, cover = self._ground(draws), self._square(draws, GROUND // _TILES)
        return Actors(seen, np.stack([other, another]), ground, cover), said

    def _heads(self, draws: np.random.Generator) -> Iterator[tuple[str, np.ndarray]]:
        """Heads of photographs in a drawn order, without end."""
        faces, found = self.photographs.faces, 0
        while True:
            for row in draws.permutation(len(faces)):
                pixels = self.photographs.pixels(int(row))
                if pixels is None:
                    continue
                try:
                    head = self.crop.cut(pixels, faces.marks[row])
                except CannotCrop:
                    continue
                found += 1
                yield str(faces.names[row]), head
            if found < 3:
                raise BadInput("no head can be cut from three of the photographs", faces.root)

    def _view(self, row: int) -> np.ndarray:
        assert self.turns is not None
        try:
            return decode(self.turns.paths[row])
        except UnreadablePicture as error:
            raise BadInput(f"{self.turns.names[row]} cannot be read ({error.reason})", self.turns.root) from None

    def _square(self, draws: np.random.Generator, side: int) -> np.ndarray:
        """A square without a face: from beside that of a photograph, else drawn."""
        row = int(draws.integers(len(self.photographs.faces)))
        pixels = self.photographs.pixels(row)
        square = None if pixels is None else cut_beside(pixels, self.photographs.faces.boxes[row], draws, side=side)
        return drawn(draws, side) if square is None else square

    def _ground(self, draws: np.random.Generator) -> np.ndarray:
        rows = [[self._square(draws, GROUND // _TILES) for _ in range(_TILES)] for _ in range(_TILES)]
        return np.concatenate([np.concatenate(row, axis=1) for row in rows])


def _who_turn(turns: Faces) -> list[np.ndarray]:
    """The rows of everybody with pictures enough, in the order of their names."""
    people = [person for person in dict.fromkeys(turns.people.tolist()) if person]
    order = np.argsort(turns.names.astype(str), kind="stable")
    each = [order[turns.people[order] == person] for person in people]
    if not (many := [rows for rows in each if len(rows) >= VIEWS]):
        raise BadInput(f"nobody has {VIEWS} pictures to turn by", turns.root, "name a folder with a folder a person")
    return many


def _write(folder: Path, frames: Iterator[tuple[np.ndarray, np.ndarray]]) -> None:
    """A sequence in OTB's layout, whose boxes count from 1."""
    (folder / PICTURES).mkdir(parents=True)
    lines = []
    for number, (pixels, box) in enumerate(frames, 1):
        path = folder / PICTURES / f"{number:04d}.jpg"
        Image.fromarray(pixels).save(path, quality=_QUALITY)
        path.chmod(0o600)  # faces are biometric data
        lines.append(",".join(f"{value:.2f}" for value in np.add(box, [1, 1, 0, 0])) + "\n")
    write_text(folder / TRUTH, "".join(lines))
