"""Intervals of rates over all pairs of faces with each other, from sums over people.

The variance of a rate whose pairs share people needs no pair by itself: it needs the sum over the pairs of each person
and the squared sums between each two. Both add up block by block, so no pair has to be kept. The formulas are those of
`clusters`. Source: arXiv 2306.01198, section 3; docs/numbers.md, rule 7 (intervals).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from facerep.metrics.clusters import mending
from facerep.metrics.intervals import CLOPPER_PEARSON, adjusted, by_variance, clopper_pearson
from facerep.metrics.roc import Curve
from facerep.results.figures import Rate


@dataclass(frozen=True)
class FaceCounts:
    """How many faces each person has: that alone says which pairs there are.

    Attributes:
        faces: of each person, shape (g,), each at least 1.
    """

    faces: np.ndarray

    @cached_property
    def genuine(self) -> np.ndarray:
        """Genuine pairs of each person, float64 (g,)."""
        faces = self.faces.astype(np.float64)
        return faces * (faces - 1) / 2

    @cached_property
    def impostor(self) -> np.ndarray:
        """Impostor pairs that each person stands in, float64 (g,)."""
        faces = self.faces.astype(np.float64)
        return faces * (faces.sum() - faces)

    @cached_property
    def squared(self) -> float:
        """Sum over couples of two people of the squared number of pairs between them."""
        squares = self.faces.astype(np.float64) ** 2
        return float((squares.sum() ** 2 - (squares**2).sum()) / 2)

    def worth(self, *, genuine: bool, impostor: bool) -> float:
        """How many independent trials pairs are worth at least, see `clusters.worth`."""
        touching = self.genuine * genuine + self.impostor * impostor
        pairs = self.genuine.sum() * genuine + self.impostor.sum() / 2 * impostor
        return float(pairs**2 / (np.sum(touching**2) / 2 + np.sum((self.genuine * genuine) ** 2) / 2))

    @cached_property
    def least_worth(self) -> float:
        """What the less telling kind of pairs is worth, see `clusters.least_worth`."""
        return min(self.worth(genuine=True, impostor=False), self.worth(genuine=False, impostor=True))


class ImpostorSums:
    """What some value of the impostor pairs sums to, taken up person by person.

    Attributes:
        total: over all pairs.
        touching: over the pairs that a person stands in, shape (g,).
        squared: sum over couples of people of the squared sum between them.
        weighted: the same of that sum times the number of pairs between the two.
        squares: sum of the squared values; for hits it is the total.
    """

    def __init__(self, people: FaceCounts) -> None:
        self.people = people
        self.touching = np.zeros(len(people.faces))
        self.total = self.squared = self.weighted = self.squares = 0.0
        self._begun: np.ndarray | None = None

    def add(self, first: int, between: np.ndarray, squares: float | None = None, *, goes_on: bool = False) -> None:
        """Take up some people.

        Args:
            first: number of the first of them.
            between: sums over the pairs between each of them and each person from `first` on, 0 with themselves and
                with those before them; shape (k, g - first).
            squares: sum of the squared values of these pairs; left out, the values are 0 or 1.
            goes_on: the last of them comes again, with further faces, first of all.
        """
        self.squares += float(between.sum()) if squares is None else squares
        if self._begun is not None:
            between[0] += self._begun
        self._begun = between[-1, len(between) - 1 :].copy() if goes_on else None
        self._take_up(first, first, between[:-1] if goes_on else between)

    def add_tile(self, first: int, other: int, between: np.ndarray, squares: float | None = None) -> None:
        """Take up the pairs of some people with some others, of which none comes again.

        Args:
            first: number of the first person of the rows.
            other: of the first person of the columns.
            between: sums over the pairs between each two, 0 where there is none, shape (k, m).
            squares: see `add`.
        """
        self.squares += float(between.sum()) if squares is None else squares
        self._take_up(first, other, between)

    def _take_up(self, first: int, other: int, between: np.ndarray) -> None:
        tall, wide = between.shape
        rows, columns = (
            self.people.faces[start : start + many].astype(np.float64) for start, many in ((first, tall), (other, wide))
        )
        mine = between.sum(axis=1)
        self.touching[first : first + tall] += mine
        self.touching[other : other + wide] += between.sum(axis=0)
        self.total += float(mine.sum())
        self.squared += float(np.einsum("ij,ij->", between, between))
        # by einsum: the last bits of a BLAS product depend on how many threads it has
        self.weighted += float(np.einsum("i,i->", rows, np.einsum("ij,j->i", between, columns)))

    def join(self, other: ImpostorSums) -> None:
        """Take up what other people sum to, of the same faces."""
        self.total += other.total
        self.squared += other.squared
        self.weighted += other.weighted
        self.squares += other.squares
        self.touching += other.touching

    def complement(self) -> ImpostorSums:
        """The sums of 1 minus the value, which is 0 or 1."""
        other, people = ImpostorSums(self.people), self.people
        other.total = other.squares = float(people.impostor.sum() / 2 - self.total)
        other.touching = people.impostor - self.touching
        other.squared = people.squared - 2 * self.weighted + self.squared
        other.weighted = people.squared - self.weighted
        return other


def impostor_rate(hits: ImpostorSums) -> Rate:
    """The share of impostor pairs that hit, as `intervals.rate` gives it."""
    people, count = hits.people, round(hits.total)
    pairs = round(people.impostor.sum() / 2)
    if people.impostor.max() <= 1:
        return Rate(count / pairs, *clopper_pearson(count, pairs), count, pairs, CLOPPER_PEARSON)
    share = count / pairs
    touching = hits.touching - share * people.impostor
    total, couples = _spread(touching, hits, share)
    spread = max(total, couples, pairs * share * (1 - share))
    return _rate(count, pairs, spread, people, genuine=False)


def right_rate(genuine: np.ndarray, rejected: ImpostorSums) -> Rate:
    """The share of all pairs that are judged rightly.

    Args:
        genuine: accepted genuine pairs of each person, shape (g,).
        rejected: impostor pairs that are not accepted.
    """
    people = rejected.people
    count = round(genuine.sum() + rejected.total)
    pairs = round(people.genuine.sum() + people.impostor.sum() / 2)
    share = count / pairs
    touching = genuine + rejected.touching - share * (people.genuine + people.impostor)
    spread = max(_spread(touching, rejected, share)[0], pairs * share * (1 - share))
    return _rate(count, pairs, spread, people, genuine=True)


def area_rate(
    curve: Curve, area: float, won: float, genuine: np.ndarray, squares: float, impostor: ImpostorSums
) -> Rate:
    """The area under the ROC, as `influence.auc_rate` gives it.

    Args:
        curve: for its counts.
        area, won: from `rates.auc`.
        genuine: sums over each person's genuine pairs of the share of impostor pairs that they win against; (g,).
        squares: sum of the squares of these shares.
        impostor: sums of the share of genuine pairs that win against an impostor pair.
    """
    people = impostor.people
    touching = (genuine - area * people.genuine) / curve.genuine
    touching += (impostor.touching - area * people.impostor) / curve.impostor
    own = (squares - curve.genuine * area**2) / curve.genuine**2
    own += (impostor.squares - curve.impostor * area**2) / curve.impostor**2
    variance = max(_spread(touching, impostor, area, curve.impostor)[0], own)
    interval = by_variance(area, variance, len(people.faces), lambda: people.least_worth)
    return Rate(area, *interval, won, curve.genuine * curve.impostor, adjusted("people"))


def _spread(touching: np.ndarray, between: ImpostorSums, centre: float, scale: float = 1.0) -> tuple[float, float]:
    """`clusters.shared_variance` of (value - centre) / scale before its least values, and sum_{u<v} T_uv^2.

    Args:
        touching: sums over the pairs of each person, centred and scaled.
        between: of the value.
    """
    couples = between.squared - 2 * centre * between.weighted + centre**2 * between.people.squared
    couples /= scale**2
    total = float(np.sum(touching**2)) - couples
    return total * mending(len(touching), between=True), couples


def _rate(count: int, pairs: int, variance: float, people: FaceCounts, *, genuine: bool) -> Rate:
    value = count / pairs
    interval = by_variance(
        value, variance, len(people.faces), lambda: people.worth(genuine=genuine, impostor=True), pairs
    )
    return Rate(value, *interval, count, pairs, adjusted("people"))
