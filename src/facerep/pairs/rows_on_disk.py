"""What a scorer takes of the faces of a file, made anew of the rows that are asked for: only these are in memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facerep.files.rows import Codes, Rows
from facerep.files.streams import MOST_PASSES, Stream
from facerep.scorers.cosine import Cosine
from facerep.scorers.scorer import Scorer
from facerep.scorers.select_scorer import RowMaker, held_values, row_maker


@dataclass(frozen=True)
class RowsOnDisk:
    """Stands where an array of the scorer's rows does; `rows[index]` reads these rows, each file in its order.

    Attributes:
        stream: the file or folder.
        everyone: what it says of its faces.
        judge: the scorer.
        take: makes its rows.
    """

    stream: Stream
    everyone: Rows
    judge: Scorer
    take: RowMaker

    def __len__(self) -> int:
        return len(self.stream)

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        """The scorer's rows of some faces, in any order; `rows` is an index array, shape (m,).

        Raises:
            BadInput: an all-zero vector under cosine, with its name.
        """
        wanted, place = np.unique(rows, return_inverse=True)
        held = self.stream.with_values(self.everyone, wanted)
        values = self.take(held)
        if isinstance(self.judge, Cosine) and (zero := ~values.any(axis=1)).any():
            of = values[zero]
            Cosine([str(name) for name in held.names[zero]], held.where).score(of, of)
        return values if np.array_equal(rows, wanted) else values[place]

    @property
    def shape(self) -> tuple[int, int]:
        """That of the array."""
        return len(self), self.take(self.stream.head).shape[1]

    def at_once(self, memory: int, among: int) -> int:
        """How many rows may be asked for together, of so many that are wanted.

        Args:
            memory: bytes; where that were more than MOST_PASSES times, more are taken.
            among: how many rows are wanted in all.
        """
        head = self.stream.head
        read = head.packed if isinstance(head, Codes) else head.values
        taken = self.take(head)
        bytes_a_row = 2 * read.itemsize * read.shape[1] + 2 * taken.itemsize * taken.shape[1]
        return max(1, memory // bytes_a_row, -(-among // MOST_PASSES))


def rows_on_disk(metric: str, stream: Stream, everyone: Rows, scorer: Scorer | Path | None) -> RowsOnDisk:
    """The rows of a file as `inputs.scorer_of` makes them of rows in memory.

    Raises:
        Usage, BadInput, Mismatch: as `select_scorer.scorer` does.
    """
    if scorer is not None and not isinstance(scorer, Path):
        return RowsOnDisk(stream, everyone, scorer, held_values)
    return RowsOnDisk(stream, everyone, *row_maker(metric, stream.head, scorer))
