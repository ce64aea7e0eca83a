"""RecordIO, as MXNet writes it: where each record's bytes lie in a .rec file, and the .idx file beside it.

A record is magic, a word of 3 bits kind and 29 bits length, the bytes, zeros up to a multiple of 4. Where the bytes
hold the magic themselves they are cut there into parts, and the magic is left out: the next part's own magic stands
for it. Source: dmlc-core, include/dmlc/recordio.h; mxnet, python/mxnet/recordio.py (layout only).
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from facerep.errors import BadInput
from facerep.files.text import read_text
from facerep.readers import delimited

MAGIC = 0xCED7230A
WHOLE, FIRST, MIDDLE, LAST = range(4)
MOST_PARTS = 1000
_WORDS = struct.Struct("<II")

Spans = tuple[tuple[int, int], ...]
"""Where bytes lie in a file: (start, length) of the pieces, one after the other."""


@contextmanager
def mapped(path: Path) -> Iterator[mmap.mmap]:
    """The content of a .rec file, not read yet.

    Raises:
        BadInput: absent, unreadable or empty.
    """
    try:
        with path.open("rb") as file:
            if file.seek(0, 2) == 0:
                raise BadInput("file is empty", path)
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                yield content
    except OSError as error:
        raise BadInput(f"cannot read ({error.strerror})", path) from error


def offsets(path: Path) -> dict[int, int]:
    """The keys of an .idx file and where their records start, in the order of the keys.

    Raises:
        BadInput: absent or empty, not text, a line that is not a key and an offset, a key that stands twice.
    """
    found: dict[int, int] = {}
    for line, cells in delimited.rows(read_text(path), "", path):
        try:
            key, offset = map(int, cells)
        except ValueError as error:
            raise BadInput(f"line {line} is not a key and an offset", path) from error
        if key in found:
            raise BadInput(f"line {line}: key {key} stands twice", path)
        found[key] = offset
    if not found:
        raise BadInput("index is empty", path)
    return dict(sorted(found.items()))


def record(content: mmap.mmap, start: int) -> Spans:
    """Where the bytes of the record at `start` lie.

    Raises:
        ValueError: there is no record, or it is cut short; in words.
    """
    spans: list[tuple[int, int]] = []
    while True:
        if not 0 <= start <= len(content) - _WORDS.size:
            raise ValueError(f"byte {start} lies outside the file of {len(content)} bytes")
        magic, word = _WORDS.unpack_from(content, start)
        if magic != MAGIC:
            raise ValueError(f"no record begins at byte {start}")
        kind, length = word >> 29, word & (1 << 29) - 1
        if start + _WORDS.size + length > len(content):
            raise ValueError(f"the record at byte {start} is cut short")
        if kind not in ((WHOLE, FIRST) if not spans else (MIDDLE, LAST)):
            raise ValueError(f"the parts of the record before byte {start} do not fit together")
        if spans:
            spans.append((start, 4))
        if len(spans) > 2 * MOST_PARTS:
            raise ValueError(f"the record has more than {MOST_PARTS} parts")
        spans.append((start + _WORDS.size, length))
        if kind in (WHOLE, LAST):
            return tuple(spans)
        start += _WORDS.size + (length + 3) // 4 * 4


def head(content: mmap.mmap, spans: Spans, length: int) -> bytes:
    """The first bytes of a record, fewer where it has no more."""
    found = b""
    for start, size in spans:
        found += content[start : start + min(size, length - len(found))]
    return found


def behind(spans: Spans, length: int) -> Spans:
    """A record without its first bytes."""
    rest = []
    for start, size in spans:
        cut = min(length, size)
        length -= cut
        if size > cut:
            rest.append((start + cut, size - cut))
    return tuple(rest)
