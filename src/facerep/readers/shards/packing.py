"""Packing: faces into one tar file in WebDataset's layout, whole or absent, each as a picture and JSON of one key."""

from __future__ import annotations

import io
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from facerep.files.atomic import replacing

BLOCK = 512
"""Bytes that a tar file is made of."""


@contextmanager
def new_tar(path: Path) -> Iterator[tarfile.TarFile]:
    """A tar file to put faces into; it replaces what is there.

    Raises:
        BadInput: the disk refused the bytes.
    """
    with (
        replacing(path, overwrite=True) as temporary,
        tarfile.open(temporary, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        yield tar


def put(tar: tarfile.TarFile, key: int, ending: str, content: bytes, known: bytes) -> tuple[int, int, int]:
    """Put a face into a shard.

    Args:
        tar: the shard.
        key: of the face, a number.
        ending: of its picture, such as ".png".
        content: the picture.
        known: what is known of it, as JSON.

    Returns:
        First byte, bytes and CRC-32 of the picture.
    """
    places = []
    for end, bytes_ in ((ending, content), (".json", known)):
        member = tarfile.TarInfo(f"{key:09d}{end}")
        member.size, member.mode = len(bytes_), 0o600
        tar.addfile(member, io.BytesIO(bytes_))
        places.append(tar.offset - filled(len(bytes_)))
    return places[0], len(content), zlib.crc32(content)


def key_of(member: str) -> int:
    """The key of a member."""
    return int(member.partition(".")[0])


def filled(count: int) -> int:
    """Bytes with those that fill the last block."""
    return -(-count // BLOCK) * BLOCK
