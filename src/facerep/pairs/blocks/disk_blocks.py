"""Scores of all impostor pairs of faces on disk: rows of some people against those of others, read in their turn.

The same as `score_blocks.NumpyBlocks` within rounding. A tile holds all faces of its people, so what the pairs of two
people sum to is complete in it; tiles are the same in every pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from facerep.metrics.ladder import Ladder
from facerep.metrics.person_sums import ImpostorSums
from facerep.pairs.blocks import score_blocks
from facerep.pairs.blocks.score_blocks import ImpostorScores, PairFaces
from facerep.pairs.rows_on_disk import RowsOnDisk
from facerep.scorers.scorer import Scorer

Strip = tuple[int, np.ndarray, np.ndarray | None]
"""The first face of some rows of a tile, their scores, and which are impostor pairs; None: all."""


@dataclass(frozen=True)
class DiskBlocks(ImpostorScores):
    """The scores of all impostor pairs of rows on disk; `advance` is called with how many pairs were scored."""

    scorer: Scorer
    faces: PairFaces
    rows: RowsOnDisk
    advance: Callable[[int], None]

    def sums(
        self, thresholds: Sequence[float], table: Ladder | None = None, share: np.ndarray | None = None
    ) -> list[ImpostorSums]:
        """See `NumpyBlocks`."""
        faces = self.faces
        whole = [ImpostorSums(faces.people) for _ in range(len(thresholds) + (table is not None))]
        for (top, end), (left, right), strips in self._tiles():
            mine, theirs = faces.person[top:end], faces.person[left:right]
            between = np.zeros((len(whole), mine[-1] - mine[0] + 1, theirs[-1] - theirs[0] + 1))
            columns, squares = np.flatnonzero(np.diff(theirs, prepend=-1)), 0.0
            for start, scores, impostor in strips:
                lines = faces.person[start : start + len(scores)] - mine[0]
                for total, threshold in zip(between, thresholds, strict=False):
                    accepted = scores >= threshold
                    if impostor is not None:
                        accepted &= impostor
                    _add(total, np.add.reduceat(accepted, columns, axis=1, dtype=np.int32), lines)
                if table is not None and share is not None:
                    values = share[table.slots(scores.ravel())].reshape(scores.shape)
                    if impostor is not None:
                        values *= impostor
                    squares += float(np.einsum("ij,ij->", values, values))
                    _add(between[-1], np.add.reduceat(values, columns, axis=1), lines)
            for place, one in enumerate(whole):
                own = squares if place == len(thresholds) else None
                one.add_tile(int(mine[0]), int(theirs[0]), between[place], own)
        return whole

    def _impostors(self) -> Iterator[np.ndarray]:
        for _, _, strips in self._tiles():
            for _, scores, impostor in strips:
                yield scores if impostor is None else scores[impostor]

    def _tiles(self) -> Iterator[tuple[tuple[int, int], tuple[int, int], Iterator[Strip]]]:
        """Faces from where to where of the rows and of the columns of each tile, and its strips."""
        loads = self._loads()
        for place, some in enumerate(loads):
            first = self._read(some)
            for other in loads[place:]:
                second = first if other is some else self._read(other)
                for rows in some:
                    for columns in other:
                        if columns[0] >= rows[0]:
                            held = first[rows[0] - some[0][0] : rows[1] - some[0][0]]
                            beside = second[columns[0] - other[0][0] : columns[1] - other[0][0]]
                            yield rows, columns, self._strips(rows, columns, held, beside)

    def _read(self, load: list[tuple[int, int]]) -> np.ndarray:
        return self.rows[np.arange(load[0][0], load[-1][1])]

    def _strips(
        self, rows: tuple[int, int], columns: tuple[int, int], held: np.ndarray, beside: np.ndarray
    ) -> Iterator[Strip]:
        faces, (left, right) = self.faces, columns
        step = max(1, score_blocks.BLOCK_BYTES // (8 * (right - left)))
        for start in range(rows[0], rows[1], step):
            stop = min(start + step, rows[1])
            scores = self.scorer.matrix(held[start - rows[0] : stop - rows[0]], beside)
            impostor, pairs = None, scores.size
            if rows == columns:
                impostor = faces.person[left:right] > faces.person[start:stop, None]
                pairs = (stop - start) * (right - stop) + (stop - start) * (stop - start - 1) // 2
            missing = np.isnan(scores)
            faces.refuse_nan(missing if impostor is None else missing & impostor, start, left)
            yield start, scores, impostor
            self.advance(pairs)

    def _loads(self) -> list[list[tuple[int, int]]]:
        """Faces from where to where of the tiles that are read together: of two such lots there is room, or they are
        one tile."""
        ends = np.cumsum(self.faces.people.faces)
        most = self.rows.side_by_side()
        side = max(1, min(most, int((score_blocks.BLOCK_BYTES // 8) ** 0.5)))
        loads: list[list[tuple[int, int]]] = []
        start = 0
        while start < len(self.rows):
            last = int(np.searchsorted(ends, start + side, side="right")) - 1
            stop = int(ends[max(last, self.faces.person[start])])  # whole people, at least one
            if not loads or stop - loads[-1][0][0] > most:
                loads.append([])
            loads[-1].append((start, stop))
            start = stop
        return loads


def _add(total: np.ndarray, rows: np.ndarray, lines: np.ndarray) -> None:
    """Add rows of faces to those of their people; `lines`, which never falls, says whose each is."""
    firsts = np.flatnonzero(np.diff(lines, prepend=-1))
    total[lines[firsts]] += np.add.reduceat(rows, firsts, axis=0)
