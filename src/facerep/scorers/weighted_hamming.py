"""Weighted Hamming: bits that tell people apart count for more, as learned from pairs of codes.

    score = - sum_k weights[k] [a[k] != b[k]],   weights >= 0, their mean 1

Fitting is logistic regression of same or different on which bits differ, bounded below by 0: a bit that differs never
makes two faces more alike. Plain Hamming is weights of 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from facerep.errors import BadInput
from facerep.metrics.pair_draws import count_pairs, draw_pairs

MOST_PAIRS = 20_000
"""Pairs of each kind that weights are learned from, drawn by the seed where there are more."""

SHRINKAGE = 0.1
"""How strongly weights are held near each other: the factor of |w - mean(w)|² beside the mean loss of a pair."""


@dataclass(frozen=True, kw_only=True)
class WeightedHamming:
    """Learned weights of the bits of a code.

    Attributes:
        weights: at least 0, mean 1, shape (bits,).
        genuine, impostor: how many pairs they were learned from.
    """

    JSON: ClassVar = ("pairs.genuine=genuine", "pairs.impostor=impostor", "weights=range")

    weights: np.ndarray
    genuine: int
    impostor: int

    name = "weighted-hamming"

    @property
    def range(self) -> dict[str, float]:
        """The largest weight, and how many are 0."""
        return {"largest": float(self.weights.max()), "zero": int((self.weights == 0).sum())}

    def prepare(self, values: np.ndarray) -> np.ndarray:
        """Bits as numbers 0 and 1, shape (n, bits), packed as `score` and `matrix` take them: uint8 (n, bytes)."""
        return np.packbits(values > 0.5, axis=1)

    def score(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Minus the weighted distances of aligned packed codes; float64, shape (p,)."""
        found = np.zeros(len(a))
        for table, left, right in zip(self._tables(), a.T, b.T, strict=True):
            found -= table[left ^ right]
        return found

    def matrix(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Minus the weighted distances of every code of `a` to every code of `b`; float64, shape (na, nb)."""
        left, right = (np.unpackbits(codes, axis=1, count=len(self.weights)).astype(np.float64) for codes in (a, b))
        # a bit differs where a + b - 2 a b is 1
        return 2 * (left * self.weights) @ right.T - (left @ self.weights)[:, None] - right @ self.weights

    def _tables(self) -> np.ndarray:
        """What each byte of a XOR b adds to the distance, shape (bytes, 256)."""
        padded = np.pad(self.weights, (0, -len(self.weights) % 8)).reshape(-1, 8)
        return padded @ np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).T


def fit_weighted_hamming(
    bits: np.ndarray | Callable[[np.ndarray], np.ndarray],
    people: np.ndarray,
    *,
    shrinkage: float = SHRINKAGE,
    seed: int = 0,
) -> WeightedHamming:
    """Learn weights from genuine and impostor pairs of labelled codes.

    Args:
        bits: 0 and 1, shape (n, bits); or what gives some rows of them.
        people: labels, shape (n,).
        shrinkage: see SHRINKAGE.
        seed: of the pairs, where there are more than MOST_PAIRS of a kind.

    Raises:
        BadInput: no genuine or no impostor pairs, or no bit that differs more often between people than within.
    """
    genuine, impostor = count_pairs(people)
    if not genuine or not impostor:
        what = f"labelled faces make {genuine} genuine and {impostor} impostor pairs, weights need both"
        raise BadInput(what)
    left, right, same = draw_pairs(people, MOST_PAIRS, seed=seed)
    used, place = np.unique([left, right], return_inverse=True)
    some = bits[used] if isinstance(bits, np.ndarray) else bits(used)
    left, right = place.reshape(2, -1)
    weights = _learn(some[left] != some[right], same, shrinkage)
    if not weights.any():
        raise BadInput("no bit differs more often between people than within one", hint="the codes know no people")
    return WeightedHamming(weights=weights / weights.mean(), genuine=int(same.sum()), impostor=int((~same).sum()))


def _learn(differ: np.ndarray, same: np.ndarray, shrinkage: float) -> np.ndarray:
    """Minimise the mean logistic loss of `bias - differ @ weights`, each kind of pairs weighing one half."""
    from scipy.optimize import minimize

    rows = differ.astype(np.float64)
    sign = np.where(same, 1.0, -1.0)
    share = 0.5 / np.where(same, same.sum(), (~same).sum())

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        bias, weights = parameters[0], parameters[1:]
        margin = sign * (bias - rows @ weights)
        pull = share * sign / (1 + np.exp(np.clip(margin, -500, 500)))
        apart = weights - weights.mean()
        value = share @ np.logaddexp(0, -margin) + shrinkage * (apart @ apart)
        return float(value), np.concatenate([[-pull.sum()], pull @ rows + 2 * shrinkage * apart])

    start = np.full(rows.shape[1] + 1, 1 / rows.shape[1])
    bounds = [(None, None), *[(0, None)] * rows.shape[1]]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 1000})
    return found.x[1:]
