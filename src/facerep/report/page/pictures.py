"""Faces on the page: the pairs that went most wrong, the people taken for each other, as small pictures inside it."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from facerep.errors import BadInput
from facerep.faces.crops import Crop, choose_preset
from facerep.faces.table import Faces
from facerep.files.csv_file import read_rows
from facerep.readers.decode_many import pictures
from facerep.report.identification.identification import RANK_COLUMNS
from facerep.studies.verification.score_file import Pairs
from facerep.studies.verification.worst_pairs import confused, least_alike, most_alike, taken_for

HOW_MANY = 6
_HEIGHT, _WIDTH = 112, 96


@dataclass(frozen=True)
class Tile:
    """Two faces side by side with a line of words; a face is a data address, "" where its picture is not known."""

    faces: tuple[tuple[str, str], tuple[str, str]]
    words: str


@dataclass(frozen=True)
class Exhibit:
    """Tiles under one heading."""

    title: str
    tiles: Sequence[Tile]


class Album:
    """The data sets whose pictures may be shown; crops are cut once."""

    def __init__(self, sets: Sequence[Faces]) -> None:
        self.sets = sets
        self.rows: dict[str, tuple[int, int]] = {}
        self.of_person: dict[str, str] = {}
        for number, faces in enumerate(sets):
            for row, (name, person) in enumerate(zip(faces.names.tolist(), faces.people.tolist(), strict=True)):
                self.rows.setdefault(name, (number, row))
                self.of_person.setdefault(person, name)
        self.cut: dict[str, str] = {}

    def fill(self, names: Sequence[str]) -> Mapping[str, str]:
        """Faces as data addresses by name; those that no data set has, or that cannot be read, are absent."""
        for number, faces in enumerate(self.sets):
            wanted = [name for name in dict.fromkeys(names) if self.rows.get(name, (-1, 0))[0] == number]
            wanted = [name for name in wanted if name not in self.cut]
            few = faces.take(np.array([self.rows[name][1] for name in wanted], dtype=int))
            crop = Crop(choose_preset(faces.kind, faces.points), _HEIGHT, _WIDTH)
            for place, found in pictures(few, crop.cut, workers=0) if wanted else ():
                if not isinstance(found, str):
                    self.cut[wanted[place]] = _address(found)
        return self.cut


def _address(pixels: np.ndarray) -> str:
    stream = io.BytesIO()
    Image.fromarray(pixels.squeeze()).save(stream, format="JPEG", quality=82)
    return f"data:image/jpeg;base64,{base64.b64encode(stream.getvalue()).decode()}"


def of_pairs(pairs: Pairs, album: Album) -> list[Exhibit]:
    """Of a verification: genuine pairs least alike, impostor pairs most alike, people most confused."""
    worst = {
        "One person, least alike": least_alike(pairs.faces, pairs.same, pairs.score, HOW_MANY),
        "Two people, most alike": most_alike(pairs.faces, pairs.same, pairs.score, HOW_MANY),
    }
    people = confused(pairs.faces, pairs.people, pairs.same, pairs.score, pairs.right, HOW_MANY)
    shown = album.fill([name for found in (*worst.values(), [one.pair for one in people])
                        for pair in found for name in (pair.left, pair.right)])  # fmt: skip
    exhibits = [
        Exhibit(title, [_tile(pair.left, pair.right, f"score {pair.score:.4g}", shown) for pair in found])
        for title, found in worst.items()
    ]
    tiles = [
        _tile(one.pair.left, one.pair.right,
              f"{one.people[0]} and {one.people[1]}: {one.wrong:,} of {one.of:,} pairs taken for one person", shown)
        for one in people
    ]  # fmt: skip
    return [exhibit for exhibit in (*exhibits, Exhibit("People taken for each other", tiles)) if exhibit.tiles]


def of_ranks(path: Path, album: Album) -> list[Exhibit]:
    """Of an identification, from its ranks.csv: whom people were taken for."""
    faces, people, first, scores = _known_probes(path)
    found = taken_for(faces, people, first, scores, HOW_MANY)
    others = [album.of_person.get(one.other, "") for one in found]
    shown = album.fill([*(one.face for one in found), *others])
    tiles = [
        _tile(one.face, other or one.other, f"{one.person} taken for {one.other}: {one.wrong:,} of {one.of:,} probes",
              shown)
        for one, other in zip(found, others, strict=True)
    ]  # fmt: skip
    return [Exhibit("People taken for others (right: one picture of the other)", tiles)] if tiles else []


def _known_probes(path: Path) -> tuple[list[str], list[str], list[str], list[float]]:
    header, *lines = list(read_rows(path, "identify again")) or [[]]
    try:
        known = [told for line in lines if (told := dict(zip(header, line, strict=True)))["known"] == "1"]
        names, people, first = ([told[key] for told in known] for key in ("probe", "person", "first"))
        return names, people, first, [float(told["score"]) for told in known]
    except (KeyError, ValueError) as error:
        raise BadInput(f"not a ranks.csv with {', '.join(RANK_COLUMNS)}", path, "identify again") from error


def _tile(left: str, right: str, words: str, shown: Mapping[str, str]) -> Tile:
    return Tile(((left, shown.get(left, "")), (right, shown.get(right, ""))), words)
