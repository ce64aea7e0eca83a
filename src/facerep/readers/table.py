"""Tables: a CSV file with one face a line.

`path` (or `file`) and `person` (or `identity`); five points as x1..y5 or le_x..rm_y; a box as x1,y1,x2,y2
alone or beside le_x; `split`; every other column is a label. Paths are looked for in the table's folder,
then in its parent, and may not lead out of them. A folder of aligned faces is such a table, with `aligned.json` beside
it, which says how `facerep align` made them.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal
from unicodedata import normalize

import numpy as np

from facerep.errors import BadInput
from facerep.faces.table import Faces, make_faces
from facerep.files.json_file import Count, Form, read_json
from facerep.readers import hash_splits
from facerep.readers.columns import PERSON, people_column, read_columns

_NAMED = [f"{part}_{axis}" for part in ("le", "re", "nose", "lm", "rm") for axis in "xy"]
_NUMBERED = [f"{axis}{number}" for number in range(1, 6) for axis in "xy"]
_BOX = _NUMBERED[:4]

ABOUT, INDEX, FAILURES = "aligned.json", "faces.csv", "failures.csv"
FORMAT, VERSION = "facerep/aligned", 1


def table(path: Path) -> Faces:
    """Faces of a table; files that are absent become failures.

    Raises:
        BadInput: no path column; a mix of columns that is neither points nor a box; a malformed line, with
            its number; a path that leads out of the table's folder and its parent; a name that stands twice.
    """
    columns, lines = read_columns(path, _KNOWN)
    key = next((name for name in ("path", "file") if name in columns), None)
    if key is None:
        raise BadInput(f"table has no column path or file, it has {', '.join(columns)}", path)
    roots = _Roots(path)
    located = [roots.locate(cell, line) for cell, line in zip(columns[key], lines, strict=True)]
    there = np.array([file is not None for _, file in located])
    failures = [(name, "no such file") for name, file in located if file is None]
    if not there.any():
        raise BadInput(f"none of the {len(located)} files that the table names is there (first: {located[0][0]})", path)

    point_names, box_names = _places(columns, path)
    points = _numbers(columns, point_names, lines, path) if point_names else None
    boxes = _numbers(columns, box_names, lines, path) if box_names else None
    who, people = people_column(columns) or (None, [""] * len(lines))
    used = {key, who, *point_names, *box_names}
    labels = {name: column_of(cells) for name, cells in columns.items() if name not in used}
    notes: list[str] = []
    if "split" in columns or any(person.startswith("celeba:") for person in people):
        labels["split"] = hash_splits.settle(people, columns.get("split"))
        notes += _moved(people, columns.get("split"), labels["split"])
    rows = np.flatnonzero(there)
    return make_faces(
        "table",
        [located[row][0] for row in rows],
        [people[row] for row in rows],
        [file for _, file in located if file is not None],
        root=path,
        points=None if points is None else points.reshape(-1, 5, 2)[rows],
        boxes=None if boxes is None else boxes[rows],
        labels={name: column[rows] for name, column in labels.items()},
        failures=failures,
        notes=notes,
    )


class _About(Form):
    format: Literal["facerep/aligned"]
    version: Count
    faces: Count


def read_about(folder: Path) -> dict[str, Any]:
    """What `aligned.json` says.

    Raises:
        BadInput: it is absent, damaged, or not that of aligned faces.
    """
    about = read_json(folder / ABOUT, _About, "align the photographs again: facerep align")
    if about["version"] != VERSION:
        what = f"aligned faces are of version {about['version']}, this facerep takes {VERSION}"
        raise BadInput(what, folder, "align the photographs again")
    return about


def is_aligned(root: Path) -> bool:
    """True where `aligned.json` lies in the folder."""
    return (root / ABOUT).is_file()


def aligned(root: Path) -> Faces:
    """Faces of a folder that `facerep align` made; pictures that are absent become failures.

    Raises:
        BadInput: its table is damaged or absent.
    """
    read_about(root)
    return replace(table(root / INDEX), kind="aligned", root=str(root))


def column_of(cells: Sequence[str]) -> np.ndarray:
    """A label column from its cells.

    -1 and 1 (0 or empty: unknown) become int8, as attributes are; numbers with a fraction become float64,
    NaN where empty; everything else stays text.
    """
    filled = {cell for cell in cells if cell}
    if "-1" in filled and filled <= {"-1", "0", "1"}:
        return np.array([int(cell or 0) for cell in cells], dtype=np.int8)
    try:
        values = {cell: float(cell) for cell in filled}
    except ValueError:
        values = {}
    if any(not value.is_integer() for value in values.values() if math.isfinite(value)):
        return np.array([values.get(cell, math.nan) for cell in cells], dtype=np.float64)
    return np.array([normalize("NFC", cell) for cell in cells], dtype=object)


class _Roots:
    """Where a table's files may lie: its folder and the folder above."""

    def __init__(self, path: Path) -> None:
        folder = os.path.dirname(os.path.realpath(path))
        self.path, self.roots = path, [folder, os.path.dirname(folder)]
        self.real: dict[str, str] = {}

    def locate(self, cell: str, line: int) -> tuple[str, Path | None]:
        """The face's name, and its file where there is one.

        Raises:
            BadInput: the path is empty or leads out.
        """
        if not cell:
            raise BadInput(f"line {line} has no path", self.path)
        wanted = cell.replace("\\", "/")
        for root in self.roots:
            for form in dict.fromkeys((wanted, normalize("NFC", wanted), normalize("NFD", wanted))):
                place = os.path.normpath(os.path.join(root, form))
                self._inside(place, cell, line)
                if os.path.lexists(place):
                    self._inside(self._real(place), cell, line)
                    return self._name(place, root), Path(place)
        return self._name(os.path.normpath(os.path.join(self.roots[0], wanted)), self.roots[0]), None

    def _inside(self, place: str, cell: str, line: int) -> None:
        # the folder above holds the folder, so it is the only border
        border = self.roots[1].rstrip(os.sep) + os.sep
        if not place.startswith(border):
            what = f"line {line}: path {cell!r} leads out of the table's folder and its parent, refused"
            raise BadInput(what, self.path)

    def _real(self, place: str) -> str:
        folder, name = os.path.split(place)
        if os.path.islink(place):
            return os.path.realpath(place)
        if folder not in self.real:
            self.real[folder] = os.path.realpath(folder)
        return os.path.join(self.real[folder], name)

    @staticmethod
    def _name(place: str, root: str) -> str:
        return normalize("NFC", os.path.relpath(place, root).replace(os.sep, "/"))


