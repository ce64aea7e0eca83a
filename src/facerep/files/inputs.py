"""Inputs: what a command reads, so that nothing which it writes takes the place of it.

The command line notes what it names, and whoever opens a file notes that one; all that writes asks here, before the
work and again before a file is put in place. Outside of a command nothing is kept: a program may write what it read.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from facerep.errors import BadInput
from facerep.files.folders.manifest import listed
from facerep.files.picture_source import FileSpans, PictureSource


@dataclass
class _Read:
    """What the command that runs has read."""

    paths: set[Path] = field(default_factory=set)
    whole: set[Path] = field(default_factory=set)
    pictures: list[Iterable[PictureSource]] = field(default_factory=list)
    own: set[Path] = field(default_factory=set)
    seen: set[tuple[int, int] | None] = field(default_factory=set)

    def holds_picture(self, identity: tuple[int, int]) -> bool:
        """Whether the pixels of a data set are in this file; all are looked at once, when first asked."""
        for places in self.pictures:
            on_disk = (place for place in places if not isinstance(place, bytes))
            files = {place.file if isinstance(place, FileSpans) else place for place in on_disk}
            self.seen.update(map(_identity, files))
        self.pictures.clear()
        return identity in self.seen


_now: list[_Read] = []


@contextmanager
def command() -> Iterator[None]:
    """While this lasts, keep what is read; commands may lie in each other."""
    _now.append(_Read())
    try:
        yield
    finally:
        _now.pop()


def remember(*paths: Path | str) -> None:
    """Note files and folders that are read."""
    for read in _now:
        read.paths.update(Path(path).absolute() for path in paths)


def remember_whole(folder: Path | str) -> None:
    """Note a folder that is read as one thing: nothing is put into it, as it would be read with the rest."""
    remember(folder)
    for read in _now:
        read.whole.add(Path(folder).absolute())


def own(folder: Path) -> None:
    """Let a run write anew what it reads of its own folder."""
    for read in _now:
        read.own.add(folder.absolute())


def remember_pictures(places: Iterable[PictureSource]) -> None:
    """Note where the pixels of a data set are."""
    for read in _now:
        read.pictures.append(places)


def refuse_read(path: Path) -> None:
    """Raise where `path` is read.

    Raises:
        BadInput: it is a file or folder that is read, belongs to a result whose folder is read, holds pictures, or
            lies in a folder that is read as one.
    """
    identity, inside = _identity(path), path.parent.resolve()
    folders = {_identity(folder) for folder in (inside, *inside.parents)} - {None}
    if identity is not None and any(_reads(read, path, identity) for read in _now):
        raise BadInput("what is read cannot be replaced", path, "give another --output")
    for read in _now:
        if not folders.isdisjoint(map(_identity, read.whole)) and not _is_own(read, path):
            raise BadInput("output lies in a folder that is read as one", path, "give another --output")


def _reads(read: _Read, path: Path, identity: tuple[int, int]) -> bool:
    if _is_own(read, path):
        return False
    folder = _identity(path.absolute().parent)
    names = listed(path.parent) or frozenset()
    for place in read.paths:
        known = _identity(place)
        if known == identity or (known == folder and path.name in names):
            return True
    return read.holds_picture(identity)


def _is_own(read: _Read, path: Path) -> bool:
    return bool(read.own.intersection(path.absolute().parents))


def _identity(path: Path) -> tuple[int, int] | None:
    """Device and number: the same by whatever name the file goes."""
    try:
        about = os.stat(path)
    except (OSError, ValueError):
        return None
    return about.st_dev, about.st_ino
