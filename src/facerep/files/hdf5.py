"""The guarded door to HDF5: what a stranger's file may not do is refused before anything is read.

An HDF5 file can name other files (external links, external storage, virtual data sets) and can claim shapes
that it does not hold. All of these are refused here; so is a file that another process is writing. A few zeroed
bytes can send the library round for ever: a child process looks first (`first_look`). Each data set that we write
carries the SHA-256 of its rows, block by block, as its attribute `checksum`; one that lost its match is refused.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from h5py import h5o  # pyright: ignore[reportAttributeAccessIssue]

from facerep.errors import BadInput
from facerep.files import provenance
from facerep.files.decompression import most_decompressed
from facerep.files.first_look import End, first_look
from facerep.files.inputs import remember

ALL = slice(None)
HEAD = slice(0, 1)
"""The first row, with all that a file says of every row."""
AGAIN = "make it again with the command that wrote it"
CHECKED_ROWS, CHECKED_BYTES = 4096, 1 << 24
"""Rows of a block that has a checksum of its own, fewer where they are long: 16 MiB."""
MOST_BLOCKS = 2000
"""With more than these an attribute would be too long; then a block has more rows."""
MOST_OBJECTS = 100_000
"""Groups and data sets that a first look goes through."""


def holdable(name: str) -> bool:
    """Whether a data set of this name can be stored: HDF5 takes `/` for a folder and `.` for the place itself."""
    return "/" not in name and name not in ("", ".")


@contextmanager
def reading(path: Path, first: slice | Callable[[h5py.File], Any] = ALL) -> Iterator[h5py.File]:
    """Open an HDF5 file for reading, after a first look at what will be read of it.

    Args:
        path: of the file.
        first: the rows of its texts that will be read, ALL or HEAD; or a function that reads what will be read.

    Raises:
        BadInput: absent, a folder, a device, not HDF5, cut short, damaged so that reading it does not end or
            takes far more memory than it has bytes, or being written by another process.
    """
    path = Path(path)
    remember(path)
    if not path.exists():
        raise BadInput("no such file", path)
    if path.is_dir():
        raise BadInput("a folder, an HDF5 file is wanted", path)
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise BadInput("not an ordinary file", path)
    _look_first(path, first)
    try:
        file = h5py.File(path, "r")
    except BlockingIOError as error:
        raise BadInput("file is being written by another process", path, "wait for it to end") from error
    except OSError as error:
        reason = "file is cut short" if "truncated" in str(error) else "not an HDF5 file"
        raise BadInput(reason, path, AGAIN) from error
    try:
        with file:
            yield file
    except (OSError, RuntimeError, KeyError) as error:
        raise BadInput(f"HDF5 file is damaged ({error})", path, AGAIN) from error


_seen: set[tuple] = set()
"""What was looked at by this process: files as they were, and which rows."""


def _look_first(path: Path, first: slice | Callable[[h5py.File], Any]) -> None:
    about = os.stat(path)
    file = (about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns)
    whole = first == ALL
    if not callable(first) and ((*file, True) in _seen or (*file, whole) in _seen):
        return

    def look() -> None:
        try:
            opened = h5py.File(path, "r")
        except OSError:
            return  # told by whoever opens it next
        with opened:
            if callable(first):
                first(opened)
            else:
                _walk(opened, first)

    end = first_look(look, about.st_size)
    if end == End.WELL or (end == End.ERROR and callable(first)):  # an error is met again, and told
        if not callable(first):
            _seen.add((*file, whole))
        return
    reason = {End.ENDLESS: " (reading it does not end)", End.CRASH: " (reading it ends in a crash)"}.get(end, "")
    if end == End.MEMORY:
        raise BadInput("HDF5 file takes up far more memory than it has bytes, refused", path, AGAIN)
    raise BadInput(f"HDF5 file is damaged{reason}", path, AGAIN)


def _walk(file: h5py.File, rows: slice) -> None:
    """Go through all that libhdf5 finds its way by: groups, attributes, tables of chunks, and rows of texts."""
    pending, known = [file["/"]], set()
    while pending and len(known) < MOST_OBJECTS:
        thing = pending.pop()
        address = h5o.get_info(thing.id).addr
        if address in known:
            continue
        known.add(address)
        for name in thing.attrs:
            try:
                thing.attrs[name]
            except (TypeError, ValueError):
                continue  # of a type that h5py does not know, and nobody asks for
        if isinstance(thing, h5py.Group):
            links = ((name, thing.get(name, getlink=True)) for name in thing)
            pending += [thing[name] for name, link in links if isinstance(link, h5py.HardLink)]
        elif isinstance(thing, h5py.Dataset) and thing.external is None and not thing.is_virtual:
            if h5py.check_string_dtype(thing.dtype) and thing.ndim == 1 and _fits(thing):
                thing[rows]
            elif thing.chunks:
                thing.id.chunk_iter(lambda chunk: None)  # noqa: ARG005


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
        wanted = " or ".join(dict.fromkeys(_WORDS[kind] for kind in kinds))
        raise BadInput(f"data set has {found.ndim} axes of {found.dtype}, {ndim} of {wanted} are wanted", where)
    if not _fits(found):
        raise BadInput(f"data set claims {_claimed(found)} bytes and holds {found.id.get_storage_size()}", where)
    return found


_WORDS = {
    "O": "text", "S": "text", "U": "text", "f": "decimal numbers", "i": "whole numbers", "u": "whole numbers",
    "b": "booleans",
}  # fmt: skip


def _claimed(found: h5py.Dataset) -> int:
    # a string's heap reference takes 16 bytes
    return prod(found.shape) * (16 if found.dtype.kind == "O" else found.dtype.itemsize)


def _fits(found: h5py.Dataset) -> bool:
    """Whether a data set can hold what its shape claims; filtered data may be smaller."""
    stored, claimed = min(found.id.get_storage_size(), found.file.id.get_filesize()), _claimed(found)
    if found.compression or found.shuffle:
        return claimed <= most_decompressed(stored)
    return claimed <= stored


def numbers(
    file: h5py.File | h5py.Group, name: str, *, ndim: int, kinds: str = "f", rows: slice = ALL, checked: bool = True
) -> np.ndarray:
    """Read a data set of numbers, or some rows of it.

    Raises:
        BadInput: as `dataset` says; or, where `checked`, the rows are not those that were written.
    """
    found = dataset(file, name, ndim=ndim, kinds=kinds)
    return read_rows(found, rows) if checked else found[rows]


def read_rows(found: h5py.Dataset, rows: slice = ALL) -> np.ndarray:
    """Some rows of a data set that was checked; blocks with a checksum that lie wholly among them must match.

    Raises:
        BadInput: they do not.
    """
    values = found[rows]
    _unchanged(found, values, rows)
    return values


def block_rows(shape: tuple[int, ...], itemsize: int) -> int:
    """How many rows a block with a checksum has, in a data set of this shape with so many bytes a number."""
    a_row = max(1, prod(shape[1:]) * itemsize)
    return max(1, min(CHECKED_ROWS, CHECKED_BYTES // a_row), -(-shape[0] // MOST_BLOCKS))


def strings(file: h5py.File | h5py.Group, name: str, rows: slice = ALL, *, checked: bool = True) -> np.ndarray:
    """Read a one-dimensional data set of UTF-8 strings, or some rows of it, as an object array of str.

    Whole numbers, as others write people, are taken as text.

    Raises:
        BadInput: as `numbers` says; or they are not UTF-8.
    """
    found = dataset(file, name, ndim=1, kinds="OSUiu")
    text = h5py.check_string_dtype(found.dtype)
    if found.dtype.kind == "O" and not text:
        raise BadInput(f"data set has 1 axes of {found.dtype}, 1 of text are wanted", _where(found))
    try:
        values = found.asstr()[rows] if text else found[rows].astype(str)
    except (UnicodeDecodeError, TypeError) as error:
        raise BadInput("strings are not UTF-8", f"{file.file.filename}:{name}") from error
    values = np.asarray(values, dtype=object)
    if checked and text:
        _unchanged(found, values, rows)
    return values


def _unchanged(found: h5py.Dataset, values: np.ndarray, rows: slice) -> None:
    """Compare rows that were read with their checksums, where the data set has any."""
    told = found.attrs.get("checksum")
    if told is None:
        return
    count, length = len(found), block_rows(found.shape, found.dtype.itemsize)
    if not isinstance(told, np.ndarray) or told.shape != (-(-count // length), 32) or told.dtype != np.uint8:
        raise BadInput("checksum is damaged", _where(found), AGAIN)
    start, stop, _ = rows.indices(count)
    for block in range(-(-start // length), len(told)):
        low, high = block * length, min((block + 1) * length, count)
        if high > stop:
            break
        if _digest(values[low - start : high - start]) != told[block].tobytes():
            which = f"rows {low + 1:,} to {high:,}" if len(told) > 1 else "values"
            remedy = ", or take its vectors in as those of others: facerep import"
            hint = AGAIN + (remedy if found.name in ("/features", "/names", "/people") else "")
            raise BadInput(f"{which} are not those that were written: the checksum differs", _where(found), hint)


def _digest(values: np.ndarray) -> bytes:
    if values.dtype.kind == "O":
        return hashlib.sha256("\0".join(values).encode("utf-8", "surrogatepass")).digest()
    return hashlib.sha256(np.ascontiguousarray(values).data).digest()


def _where(found: h5py.Dataset) -> str:
    return f"{found.file.filename}:{found.name}"


def group(file: h5py.File | h5py.Group, name: str) -> h5py.Group | None:
    """The group `name`, or None where there is none; a link out of the file is refused."""
    link = file.get(name, getlink=True)
    if link is None:
        return None
    if not isinstance(link, h5py.HardLink) or not isinstance(file[name], h5py.Group):
        raise BadInput("a link or data set stands where a group is wanted, refused", f"{file.file.filename}:{name}")
    return file[name]  # pyright: ignore[reportReturnType]


def put_strings(file: h5py.File | h5py.Group, name: str, values: Any) -> None:
    """Write strings as UTF-8, with their checksums."""
    values = np.asarray(values, dtype=object)
    _mark(file.create_dataset(name, data=values, dtype=h5py.string_dtype()), values)


def put_numbers(file: h5py.File | h5py.Group, name: str, values: Any, kind: Any) -> None:
    """Write an array of numbers, with its checksums."""
    values = np.asarray(values, dtype=kind)
    _mark(file.create_dataset(name, data=values), values)


def put_rows(file: h5py.File | h5py.Group, name: str, rows: np.ndarray) -> None:
    """Write a matrix with its checksums, chunked by rows and uncompressed: compression costs time and saves little."""
    chunks = (min(4096, len(rows)), rows.shape[1]) if len(rows) and rows.shape[1] else None
    _mark(file.create_dataset(name, data=rows, dtype=rows.dtype, chunks=chunks), rows)


def _mark(made: h5py.Dataset, values: np.ndarray) -> None:
    if values.size:
        length = block_rows(made.shape, made.dtype.itemsize)
        digests = [_digest(values[start : start + length]) for start in range(0, len(values), length)]
        made.attrs["checksum"] = np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32)


def put_hashes(file: h5py.File | h5py.Group, name: str, known: np.ndarray | None) -> None:
    """Write hashes of people, see files/people.py; nothing where they are not known."""
    if known is not None:
        put_numbers(file, name, known, np.uint64)


def hashes(file: h5py.File | h5py.Group, name: str) -> np.ndarray | None:
    """Hashes of people, rising and each once; None where the file does not have them."""
    return np.unique(numbers(file, name, ndim=1, kinds="u").astype(np.uint64)) if name in file else None


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
        seen = count(file, "version")
    except BadInput as error:
        raise BadInput(f"version is missing or not a whole number, wanted {version}", path) from error
    if seen != version:
        age = "later" if seen > version else "earlier"
        raise BadInput(
            f"version {seen} is {age} than the {version} that this facerep reads", path, "make the file again"
        )
    if _text(file.attrs.get("maker")) == "facerep" and not flag(file, "complete"):
        raise BadInput("file is not complete", path, "make it again, or go on with --resume")


def attribute(file: h5py.File | h5py.Group, name: str) -> str:
    """A text attribute, "" where it is absent."""
    return _text(file.attrs.get(name))


def count(file: h5py.File | h5py.Group, name: str, absent: int | None = None) -> int:
    """An attribute that is a whole number; others may have written it as a float or as text.

    Raises:
        BadInput: it is none, or is not there and there is no number for that.
    """
    value = file.attrs.get(name, absent)
    try:
        if not isinstance(value, str | int | float | np.integer | np.floating) or int(value) != float(value):
            raise ValueError("no whole number")
        return int(value)
    except (ValueError, OverflowError) as error:
        why = "is missing" if value is None else "is not a whole number"
        raise BadInput(f"{name} {why}", file.file.filename) from error


def flag(file: h5py.File | h5py.Group, name: str) -> bool:
    """An attribute that says yes; False where it is absent or anything else."""
    value = file.attrs.get(name)
    return isinstance(value, int | np.bool_ | np.integer) and bool(value)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""
