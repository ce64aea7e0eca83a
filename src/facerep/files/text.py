"""Text from outside: at most so many bytes of it, from an ordinary file or a pipe, and UTF-8.

A device never ends and a sparse file of a terabyte costs nothing: how much is read is settled before it is read.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from facerep.errors import BadInput
from facerep.files.inputs import remember

MOST_SETTINGS = 1 << 26
"""Bytes of the longest JSON or TOML file that is read: 64 MiB."""
MOST_LIST = 1 << 30
"""Bytes of the longest list or table that is held in memory: 1 GiB."""
MOST_LINE = 1 << 20
"""Bytes of the longest line of a list that is read line by line."""


@contextmanager
def opened(path: Path, most: int | None = None) -> Iterator[BinaryIO]:
    """An ordinary file, or what a pipe gave, for reading from the start as often as wanted.

    Args:
        path: of the file.
        most: bytes that it may have; None is no bound, for who reads it bit by bit. A pipe may always give
            MOST_LIST at most.

    Raises:
        BadInput: absent, a folder, a device, unreadable, or longer than `most`.
    """
    remember(path)
    try:
        kind = os.stat(path).st_mode
        if not (stat.S_ISREG(kind) or stat.S_ISFIFO(kind) or stat.S_ISDIR(kind)):
            raise BadInput("not an ordinary file", path)
        stream = Path(path).open("rb")  # noqa: SIM115 - closed below; of a folder this says that it is one
    except OSError as error:
        raise BadInput(f"cannot be read ({error.strerror})", path) from error
    with stream:
        if stat.S_ISFIFO(kind):
            most = MOST_LIST if most is None else most
            yield io.BytesIO(_all(stream, most, path))
        else:
            if most is not None:
                _fits(os.fstat(stream.fileno()).st_size, most, path)
            yield stream


def _fits(size: int, most: int, path: Path) -> None:
    if size > most:
        raise BadInput(f"file is larger than the {most >> 20} MiB that are read", path)


def read_bytes(path: Path, most: int = MOST_LIST) -> bytes:
    """All bytes of a file.

    Raises:
        BadInput: as `opened` says.
    """
    with opened(path, most) as stream:
        try:
            return _all(stream, most, path)
        except OSError as error:
            raise BadInput(f"cannot be read ({error.strerror})", path) from error


def _all(stream: BinaryIO, most: int, path: Path) -> bytes:
    pieces, size = [], 0
    while piece := stream.read(
        1 << 20
    ):  # a pipe does not say how long it is, and files of /proc say that they are empty
        size += len(piece)
        _fits(size, most, path)
        pieces.append(piece)
    return b"".join(pieces)


def read_text(path: Path, most: int = MOST_LIST) -> str:
    """The text of a file without its byte order mark, every line ended by a line feed.

    Raises:
        BadInput: absent, a folder, a device, unreadable, longer than `most` bytes, not UTF-8, or binary.
    """
    try:
        text = read_bytes(path, most).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"text is not UTF-8 (byte {error.start})", path, "save it as UTF-8") from error
    if "\0" in text:
        raise BadInput("not a text file: it holds zero bytes", path)
    return text.replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True)
class Lines:
    """A text that is read line by line, from its start each time, and never held whole."""

    stream: BinaryIO
    path: Path

    def __iter__(self) -> Iterator[str]:
        """Each line with its line feed.

        Raises:
            BadInput: not UTF-8, binary, or a line of more than MOST_LINE bytes; with the line's number.
        """
        self.stream.seek(0)
        number = 0
        while raw := self.stream.readline(MOST_LINE):
            if len(raw) == MOST_LINE and not raw.endswith(b"\n"):
                raise BadInput(f"line {number + 1} is longer than {MOST_LINE} bytes", self.path)
            try:
                line = raw.decode("utf-8-sig" if number == 0 else "utf-8")
            except UnicodeDecodeError as error:
                raise BadInput(f"text is not UTF-8 (line {number + 1})", self.path, "save it as UTF-8") from error
            if "\0" in line:
                raise BadInput(f"not a text file: line {number + 1} holds zero bytes", self.path)
            for part in line.replace("\r\n", "\n").replace("\r", "\n").splitlines(True) if "\r" in line else (line,):
                number += 1
                yield part


@contextmanager
def open_lines(path: Path) -> Iterator[Lines]:
    """The lines of a list of any length.

    Raises:
        BadInput: absent, a folder, a device, or unreadable.
    """
    with opened(path) as stream:
        yield Lines(stream, path)
