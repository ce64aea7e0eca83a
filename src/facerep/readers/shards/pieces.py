"""Pieces: a data set as shards that are worked on one by one, each by whoever is free, without reading them first.

A shard is a tar file, or where the data set has none, so many rows of its table.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from facerep.errors import BadInput
from facerep.faces.table import Faces
from facerep.files.inputs import remember
from facerep.files.label_columns import matching
from facerep.files.picture_source import FileSpans
from facerep.files.provenance import file_sha256
from facerep.files.unfinished import visible
from facerep.readers.shards.read import is_shards, is_tars, stated, tar

ROWS = 65_536
"""Rows of a shard where a table is split: some minutes of a core."""


@dataclass(frozen=True)
class Shard:
    """One of the shards of a data set; small where it is a file, so that it can be sent anywhere.

    Attributes:
        source: what it is called; differs from all others of the set.
        file: the tar file, absolute.
        kind: of the data set that was put into shards, "" where the file is of others.
        prefix: see read.tar.
        known: SHA-256 of the file as its maker wrote it down, "" where nobody did.
        failures: (name, reason) of what is known to be no face, before any of it is read.
        rows: the faces themselves, where they are rows of a table.
    """

    source: str
    file: Path | None = None
    kind: str = ""
    prefix: str = ""
    known: str = ""
    failures: tuple[tuple[str, str], ...] = ()
    rows: Faces | None = None

    @cached_property
    def sha256(self) -> str:
        """Of the file's bytes; of rows, of all that crops are made of (Faces.stamp).

        Raises:
            BadInput: the file cannot be read, or is not as its maker wrote it.
        """
        if self.rows is not None:
            return self.rows.stamp()
        assert self.file is not None
        try:
            found = file_sha256(self.file)
        except OSError as error:
            raise BadInput(f"shard cannot be read ({error.strerror})", self.file) from error
        if self.known and found != self.known:
            raise BadInput("shard was changed since it was written", self.file, "copy it again, or write it again")
        return found

    def faces(self, *, split: str | None = None, where: Sequence[str] = ()) -> Faces:
        """Its faces; none where no row fulfils the conditions.

        Args:
            split: only those of this split.
            where: conditions on labels, see Faces.where.

        Raises:
            BadInput: it is damaged, or lacks a label that is asked for.
        """
        if self.rows is not None:  # they were chosen already
            return replace(self.rows, failures=self.failures)
        assert self.file is not None
        found = tar(self.file, prefix=self.prefix, kind=self.kind)
        for condition in [*([f"split={split}"] if split else []), *where]:
            found = found.take(matching(found.labels, condition, found.root, what="shard", none=True))
        return replace(found, failures=(*self.failures, *found.failures))


def are_tars(paths: Sequence[str | Path]) -> bool:
    """Whether all paths are tar files or folders of them."""
    places = [Path(path) for path in paths]
    return bool(places) and all(
        is_shards(place) or is_tars(place) if place.is_dir() else place.suffix.lower() == ".tar" for place in places
    )


def tar_shards(paths: Sequence[str | Path]) -> tuple[Shard, ...]:
    """The shards of tar files and folders of them, in the order of the list and of their names; none is read.

    Raises:
        BadInput: one is absent or stands twice; shards that were written here are not complete.
    """
    found: list[Shard] = []
    for path in map(Path, paths):
        remember(path)
        if not path.exists():
            raise BadInput("no such data set", path, "name tar files, or a folder of them")
        if path.is_dir() and is_shards(path):
            about = stated(path)
            for number, (name, shard) in enumerate(about["shards"].items()):
                lost = [] if number else about["failures"]  # pictures that could not be put into any shard
                found.append(
                    Shard(
                        name, (path / name).absolute(), about["kind"], known=shard["sha256"],
                        failures=tuple((one, reason) for one, reason in lost),
                    )
                )  # fmt: skip
        else:
            files = visible(path.iterdir()) if path.is_dir() else [path]
            found += [Shard(file.name, file.absolute()) for file in files]
    return _called(found, paths)


def _called(shards: Sequence[Shard], paths: Sequence[str | Path]) -> tuple[Shard, ...]:
    """Names that differ; those of the faces of several files of others begin with them."""
    _refuse_twice(shards)
    names = [shard.source for shard in shards]
    same = len(set(names)) < len(names)
    alone = len(shards) == 1 and Path(paths[0]).is_file()
    done = []
    for shard in shards:
        assert shard.file is not None
        source = f"{shard.file.parent.name}/{shard.source}" if same else shard.source
        prefix = "" if alone or shard.kind else source.removesuffix(shard.file.suffix)
        done.append(replace(shard, source=source, prefix=prefix))
    if len({shard.source for shard in done}) < len(done):
        done = [replace(shard, source=str(shard.file)) for shard in done]
    return tuple(done)


def _refuse_twice(shards: Sequence[Shard]) -> None:
    """Refuse a file that stands twice, by whatever name, or whose bytes are known to."""
    seen: dict[object, Shard] = {}
    for shard in shards:
        assert shard.file is not None
        try:
            about = os.stat(shard.file)
        except OSError:
            continue  # whoever works on it says so, and the others are done
        for mark in ((about.st_dev, about.st_ino), shard.known):
            if mark and (before := seen.setdefault(mark, shard)) is not shard:
                raise BadInput(f"shard stands twice, as {before.file} too", shard.file, "name it once")


def row_shards(faces: Faces, rows: int = ROWS) -> tuple[Shard, ...]:
    """The rows of a data set in its order, so many a shard.

    Args:
        faces: their pictures, where they are files, by absolute paths afterwards.
        rows: of a shard; the last has what is left.
    """
    name, starts = Path(faces.root).name or faces.kind, range(0, max(1, len(faces)), rows)
    shards = []
    for start in starts:
        stop = min(start + rows, len(faces))
        some = faces.take(np.arange(start, stop))
        first = start == 0  # what is said of the whole set
        some = replace(some, paths=_absolute(some.paths), failures=(), protocols=faces.protocols if first else {})
        shards.append(Shard(f"{name}:{start}-{stop}", failures=faces.failures if first else (), rows=some))
    return tuple(shards)


def _absolute(places: np.ndarray) -> np.ndarray:
    """Where the bytes of pictures are, whatever folder a process works in."""
    found = np.empty(len(places), dtype=object)
    for row, place in enumerate(places):
        if isinstance(place, Path):
            found[row] = place.absolute()
        elif isinstance(place, FileSpans):
            found[row] = replace(place, file=place.file.absolute())
        else:
            found[row] = place
    return found
