"""A feature or code file, or a folder of them, that is read in blocks of rows and never whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import h5py
import numpy as np

from facerep.console import first_few
from facerep.errors import BadInput
from facerep.files.features import get_labels, read_rows
from facerep.files.folders.joined import Piece, pieces, say_twice
from facerep.files.hdf5 import checksums, reading
from facerep.files.label_columns import together
from facerep.files.rows import Codes, Features, Rows

BLOCK_BYTES = 1 << 27
NAMES_AT_ONCE = 1 << 16
MEMORY = 1_000_000_000
"""Bytes that features may take in memory where a file is gone through more than once, and nobody said."""
MOST_PASSES = 64
"""Over a file, however little memory is given."""


@dataclass(frozen=True)
class Stream:
    """A file or folder on disk, of which a block of rows is in memory at a time.

    Attributes:
        path: the file or folder.
        head: its first row, with all that is said of every row.
        count: how many rows there are.
        pieces: the files that they are in, in order.
    """

    path: Path
    head: Features | Codes
    count: int
    pieces: tuple[Piece, ...]

    def __len__(self) -> int:
        return self.count

    def blocks(self) -> Iterator[tuple[int, np.ndarray]]:
        """The number of a block's first row, and its rows: float32 vectors, or uint8 codes; all are of one file.

        Raises:
            BadInput: a vector that is not finite, or ones behind the bits of a code.
        """
        for piece in self.pieces:
            with reading.opened(piece.path, reading.HEAD) as file:
                rows = self._rows(file)
                once = checksums.block_rows(
                    rows.shape, rows.dtype.itemsize
                )  # a checksum is compared where its block is read whole
                step = once * max(1, BLOCK_BYTES // max(1, once * rows.shape[1] * rows.dtype.itemsize))
                for start in range(0, piece.count, step):
                    block = reading.read_rows(rows, slice(start, start + step))
                    yield piece.start + start, self._checked(block, piece.start + start)

    def take(self, rows: np.ndarray, *, whole_blocks: bool = False) -> np.ndarray:
        """The vectors or codes of some rows, in any order; shape (*rows.shape, columns).

        Args:
            rows: which.
            whole_blocks: read all of each block that has a checksum and one of the rows, and compare it.
        """
        if not rows.size:
            values = self.head.packed if isinstance(self.head, Codes) else self.head.values
            return np.empty((0, values.shape[1]), values.dtype)

        def read(piece: Piece, wanted: np.ndarray) -> Iterator[np.ndarray]:
            with reading.opened(piece.path, reading.HEAD) as file:
                held = self._rows(file)
                step = max(1, BLOCK_BYTES // max(1, held.shape[1] * held.dtype.itemsize))
                once = checksums.block_rows(held.shape, held.dtype.itemsize) if whole_blocks else 1

                def values(part: slice) -> np.ndarray:
                    start, stop = part.start // once * once, -(-part.stop // once) * once
                    block = reading.read_rows(held, slice(start, stop))[part.start - start : part.stop - start]
                    return self._checked(block, piece.start + part.start)

                yield from _picked(values, wanted, max(1, step // once) * once)

        return self._of_pieces(read, rows)

    def names(self, rows: np.ndarray) -> np.ndarray:
        """The face names of some rows, object array of str of the same shape."""
        return self._texts("names", rows)

    def people(self, rows: np.ndarray) -> np.ndarray:
        """The people of some rows, "" where unknown."""
        return self._texts("people", rows)

    def _texts(self, name: str, rows: np.ndarray) -> np.ndarray:
        def read(piece: Piece, wanted: np.ndarray) -> Iterator[np.ndarray]:
            def texts(file: h5py.File) -> list[np.ndarray]:
                if name == "people" and name not in file:
                    return [np.full(len(wanted), "", dtype=object)]
                return list(_picked(lambda part: reading.strings(file, name, part), wanted, NAMES_AT_ONCE))

            with reading.opened(piece.path, texts) as file:
                yield from texts(file)

        return self._of_pieces(read, rows)

    def labels(self) -> dict[str, np.ndarray]:
        """The label columns of all rows, as `label_columns.together` makes them of several files."""
        found = []
        for piece in self.pieces:
            with reading.opened(piece.path) as file:
                found.append((piece.count, get_labels(file)))
        return together(found)

    def bare(self) -> Rows:
        """What the file says of its faces, without vectors or codes: names, people, labels, pair lists.

        Raises:
            BadInput: a face stands twice.
        """
        names = self.face_names()
        people, head = self.people(np.arange(self.count)), self.head
        rows = Rows(
            names=names, people=people, labels=self.labels(), failures=head.failures, protocols=head.protocols,
            contract=head.contract, trained_people=head.trained_people, path=self.path,
        )  # fmt: skip
        rows.check()
        return rows

    def picked(self, bare: Rows, rows: np.ndarray) -> Features | Codes:
        """See `with_values`; where all rows are asked for, they are read as they lie.

        Args:
            bare: see above.
            rows: which; int64, rising.
        """
        return read_rows(self.path) if len(rows) == len(self) else self.with_values(bare, rows)

    def with_values(self, bare: Rows, rows: np.ndarray) -> Features | Codes:
        """Some rows with their vectors or codes, of which no others are in memory.

        Args:
            bare: see above.
            rows: which; int64, rising.
        """
        some, values = bare.take(rows), self.take(rows, whole_blocks=True)
        held = {"packed": values} if isinstance(self.head, Codes) else {"values": values}
        return replace(self.head, names=some.names, people=some.people, labels=some.labels, **held)

    def face_names(self) -> np.ndarray:
        """The names of all faces, object array of str, shape (n,)."""
        return np.concatenate([names for _, names in self.all_names()])

    def all_names(self) -> Iterator[tuple[int, np.ndarray]]:
        """The number of a block's first row, and the names of its faces."""
        for piece in self.pieces:
            with reading.opened(piece.path) as file:
                for start in range(0, piece.count, NAMES_AT_ONCE):
                    there = slice(start, min(start + NAMES_AT_ONCE, piece.count))
                    yield piece.start + start, reading.strings(file, "names", there)

    def rows_of(self, names: Sequence[str] | np.ndarray) -> np.ndarray:
        """The rows of faces, by name; int64.

        Raises:
            BadInput: names that the file lacks; the first ones are told.
        """
        wanted = dict.fromkeys(names, -1)
        for start, block in self.all_names():
            for row, name in enumerate(block, start):
                if name in wanted:
                    wanted[name] = row
        absent = [name for name, row in wanted.items() if row < 0]
        if absent:
            raise BadInput(f"{len(absent)} of {len(wanted)} faces are not in the file ({first_few(absent)})", self.path)
        return np.array([wanted[name] for name in names], np.int64)

    def _rows(self, file: h5py.File) -> h5py.Dataset:
        name, kinds = ("codes", "u") if isinstance(self.head, Codes) else ("features", "f")
        return reading.dataset(file, name, ndim=2, kinds=kinds)

    def _checked(self, block: np.ndarray, start: int) -> np.ndarray:
        if isinstance(self.head, Codes):
            bits = self.head.bits
            if bits % 8 and (block[:, -1] & (255 >> bits % 8)).any():
                raise BadInput(f"codes have ones behind their {bits} bits", self.path)
            return block
        bad = ~np.isfinite(block).all(axis=1)
        if bad.any():
            name = self.names(np.array([start + bad.argmax()]))[0]
            raise BadInput(f"features of {name!r} are not finite", self.path)
        return block.astype(np.float32, copy=False)

    def _of_pieces(self, read: Callable[[Piece, np.ndarray], Iterator[np.ndarray]], rows: np.ndarray) -> np.ndarray:
        """What `read` gives of the rows of each file that has some of them, counted from its own first one."""
        wanted, place = np.unique(rows, return_inverse=True)
        found, at = np.empty(0), 0
        for piece in self.pieces:
            low, high = np.searchsorted(wanted, [piece.start, piece.start + piece.count])
            for part in read(piece, wanted[low:high] - piece.start) if low < high else ():
                if not at:
                    found = np.empty((len(wanted), *part.shape[1:]), part.dtype)
                found[at : at + len(part)] = part
                at += len(part)
        rising = len(wanted) == rows.size and np.array_equal(rows.ravel(), wanted)
        return found.reshape(*rows.shape, *found.shape[1:]) if rising else found[place.reshape(rows.shape)]


