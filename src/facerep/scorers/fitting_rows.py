"""The rows that a chain is fitted on: in memory, or gone through on disk in blocks, as often as a step asks.

Both say of each row which person it is of, so that a person may recur anywhere: what is summed is summed by person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import numpy as np

from facerep.codes.binarize import bits_of
from facerep.errors import BadInput
from facerep.files.features import read_rows
from facerep.files.label_columns import matching
from facerep.files.provenance import fingerprint
from facerep.files.rows import Codes, Features
from facerep.files.streams import MEMORY, Stream, open_stream

BLOCK_ROWS = 16_384
"""Rows in memory that are worked on at once."""


class Prepares(Protocol):
    """A step that was fitted."""

    def prepare(self, values: np.ndarray) -> np.ndarray:
        """Rows as the next step takes them, each by itself."""
        ...


class FittingRows(Protocol):
    """Rows with their people; `groups` is the place of each row's person in `labels`, -1 where unknown."""

    @property
    def groups(self) -> np.ndarray: ...

    @property
    def labels(self) -> np.ndarray: ...

    def __len__(self) -> int: ...

    @property
    def dimension(self) -> int:
        """The length of a row."""
        ...

    def blocks(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Some groups and rows at a time, in order."""
        ...

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Some rows, shape (m, d)."""
        ...

    def all(self) -> np.ndarray:
        """All rows, shape (n, d), in memory."""
        ...

    def where(self, mask: np.ndarray) -> FittingRows:
        """Those for which a mask, shape (n,), holds."""
        ...

    def through(self, step: Prepares) -> FittingRows:
        """The rows that a step makes of them."""
        ...


def people_of(rows: FittingRows) -> np.ndarray:
    """The label of each row's person, object array of str, "" where unknown."""
    return np.append(rows.labels, "")[rows.groups]


@dataclass(frozen=True)
class HeldRows:
    """Rows in memory; `values` has shape (n, d), `names` are of their faces where that is asked for."""

    values: np.ndarray
    groups: np.ndarray
    labels: np.ndarray
    names: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def dimension(self) -> int:
        """See `FittingRows`."""
        return self.values.shape[1]

    def blocks(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """See `FittingRows`."""
        for start in range(0, len(self.values), BLOCK_ROWS):
            yield self.groups[start : start + BLOCK_ROWS], self.values[start : start + BLOCK_ROWS]

    def take(self, rows: np.ndarray) -> np.ndarray:
        """See `FittingRows`."""
        return self.values[rows]

    def all(self) -> np.ndarray:
        """See `FittingRows`."""
        return self.values

    def where(self, mask: np.ndarray) -> HeldRows:
        """See `FittingRows`."""
        names = None if self.names is None else self.names[mask]
        return HeldRows(self.values[mask], *_numbered(self.groups[mask], self.labels), names)

    def through(self, step: Prepares) -> HeldRows:
        """See `FittingRows`."""
        return replace(self, values=step.prepare(self.values))

    def fingerprint(self) -> str:
        """SHA-256 of names and values."""
        names = () if self.names is None else self.names
        return fingerprint([*names, sha256(np.ascontiguousarray(self.values).data).hexdigest()])


def held_rows(values: np.ndarray, people: np.ndarray, names: np.ndarray | None = None) -> HeldRows:
    """Rows (n, d) in memory with the labels of their people, "" where unknown."""
    labels, groups = np.unique(people.astype(str), return_inverse=True)
    if len(labels) and labels[0] == "":
        labels, groups = labels[1:], groups - 1
    return HeldRows(values, groups, labels.astype(object), names)


@dataclass(frozen=True)
class Selected:
    """Some rows of a file or folder on disk; `mask` of all its rows, shape (n,), or None for all."""

    stream: Stream
    mask: np.ndarray | None = None

    @property
    def head(self) -> Features | Codes:
        """The file's first row, with all that it says of every row."""
        return self.stream.head


@dataclass(frozen=True)
class StreamedRows:
    """Rows of files on disk, of which a block is in memory at a time.

    Attributes:
        streams: the files.
        mask: which of their rows; bool, over all of them.
        groups, labels: of the rows that are meant.
        steps: applied to each block.
    """

    streams: tuple[Stream, ...]
    mask: np.ndarray
    groups: np.ndarray
    labels: np.ndarray
    steps: tuple[Prepares, ...] = ()

    def __len__(self) -> int:
        return len(self.groups)

    @property
    def dimension(self) -> int:
        """See `FittingRows`."""
        return self.take(np.zeros(1, np.int64)).shape[1]

    def blocks(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """See `FittingRows`."""
        before = done = 0
        for stream in self.streams:
            for start, block in stream.blocks():
                some = self.mask[before + start : before + start + len(block)]
                for first in range(0, len(block), BLOCK_ROWS):
                    kept = some[first : first + BLOCK_ROWS]
                    if count := int(kept.sum()):
                        values = self._prepared(stream, block[first : first + BLOCK_ROWS][kept])
                        yield self.groups[done : done + count], values
                        done += count
            before += len(stream)

    def take(self, rows: np.ndarray) -> np.ndarray:
        """See `FittingRows`."""
        wanted, parts, before = np.flatnonzero(self.mask)[rows], [], 0
        place = np.empty(len(wanted), np.int64)
        for stream in self.streams:
            own = np.flatnonzero((wanted >= before) & (wanted < before + len(stream)))
            place[own] = sum(map(len, parts)) + np.arange(len(own))
            if len(own):
                parts.append(self._prepared(stream, stream.take(wanted[own] - before)))
            before += len(stream)
        return np.concatenate(parts)[place]

    def all(self) -> np.ndarray:
        """See `FittingRows`."""
        found, done = np.empty(0), 0
        for groups, values in self.blocks():
            if not done:
                found = np.empty((len(self), values.shape[1]), values.dtype)
            found[done : done + len(groups)] = values
            done += len(groups)
        return found

    def where(self, mask: np.ndarray) -> StreamedRows:
        """See `FittingRows`."""
        kept = self.mask.copy()
        kept[np.flatnonzero(self.mask)[~mask]] = False
        groups, labels = _numbered(self.groups[mask], self.labels)
        return replace(self, mask=kept, groups=groups, labels=labels)

    def through(self, step: Prepares) -> StreamedRows:
        """See `FittingRows`."""
        return replace(self, steps=(*self.steps, step))

    def fingerprint(self) -> str:
        """SHA-256 of names and values, as that of rows in memory."""
        digest, of_values, before = sha256(), sha256(), 0
        for stream in self.streams:
            for start, names in stream.all_names():
                for name in names[self.mask[before + start : before + start + len(names)]]:
                    digest.update(name.encode("utf-8", "surrogateescape") + b"\0")
            before += len(stream)
        for _, values in self.blocks():
            of_values.update(np.ascontiguousarray(values).data)
        digest.update(of_values.hexdigest().encode() + b"\0")
        return digest.hexdigest()

    def _prepared(self, stream: Stream, block: np.ndarray) -> np.ndarray:
        if isinstance(stream.head, Codes):
            block = bits_of(replace(stream.head, packed=block))
        for step in self.steps:
            block = step.prepare(block)
        return block


def opened(
    paths: Sequence[Path], conditions: Sequence[str] = (), *, memory: int = MEMORY
) -> list[Features | Codes] | list[Selected]:
    """Feature or code files, or folders of them, to fit on: read, or left on disk where they take more than `memory`.

    Args:
        paths: of the files.
        conditions: rows are taken for which `COLUMN=VALUE` or `COLUMN!=VALUE` holds, all of them.
        memory: bytes; of codes, as vectors of 0 and 1.

    Raises:
        BadInput, Mismatch: as `open_stream` and `read_rows`; or no row is left.
    """
    streams = [open_stream(path) for path in paths]
    needed = sum(4 * len(stream) * _length(stream.head) for stream in streams)
    if needed <= memory:
        tables = [read_rows(path) for path in paths]
        for condition in conditions:
            tables = [table.only(condition) for table in tables]
        return tables
    return [Selected(stream, _mask(stream, conditions)) for stream in streams]


def _length(head: Features | Codes) -> int:
    return head.bits if isinstance(head, Codes) else head.dimension


def _mask(stream: Stream, conditions: Sequence[str]) -> np.ndarray | None:
    if not conditions:
        return None
    mask, labels = np.ones(len(stream), bool), stream.labels()
    for condition in conditions:
        mask &= matching(labels, condition, stream.path)
    if not mask.any():
        raise BadInput(f"no face where {' and '.join(conditions)}", stream.path)
    return mask


def streamed_rows(files: Sequence[Selected]) -> StreamedRows:
    """Rows of files on disk with their people: 8 bytes a face, and each person's label once.

    Raises:
        BadInput: a face stands in two files.
    """
    numbers: dict[str, int] = {}
    groups, marks = [], []
    for file in files:
        for start, names in file.stream.all_names():
            marks.append(np.fromiter(map(hash, names), np.int64, len(names)))
            people = file.stream.people(np.arange(start, start + len(names)))
            found = (numbers.setdefault(person, len(numbers)) if person else -1 for person in people)
            groups.append(np.fromiter(found, np.int32, len(people)))
    order = np.sort(np.concatenate(marks))
    if len(files) > 1 and (order[1:] == order[:-1]).any():
        raise BadInput("a face stands in more than one file", ", ".join(str(file.stream.path) for file in files))
    masks = [np.ones(len(file.stream), bool) if file.mask is None else file.mask for file in files]
    mask, labels = np.concatenate(masks), np.array([*numbers], object)
    rows = StreamedRows(tuple(file.stream for file in files), np.ones(len(mask), bool), np.concatenate(groups), labels)
    return rows.where(mask)


def _numbered(groups: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same people, numbered anew without gaps in the order of their labels."""
    present = np.unique(groups[groups >= 0])
    present = present[np.argsort(labels[present].astype(str), kind="stable")] if len(present) else present
    anew = np.full(len(labels) + 1, -1)
    anew[present] = np.arange(len(present))
    return anew[groups], labels[present]
