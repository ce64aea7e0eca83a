"""Clusters: what pairs share, and how much pairs depend on each other by it.

Source: Fogliato, Patil and Perona, arXiv 2306.01198, section 3; docs/numbers.md, rule 7 (intervals).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

AT_ONCE = 1 << 20
"""Pairs that are summed at a time, so that ten million of them need little more memory than they take themselves."""


@dataclass(frozen=True)
class Clusters:
    """What pairs may share: people, or faces where people are unknown.

    Attributes:
        left, right: the person (or face) on each side of a pair, from 0 without gaps; shape (p,).
        word: "people", "faces", or "pairs" where nothing recurs.
    """

    left: np.ndarray
    right: np.ndarray
    word: str

    @cached_property
    def count(self) -> int:
        """How many different ones there are."""
        return int(max(self.left.max(), self.right.max())) + 1

    @cached_property
    def apart(self) -> np.ndarray:
        """Pairs whose sides are different, shape (p,)."""
        return self.left != self.right

    @cached_property
    def recur(self) -> bool:
        """True where one stands in more than one pair: the pairs are not independent."""
        return bool(self.touching(self._ones).max() > 1)

    @property
    def _ones(self) -> np.ndarray:
        return np.broadcast_to(1.0, len(self.left))  # one number in memory

    def touching(self, values: np.ndarray) -> np.ndarray:
        """Sums of `values` over the pairs that each stands in, once a pair; shape (count,)."""
        sums = np.zeros(self.count)
        for start in range(0, len(self.left), AT_ONCE):  # bincount copies what it is given into wider numbers
            part = slice(start, start + AT_ONCE)
            some, apart = values[part], self.apart[part]
            sums += np.bincount(self.left[part], some, self.count)
            sums += np.bincount(self.right[part][apart], some[apart], self.count)
        return sums

    def between(self, values: np.ndarray) -> Iterator[np.ndarray]:
        """Sums of `values` over the pairs between the same two; some couples at a time."""
        if len(self.left) <= AT_ONCE:
            yield np.bincount(self._couples, values[self.apart])
            return
        low = np.minimum(self.left, self.right)
        until = np.cumsum(sum(
            np.bincount(low[start : start + AT_ONCE], minlength=self.count) for start in range(0, len(low), AT_ONCE)
        ))  # fmt: skip
        first = 0
        while first < self.count:
            # clusters whose pairs are about AT_ONCE, one at least
            done = until[first - 1] if first else 0
            last = max(first + 1, int(np.searchsorted(until, done + AT_ONCE, side="right")))
            rows = np.flatnonzero((low >= first) & (low < last) & self.apart)
            if len(rows):
                high = np.maximum(self.left[rows], self.right[rows])
                keys = low[rows].astype(np.int64) * self.count + high
                order = np.argsort(keys, kind="stable")
                keys = keys[order]
                yield np.add.reduceat(values[rows][order], np.flatnonzero(np.append(True, keys[1:] != keys[:-1])))
            first = last

    @cached_property
    def _couples(self) -> np.ndarray:
        low = np.minimum(self.left, self.right)[self.apart].astype(np.int64)
        high = np.maximum(self.left, self.right)[self.apart].astype(np.int64)
        keys = low * self.count + high
        if self.count**2 <= max(4_000_000, 4 * len(self.left)):  # sums fit an array of all couples
            return keys
        return np.unique(keys, return_inverse=True)[1]

    def take(self, rows: np.ndarray) -> Clusters:
        """The clusters of some pairs, numbered anew."""
        left, right = self.left[rows], self.right[rows]
        present = np.zeros(self.count, bool)
        present[left] = present[right] = True
        anew = (np.cumsum(present) - 1).astype(np.int32)
        return Clusters(anew[left], anew[right], self.word)


def clusters(left: np.ndarray, right: np.ndarray, word: str) -> Clusters:
    """Clusters from any labels of the two sides of the pairs, shape (p,) each."""
    codes = np.unique(np.concatenate([left, right]), return_inverse=True)[1]
    return Clusters(codes[: len(left)], codes[len(left) :], word)


def alone(of: Clusters) -> Clusters:
    """The same, or each pair alone where nothing recurs."""
    if of.recur:
        return of
    rows = np.arange(len(of.left))
    return Clusters(rows, rows, "pairs")


def shared_variance(residuals: np.ndarray, of: Clusters) -> float:
    """Variance of a sum of residuals when pairs that share a cluster depend on each other.

        sum over all (a, b) that share a cluster of r_a r_b  =  sum_u S_u^2 - sum_{u<v} T_uv^2

    with S_u the sum over the pairs of cluster u, and T_uv over the pairs between u and v, which S counts twice.
    The mean comes from the same pairs, which makes residuals too small. The factor that mends this where all
    clusters pair alike is G / (G - 1) for pairs within G clusters, and G (G - 1) / ((G - 2) (G - 3)) for pairs
    between them; the second is taken where there are both. At least given is the variance of independent pairs,
    sum r^2. Where all pairs lie between clusters it is at least sum_{u<v} T_uv^2 too, as if only pairs of the same
    two clusters depended: with few clusters the estimate can fall below. Pairs of both sorts may truly have less, for
    what makes a person easy to accept helps one sort and hurts the other.

    Source: arXiv 2306.01198, section 3 (plug-in estimator), written with two passes over the pairs; the
    factors follow from residuals a_u + a_v - 2 mean(a) of a model in which clusters add up.
    """
    couples = sum(float(np.sum(sums**2)) for sums in of.between(residuals))
    total = float(np.sum(of.touching(residuals) ** 2)) - couples
    total *= mending(of.count, between=bool(of.apart.any()))
    return max(total, float(np.sum(residuals**2)), couples if of.apart.all() else 0.0)


def mending(count: int, *, between: bool) -> float:
    """The factor of `shared_variance` for `count` clusters; `between`: some pairs lie between two of them."""
    if between:
        # with three clusters or fewer the pairs between them leave no spread to see: the most cautious factor
        return count * (count - 1) / ((count - 2) * (count - 3)) if count > 3 else count**2
    return count / (count - 1) if count > 1 else 1.0


def worth(of: Clusters) -> float:
    """How many independent trials pairs are worth at least, where no error shows how much they depend.

    Pairs of the same person count as one, pairs that share one of two people as half dependent:
    p^2 / (1/2 sum_u N_u^2 + 1/2 sum_u N_uu^2), N_u the pairs of cluster u, N_uu those within it.
    """
    ones = of._ones
    inside = np.bincount(of.left[~of.apart], minlength=of.count)
    return len(ones) ** 2 / (np.sum(of.touching(ones) ** 2) / 2 + np.sum(inside.astype(float) ** 2) / 2)


def least_worth(same: np.ndarray, of: Clusters) -> float:
    """What the less telling kind of pairs is worth in independent trials."""
    return min(worth(of.take(same)), worth(of.take(~same)))
