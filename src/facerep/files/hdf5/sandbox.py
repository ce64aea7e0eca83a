"""The first look: a stranger's HDF5 file is read in a child process first, which may hang, crash or swell without harm.

A library that is stuck in a damaged file answers no signal; its process is ended from outside. The child is a fork: it
needs some milliseconds and no start of Python. Where a system has no fork there is no first look.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import warnings
from collections.abc import Callable, Sequence
from enum import IntEnum
from math import prod
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import h5py
from h5py import h5o  # pyright: ignore[reportAttributeAccessIssue]

from facerep.errors import BadInput
from facerep.files.foreign.decompression import most_decompressed

SECONDS = 3.0
"""Of processor time that a look may take, whatever the file's size; a busy machine does not shorten it."""
BYTES_A_SECOND = 10_000_000
"""Of a file's size that give the look another second each."""
MEMORY, TIMES = 1 << 29, 8
"""Bytes that a look may take, and more for each byte of the file: a short text in a list of texts takes the most."""
MOST_OBJECTS = 100_000
"""Groups and data sets that a look goes through."""
AGAIN = "make it again with the command that wrote it"

Reads = slice | Callable[[h5py.File], Any]
"""What will be read of a file: rows of its texts, or a function that reads it."""

_looked_at: set[tuple] = set()
"""Files as they were when this process looked at them, and which rows."""


class End(IntEnum):
    """How a look ended."""

    WELL = 0
    MEMORY = 3
    ERROR = 4
    ENDLESS = 5
    CRASH = 6


def look_first(path: Path, first: Reads) -> None:
    """Read in a child what will be read of a file, once a process and file.

    Raises:
        BadInput: reading it does not end, crashes, or takes far more memory than it has bytes.
    """
    file = _as_it_is(path)
    whole = first == slice(None)
    if not callable(first) and ((*file, True) in _looked_at or (*file, whole) in _looked_at):
        return

    end = read_in_child(lambda: _look(path, first), file.size)
    if end == End.WELL or (end == End.ERROR and callable(first)):  # an error is met again, and reported
        if not callable(first):
            _looked_at.add((*file, whole))
        return
    if end == End.MEMORY:
        raise BadInput("HDF5 file takes up far more memory than it has bytes, refused", path, AGAIN)
    reason = {End.ENDLESS: " (reading it does not end)", End.CRASH: " (reading it ends in a crash)"}.get(end, "")
    raise BadInput(f"HDF5 file is damaged{reason}", path, AGAIN)


def look_first_at_all(paths: Sequence[Path]) -> None:
    """Read in one child what will be read of all rows of several files, each within its own bounds.

    Files are looked at one by one where something is wrong with one of them, which whoever opens it says.
    """
    files = [(path, _as_it_is(path)) for path in paths if path.is_file()]
    left = [(path, file) for path, file in files if (*file, True) not in _looked_at]

    def look() -> None:
        for path, file in left:
            _bound(file.size)
            _look(path, slice(None))

    if len(left) > 1 and read_in_child(look, 0) == End.WELL:
        _looked_at.update((*file, True) for _, file in left)


class _File(NamedTuple):
    """A file as it is now."""

    device: int
    number: int
    size: int
    written: int


def _as_it_is(path: Path) -> _File:
    about = os.stat(path)
    return _File(about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns)


def _look(path: Path, first: Reads) -> None:
    try:
        opened = h5py.File(path, "r")
    except OSError:
        return  # reported by whoever opens it next
    with opened:
        if callable(first):
            first(opened)
        else:
            _walk(opened, first)


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
            if h5py.check_string_dtype(thing.dtype) and thing.ndim == 1 and holds_its_shape(thing):
                thing[rows]
            elif thing.chunks:
                thing.id.chunk_iter(lambda chunk: None)  # noqa: ARG005


def claimed_bytes(dataset: h5py.Dataset) -> int:
    """What a data set would take by its shape; a string's heap reference takes 16 bytes."""
    return prod(dataset.shape) * (16 if dataset.dtype.kind == "O" else dataset.dtype.itemsize)


def holds_its_shape(dataset: h5py.Dataset) -> bool:
    """Whether a data set can hold what its shape claims; filtered data may be smaller."""
    stored = min(dataset.id.get_storage_size(), dataset.file.id.get_filesize())
    most = most_decompressed(stored) if dataset.compression or dataset.shuffle else stored
    return claimed_bytes(dataset) <= most


def read_in_child(look: Callable[[], Any], size: int) -> End:
    """Run `look` in a child process, and say how it ended; what it gives is lost.

    Args:
        look: reads the file; touches nothing else.
        size: bytes of the file, which set how long and how much it may take.
    """
    if not hasattr(os, "fork") or sys.platform == "win32":
        return End.WELL
    try:
        with warnings.catch_warnings():
            # other threads may hold locks: the child uses none of theirs, it reads one file and ends
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
    except OSError:  # no process more is allowed here
        return End.WELL
    if child == 0:
        _child(look, size)
    try:
        _, status = os.waitpid(child, 0)  # a signal's handler runs here and may raise
    except BaseException:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    if os.WIFEXITED(status):
        return End(os.WEXITSTATUS(status))
    return End.ENDLESS if os.WTERMSIG(status) == signal.SIGPROF else End.CRASH


def _child(look: Callable[[], Any], size: int) -> NoReturn:
    end = End.ERROR
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPROF):
            signal.signal(number, signal.SIG_DFL)
        faulthandler.disable()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what the library has to say about a damaged file
        _bound(size)
        look()
        end = End.WELL
    except MemoryError:
        end = End.MEMORY
    finally:
        os._exit(end)  # nothing of the parent's is tidied up or flushed


def _bound(size: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.setitimer(signal.ITIMER_PROF, SECONDS + size / BYTES_A_SECOND)
    pages = Path("/proc/self/statm")
    if pages.exists():  # else nobody knows how much there is already
        used = int(pages.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        most, hard = used + MEMORY + TIMES * size, resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (most if hard < 0 else min(most, hard), hard))
