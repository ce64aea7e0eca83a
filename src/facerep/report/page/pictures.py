"""Faces on the page: the pairs that went most wrong, the people taken for each other, as small pictures inside it."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from facerep.readers.sets.album import Album
from facerep.studies.identification.taken_for import TakenFor
from facerep.studies.verification.worst_pairs import WorstPairs


@dataclass(frozen=True)
class FacePair:
    """Two faces side by side with a line of words; a face is a data address, "" where its picture is not known."""

    faces: tuple[tuple[str, str], tuple[str, str]]
    words: str


@dataclass(frozen=True)
class Exhibit:
    """Tiles under one heading."""

    title: str
    tiles: Sequence[FacePair]


def of_pairs(worst: WorstPairs, album: Album) -> list[Exhibit]:
    """Of a verification: genuine pairs least alike, impostor pairs most alike, people most confused."""
    titles = {"One person, least alike": worst.least_alike, "Two people, most alike": worst.most_alike}
    exhibits = {
        title: [((pair.left, pair.right), f"score {pair.score:.4g}") for pair in pairs]
        for title, pairs in titles.items()
    }
    exhibits["People taken for each other"] = [
        (
            (one.pair.left, one.pair.right),
            f"{one.people[0]} and {one.people[1]}: {one.wrong:,} of {one.of:,} pairs taken for one person",
        )
        for one in worst.confused
    ]
    return _exhibits(exhibits, album)


def of_people(people: Sequence[TakenFor], album: Album) -> list[Exhibit]:
    """Of an identification: whom people were taken for."""
    tiles = [
        (
            (one.face, album.of_person.get(one.other, "") or one.other),
            f"{one.person} taken for {one.other}: {one.wrong:,} of {one.of:,} probes",
        )
        for one in people
    ]
    return _exhibits({"People taken for others (right: one picture of the other)": tiles}, album)


def _exhibits(tiles: Mapping[str, Sequence[tuple[tuple[str, str], str]]], album: Album) -> list[Exhibit]:
    names = [name for some in tiles.values() for faces, _ in some for name in faces]
    data = {name: _address(pixels) for name, pixels in album.crops(names).items() if name in names}
    return [
        Exhibit(title, [FacePair(((a, data.get(a, "")), (b, data.get(b, ""))), words) for (a, b), words in some])
        for title, some in tiles.items()
        if some
    ]


def _address(pixels: np.ndarray) -> str:
    stream = io.BytesIO()
    Image.fromarray(pixels.squeeze()).save(stream, format="JPEG", quality=82)
    return f"data:image/jpeg;base64,{base64.b64encode(stream.getvalue()).decode()}"
