"""Places: where the bytes of one picture are: a file, a part of a file, or memory.

A picture inside a container is opened like a file of its own: only what stands here knows the difference.
"""

from __future__ import annotations

import errno
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path

from facerep.files.provenance import file_sha256


@dataclass(frozen=True, slots=True)
class FileSpans:
    """A part of a file: the bytes of its spans (start, length), one after the other.

    `crc32` is that of the bytes as they were written, where somebody keeps it: decoders of pictures do not notice all
    that was changed.
    """

    file: Path
    spans: tuple[tuple[int, int], ...]
    crc32: int | None = None


PictureSource = Path | FileSpans | bytes
"""A file; a part of one; or the bytes themselves, of a container that had to be read as a whole."""


def read(place: PictureSource) -> bytes:
    """All bytes of a picture; fewer than its spans say where the file was cut short since.

    Raises:
        OSError: the file cannot be read, or its bytes are not as they were written.
    """
    if isinstance(place, bytes):
        return place
    if isinstance(place, Path):
        return place.read_bytes()
    with place.file.open("rb") as stream:
        pieces = []
        for start, length in place.spans:
            stream.seek(start)
            pieces.append(stream.read(length))
    content = b"".join(pieces)
    if place.crc32 is not None and zlib.crc32(content) != place.crc32:
        raise OSError(errno.EIO, "bytes were changed")
    return content


def size(place: PictureSource) -> int:
    """How many bytes a picture has; -1 where there is no such file."""
    if isinstance(place, bytes):
        return len(place)
    if isinstance(place, FileSpans):
        return sum(length for _, length in place.spans)
    try:
        return place.stat().st_size
    except OSError:
        return -1


def stamp(place: PictureSource) -> str:
    """What changes when the bytes may have: where they lie and when that file was last written; bytes by their hash."""
    if isinstance(place, bytes):
        return hashlib.sha256(place).hexdigest()
    file, inside = (place, "") if isinstance(place, Path) else (place.file, repr(place.spans))
    try:
        written = file.stat().st_mtime_ns
    except OSError:
        written = -1
    return f"{file.absolute()}:{written}:{inside}"


def sha256(place: PictureSource) -> str:
    """SHA-256 of a picture's bytes, in hex."""
    return file_sha256(place) if isinstance(place, Path) else hashlib.sha256(read(place)).hexdigest()