_KNOWN = {"path", "file", *PERSON, "split", "view", *_NAMED, *_NUMBERED}


def _places(columns: dict[str, list[str]], path: Path) -> tuple[list[str], list[str]]:
    """The names of the point columns and of the box columns; [] where there are none."""
    named = [name for name in _NAMED if name in columns]
    numbered = [name for name in _NUMBERED if name in columns]
    match (len(named), numbered):
        case (0, []):
            return [], []
        case (0, _) if numbered == _NUMBERED:
            return _NUMBERED, []
        case (0, _) if numbered == _BOX:
            return [], _BOX
        case (10, []):
            return _NAMED, []
        case (10, _) if numbered == _BOX:
            return _NAMED, _BOX
    raise BadInput(
        f"columns {', '.join(numbered + named)} are neither five points nor a box",
        path,
        f"give x1, y1 .. x5, y5, or {', '.join(_NAMED)} with x1, y1, x2, y2 for a box",
    )


def _numbers(columns: dict[str, list[str]], names: Sequence[str], lines: Sequence[int], path: Path) -> np.ndarray:
    """The columns `names` side by side, float32 (n, len(names)); a row of empty cells is NaN."""
    values = np.full((len(lines), len(names)), np.nan, np.float32)
    for row, cells in enumerate(zip(*(columns[name] for name in names), strict=True)):
        if not any(cells):
            continue
        try:
            values[row] = [float(cell) for cell in cells]
        except ValueError as error:
            raise BadInput(f"line {lines[row]}: {', '.join(names)} are not all numbers", path) from error
        if not np.isfinite(values[row]).all():
            raise BadInput(f"line {lines[row]}: {', '.join(names)} are not all finite", path)
    return values


def _moved(people: Sequence[str], given: Sequence[str] | None, sides: np.ndarray) -> list[str]:
    if given is None:
        return ["no split column: people are split 60/20/20 by a hash of the person, as CelebA's are everywhere"]
    moved = {
        person
        for person, before, after in zip(people, given, sides, strict=True)
        if before in (hash_splits.TRAIN, "") and after not in (hash_splits.TRAIN, "")
    }
    return (
        [f"{len(moved)} CelebA people do not train: the fixed split gives them to validation or test"] if moved else []
    )
