"""The guarded door to HDF5: what a stranger's file may not do is refused before anything is read.

An HDF5 file can name other files (external links, external storage, virtual data sets) and can claim shapes that it
does not hold; it may also be in the writing. All of these are refused.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from facerep.errors import BadInput
from facerep.files.hdf5 import checksums
from facerep.files.hdf5.sandbox import AGAIN, Reads, claimed_bytes, holds_its_shape, look_first
from facerep.files.inputs import remember

ALL = slice(None)
HEAD = slice(0, 1)
"""The first row, with all that a file says of every row."""


@contextmanager
def opened(path: Path, first: Reads = ALL) -> Iterator[h5py.File]:
    """Open an HDF5 file for reading, after a first look at what will be read of it.

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
    if not stat.S_ISREG(path.stat().st_mode):
        raise BadInput("not an ordinary file", path)
    look_first(path, first)
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


def dataset(group: h5py.Group, name: str, *, ndim: int, kinds: str) -> h5py.Dataset:
    """The data set `name`, after all checks that can be made without reading it.

    Args:
        ndim: the number of axes that it must have.
        kinds: the numpy kind letters that are accepted ("f", "iu", "O" for strings).

    Raises:
        BadInput: absent, a link out of the file, external or virtual storage, wrong axes or type, or a shape
            that is larger than the bytes stored for it.
    """
    where = f"{group.file.filename}:{(group.name or '').rstrip('/')}/{name}"
    link = group.get(name, getlink=True)
    if link is None:
        raise BadInput("data set is missing", where)
    if not isinstance(link, h5py.HardLink):
        raise BadInput("link that leads out of the file, refused", where)
    values = group[name]
    if not isinstance(values, h5py.Dataset):
        raise BadInput("a group stands where a data set is wanted", where)
    if values.external is not None or values.is_virtual:
        raise BadInput("data set is stored in another file, refused", where)
    if values.ndim != ndim or values.dtype.kind not in kinds:
        wanted = " or ".join(dict.fromkeys(_WORDS[kind] for kind in kinds))
        raise BadInput(f"data set has {values.ndim} axes of {values.dtype}, {ndim} of {wanted} are wanted", where)
    if not holds_its_shape(values):
        raise BadInput(f"data set claims {claimed_bytes(values)} bytes and holds {values.id.get_storage_size()}", where)
    return values


_WORDS = {
    **dict.fromkeys("OSU", "text"), **dict.fromkeys("iu", "whole numbers"), "f": "decimal numbers", "b": "booleans",
}  # fmt: skip


def numbers(
    group: h5py.Group, name: str, *, ndim: int, kinds: str = "f", rows: slice = ALL, checked: bool = True
) -> np.ndarray:
    """Read a data set of numbers, or some rows of it.

    Raises:
        BadInput: as `dataset` says; or, where `checked`, the rows are not those that were written.
    """
    values = dataset(group, name, ndim=ndim, kinds=kinds)
    return read_rows(values, rows) if checked else values[rows]


def read_rows(values: h5py.Dataset, rows: slice = ALL) -> np.ndarray:
    """Some rows of a data set that was checked; blocks with a checksum that lie wholly among them must match.

    Raises:
        BadInput: they do not.
    """
    read = values[rows]
    checksums.check(values, read, rows)
    return read


def strings(group: h5py.Group, name: str, rows: slice = ALL, *, checked: bool = True) -> np.ndarray:
    """Read a one-dimensional data set of UTF-8 strings, or some rows of it, as an object array of str.

    Whole numbers, as others write people, are taken as text.

    Raises:
        BadInput: as `numbers` says; or they are not UTF-8.
    """
    values = dataset(group, name, ndim=1, kinds="OSUiu")
    text = h5py.check_string_dtype(values.dtype)
    if values.dtype.kind == "O" and not text:
        what = f"data set has 1 axes of {values.dtype}, 1 of text are wanted"
        raise BadInput(what, f"{values.file.filename}:{values.name}")
    try:
        read = values.asstr()[rows] if text else values[rows].astype(str)
    except (UnicodeDecodeError, TypeError) as error:
        raise BadInput("strings are not UTF-8", f"{group.file.filename}:{name}") from error
    read = np.asarray(read, dtype=object)
    if checked and text:
        checksums.check(values, read, rows)
    return read


def subgroup(group: h5py.Group, name: str) -> h5py.Group | None:
    """The group `name`, or None where there is none; a link out of the file is refused."""
    link = group.get(name, getlink=True)
    if link is None:
        return None
    if not isinstance(link, h5py.HardLink) or not isinstance(group[name], h5py.Group):
        raise BadInput("a link or data set stands where a group is wanted, refused", f"{group.file.filename}:{name}")
    return group[name]  # pyright: ignore[reportReturnType]


def hashes(group: h5py.Group, name: str) -> np.ndarray | None:
    """Hashes of people, rising and each once; None where the file does not have them."""
    return np.unique(numbers(group, name, ndim=1, kinds="u").astype(np.uint64)) if name in group else None


def check_format(file: h5py.File, wanted: str, version: int) -> None:
    """Check the `format` and `version` at a file's root.

    Raises:
        BadInput: another format, a later version, or a file of ours that was never finished.
    """
    path = file.filename
    if (format := attribute(file, "format")) != wanted:
        raise BadInput(f"format is {format or 'not stated'}, wanted {wanted}", path)
    try:
        stated = count(file, "version")
    except BadInput as error:
        raise BadInput(f"version is missing or not a whole number, wanted {version}", path) from error
    if stated != version:
        what = f"version {stated} is {'later' if stated > version else 'earlier'} than the {version}"
        raise BadInput(f"{what} that this facerep reads", path, "make the file again")
    if attribute(file, "maker") == "facerep" and not flag(file, "complete"):
        raise BadInput("file is not complete", path, "make it again, or go on with --resume")


def attribute(group: h5py.Group, name: str) -> str:
    """A text attribute, "" where it is absent."""
    value: Any = group.attrs.get(name)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def count(group: h5py.Group, name: str, absent: int | None = None) -> int:
    """An attribute that is a whole number; others may have written it as a float or as text.

    Raises:
        BadInput: it is none, or is not there and there is no number for that.
    """
    value = group.attrs.get(name, absent)
    try:
        if not isinstance(value, str | int | float | np.integer | np.floating) or int(value) != float(value):
            raise ValueError("no whole number")
        return int(value)
    except (ValueError, OverflowError) as error:
        why = "is missing" if value is None else "is not a whole number"
        raise BadInput(f"{name} {why}", group.file.filename) from error


def flag(group: h5py.Group, name: str) -> bool:
    """An attribute that says yes; False where it is absent or anything else."""
    value = group.attrs.get(name)
    return isinstance(value, int | np.bool_ | np.integer) and bool(value)
