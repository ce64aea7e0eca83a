"""The sampler: batches of P people with K pictures each, so that every batch has genuine pairs.

A batch depends on (seed, epoch, place in the epoch, rank) and on nothing else: to resume, nothing has to be kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from torch.utils.data import Sampler


class PeopleBatches(Sampler[np.ndarray]):
    """Row indices of one batch after another.

    People are drawn without repetition in a batch, with a chance that grows with min(pictures, cap) ** balance;
    their pictures without repetition where they have K.

    Args:
        labels: person of each row, int in 0..people-1, -1 for rows that are not drawn; shape (n,).
        people: P, at most the number of people there are.
        pictures: K.
        balance, cap: see above.
        seed, rank: which stream of batches.
        replicas: how many ranks share an epoch.
        now: gives the epoch when its first batch is drawn, which may be before the epoch begins.
    """

    def __init__(
        self,
        labels: np.ndarray,
        *,
        people: int,
        pictures: int,
        balance: float,
        cap: int,
        seed: int,
        rank: int = 0,
        replicas: int = 1,
        now: Callable[[], int] | None = None,
    ) -> None:
        self.now = now
        drawn = np.flatnonzero(labels >= 0)
        order = drawn[np.argsort(labels[drawn], kind="stable")]
        counts = np.bincount(labels[drawn])
        self.rows = np.split(order, np.cumsum(counts)[:-1])
        weights = np.minimum(counts, cap).astype(float) ** balance
        self.log_weights = np.log(weights / weights.sum())
        self.people, self.pictures = min(people, len(counts)), pictures
        self.seed, self.rank, self.epoch = seed, rank, 0
        self.batches = max(1, round(len(drawn) / (self.people * pictures * replicas)))

    def __len__(self) -> int:
        return self.batches

    def __iter__(self) -> Iterator[np.ndarray]:
        if self.now is not None:
            self.epoch = self.now()
        for place in range(self.batches):
            yield self.batch(place)

    def batch(self, place: int) -> np.ndarray:
        """The rows of batch number `place` of the current epoch, shape (P * K,)."""
        draw = np.random.default_rng((self.seed, self.epoch, place, self.rank))
        # the largest of log-weight + Gumbel noise are a draw without repetition by weight
        chosen = np.argpartition(-(self.log_weights + draw.gumbel(size=len(self.log_weights))), self.people - 1)
        return np.concatenate([self._pictures_of(person, draw) for person in chosen[: self.people]])

    def _pictures_of(self, person: int, draw: np.random.Generator) -> np.ndarray:
        rows = self.rows[person]
        if len(rows) >= self.pictures:
            return draw.permutation(rows)[: self.pictures]
        return np.concatenate([rows, draw.choice(rows, self.pictures - len(rows))])
