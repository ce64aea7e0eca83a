"""Labels of attributes: from the data set's own columns, CelebA's attribute list, or a table.

An answer is 1 (yes), -1 (no) or 0 (unknown). A column of -1 and 1 has 0 or nothing for unknown; one of 0 and 1 has
nothing. `COLUMN=VALUE` makes an attribute of any column: yes where it has this value, unknown where it is empty.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facerep.errors import BadInput, Usage
from facerep.faces.decode import SUFFIXES
from facerep.files.label_columns import as_text
from facerep.files.text import read_text
from facerep.readers import delimited
from facerep.readers.columns import people_column, read_columns
from facerep.readers.lists.label_column import read_label
from facerep.readers.lists.pair_lists import stem

FILE = ("file", "path", "name", "image_id")
"""What the column of face names may be called; where none of these stands, it is the first."""

_ENDINGS = frozenset(suffix[1:] for suffix in SUFFIXES)


@dataclass(frozen=True)
class AttributeLabels:
    """The answers for each face.

    Attributes:
        names: of the attributes, (k,).
        values: int8 (n, k): 1 yes, -1 no, 0 unknown.
        source: where they are from, for a person.
    """

    names: tuple[str, ...]
    values: np.ndarray
    source: str

    @property
    def known(self) -> np.ndarray:
        """Faces of which at least one answer is known, bool (n,)."""
        return (self.values != 0).any(axis=1)


def own_labels(columns: Mapping[str, np.ndarray], asked: Sequence[str] | None, where: str) -> AttributeLabels:
    """Attributes among the label columns of the faces.

    Args:
        columns: by name, each of shape (n,).
        asked: which, as names or COLUMN=VALUE; None: all columns of -1 and 1, as readers mark attributes.
        where: the file or data set, for messages.

    Raises:
        BadInput: none is there, or not one that was asked for.
    """
    if asked is None:
        asked = [name for name, column in columns.items() if column.dtype == np.int8 and _answers(column) is not None]
        if not asked:
            raise BadInput("no attributes among the labels of the faces", where, "give a list of them with --labels")
    return _chosen(columns, asked, where)


def read_labels(
    path: Path, faces: np.ndarray, people: np.ndarray, asked: Sequence[str] | None, missing: str
) -> AttributeLabels:
    """Attributes from CelebA's list (`list_attr_celeba`, text or CSV), or a table with a header, of faces or people.

    Args:
        path: the list. Faces are found whatever the ending of their name, in full or by its last part. A table with a
            column `person` and none of faces answers for all faces of each.
        faces, people: names of the faces, and whose they are, (n,).
        asked: which attributes; None: all columns that have two answers.
        missing: faces that the list lacks are an error ("stop"), or their answers are unknown ("count").

    Raises:
        BadInput: malformed, no attributes, not one that was asked for, or faces that it lacks.
    """
    if (columns := _of_people(path, faces, people, missing)) is not None:
        return _listed(columns, asked and [*map(_small, asked)], path)
    columns, rows = _read(path, [*faces])
    absent = np.flatnonzero(rows < 0)
    if len(absent) == len(faces):
        raise BadInput(f"labels name none of the {len(faces):,} faces (first: {faces[0]})", path)
    if len(absent) and missing == "stop":
        first = ", ".join(str(faces[row]) for row in absent[:3])
        hint = "give --missing count to go on without them"
        raise BadInput(f"labels miss {len(absent):,} of {len(faces):,} faces ({first})", path, hint)
    filled = {name: np.where(rows < 0, "", column[rows]) for name, column in columns.items()}
    return _listed(filled, asked, path)


def _of_people(path: Path, faces: np.ndarray, people: np.ndarray, missing: str) -> dict[str, np.ndarray] | None:
    """The columns of a table of people for each face; None where the table names faces."""
    try:
        columns, _ = read_columns(path)
    except BadInput:
        return None  # CelebA's list is no table: its own reader says what is wrong with it
    people_of = people_column(columns)
    if people_of is None or any(name in columns for name in FILE):
        return None
    key, known = people_of[0], set(people_of[1])
    absent = [name for name, person in zip(faces, people, strict=True) if person not in known]
    if absent and missing == "stop":
        hint = "give --missing count to go on without them"
        raise BadInput(f"labels miss the people of {len(absent):,} of {len(faces):,} faces ({absent[0]})", path, hint)
    return {name: read_label(path, name, faces, people) for name in columns if name != key}


def _small(asked: str) -> str:
    """A column as the reader of such tables names it, in small letters, with its VALUE as it was."""
    name, sign, value = asked.partition("=")
    return name.lower() + sign + value


def _listed(columns: Mapping[str, np.ndarray], asked: Sequence[str] | None, path: Path) -> AttributeLabels:
    """Attributes among the columns of a list, which were not marked by a reader: None asks for all with two answers.

    Raises:
        BadInput: none is there, or not one that was asked for.
    """
    if asked is None:
        asked = [name for name, column in columns.items() if _answers(column) is not None]
        if not asked:
            raise BadInput("no column of -1 and 1, or of 0 and 1", path, "name one as --attributes COLUMN=VALUE")
    return _chosen(columns, asked, str(path))


def _chosen(columns: Mapping[str, np.ndarray], asked: Sequence[str], where: str) -> AttributeLabels:
    if len(set(asked)) < len(asked):
        twice = next(name for name in asked if list(asked).count(name) > 1)
        raise Usage(f"attribute {twice!r} is asked for twice")
    answers = [_attribute(columns, name, where) for name in asked]
    return AttributeLabels(tuple(asked), np.stack(answers, axis=1), where)


def _attribute(columns: Mapping[str, np.ndarray], asked: str, where: str) -> np.ndarray:
    """The answers that a name or COLUMN=VALUE asks for, int8 (n,)."""
    name, sign, value = asked.partition("=")
    if name not in columns:
        near = difflib.get_close_matches(name, columns, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else "there are: " + (", ".join(columns) or "none")
        raise BadInput(f"no attribute {name!r}", where, hint)
    if sign:
        cells = as_text(columns[name])
        if value not in cells:
            there = ", ".join(sorted(set(cells) - {""})[:9])
            raise BadInput(f"column {name!r} never has the value {value!r}", where, f"it has: {there}")
        return np.where(cells == "", 0, np.where(cells == value, 1, -1)).astype(np.int8)
    answers = _answers(columns[name])
    if answers is None:
        hint = f"name one of its values: --attributes {name}=VALUE"
        raise BadInput(f"column {name!r} is not one of -1 and 1, or of 0 and 1", where, hint)
    return answers


def _answers(column: np.ndarray) -> np.ndarray | None:
    """A column of -1 and 1 or of 0 and 1 as answers, int8; None where it is neither."""
    cells = np.char.lstrip(as_text(column).astype(str), "+")
    found = set(np.unique(cells)) - {""}
    if not found or not found <= {"-1", "0", "1"} or found == {"0"}:
        return None
    # 0 is a no only where nothing else is; whole-number columns of readers have -1 for that
    no = "-1" if "-1" in found or column.dtype == np.int8 else "0"
    return ((cells == "1").astype(np.int8) - (cells == no)).astype(np.int8)


def _read(path: Path, faces: Sequence[str]) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The list's columns as text, and the row of each face in them, -1 where it has none."""
    content = read_text(path)
    opening = content.split("\n", 2)[:2]
    rows = list(delimited.rows(content, delimited.delimiter(opening[-1]), path))
    if rows and len(rows[0][1]) == 1 and rows[0][1][0].isdecimal():
        rows = rows[1:]  # CelebA's lists begin with how many faces they have
    if len(rows) < 2:
        raise BadInput("labels have no rows", path)
    (line, header), *rows = rows
    if any(cell.rpartition(".")[2].lower() in _ENDINGS for cell in header):
        raise BadInput(f"line {line} names a picture, the names of the attributes are wanted first", path)
    if len(rows[0][1]) == len(header) + 1 and not {name.lower() for name in header} & set(FILE):
        header = ["file", *header]  # CelebA's header does not name the column of files
    if len(set(header)) < len(header):
        raise BadInput("a column stands twice in the header", path)
    for line, cells in rows:
        if len(cells) != len(header):
            raise BadInput(f"line {line} has {len(cells)} columns, the header has {len(header)}", path)
    key = next((place for place, name in enumerate(header) if name.lower() in FILE), 0)
    places = _Places(faces)
    row_of = np.full(len(faces), -1)
    for row, (line, cells) in enumerate(rows):
        face = places.find(cells[key], path)
        if face >= 0 and row_of[face] >= 0:
            before = rows[row_of[face]][0]
            raise BadInput(f"face {faces[face]!r} stands in line {before} and again in line {line}", path)
        if face >= 0:
            row_of[face] = row
    columns = zip(header, zip(*(cells for _, cells in rows), strict=True), strict=True)
    table = {name: np.array(cells) for place, (name, cells) in enumerate(columns) if place != key}
    return table, row_of


class _Places:
    """Places of faces by what a list may call them: without ending, and without the folders before."""

    def __init__(self, faces: Sequence[str]) -> None:
        self.stems = [stem(face) for face in faces]
        self.by_last: dict[str, list[int]] = {}
        for place, name in enumerate(self.stems):
            self.by_last.setdefault(name.rpartition("/")[2], []).append(place)

    def find(self, written: str, where: Path) -> int:
        """The place of the face that is meant, -1 where there is none.

        Raises:
            BadInput: it fits several faces.
        """
        wanted = stem(written.replace("\\", "/"))
        last = self.by_last.get(wanted.rpartition("/")[2], [])
        found = [place for place in last if self.stems[place] == wanted] or [
            place
            for place in last
            if f"/{self.stems[place]}".endswith(f"/{wanted}") or f"/{wanted}".endswith(f"/{self.stems[place]}")
        ]
        if len(found) > 1:
            raise BadInput(f"name {written!r} fits {len(found)} faces", where, "name faces with their folders")
        return found[0] if found else -1
