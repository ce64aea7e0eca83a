"""The samplers: batches of P people with K pictures each, so that every batch has genuine pairs.

From all faces, or from a window of some shards at a time, whose order is drawn for each epoch: then a set that no
memory holds is read part by part. A batch depends on (seed, epoch, place in the epoch, rank) and on nothing else: to
resume, nothing has to be kept.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

import numpy as np
from torch.utils.data import Sampler

_SHARDS = 1
"""Beside seed and epoch: the order of the shards is drawn by other numbers than a batch."""


class Batches(Sampler[np.ndarray], ABC):
    """The batches of an epoch, each a function of its place.

    Attributes:
        now: gives the epoch when its first batch is drawn; None: who draws sets `epoch`.
        epoch: which one.
        batches: how many there are.
    """

    now: Callable[[], int] | None
    epoch: int
    batches: int

    def __len__(self) -> int:
        return self.batches

    def __iter__(self) -> Iterator[np.ndarray]:
        if self.now is not None:
            self.epoch = self.now()
        for place in range(self.batches):
            yield self.batch(place)

    @abstractmethod
    def batch(self, place: int) -> np.ndarray:
        """The rows of batch number `place` of the current epoch."""


class PeopleBatches(Batches):
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


class WindowBatches(Batches):
    """The same, shard by shard: an epoch's shards are mixed, and batches are drawn from a few of them at a time.

    Ranks draw from disjoint shards where each has a window of its own with P people; else from disjoint parts of each
    person's faces, for too few people in a batch would teach something else. Each rank has the same number of batches.

    Args:
        labels: as PeopleBatches has them.
        shards: which shard each row is in, int, shape (n,).
        window: how many shards batches are drawn from at a time, more where these have not P people.
        people, pictures, balance, cap, seed, rank, replicas, now: as PeopleBatches has them.
    """

    def __init__(
        self,
        labels: np.ndarray,
        shards: np.ndarray,
        *,
        window: int,
        people: int,
        pictures: int,
        balance: float,
        cap: int,
        seed: int,
        rank: int = 0,
        replicas: int = 1,
        now: Callable[[], int] | None = None,
    ) -> None:
        self.labels, self.window, self.now = labels, window, now
        self.drawing = {"people": people, "pictures": pictures, "balance": balance, "cap": cap, "seed": seed}
        self.seed, self.rank, self.replicas, self.epoch = seed, rank, replicas, 0
        drawn = np.flatnonzero(labels >= 0)
        order = drawn[np.argsort(shards[drawn], kind="stable")]
        self.rows_of = np.split(order, np.flatnonzero(np.diff(shards[order])) + 1)
        self.people = min(people, len(np.unique(labels[drawn])))
        self.batches = max(1, round(len(drawn) / (self.people * pictures * replicas)))
        self._held: tuple[int, int, PeopleBatches] | None = None
        self._windows: tuple[int, list[np.ndarray]] | None = None

    def batch(self, place: int) -> np.ndarray:
        """The rows of batch number `place` of the current epoch, shape (P * K,)."""
        windows = self.windows()
        ends = np.cumsum([len(rows) for rows in windows])
        # each window has as many batches as its share of the faces, rounded so that all windows have them together
        number = int(np.searchsorted(np.round(ends / ends[-1] * self.batches), place, side="right"))
        if self._held is None or self._held[:2] != (self.epoch, number):
            some = np.full(len(self.labels), -1, np.int64)
            some[windows[number]] = np.unique(self.labels[windows[number]], return_inverse=True)[1]
            self._held = self.epoch, number, PeopleBatches(some, **self.drawing, rank=self.rank)
        batches = self._held[2]
        batches.epoch = self.epoch
        return batches.batch(place)

    def windows(self) -> list[np.ndarray]:
        """The rows of each window of this rank in the current epoch, in the order in which they are drawn from."""
        if self._windows is None or self._windows[0] != self.epoch:
            self._windows = self.epoch, self._drawn()
        return self._windows[1]

    def _drawn(self) -> list[np.ndarray]:
        order = np.random.default_rng((self.seed, self.epoch, _SHARDS)).permutation(len(self.rows_of))
        mine = [self._grouped(order[rank :: self.replicas]) for rank in range(self.replicas)]
        if self.replicas == 1 or all(self._enough(windows) for windows in mine):
            return mine[self.rank]
        parts = [_part(rows, self.labels, self.rank, self.replicas) for rows in self._grouped(order)]
        return [rows for rows in parts if len(rows)]

    def _grouped(self, shards: np.ndarray) -> list[np.ndarray]:
        """Shards by windows, each of which has P people if all together have."""
        groups: list[np.ndarray] = []
        left = np.empty(0, np.int64)
        for some in np.array_split(shards, max(1, len(shards) // self.window)) if len(shards) else []:
            left = np.concatenate([left, *(self.rows_of[shard] for shard in some)])
            if len(np.unique(self.labels[left])) >= self.people:
                groups.append(left)
                left = np.empty(0, np.int64)
        if len(left) and groups:
            groups[-1] = np.concatenate([groups[-1], left])
        return groups or [left]

    def _enough(self, windows: list[np.ndarray]) -> bool:
        return all(len(np.unique(self.labels[rows])) >= self.people for rows in windows)


def _part(rows: np.ndarray, labels: np.ndarray, rank: int, replicas: int) -> np.ndarray:
    """The rank's part of a window: every so-manieth face of each person, of people with fewer faces all."""
    rows = rows[np.argsort(labels[rows], kind="stable")]
    _, starts, counts = np.unique(labels[rows], return_index=True, return_counts=True)
    within = np.arange(len(rows)) - np.repeat(starts, counts)
    return rows[(within % replicas == rank) | (np.repeat(counts, counts) < replicas)]