def _picked(read: Callable[[slice], np.ndarray], wanted: np.ndarray, step: int) -> Iterator[np.ndarray]:
    """What `read` gives of rows that rise, of which those within `step` of each other are read at once."""
    low = 0
    while low < len(wanted):
        first = int(wanted[low])
        high = int(np.searchsorted(wanted, (first // step + 1) * step))
        yield read(slice(first, int(wanted[high - 1]) + 1))[wanted[low:high] - first]
        low = high


@dataclass(frozen=True)
class FeatureStream(Stream):
    """One that is no code file."""

    head: Features

    def features(self, bare: Rows, rows: np.ndarray) -> Features:
        """See `picked`."""
        found = self.picked(bare, rows)
        assert isinstance(found, Features)
        return found


def open_features(path: Path) -> FeatureStream:
    """A feature file or folder, see `open_stream`.

    Raises:
        BadInput: codes, or as `open_stream` says.
    """
    stream = open_stream(path)
    if isinstance(stream.head, Codes):
        raise BadInput("file holds codes, features are wanted", path, "name the file that they were made of")
    return FeatureStream(stream.path, stream.head, stream.count, stream.pieces)


def open_stream(path: Path) -> Stream:
    """A feature or code file or a folder of them, after all checks that can be made without reading it whole.

    Of a folder all names are read, as no face may stand in two parts: 8 bytes a face.

    Raises:
        BadInput: neither of the two, no rows, columns of different lengths, or as `joined.read_joined` says.
        Mismatch: files of the folder that do not belong together.
    """
    head, of = read_rows(path, reading.HEAD), pieces(path)
    held = ("codes" if isinstance(head, Codes) else "features", "names", "people")
    for piece in of:
        with reading.opened(piece.path, reading.HEAD) as file:
            # all were checked when the head was read
            lengths = {name: file[name].shape[0] for name in held if name in file}  # pyright: ignore
        if len(set(lengths.values())) > 1:
            raise BadInput(f"columns have different lengths ({lengths})", piece.path)
    stream = Stream(Path(path), head, of[-1].start + of[-1].count, of)
    if len(of) > 1:
        _refuse_twice(stream)
    return stream


def _refuse_twice(stream: Stream) -> None:
    marks = np.empty(len(stream), np.int64)
    for start, names in stream.all_names():
        marks[start : start + len(names)] = list(map(hash, names))
    order = np.sort(marks)
    again = order[:-1][order[1:] == order[:-1]]
    if not len(again):
        return
    suspects = np.flatnonzero(np.isin(marks, again))
    known: dict[str, int] = {}
    for row, name in zip(suspects.tolist(), stream.names(suspects), strict=True):
        if (before := known.setdefault(name, row)) != row:
            say_twice(name, (before, row), stream.pieces)
