"""What a scorer takes of the faces of a file, made anew of the rows that are asked for: only these are in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from facerep.files.rows import Codes, Features, Rows
from facerep.files.streams import MEMORY, MOST_PASSES, Stream
from facerep.scorers.cosine import Cosine
from facerep.scorers.scorer import Scorer
from facerep.scorers.select_scorer import RowMaker, held_values, row_maker

STRETCHES = 16
"""Lots of rows that are held two at a time, each beside every other: the file is read half as often, at most."""


@dataclass(frozen=True)
class RowsOnDisk:
    """Stands where an array of the scorer's rows does; `rows[index]` reads these rows, each file in its order.

    Attributes:
        stream: the file or folder.
        everyone: what it says of its faces.
        judge: the scorer.
        take: makes its rows.
        memory: bytes that rows may take which are asked for together.
        order: which rows of the file these are, shape (n,); None: all, in their order.
    """

    stream: Stream
    everyone: Rows
    judge: Scorer
    take: RowMaker
    memory: int = MEMORY
    order: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.stream) if self.order is None else len(self.order)

    def select(self, rows: np.ndarray) -> RowsOnDisk:
        """Some of them, in the order of `rows`, shape (m,); nothing is read."""
        return replace(self, order=rows if self.order is None else self.order[rows])

    def all(self) -> np.ndarray:
        """All of them, in memory, shape (n, k): for those that are short, such as codes."""
        step = self.at_once(len(self))
        parts = [self[np.arange(start, min(start + step, len(self)))] for start in range(0, len(self), step)]
        return np.concatenate(parts)

    def zeros(self) -> np.ndarray:
        """Which of them are all-zero; bool, shape (n,)."""
        zero, step = np.zeros(len(self), bool), self.at_once(len(self))
        for start in range(0, len(self), step):
            values = self._made(np.arange(start, min(start + step, len(self))))[2]
            zero[start : start + len(values)] = ~values.any(axis=1)
        return zero

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        """The scorer's rows of some faces, in any order; `rows` is an index array, shape (m,).

        Raises:
            BadInput: an all-zero vector under cosine, with its name.
        """
        held, place, values = self._made(rows)
        if isinstance(self.judge, Cosine) and (zero := ~values.any(axis=1)).any():
            of = values[zero]
            Cosine([str(name) for name in held.names[zero]], held.where).score(of, of)
        return values if place is None else values[place]

    def _made(self, rows: np.ndarray) -> tuple[Features | Codes, np.ndarray | None, np.ndarray]:
        """What the file holds of some rows in its order, the place of each of them there, and the scorer's rows."""
        rows = rows if self.order is None else self.order[rows]
        wanted, place = np.unique(rows, return_inverse=True)
        held = self.stream.with_values(self.everyone, wanted)
        return held, None if np.array_equal(rows, wanted) else place, self.take(held)

    @property
    def shape(self) -> tuple[int, int]:
        """That of the array."""
        return len(self), self.take(self.stream.head).shape[1]

    def at_once(self, among: int) -> int:
        """How many may be asked for together of so many that are wanted: not more than MOST_PASSES times."""
        return max(1, self.memory // (2 * self._bytes_a_row), -(-among // MOST_PASSES))

    def side_by_side(self) -> int:
        """How many may be asked for where two such lots are held, each lot beside every other; STRETCHES at most."""
        return max(1, self.memory // (4 * self._bytes_a_row), -(-len(self) // STRETCHES))

    @cached_property
    def _bytes_a_row(self) -> int:
        read, taken = held_values(self.stream.head), self.take(self.stream.head)
        return read.nbytes if taken is read else read.nbytes + taken.nbytes


def rows_on_disk(
    metric: str, stream: Stream, everyone: Rows, scorer: Scorer | Path | None, memory: int = MEMORY
) -> RowsOnDisk:
    """The rows of a file as `inputs.scorer_of` makes them of rows in memory.

    Args:
        metric, scorer: as there.
        stream: the file.
        everyone: what it says of its faces.
        memory: bytes that rows may take which are asked for together.

    Raises:
        Usage, BadInput, Mismatch: as `select_scorer.scorer` does.
    """
    if scorer is not None and not isinstance(scorer, Path):
        return RowsOnDisk(stream, everyone, scorer, held_values, memory)
    return RowsOnDisk(stream, everyone, *row_maker(metric, stream.head, scorer), memory)


def in_parts(
    metric: str, stream: Stream, everyone: Rows, scorer: Scorer | Path | None, memory: int, device: str
) -> tuple[Scorer, np.ndarray | RowsOnDisk] | None:
    """Scorer and rows of a file whose vectors take more than memory: bits of them in memory, others left on disk.

    None where all are to be held: they take less; or they are codes already; or the device is no CPU and wants them.

    Args:
        metric, stream, everyone, scorer, memory: see `rows_on_disk`.
        device: where all pairs are to be scored.
    """
    if len(stream) * held_values(stream.head).nbytes <= memory:
        return None
    rows = rows_on_disk(metric, stream, everyone, scorer, memory)
    if rows.take(stream.head).dtype == np.uint8:
        return None if isinstance(stream.head, Codes) else (rows.judge, rows.all())
    if device != "cpu":
        from facerep.networks.device import device as pick  # torch takes seconds to import

        if pick(device).type != "cpu":
            return None
    return rows.judge, rows
