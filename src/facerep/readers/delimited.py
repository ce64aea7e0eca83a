"""Delimited text: the cells of each line of a list or table, whatever stands between them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from facerep.errors import BadInput


def delimiter(line: str) -> str:
    """Tab, semicolon or comma, whichever stands most often in `line`; "" where none does."""
    counts = {mark: line.count(mark) for mark in "\t;,"}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] else ""


def rows(text: str | Iterable[str], mark: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) of each line that is not empty; `mark` "" splits at blanks.

    Args:
        text: whole, or its lines with their ends.
        mark: between two cells.
        path: of the file, for messages.

    Raises:
        BadInput: a cell that is opened by a quote and never closed, or is longer than 128 KiB.
    """
    each = io.StringIO(text) if isinstance(text, str) else text
    if not mark:
        yield from ((number, cells) for number, line in enumerate(each, 1) if (cells := line.split()))
        return
    reader = csv.reader(each, delimiter=mark, strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise BadInput(f"line {reader.line_num} is malformed ({error})", path) from error
