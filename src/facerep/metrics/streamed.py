"""The curve of more impostor scores than memory holds: exact wherever a figure is read off it.

The impostor scores are gone through twice. First they are counted between and at edges, among which are all genuine
scores: that settles the AUC, the most accurate threshold and where the others lie. Then the few scores around each
false accept rate that was asked for, and around the equal error rate, are kept.
Source: docs/numbers.md, rule 2 (one sort).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from facerep.errors import BadInput
from facerep.metrics.eer_auc import best_row
from facerep.metrics.ladder import Ladder, ladder
from facerep.metrics.roc import Curve, topped


class ScoreSource(Protocol):
    """Scores that are made anew each time they are gone through; float64, no NaN."""

    def tally(self, table: Ladder, /) -> np.ndarray:
        """How many stand in each slot of a table, int64, shape (2 * len(table.values),)."""
        ...

    def between(self, low: np.ndarray, high: np.ndarray, /) -> list[np.ndarray]:
        """Those from each `low` to each `high`, both included."""
        ...


@dataclass(frozen=True)
class ScoreBlocks:
    """Scores in blocks of any shape: `again` gives them anew."""

    again: Callable[[], Iterable[np.ndarray]]

    def tally(self, table: Ladder) -> np.ndarray:
        """See `ScoreSource`."""
        counts = np.zeros(2 * len(table.values), np.int64)
        for block in self.again():
            counts += np.bincount(table.slots(np.ravel(block)), minlength=len(counts))
        return counts

    def between(self, low: np.ndarray, high: np.ndarray) -> list[np.ndarray]:
        """See `ScoreSource`."""
        inside: list[list[np.ndarray]] = [[] for _ in low]
        for block in self.again():
            for least, most, pieces in zip(low, high, inside, strict=True):
                kept = block >= least
                kept &= block <= most
                pieces.append(block[kept])
        return [np.concatenate(pieces) for pieces in inside]


@dataclass(frozen=True)
class _Cells:
    """Where scores stand, from high to low: at an edge, or between two; empty cells are left out.

    Attributes:
        low, high: the least and the largest double that falls into a cell, the same for an edge; shape (m,).
        curve: accepts at the thresholds `low`, each of which takes in its whole cell.
    """

    low: np.ndarray
    high: np.ndarray
    curve: Curve


def streamed_curve(
    genuine: np.ndarray, impostors: ScoreSource, far: Sequence[float] = (), coarse: np.ndarray | None = None
) -> Curve:
    """Count accepts at every candidate threshold from which a figure is read.

    `operating_points.tar_at_far` at each of `far`, `rates.equal_error`, `rates.best_threshold` and `rates.auc` of this
    curve are those of the whole one, bit for bit. Elsewhere it has the genuine scores, and between two of them one row.

    Args:
        genuine: scores of genuine pairs, shape (g,), any order, no NaN.
        impostors: scores of impostor pairs.
        far: the false accept rates that will be asked for.
        coarse: further edges, such as quantiles of some impostor scores: no more scores are kept than lie between
            two edges, which matters where genuine scores are few. They need not be scores.

    Raises:
        BadInput: there is no genuine or no impostor score.

    >>> impostors = ScoreBlocks(lambda: [np.array([0.5, 0.1]), np.array([0.7])])
    >>> curve = streamed_curve(np.array([0.9, 0.5]), impostors, far=[0.5])
    >>> curve.thresholds.tolist(), curve.true_accepts.tolist(), curve.false_accepts.tolist()
    ([inf, 0.9, 0.7, 0.5, -1.7976931348623157e+308], [0, 1, 1, 2, 2], [0, 0, 1, 2, 3])
    """
    genuine = np.asarray(genuine, np.float64)
    cells = _count(genuine, impostors, np.empty(0) if coarse is None else coarse)
    wanted = np.unique([*_around_rates(cells, far), *_around_crossing(cells), *_under_best(cells)]).astype(int)
    wanted = wanted[cells.low[wanted] < cells.high[wanted]]
    kept = impostors.between(cells.low[wanted], cells.high[wanted]) if len(wanted) else []
    return _joined(cells, dict(zip(wanted.tolist(), kept, strict=True)))


def _count(genuine: np.ndarray, impostors: ScoreSource, coarse: np.ndarray) -> _Cells:
    table = ladder(np.concatenate([genuine, coarse, [-np.inf, np.inf]]))
    false = impostors.tally(table)
    true = np.bincount(table.slots(genuine), minlength=len(false))
    if not len(genuine) or not false.any():
        counts = f"{len(genuine)} genuine and {false.sum()} impostor pairs"
        raise BadInput(f"both kinds of pairs are needed, there are {counts}")
    place = np.flatnonzero(false + true)[::-1]
    edge, between = table.values[place // 2], place % 2 == 0
    with np.errstate(over="ignore"):  # next to the largest double is infinity
        low = np.where(between, np.nextafter(table.values[place // 2 - 1], np.inf), edge)
        high = np.where(between, np.nextafter(edge, -np.inf), edge)
    true, false = np.cumsum(true[place]), np.cumsum(false[place])
    return _Cells(low, high, Curve(low, true, false, int(true[-1]), int(false[-1])))


def _around_rates(cells: _Cells, far: Sequence[float]) -> Iterable[int]:
    """The first cell that goes beyond a rate, and the one above it: the smallest threshold lies in one of them."""
    for rate in far:
        beyond = int(np.searchsorted(cells.curve.far, rate, side="right"))
        yield from (place for place in (beyond - 1, beyond) if 0 <= place < len(cells.low))


def _around_crossing(cells: _Cells) -> Iterable[int]:
    """The cell where false rejects become as rare as false accepts, and the one above it."""
    first = int(np.argmax(cells.curve.frr <= cells.curve.far))
    yield from (place for place in (first - 1, first) if place >= 0)


def _under_best(cells: _Cells) -> Iterable[int]:
    """The cell under the most accurate threshold, whose highest score bounds the midpoint."""
    row = best_row(topped(cells.curve)) + 1 - (cells.curve.thresholds[0] != np.inf)
    if 0 < row < len(cells.low):
        yield row


def _joined(cells: _Cells, kept: dict[int, np.ndarray]) -> Curve:
    thresholds, true, false = [], [], []
    whole, start = cells.curve, 0
    for place in [*sorted(kept), len(cells.low)]:
        thresholds.append(whole.thresholds[start:place])
        true.append(whole.true_accepts[start:place])
        false.append(whole.false_accepts[start:place])
        if place in kept:
            before = int(whole.false_accepts[place - 1]) if place else 0
            scores, counts = np.unique(kept[place], return_counts=True)
            accepts = before + np.cumsum(counts[::-1])
            if not len(accepts) or accepts[-1] != whole.false_accepts[place]:
                raise RuntimeError("impostor scores changed from one pass to the next")
            thresholds.append(scores[::-1])
            true.append(np.full(len(scores), whole.true_accepts[place]))
            false.append(accepts)
            start = place + 1
    rows, true, false = (np.concatenate(parts) for parts in (thresholds, true, false))
    return topped(Curve(rows, true, false, whole.genuine, whole.impostor))
