"""All impostor pairs of codes, summed over people: distances are whole numbers, which need no score and no sort.

What a range of people sums to is a pure function of the codes and of that range, and ranges add up in their order:
threads take them here, or the workers of a cluster, to the same sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from facerep import threads
from facerep.codes import distance_histogram
from facerep.codes.distance_histogram import between, histograms, words_of
from facerep.metrics.ladder import Ladder
from facerep.metrics.person_sums import FaceCounts, ImpostorSums
from facerep.pairs.blocks.score_blocks import PairFaces

PEOPLE_VALUES = 1 << 19
"""Sums between people that are held at once for one figure."""
FEW = 16
"""Of so many pairs one or none is accepted: then those that are accepted are looked up, else all are summed."""


@dataclass(frozen=True)
class HammingBlocks:
    """The impostor pairs of codes; `advance` is called with how many pairs were gone through, `each` does the tasks."""

    faces: PairFaces
    advance: Callable[[int], None]
    each: threads.Each = threads.each

    @cached_property
    def counts(self) -> tuple[np.ndarray, np.ndarray]:
        """How often each distance occurs, of genuine and of impostor pairs."""
        return histograms(self.faces.rows, self.faces.person, self.advance, self.each)

    def sums(
        self, thresholds: Sequence[float], table: Ladder | None = None, share: np.ndarray | None = None
    ) -> list[ImpostorSums]:
        """What is accepted at each threshold, summed over people; and, given a table, the `share` of each slot."""
        columns, faces = words_of(self.faces.rows), self.faces.people.faces
        bits = 64 * len(columns)
        most = [int(np.floor(max(-1.0, min(-threshold, float(bits))))) for threshold in thresholds]
        worth = None
        if table is not None and share is not None:
            worth = share[table.slots(0.0 - np.arange(bits + 1))]
        ranges = list(people_ranges(faces))
        whole = [ImpostorSums(self.faces.people) for _ in range(len(most) + (worth is not None))]
        found = self.each(sums_of_people, [columns, faces, most, worth], ranges)
        for (first, last), parts in zip(ranges, found, strict=True):
            for one, part in zip(whole, parts, strict=True):
                one.join(part)
            self.advance(_pairs(faces, first, last))
        if worth is not None:
            impostor = self.counts[1]
            whole[-1].squares = float(impostor @ worth[: len(impostor)] ** 2)
        return whole


def people_ranges(faces: np.ndarray, pairs: int | None = None) -> Iterator[tuple[int, int]]:
    """People from which to which, so that the pairs of their faces with all faces are about so many."""
    pairs = pairs or distance_histogram.task_pairs(int(faces.sum()))
    before = np.cumsum(faces * faces.sum())
    first = 0
    while first < len(faces):
        done = int(before[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(before, done + pairs, side="right")))
        yield first, last
        first = last


def sums_of_people(
    columns: np.ndarray, faces: np.ndarray, most: Sequence[int], worth: np.ndarray | None, first: int, last: int
) -> list[ImpostorSums]:
    """What the impostor pairs of some people with the people behind each of them sum to.

    Args:
        columns: codes of faces in the order of their people, see `words_of`.
        faces: how many each person has, shape (g,).
        most: of each figure, the largest distance that is accepted; -1 accepts none.
        worth: of a last figure, what a pair is worth by its distance; its `squares` are left to the caller.
        first, last: the people.
    """
    sums = [ImpostorSums(FaceCounts(faces)) for _ in range(len(most) + (worth is not None))]
    starts, step = np.cumsum(faces) - faces, max(1, PEOPLE_VALUES // (len(faces) - first))
    for low in range(first, last, step):
        high = min(low + step, last)
        start, stop = int(starts[low]), int(starts[high - 1] + faces[high - 1])
        behind, people = starts[low:] - start, np.repeat(np.arange(len(faces) - low), faces[low:])
        totals = [np.zeros((high - low, len(behind))) for _ in sums]
        tall = max(1, distance_histogram.BLOCK_BYTES // (columns.shape[1] - start))
        for top in range(start, stop, tall):
            end = min(top + tall, stop)
            found, lines = _distances(columns, top, end, start), people[top - start : end - start]
            for total, farthest in zip(totals, most, strict=False):
                _add_accepted(total, found <= farthest, lines, behind, people)
            if worth is not None:
                _add(totals[-1], np.add.reduceat(worth[found], behind, axis=1), lines)
        for one, total in zip(sums, totals, strict=True):
            own = total[:, : high - low]
            own[np.tri(high - low, dtype=bool)] = 0  # pairs of one person, and those that are counted the other way
            one.add(low, total)
    return sums


def _distances(columns: np.ndarray, top: int, end: int, start: int) -> np.ndarray:
    """Of the faces from `top` to `end` to those from `start` on."""
    wide = distance_histogram.BLOCK_BYTES // 8
    lefts = range(start, columns.shape[1], wide)
    parts = [between(columns[:, top:end], columns[:, left : left + wide]) for left in lefts]
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def _add_accepted(
    total: np.ndarray, accepted: np.ndarray, lines: np.ndarray, behind: np.ndarray, people: np.ndarray
) -> None:
    """Count accepted pairs, bool (faces, faces behind), by the people of both sides."""
    if FEW * np.count_nonzero(accepted) > accepted.size:
        _add(total, np.add.reduceat(accepted, behind, axis=1, dtype=np.int32), lines)
        return
    rows, columns = np.divmod(np.flatnonzero(accepted), accepted.shape[1])
    np.add.at(total, (lines[rows], people[columns]), 1)


def _add(total: np.ndarray, rows: np.ndarray, lines: np.ndarray) -> None:
    """Add rows of faces to those of their people; `lines`, which never falls, says whose each is."""
    firsts = np.flatnonzero(np.diff(lines, prepend=-1))
    total[lines[firsts]] += np.add.reduceat(rows, firsts, axis=0)


def _pairs(faces: np.ndarray, first: int, last: int) -> int:
    """How many pairs some people's faces make with those behind them, and with each other."""
    mine, after = int(faces[first:last].sum()), int(faces[last:].sum())
    return mine * after + mine * (mine - 1) // 2
