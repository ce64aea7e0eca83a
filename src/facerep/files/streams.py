"""A feature or code file, or a folder of them, that is read in blocks of rows and never whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from facerep.console import first_few
from facerep.errors import BadInput
from facerep.files.features import Codes, Features, get_labels, read_rows
from facerep.files.hdf5 import checksums, reading
from facerep.files.joined import Piece, pieces, say_twice
from facerep.files.label_columns import together

BLOCK_BYTES = 1 << 27
NAMES_AT_ONCE = 1 << 16


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

    def take(self, rows: np.ndarray) -> np.ndarray:
        """The vectors or codes of some rows, in any order; shape (*rows.shape, columns)."""
        if not rows.size:
            values = self.head.packed if isinstance(self.head, Codes) else self.head.values
            return np.empty((0, values.shape[1]), values.dtype)

        def read(piece: Piece, wanted: np.ndarray) -> list[np.ndarray]:
            with reading.opened(piece.path, reading.HEAD) as file:
                held = self._rows(file)
                step = max(1, BLOCK_BYTES // max(1, held.shape[1] * held.dtype.itemsize))
                return _picked(lambda part: self._checked(held[part], piece.start + part.start), wanted, step)

        return self._of_pieces(read, rows)

    def names(self, rows: np.ndarray) -> np.ndarray:
        """The face names of some rows, object array of str of the same shape."""
        return self._texts("names", rows)

    def people(self, rows: np.ndarray) -> np.ndarray:
        """The people of some rows, "" where unknown."""
        return self._texts("people", rows)

    def _texts(self, name: str, rows: np.ndarray) -> np.ndarray:
        def read(piece: Piece, wanted: np.ndarray) -> list[np.ndarray]:
            def texts(file: h5py.File) -> list[np.ndarray]:
                if name == "people" and name not in file:
                    return [np.full(len(wanted), "", dtype=object)]
                return _picked(lambda part: reading.strings(file, name, part), wanted, NAMES_AT_ONCE)

            with reading.opened(piece.path, texts) as file:
                return texts(file)

        return self._of_pieces(read, rows)

    def labels(self) -> dict[str, np.ndarray]:
        """The label columns of all rows, as `label_columns.together` makes them of several files."""
        found = []
        for piece in self.pieces:
            with reading.opened(piece.path) as file:
                found.append((piece.count, get_labels(file)))
        return together(found)

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

    def _of_pieces(self, read: Callable[[Piece, np.ndarray], list[np.ndarray]], rows: np.ndarray) -> np.ndarray:
        """What `read` gives of the rows of each file that has some of them, counted from its own first one."""
        wanted, place = np.unique(rows, return_inverse=True)
        parts = []
        for piece in self.pieces:
            low, high = np.searchsorted(wanted, [piece.start, piece.start + piece.count])
            if low < high:
                parts += read(piece, wanted[low:high] - piece.start)
        return np.concatenate(parts)[place.reshape(rows.shape)]


def _picked(read: Callable[[slice], np.ndarray], wanted: np.ndarray, step: int) -> list[np.ndarray]:
    """What `read` gives of rows that rise, of which those within `step` of each other are read at once."""
    parts, low = [], 0
    while low < len(wanted):
        first = int(wanted[low])
        high = int(np.searchsorted(wanted, (first // step + 1) * step))
        parts.append(read(slice(first, int(wanted[high - 1]) + 1))[wanted[low:high] - first])
        low = high
    return parts


@dataclass(frozen=True)
class FeatureStream(Stream):
    """One that is no code file."""

    head: Features


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
