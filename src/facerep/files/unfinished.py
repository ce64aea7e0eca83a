"""Unfinished: the hidden folders in which outputs are made until they are whole, and what a kill leaves of them.

Such a folder is called .NAME.XXXXXXXX.unfinished, where NAME is the output. Its process holds a lock on it for as long
as it lives, so that the next one can tell what was left behind from what is being made. Nothing in it is ever read as a
result, as a table or as a candidate: what begins with a dot is not visible.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from facerep.files.locks import lock_on, unlock

_ENDING = ".unfinished"
_RANDOM = "[a-z0-9_]{8}"  # as the module tempfile draws it


def visible(paths: Iterable[Path]) -> list[Path]:
    """Those that are not hidden, sorted: what is unfinished, or left by a kill, is no one's to read."""
    return sorted(path for path in paths if not path.name.startswith("."))


def is_unfinished(folder: Path) -> bool:
    """Whether this is a folder that `workplace` made."""
    return folder.name.startswith(".") and re.search(rf"\.{_RANDOM}{_ENDING}$", folder.name) is not None


def is_left_over(path: Path) -> bool:
    """Whether a name is one of `workplace`, or of the hidden files that earlier versions wrote instead."""
    return is_unfinished(path) or re.fullmatch(rf"\..+(\.[^.]+)\.{_RANDOM}\1", path.name) is not None


@contextmanager
def workplace(folder: Path, name: str) -> Iterator[Path]:
    """A hidden folder in `folder` to make the output `name` in; it is gone afterwards, with all that is left in it.

    What killed processes left of the same output is cleared away first.

    Raises:
        OSError: it cannot be made.
    """
    clear(folder, name)
    while True:
        place = Path(tempfile.mkdtemp(prefix=f".{name}.", suffix=_ENDING, dir=folder))
        try:
            lock = lock_on(place)
        except (BlockingIOError, FileNotFoundError):  # another process took it for one that was left behind
            continue
        if place.exists():
            break
        unlock(lock)
    try:
        yield place
    finally:
        _empty(place)
        unlock(lock)


def clear(folder: Path, name: str, *, rescue: Callable[[Path], None] | None = None) -> None:
    """Remove what killed processes left of the output `name` in `folder`; what another process still makes stays.

    Args:
        folder: where the output is.
        name: of the output.
        rescue: is given each folder before it is removed.
    """
    # earlier versions wrote a file, not a folder
    bare_ending = re.escape(Path(name).suffix or "\0")
    ours = re.compile(rf"\.{re.escape(name)}\.{_RANDOM}(?:{_ENDING}|({bare_ending}))")
    with os.scandir(folder) as entries:
        found = [(entry, match) for entry in entries if (match := ours.fullmatch(entry.name))]
    for entry, match in found:
        place, bare = Path(entry.path), match[1] is not None
        if not (entry.is_file(follow_symlinks=False) if bare else entry.is_dir(follow_symlinks=False)):
            continue
        try:
            lock = lock_on(place)
        except (BlockingIOError, FileNotFoundError):
            continue
        if lock is None:  # without locks nobody knows whether its process lives
            continue
        try:
            if bare:
                place.unlink(missing_ok=True)
            elif place.exists():
                if rescue is not None:
                    rescue(place)
                _empty(place)
        finally:
            unlock(lock)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other process is in here with the same folder."""
    lock = lock_on(folder, wait=True)
    try:
        yield
    finally:
        unlock(lock)


def _empty(place: Path) -> None:
    """Remove a folder that `workplace` made, file by file; it holds no folders of ours."""
    for path in place.iterdir() if place.is_dir() else ():
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
    try:
        place.rmdir()
    except OSError:  # it holds what we did not write
        return
