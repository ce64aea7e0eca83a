"""A feature or code file that is read in blocks of rows and never whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from facerep.console import first_few
from facerep.errors import BadInput
from facerep.files.features import Codes, Features, read_rows
from facerep.files.hdf5 import checksums, reading

BLOCK_BYTES = 1 << 27
NAMES_AT_ONCE = 1 << 16


@dataclass(frozen=True)
class Stream:
    """A file on disk, of which a block of rows is in memory at a time.

    Attributes:
        path: the file.
        head: its first row, with all that the file says of every row.
        count: how many rows there are.
    """

    path: Path
    head: Features | Codes
    count: int

    def __len__(self) -> int:
        return self.count

    def blocks(self) -> Iterator[tuple[int, np.ndarray]]:
        """The number of a block's first row, and its rows: float32 vectors, or uint8 codes.

        Raises:
            BadInput: a vector that is not finite, or ones behind the bits of a code.
        """
        with reading.opened(self.path, reading.HEAD) as file:
            rows = self._rows(file)
            once = checksums.block_rows(
                rows.shape, rows.dtype.itemsize
            )  # a checksum is compared where its block is read whole
            step = once * max(1, BLOCK_BYTES // max(1, once * rows.shape[1] * rows.dtype.itemsize))
            for start in range(0, self.count, step):
                yield start, self._checked(reading.read_rows(rows, slice(start, start + step)), start)

    def take(self, rows: np.ndarray) -> np.ndarray:
        """The vectors or codes of some rows, in any order; shape (*rows.shape, columns)."""
        with reading.opened(self.path, reading.HEAD) as file:
            held = self._rows(file)
            step = max(1, BLOCK_BYTES // max(1, held.shape[1] * held.dtype.itemsize))
            if not rows.size:
                return np.empty((0, held.shape[1]), np.uint8 if isinstance(self.head, Codes) else np.float32)
            return self._picked(lambda part: self._checked(held[part], part.start), rows, step)

    def names(self, rows: np.ndarray) -> np.ndarray:
        """The face names of some rows, object array of str of the same shape."""
        return self._texts("names", rows)

    def people(self, rows: np.ndarray) -> np.ndarray:
        """The people of some rows, "" where unknown."""
        with reading.opened(self.path, reading.HEAD) as file:
            there = "people" in file
        return self._texts("people", rows) if there else np.full(rows.shape, "", dtype=object)

    def _texts(self, name: str, rows: np.ndarray) -> np.ndarray:
        def read(file: h5py.File) -> np.ndarray:
            return self._picked(lambda part: reading.strings(file, name, part), rows, NAMES_AT_ONCE)

        with reading.opened(self.path, read) as file:
            return read(file)

    def rows_of(self, names: Sequence[str] | np.ndarray) -> np.ndarray:
        """The rows of faces, by name; int64.

        Raises:
            BadInput: names that the file lacks; the first ones are told.
        """
        wanted = dict.fromkeys(names, -1)
        with reading.opened(self.path) as file:
            for start in range(0, self.count, NAMES_AT_ONCE):
                for row, name in enumerate(reading.strings(file, "names", slice(start, start + NAMES_AT_ONCE)), start):
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

    def _picked(self, read: Callable[[slice], np.ndarray], rows: np.ndarray, step: int) -> np.ndarray:
        """What `read` gives of `rows`, of which those within `step` of each other are read at once."""
        wanted, place = np.unique(rows, return_inverse=True)
        parts = []
        for start in range(0, self.count, step):
            low, high = np.searchsorted(wanted, [start, start + step])
            if low < high:
                first = int(wanted[low])
                parts.append(read(slice(first, int(wanted[high - 1]) + 1))[wanted[low:high] - first])
        return np.concatenate(parts)[place.reshape(rows.shape)]


@dataclass(frozen=True)
class FeatureStream(Stream):
    """One that is no code file."""

    head: Features


def open_features(path: Path) -> FeatureStream:
    """A feature file, see `open_stream`.

    Raises:
        BadInput: codes, or as `open_stream` says.
    """
    stream = open_stream(path)
    if isinstance(stream.head, Codes):
        raise BadInput("file holds codes, features are wanted", path, "name the file that they were made of")
    return FeatureStream(stream.path, stream.head, stream.count)


def open_stream(path: Path) -> Stream:
    """A feature or code file, after all checks that can be made without reading it whole.

    Raises:
        BadInput: neither of the two, no rows, or columns of different lengths.
    """
    head = read_rows(path, reading.HEAD)
    with reading.opened(path, reading.HEAD) as file:
        held = ("codes" if isinstance(head, Codes) else "features", "names", "people")
        # all were checked when the head was read
        lengths = {name: file[name].shape[0] for name in held if name in file}  # pyright: ignore
    if len(set(lengths.values())) > 1:
        raise BadInput(f"columns have different lengths ({lengths})", path)
    return Stream(Path(path), head, lengths["names"])
