"""The guarded door to HDF5: what a stranger's file may not do is refused before anything is read.

An HDF5 file can name other files (external links, external storage, virtual data sets) and can claim shapes
that it does not hold. All of these are refused here; so is a file that another process is writing.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from facerep.errors import BadInput
from facerep.files import provenance


def holdable(name: str) -> bool:
    """Whether a data set of this name can be stored: HDF5 takes `/` for a folder and `.` for the place itself."""
    return "/" not in name and name not in ("", ".")


@contextmanager
def reading(path: Path) -> Iterator[h5py.File]:
    """Open an HDF5 file for reading.

    Raises:
        BadInput: absent, a folder, not HDF5, cut short, or being written by another process.
    """
    path = Path(path)
    if not path.exists():
        raise BadInput("no such file", path)
    if path.is_dir():
        raise BadInput("a folder, an HDF5 file is wanted", path)
    try:
        file = h5py.File(path, "r")
    except BlockingIOError as error:
        raise BadInput("file is being written by another process", path, "wait for it to end") from error
    except OSError as error:
        reason = "file is cut short" if "truncated" in str(error) else "not an HDF5 file"
        raise BadInput(reason, path, "make it again with the command that wrote it") from error
    try:
        with file:
            yield file
    except (OSError, RuntimeError, KeyError) as error:
        raise BadInput(
            f"HDF5 file is damaged ({error})", path, "make it again with the command that wrote it"
        ) from error


@contextmanager
def writing(path: Path) -> Iterator[h5py.File]:
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


def dataset(file: h5py.File | h5py.Group, name: str, *, ndim: int, kinds: str) -> h5py.Dataset:
    """The data set `name`, after all checks that can be made without reading it.

    Args:
        file: an open file or group.
        name: the data set's name in it.
        ndim: the number of axes that it must have.
        kinds: the numpy kind letters that are accepted ("f", "iu", "O" for strings).

    Raises:
        BadInput: absent, a link out of the file, external or virtual storage, wrong axes or type, or a shape
            that is larger than the bytes stored for it.
    """
    where = f"{file.file.filename}:{(file.name or '').rstrip('/')}/{name}"
    link = file.get(name, getlink=True)
    if link is None:
        raise BadInput("data set is missing", where)
    if not isinstance(link, h5py.HardLink):
        raise BadInput("link that leads out of the file, refused", where)
    found = file[name]
    if not isinstance(found, h5py.Dataset):
        raise BadInput("a group stands where a data set is wanted", where)
    if found.external is not None or found.is_virtual:
        raise BadInput("data set is stored in another file, refused", where)
    if found.ndim != ndim or found.dtype.kind not in kinds:
        raise BadInput(f"data set has {found.ndim} axes of {found.dtype}, wanted {ndim} of kind {kinds!r}", where)
    # a string's heap reference takes 16 bytes; filtered data may be smaller than its shape says, up to deflate's limit
    claimed = prod(found.shape) * (16 if found.dtype.kind == "O" else found.dtype.itemsize)
    stored = found.id.get_storage_size() * (1032 if found.compression or found.shuffle else 1)
    if stored < claimed:
        raise BadInput(f"data set claims {claimed} bytes and holds {stored}", where)
    return found


ALL = slice(None)


def numbers(file: h5py.File | h5py.Group, name: str, *, ndim: int, kinds: str = "f", rows: slice = ALL) -> np.ndarray:
    """Read a data set of numbers, or some rows of it."""
    return dataset(file, name, ndim=ndim, kinds=kinds)[rows]


def strings(file: h5py.File | h5py.Group, name: str, rows: slice = ALL) -> np.ndarray:
    """Read a one-dimensional data set of UTF-8 strings, or some rows of it, as an object array of str."""
    found = dataset(file, name, ndim=1, kinds="OSU")
    try:
        values = found.asstr()[rows] if h5py.check_string_dtype(found.dtype) else found[rows].astype(str)
    except (UnicodeDecodeError, TypeError) as error:
        raise BadInput("strings are not UTF-8", f"{file.file.filename}:{name}") from error
    return np.asarray(values, dtype=object)


def group(file: h5py.File | h5py.Group, name: str) -> h5py.Group | None:
    """The group `name`, or None where there is none; a link out of the file is refused."""
    link = file.get(name, getlink=True)
    if link is None:
        return None
    if not isinstance(link, h5py.HardLink) or not isinstance(file[name], h5py.Group):
        raise BadInput("a link or data set stands where a group is wanted, refused", f"{file.file.filename}:{name}")
    return file[name]  # pyright: ignore[reportReturnType]


def put_strings(file: h5py.File | h5py.Group, name: str, values: Any) -> None:
    """Write strings as UTF-8."""
    file.create_dataset(name, data=np.asarray(values, dtype=object), dtype=h5py.string_dtype())


def put_rows(file: h5py.File | h5py.Group, name: str, rows: np.ndarray) -> None:
    """Write a matrix, chunked by rows and uncompressed: compression costs ten times the time and saves little."""
    chunks = (min(4096, len(rows)), rows.shape[1]) if len(rows) and rows.shape[1] else None
    file.create_dataset(name, data=rows, dtype=rows.dtype, chunks=chunks)


def seal(file: h5py.File, format: str, version: int) -> None:
    """End a file of ours: by whom, with what and when it was made; `complete` is written last."""
    file.attrs["software"] = json.dumps(provenance.software())
    file.attrs["time"] = provenance.now()
    file.attrs["maker"] = "facerep"
    file.attrs["format"], file.attrs["version"] = format, version
    file.flush()
    file.attrs["complete"] = True


def check_format(file: h5py.File, wanted: str, version: int) -> None:
    """Check the `format` and `version` at a file's root.

    Raises:
        BadInput: another format, a later version, or a file of ours that was never finished.
    """
    path = file.filename
    found = _text(file.attrs.get("format"))
    if found != wanted:
        raise BadInput(f"format is {found or 'not stated'}, wanted {wanted}", path)
    try:
        seen = int(file.attrs["version"])  # pyright: ignore[reportArgumentType]
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"version is missing or not a whole number, wanted {version}", path) from error
    if seen != version:
        age = "later" if seen > version else "earlier"
        raise BadInput(
            f"version {seen} is {age} than the {version} that this facerep reads", path, "make the file again"
        )
    if _text(file.attrs.get("maker")) == "facerep" and not file.attrs.get("complete", False):
        raise BadInput("file is not complete", path, "make it again, or go on with --resume")


def attribute(file: h5py.File | h5py.Group, name: str) -> str:
    """A text attribute, "" where it is absent."""
    return _text(file.attrs.get(name))


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""
