"""Arrays of .npy and .npz files.

Nothing is unpickled, and a shape is believed only where the file has the bytes for it.
"""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from unicodedata import normalize

import numpy as np

from facerep.errors import BadInput, first_line
from facerep.files.foreign.decompression import most_decompressed

NUMBERS, TEXTS = "fiu", "US"
"""Kinds of dtypes."""
AS_NUMBERS = "save it as float32: np.stack(list(array)).astype('float32')"
AS_TEXTS = "save it as text: np.array(list(names), dtype=str)"
"""What to do about an array of Python objects."""


class Archive:
    """An .npz file: the headers of its arrays at once, the arrays when they are asked for.

    Attributes:
        headers: shape and dtype by name.
    """

    def __init__(self, archive: zipfile.ZipFile, path: Path) -> None:
        self._archive, self._path = archive, path
        self._members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        self.headers: dict[str, tuple[tuple[int, ...], np.dtype]] = {}
        for name, info in self._members.items():
            with archive.open(info) as stream:
                self.headers[name] = header(stream, f"{path}:{name}")

    def numbers(self, name: str) -> np.ndarray:
        """An array of numbers."""
        with self._open(name) as stream:
            return array(stream, self._members[name].file_size, f"{self._path}:{name}")

    def words(self, name: str) -> list[str]:
        """An array of texts, or of numbers as texts."""
        with self._open(name) as stream:
            return words(stream, self._members[name].file_size, f"{self._path}:{name}")

    def _open(self, name: str) -> IO[bytes]:
        info = self._members[name]
        if info.file_size > most_decompressed(info.compress_size):
            raise BadInput(f"array {name!r} claims {info.file_size} bytes and holds {info.compress_size}", self._path)
        return self._archive.open(info)


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open an .npz file.

    Raises:
        BadInput: it is not whole, or holds what is no array.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield Archive(archive, path)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise BadInput(f"not a whole .npz file ({error})", path) from error


def header(stream: IO[bytes], where: str) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and dtype of an array, with the stream behind them."""
    try:
        version = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(stream)
    except ValueError as error:
        raise BadInput(f"not a whole numpy array ({first_line(error)})", where) from error
    return shape, dtype


def array(stream: IO[bytes], size: int, where: str) -> np.ndarray:
    """An array of numbers from a stream of so many bytes."""
    return _array(stream, size, where, NUMBERS, "numbers", AS_NUMBERS)


def words(stream: IO[bytes], size: int, where: str) -> list[str]:
    """One text a face, in Unicode normal form C, from an array of texts or of numbers, shape (n,)."""
    found = _array(stream, size, where, TEXTS + NUMBERS + "b", "texts", AS_TEXTS)
    if found.ndim != 1:
        raise BadInput(f"texts have shape {found.shape}, one a face is wanted", where)
    try:
        texts = [cell.decode() if isinstance(cell, bytes) else str(cell) for cell in found.tolist()]
        for text in texts:
            text.encode()  # half of a surrogate pair cannot be written
    except UnicodeError as error:
        raise BadInput("texts are not UTF-8", where) from error
    return [normalize("NFC", text) for text in texts]


def of_objects(where: str, remedy: str) -> BadInput:
    """The error for an array that cannot be read."""
    what = "array of Python objects, which only unpickling reads, and unpickling runs what a stranger wrote"
    return BadInput(what, where, remedy)


def _array(stream: IO[bytes], size: int, where: str, kinds: str, wanted: str, remedy: str) -> np.ndarray:
    shape, dtype = header(stream, where)
    if dtype.hasobject:
        raise of_objects(where, remedy)
    if dtype.kind not in kinds:
        raise BadInput(f"array of {dtype}, {wanted} are wanted", where)
    claimed, held = math.prod(shape) * dtype.itemsize, size - stream.tell()
    if claimed > held:
        raise BadInput(f"array claims {claimed} bytes and holds {held}", where, "the file is cut short")
    stream.seek(0)
    return np.lib.format.read_array(stream, allow_pickle=False)
