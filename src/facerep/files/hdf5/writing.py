"""Writing HDF5: strings and numbers with their checksums; what the disk refuses is an error, not a crash."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from facerep.files import provenance
from facerep.files.hdf5.checksums import put_checksums


def can_be_stored(name: str) -> bool:
    """Whether a data set may be called so: HDF5 takes `/` for a folder and `.` for the place itself."""
    return "/" not in name and name not in ("", ".")


@contextmanager
def created(path: Path) -> Iterator[h5py.File]:
    """Open an HDF5 file for writing; what the disk refuses is raised as the OSError that it is.

    The library itself cannot be told: it tries at exit to write what failed, and ends in a segmentation fault.
    """
    with path.open("w+b", buffering=0) as stream:
        disk = _Disk(stream)
        with h5py.File(disk, "w") as file:
            yield file
        if disk.error is not None:
            raise disk.error


class _Disk(io.RawIOBase):
    """A file that takes every write and remembers the first error, so that the library never sees one."""

    def __init__(self, stream: io.FileIO) -> None:
        self._stream, self._position, self._size = stream, 0, 0
        self.error: OSError | None = None

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._position = offset + (0, self._position, self._size)[whence]
        return self._position

    def tell(self) -> int:
        return self._position

    def write(self, data: Any, /) -> int:
        left = memoryview(data).cast("B")
        start, count = self._position, len(left)
        self._position += count
        self._size = max(self._size, self._position)
        try:
            self._stream.seek(start)
            while len(left) and self.error is None:
                left = left[self._stream.write(left) :]
        except OSError as error:
            self.error = self.error or error
        return count

    def readinto(self, buffer: Any, /) -> int:
        wanted = memoryview(buffer).cast("B")[: max(0, self._size - self._position)]
        self._stream.seek(self._position)
        got = self._stream.readinto(wanted) or 0
        wanted[got:] = bytes(len(wanted) - got)  # refused earlier: the file is thrown away in the end
        self._position += len(wanted)
        return len(wanted)

    def truncate(self, size: int | None = None, /) -> int:
        self._size = self._position if size is None else size
        try:
            self._stream.truncate(self._size)
        except OSError as error:
            self.error = self.error or error
        return self._size


def put_strings(group: h5py.Group, name: str, values: Any) -> None:
    """Write strings as UTF-8."""
    values = np.asarray(values, dtype=object)
    put_checksums(group.create_dataset(name, data=values, dtype=h5py.string_dtype()), values)


def put_numbers(group: h5py.Group, name: str, values: Any, kind: Any) -> None:
    """Write an array of numbers."""
    values = np.asarray(values, dtype=kind)
    put_checksums(group.create_dataset(name, data=values), values)


def put_rows(group: h5py.Group, name: str, rows: np.ndarray) -> None:
    """Write a matrix chunked by rows and uncompressed: compression costs time and saves little."""
    chunks = (min(4096, len(rows)), rows.shape[1]) if len(rows) and rows.shape[1] else None
    put_checksums(group.create_dataset(name, data=rows, dtype=rows.dtype, chunks=chunks), rows)


def put_hashes(group: h5py.Group, name: str, known: np.ndarray | None) -> None:
    """Write hashes of people, see files/people.py; nothing where they are not known."""
    if known is not None:
        put_numbers(group, name, known, np.uint64)


def seal(file: h5py.File, format: str, version: int) -> None:
    """End a file of ours: by whom, with what and when it was made; `complete` is written last."""
    file.attrs["software"] = json.dumps(provenance.software())
    file.attrs["time"] = provenance.now()
    file.attrs["maker"] = "facerep"
    file.attrs["format"], file.attrs["version"] = format, version
    file.flush()
    file.attrs["complete"] = True
