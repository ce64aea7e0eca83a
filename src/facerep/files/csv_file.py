"""A CSV file of ours: whole or absent, numbers that read back the same, text that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from facerep.errors import BadInput
from facerep.files.atomic import replacing
from facerep.files.text import opened


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]], *, overwrite: bool = False) -> Path:
    """Write a CSV file; a float reads back as the same number, None and NaN are empty cells."""
    with replacing(path, overwrite=overwrite) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(map(cell, columns)) + "\n")
        file.writelines(",".join(map(_cell, row)) + "\n" for row in rows)
    return path


def read_rows(path: Path, remedy: str) -> Iterator[list[str]]:
    """The lines of a CSV file of ours, one after the other, cells as they were before they were guarded.

    Args:
        path: the file.
        remedy: what to do where it is none.

    Raises:
        BadInput: it cannot be read, is not UTF-8, or no CSV.
    """
    try:
        with opened(path) as stream, io.TextIOWrapper(stream, encoding="utf-8", newline="") as text:
            for cells in csv.reader(text):
                yield list(map(plain_cell, cells))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"not a CSV file of facerep's ({error})", path, remedy) from error


def _cell(value: object) -> str:
    if value is None or value != value:
        return ""
    # numpy's floats write themselves with their type
    return (
        repr(float(value)) if isinstance(value, float) else cell(str(value)) if isinstance(value, str) else str(value)
    )


def cell(value: str) -> str:
    """A text cell of a CSV file: what a spreadsheet would run as a formula gets a leading apostrophe.

    >>> cell("=1+1"), cell("ana/1.jpg"), cell("Doe, Ana")
    ("'=1+1", 'ana/1.jpg', '"Doe, Ana"')
    """
    value = str(value)
    # an apostrophe of the name's own is doubled, so that reading back is exact
    if value.startswith(("=", "+", "-", "@", "\t", "\r", "'")):
        value = "'" + value
    if any(mark in value for mark in (",", '"', "\n", "\r")):
        value = '"' + value.replace('"', '""') + '"'
    return value


def plain_cell(value: str) -> str:
    """A text cell as it was before `cell` guarded it."""
    return value[1:] if value.startswith("'") else value
