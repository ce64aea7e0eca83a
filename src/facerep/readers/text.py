"""Text of lists and tables: UTF-8, with a byte order mark or none, any line ends, any delimiter."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from facerep.errors import BadInput


def read_text(path: Path) -> str:
    """The text of a file.

    Raises:
        BadInput: absent, a folder, unreadable, not UTF-8, or binary.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"text is not UTF-8 (byte {error.start})", path, "save it as UTF-8") from error
    except OSError as error:
        raise BadInput(f"cannot be read ({error.strerror})", path) from error
    if "\0" in text:
        raise BadInput("not a text file: it holds zero bytes", path)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def delimiter(line: str) -> str:
    """Tab, semicolon or comma, whichever stands most often in `line`; "" where none does."""
    counts = {mark: line.count(mark) for mark in "\t;,"}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] else ""


def rows(text: str, mark: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) of each line that is not empty; `mark` "" splits at blanks.

    Raises:
        BadInput: a cell that is opened by a quote and never closed, or is longer than 128 KiB.
    """
    if not mark:
        yield from ((number, cells) for number, line in enumerate(text.split("\n"), 1) if (cells := line.split()))
        return
    reader = csv.reader(io.StringIO(text), delimiter=mark, strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise BadInput(f"line {reader.line_num} is malformed ({error})", path) from error
