"""LFW: Person/Person_0001.jpg, its protocol lists, and five points where a table of them lies beside.

The lists may lie in the root, in the folder above, or in a folder of the root.
Source: Huang, Ramesh, Berg, Learned-Miller, UMass TR 07-49, 2007.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from facerep.errors import BadInput
from facerep.faces.decode import UnreadablePicture, decode_size
from facerep.faces.table import Faces, make_faces
from facerep.files.pairs import PairList
from facerep.files.text import read_text
from facerep.readers import delimited
from facerep.readers.lists.pair_lists import read_pairs, stem
from facerep.readers.sets.folders import remarks, subfolders, walk

_LISTS = {"pairs.txt": "view2", "pairsDevTrain.txt": "view1-train", "pairsDevTest.txt": "view1-test"}
_PICTURE = re.compile(r"(?P<person>[^/]+)/(?P=person)_\d{4}\.[^./]+")
_SIZES = {(250, 250), (176, 176)}
_SAMPLED = 20


_STRAY = "not called after its folder, as LFW's pictures are"


def is_lfw(root: Path) -> bool:
    """True where pictures are called after their folders, and a list lies near or one has LFW's size."""
    people = [name for name in subfolders(root) if any(_of_person(root, name))][:_SAMPLED]
    if not people or sum(all(_named(root, name)) for name in people) * 2 < len(people) + 1:
        return False
    if any((folder / name).is_file() for folder in _near(root) for name in [*_LISTS, "lfw_points.csv"]):
        return True
    try:
        return decode_size(next(_of_person(root, people[0]))) in _SIZES
    except UnreadablePicture:
        return False


def lfw(root: Path) -> Faces:
    """Faces of an LFW tree, with its protocols.

    Raises:
        BadInput: there is no such picture, or a list beside is malformed.
    """
    found = walk(root, depth=1)
    kept = [(name, path) for name, path in found.pictures if _PICTURE.fullmatch(name)]
    if not kept:
        raise BadInput("not an LFW tree: no picture such as Ana_Lee/Ana_Lee_0001.jpg", root)
    names = [name for name, _ in kept]
    notes = remarks(found)
    stray = [(name, _STRAY) for name, _ in found.pictures if not _PICTURE.fullmatch(name)]
    protocols = dict(_protocols(root, names))
    if people := _first(root, "people.txt"):
        notes.append(f"people.txt: {_people(people)} people in ten folds")
    points_file = _first(root, "lfw_points.csv")
    return make_faces(
        "lfw", names, [name.split("/")[0] for name in names], [path for _, path in kept], root=root,
        points=_points(points_file, names) if points_file else None,
        protocols=protocols, failures=[*found.failures, *stray], notes=notes,
    )  # fmt: skip


def _near(root: Path) -> list[Path]:
    """Folders in which lists are looked for; of the root's own, only those that hold no person."""
    inside = [
        root / name
        for name in subfolders(root)
        if "protocol" in name.lower() or "list" in name.lower() or name == "view2"
    ]
    return [root, *inside, root.resolve().parent]


def _first(root: Path, name: str) -> Path | None:
    return next((folder / name for folder in _near(root) if (folder / name).is_file()), None)


def _protocols(root: Path, names: Sequence[str]) -> Iterator[tuple[str, PairList]]:
    for file, name in _LISTS.items():
        if path := _first(root, file):
            yield name, replace(read_pairs(path, names), name=name)


def _people(path: Path) -> int:
    return sum(len(cells) == 2 for _, cells in delimited.rows(read_text(path), "", path))


def _points(path: Path, names: Sequence[str]) -> np.ndarray:
    """Five points a face, (n, 5, 2), NaN where the table (file, x1, y1 .. x5, y5) has none."""
    rows = delimited.rows(read_text(path), ",", path)
    header = next(rows, (0, []))[1]
    wanted = [f"{axis}{number}" for number in range(1, 6) for axis in "xy"]
    if not {"file", *wanted} <= set(header):
        raise BadInput("points table lacks a column of file, x1, y1 .. x5, y5", path)
    places = [header.index(name) for name in wanted]
    row_of = {stem(name): row for row, name in enumerate(names)}
    points = np.full((len(names), 10), np.nan, np.float32)
    for line, cells in rows:
        try:
            row = row_of.get(stem(cells[header.index("file")]))
            if row is not None:
                points[row] = [float(cells[place] or "nan") for place in places]
        except (ValueError, IndexError) as error:
            raise BadInput(f"line {line} is malformed", path) from error
    return points.reshape(-1, 5, 2)


def _of_person(root: Path, person: str) -> Iterator[Path]:
    return (path for _, path in walk(root / person, depth=0).pictures)


def _named(root: Path, person: str) -> Iterator[bool]:
    for path in _of_person(root, person):
        yield _PICTURE.fullmatch(f"{person}/{path.name}") is not None
