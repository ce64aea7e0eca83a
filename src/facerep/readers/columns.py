"""Columns of a CSV list of faces that has a header, with the line that each row came from."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from unicodedata import normalize

import numpy as np

from facerep.errors import BadInput
from facerep.files.text import read_text
from facerep.readers import delimited
from facerep.readers.lists.pair_lists import Names

FILE = ("file", "path", "name")
"""What the column of face names may be called."""
PERSON = ("person", "people", "identity")
"""What the column of people may be called."""


def read_columns(path: Path, known: Container[str] | None = None) -> tuple[dict[str, list[str]], list[int]]:
    """The columns by name, and the line number of each row.

    Args:
        path: of the list.
        known: names whose letters' case does not matter, in lower case; the others stay as written. None: all of them.

    Raises:
        BadInput: no header, a column that stands twice, a line with too few or too many cells, no row.
    """
    content = read_text(path)
    lines = delimited.rows(content, delimited.delimiter(content.split("\n", 1)[0]) or ",", path)
    written = next(lines, (0, []))[1]
    header = [name.casefold() if known is None or name.casefold() in known else name for name in written]
    if not header or "" in header or len(set(header)) != len(header):
        raise BadInput("the first line is not a header: names are missing or stand twice", path)
    rows = list(lines)
    for number, cells in rows:
        if len(cells) != len(header):
            raise BadInput(f"line {number} has {len(cells)} cells, the header has {len(header)}", path)
    if not rows:
        raise BadInput("list has a header and no rows", path)
    columns = zip(*(cells for _, cells in rows), strict=True)
    return dict(zip(header, map(list, columns), strict=True)), [number for number, _ in rows]


def people_column(columns: Mapping[str, Sequence[str]]) -> tuple[str, list[str]] | None:
    """The name of the column of people and what is in it, in Unicode normal form C; None where there is none."""
    name = next((name for name in PERSON if name in columns), None)
    return None if name is None else (name, [normalize("NFC", cell) for cell in columns[name]])


def read_faces(columns: dict[str, list[str]], lines: Sequence[int], names: Sequence[str], path: Path) -> np.ndarray:
    """The faces that the rows name, object array of str, shape (n,).

    A name is found whatever its ending, its letters' case and its Unicode normal form; one that is not in `names`
    stays as written.

    Raises:
        BadInput: no column of names; a row without one; a face that stands twice, with its lines.
    """
    key = next((name for name in FILE if name in columns), None)
    if key is None:
        raise BadInput(f"list has no column file, it has {', '.join(columns)}", path)
    known = Names(names)
    faces = np.empty(len(lines), dtype=object)
    seen: dict[str, int] = {}
    for row, (line, written) in enumerate(zip(lines, columns[key], strict=True)):
        if not written:
            raise BadInput(f"line {line} names no file", path)
        faces[row] = name = known.find(written, path)
        if name in seen:
            raise BadInput(f"face {name!r} stands in line {seen[name]} and again in line {line}", path)
        seen[name] = line
    return faces
