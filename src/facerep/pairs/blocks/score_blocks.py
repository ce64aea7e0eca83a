"""Blocks of scores of some faces with all that stand behind them, computed anew at each pass and never kept.

Faces stand in the order of their people, so what the pairs of two people sum to is complete when their blocks are.
numpy; `device_blocks` does the same by torch.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from facerep.errors import BadInput
from facerep.metrics.ladder import Ladder
from facerep.metrics.person_sums import FaceCounts, ImpostorSums
from facerep.metrics.streamed import ScoreBlocks
from facerep.scorers.scorer import Scorer

BLOCK_BYTES = 16_000_000
"""Of the scores of one block."""


@dataclass(frozen=True)
class PairFaces:
    """Faces in the order of their people.

    Attributes:
        rows: what the scorer takes, one row for each face, shape (n, k); none where they stay on disk.
        person: of each face, from 0 without gaps, never falling; shape (n,).
        people: how many faces each has.
        names: of the faces, for messages, shape (n,).
    """

    rows: np.ndarray
    person: np.ndarray
    people: FaceCounts
    names: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        """The first face of each person; shape (g,)."""
        return np.cumsum(self.people.faces) - self.people.faces

    def blocks(self) -> Iterator[tuple[int, int, int]]:
        """First face, end, and end of the last one's person, of the faces of each block."""
        step, ends = max(1, BLOCK_BYTES // (8 * len(self.rows))), np.cumsum(self.people.faces)
        for start in range(0, len(self.rows), step):
            stop = min(start + step, len(self.rows))
            yield start, stop, int(ends[self.person[stop - 1]])

    def refuse_nan(self, missing: np.ndarray, left: int, right: int) -> None:
        """Refuse NaN in scores of the faces from `left` on with those from `right` on; `missing` says where, (p, q)."""
        if missing.any():
            row, column = np.unravel_index(missing.argmax(), missing.shape)
            raise BadInput("a score is NaN", f"{self.names[left + row]}, {self.names[right + column]}")


class ImpostorScores(ABC):
    """A `ScoreSource` of arrays that come one after another, computed anew at each pass."""

    def tally(self, table: Ladder) -> np.ndarray:
        """See `ScoreSource`."""
        return ScoreBlocks(self._impostors).tally(table)

    def between(self, low: np.ndarray, high: np.ndarray) -> list[np.ndarray]:
        """See `ScoreSource`."""
        return ScoreBlocks(self._impostors).between(low, high)

    @abstractmethod
    def _impostors(self) -> Iterator[np.ndarray]:
        """The scores of all impostor pairs, each once; of any shape."""


@dataclass(frozen=True)
class NumpyBlocks(ImpostorScores):
    """The scores of all impostor pairs, by numpy; `advance` is called with how many pairs were scored."""

    scorer: Scorer
    faces: PairFaces
    advance: Callable[[int], None]

    def sums(
        self, thresholds: Sequence[float], table: Ladder | None = None, share: np.ndarray | None = None
    ) -> list[ImpostorSums]:
        """What is accepted at each threshold, summed over people; and, given a table, the `share` of each slot."""
        faces = self.faces
        sums = [ImpostorSums(faces.people) for _ in range(len(thresholds) + (table is not None))]
        for start, scores, impostor in self._scored():
            stop, wide = start + len(scores), impostor.shape[1]
            first, last = int(faces.person[start]), int(faces.person[stop - 1])
            columns = np.maximum(faces.starts[first:] - start, 0)
            lines = np.maximum(faces.starts[first : last + 1] - start, 0)
            goes_on = stop < len(faces.person) and int(faces.person[stop]) == last
            for of_hits, threshold in zip(sums, thresholds, strict=False):
                accepted = scores >= threshold
                accepted[:, :wide] &= impostor
                between = np.add.reduceat(accepted, columns, axis=1, dtype=np.int32)
                of_hits.add(first, np.add.reduceat(between, lines, axis=0).astype(np.float64), goes_on=goes_on)
            if table is not None and share is not None:
                values = share[table.slots(scores.ravel())].reshape(scores.shape)
                values[:, :wide] *= impostor
                between = np.add.reduceat(np.add.reduceat(values, columns, axis=1), lines, axis=0)
                sums[-1].add(first, between, float(np.einsum("ij,ij->", values, values)), goes_on=goes_on)
        return sums

    def _scored(self) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """Block by block: its first face, its scores with the faces from that one on, shape (p, q), and which of the
        first columns are impostor pairs, shape (p, r); all behind them are."""
        faces = self.faces
        for start, stop, end in faces.blocks():
            scores = self.scorer.matrix(faces.rows[start:stop], faces.rows[start:])
            impostor = faces.person[start:end] > faces.person[start:stop, None]
            wide = end - start
            faces.refuse_nan(np.isnan(scores[:, wide:]), start, end)
            faces.refuse_nan(np.isnan(scores[:, :wide]) & impostor, start, start)
            yield start, scores, impostor
            self.advance(scores.size - (stop - start) ** 2 // 2)

    def _impostors(self) -> Iterator[np.ndarray]:
        for _, scores, impostor in self._scored():
            wide = impostor.shape[1]
            yield scores[:, :wide][impostor]
            yield scores[:, wide:]
