"""The step curve of accepts over thresholds, from one sort.

Everything else in this folder is read off a `Curve`. Source: docs/numbers.md, rules 1 and 2 (acceptance, one sort).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from facerep.errors import BadInput


@dataclass(frozen=True)
class Curve:
    """Accepts at each candidate threshold.

    Attributes:
        thresholds: the candidates, from high to low: +inf, then the distinct scores; float64, shape (k,). A curve of
            scores that were not kept has those that figures are read from (`streamed`).
        true_accepts: genuine pairs with score >= threshold, shape (k,), never falling.
        false_accepts: impostor pairs with score >= threshold, shape (k,), never falling.
        genuine, impostor: how many pairs of each kind there are.
    """

    thresholds: np.ndarray
    true_accepts: np.ndarray
    false_accepts: np.ndarray
    genuine: int
    impostor: int

    @property
    def tar(self) -> np.ndarray:
        """True accept rate at each candidate."""
        return self.true_accepts / self.genuine

    @property
    def far(self) -> np.ndarray:
        """False accept rate at each candidate; a quotient of counts, never a product."""
        return self.false_accepts / self.impostor

    @property
    def frr(self) -> np.ndarray:
        """False reject rate at each candidate: with `far`, the points of a DET curve."""
        return (self.genuine - self.true_accepts) / self.genuine

    def corners(self) -> tuple[np.ndarray, np.ndarray]:
        """False and true accept rate where the ROC turns: the highest true accept rate of each false one."""
        last = np.append(np.diff(self.false_accepts) > 0, True)
        return self.far[last], self.tar[last]


def check(scores: np.ndarray, same: np.ndarray, name: Callable[[int], str] = "pair {}".format) -> None:
    """Refuse scores that no rate can be made from.

    Args:
        scores: shape (p,); infinite scores are ordered and fine.
        same: True for genuine pairs, shape (p,).
        name: the words for a pair by its place, for the message.

    Raises:
        BadInput: a score is NaN, or there is no genuine or no impostor pair.
    """
    missing = np.isnan(scores)
    if missing.any():
        raise BadInput(f"{missing.sum()} of {len(scores)} scores are NaN, the first", name(int(missing.argmax())))
    genuine = int(np.count_nonzero(same))
    if genuine == 0 or genuine == len(same):
        counts = f"{genuine} genuine and {len(same) - genuine} impostor pairs"
        raise BadInput(f"both kinds of pairs are needed, there are {counts}")


def descending(scores: np.ndarray) -> np.ndarray:
    """The one sort: the order of scores from high to low; shape (p,)."""
    return np.argsort(scores, kind="stable")[::-1]


def sweep(scores: np.ndarray, same: np.ndarray) -> Curve:
    """Count accepts at every candidate threshold.

    A pair is accepted when score >= threshold; equal scores fall on the same side.

    Args:
        scores: float64, shape (p,), any order, no NaN.
        same: True for genuine pairs, shape (p,).

    Raises:
        BadInput: see `check`.

    >>> curve = sweep(np.array([0.9, 0.5, 0.5, 0.1]), np.array([True, True, False, False]))
    >>> curve.thresholds.tolist(), curve.true_accepts.tolist(), curve.false_accepts.tolist()
    ([inf, 0.9, 0.5, 0.1], [0, 1, 2, 2], [0, 0, 1, 2])
    """
    scores, same = np.asarray(scores, np.float64), np.asarray(same, bool)
    check(scores, same)
    order = descending(scores)
    return sweep_sorted(scores[order], same[order])


def sweep_sorted(scores: np.ndarray, same: np.ndarray) -> Curve:
    """The same, of scores that already stand from high to low and were checked."""
    ends = group_ends(scores)
    thresholds = scores[ends]
    true_accepts = np.cumsum(same, dtype=np.int64)[ends]
    # in place: of ten million pairs each copy takes 80 MB
    false_accepts = ends
    false_accepts += 1
    false_accepts -= true_accepts
    genuine = int(true_accepts[-1])
    return topped(Curve(thresholds, true_accepts, false_accepts, genuine, len(scores) - genuine))


def topped(curve: Curve) -> Curve:
    """The curve with +inf as its first candidate, which a score of +inf is already: it is accepted even there."""
    if curve.thresholds[0] == np.inf:
        return curve
    thresholds = np.concatenate([[np.inf], curve.thresholds])
    true, false = (np.concatenate([[0], counts]) for counts in (curve.true_accepts, curve.false_accepts))
    return Curve(thresholds, true, false, curve.genuine, curve.impostor)


def group_ends(scores: np.ndarray) -> np.ndarray:
    """Places of the last of each run of equal scores, in scores from high to low."""
    return np.flatnonzero(np.append(scores[1:] != scores[:-1], True))


def rows_of(scores: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The row of their curve that each score stands at; shape (p,)."""
    ordered = scores[order]
    # the first row is +inf, put there by us unless a score is
    first = 0 if ordered[0] == np.inf else 1
    rows, steps = np.empty(len(scores), np.int32), np.zeros(len(scores), np.int32)
    np.cumsum(ordered[1:] != ordered[:-1], dtype=np.int32, out=steps[1:])
    steps += first
    rows[order] = steps
    return rows
