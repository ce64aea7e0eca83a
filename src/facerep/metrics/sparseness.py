"""Sparseness: how many units fire on a face, and how many faces make a unit fire.

A unit is active on a face where its value is above 0. Faces come in blocks; what is kept does not grow with them.
Source: DeepID2+, section 4; Treves and Rolls, Network 2, 1991; Vinje and Gallant, Science 287, 2000.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from facerep.metrics.clusters import mending
from facerep.metrics.intervals import adjusted, by_variance
from facerep.results.figures import Rate


@dataclass(frozen=True)
class Deviation:
    """The mean of some numbers with their standard deviation, from n."""

    mean: float
    standard_deviation: float


def _deviation(values: np.ndarray) -> Deviation:
    return Deviation(float(values.mean()), float(values.std()))


@dataclass(frozen=True)
class Sparseness:
    """What `Tally` counted.

    Attributes:
        faces, units: how many.
        faces_by_active: faces on which 0, 1, ... all units are active; int64, shape (units + 1,).
        faces_of_unit: faces on which a unit is active; int64, shape (units,).
        share: active (face, unit) couples of all, with an interval by people.
        mean, deviation: of a unit's values over faces; shape (units,).
        population: over faces, of the sparseness of a face; None where it is not defined.
        lifetime: sparseness of each unit, NaN where it never fires or some value is below 0; shape (units,).
        negative: values below 0; where there are some, population and lifetime sparseness are not defined.
    """

    JSON: ClassVar = (
        "faces", "units", "share_active=share", "active_units_of_a_face=active", "faces_that_activate_a_unit=exciting",
        "entropy.mean=entropies.mean", "entropy.lowest=lowest_entropy", "population_sparseness=population",
        "lifetime_sparseness=lifetimes", "units_that_never_fire=never", "units_that_always_fire=always",
        "values_below_zero=negative",
    )  # fmt: skip

    faces: int
    units: int
    faces_by_active: np.ndarray
    faces_of_unit: np.ndarray
    share: Rate
    mean: np.ndarray
    deviation: np.ndarray
    population: Deviation | None
    lifetime: np.ndarray
    negative: int

    @property
    def active(self) -> Deviation:
        """Over faces, of the number of active units."""
        number = np.arange(self.units + 1)
        mean = float(self.faces_by_active @ number) / self.faces
        return Deviation(mean, float(np.sqrt(self.faces_by_active @ (number - mean) ** 2 / self.faces)))

    @property
    def exciting(self) -> Deviation:
        """Over units, of the number of faces that activate them."""
        return _deviation(self.faces_of_unit)

    @cached_property
    def entropy(self) -> np.ndarray:
        """Entropy of "is it active?" for each unit, in bits; 0 where it never or always fires."""
        return entropy(self.faces_of_unit / self.faces)

    @property
    def entropies(self) -> Deviation:
        """Over units, of their entropy."""
        return _deviation(self.entropy)

    @property
    def lowest_entropy(self) -> float:
        """Of any unit."""
        return float(self.entropy.min())

    @property
    def lifetimes(self) -> Deviation | None:
        """Over units, of their lifetime sparseness where it is defined; None where it is nowhere."""
        defined = self.lifetime[np.isfinite(self.lifetime)]
        return _deviation(defined) if len(defined) else None

    @property
    def never(self) -> int:
        """How many units never fire."""
        return int((self.faces_of_unit == 0).sum())

    @property
    def always(self) -> int:
        """How many units fire on every face."""
        return int((self.faces_of_unit == self.faces).sum())


class Tally:
    """Counts over blocks of faces."""

    def __init__(self, units: int) -> None:
        self.units, self.faces, self.negative = units, 0, 0
        self.by_active = np.zeros(units + 1, np.int64)
        self.of_unit = np.zeros(units, np.int64)
        self.sums, self.squares = np.zeros(units), np.zeros(units)
        self.sparse = np.zeros(3)  # faces that fire at all, and the sum and sum of squares of their sparseness
        self.people: dict[str, list[int]] = {}  # faces and active units of each person
        self.alone = np.zeros(3)  # faces of unknown people: their number, active units, squares of these

    def add(self, block: np.ndarray, people: np.ndarray) -> None:
        """Count more faces: values (n, units), and their people (n,), "" where unknown."""
        active = block > 0
        each = np.count_nonzero(active, axis=1)
        self.faces += len(block)
        self.negative += int(np.count_nonzero(block < 0))
        self.by_active += np.bincount(each, minlength=self.units + 1)
        self.of_unit += np.count_nonzero(active, axis=0)
        values = block.astype(np.float64)
        self.sums += values.sum(axis=0)
        self.squares += np.square(values).sum(axis=0)
        sparse = treves_rolls(values.mean(axis=1), np.square(values).mean(axis=1), self.units)
        sparse = sparse[np.isfinite(sparse)]
        self.sparse += len(sparse), sparse.sum(), np.square(sparse).sum()
        known = people != ""
        for person, count in zip(people[known].tolist(), each[known].tolist(), strict=True):
            row = self.people.setdefault(person, [0, 0])
            row[0] += 1
            row[1] += count
        unknown = each[~known].astype(np.float64)
        self.alone += len(unknown), unknown.sum(), np.square(unknown).sum()

    def result(self) -> Sparseness:
        """What was counted so far; at least one face."""
        mean = self.sums / self.faces
        population, lifetime = None, np.full(self.units, np.nan)
        if not self.negative and self.units > 1 and self.sparse[0]:
            average = self.sparse[1] / self.sparse[0]
            deviation = np.sqrt(max(self.sparse[2] / self.sparse[0] - average**2, 0.0))
            population = Deviation(float(average), float(deviation))
        if not self.negative and self.faces > 1:
            lifetime = treves_rolls(mean, self.squares / self.faces, self.faces)
        return Sparseness(
            faces=self.faces, units=self.units, faces_by_active=self.by_active.copy(),
            faces_of_unit=self.of_unit.copy(), share=self._share(), mean=mean,
            deviation=np.sqrt(np.maximum(self.squares / self.faces - mean**2, 0.0)),
            population=population, lifetime=lifetime, negative=self.negative,
        )  # fmt: skip

    def _share(self) -> Rate:
        """The share of active couples; faces of one person are alike, so people are what is independent."""
        count, of = int(self.of_unit.sum()), self.faces * self.units
        value, mean = count / of, count / self.faces
        groups = np.array(list(self.people.values()), np.float64).reshape(-1, 2)
        faces, active, squares = self.alone
        spread = np.square(groups[:, 1] - mean * groups[:, 0]).sum() + squares - 2 * mean * active + mean**2 * faces
        clusters = len(groups) + int(faces)
        each = (self.by_active * np.square(np.arange(len(self.by_active)) - mean)).sum()
        variance = max(spread * mending(clusters, between=False), each) / of**2  # as in clusters.shared_variance
        interval = by_variance(value, variance if clusters > 1 else 0.0, clusters, lambda: clusters)
        return Rate(value, *interval, count, of, adjusted("people" if self.people else "faces"))


def treves_rolls(mean: np.ndarray, square: np.ndarray, n: int) -> np.ndarray:
    """Sparseness (1 - mean^2 / mean of squares) / (1 - 1/n) of values that are not negative; NaN where all are 0.

    0: all n values are equal; 1: one of them is not 0.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.clip((1 - mean**2 / square) / (1 - 1 / n), 0, 1)


def entropy(share: np.ndarray) -> np.ndarray:
    """Entropy in bits of a bit that is 1 with probability `share`.

    >>> entropy(np.array([0.0, 0.5, 1.0])).tolist()
    [-0.0, 1.0, -0.0]
    """
    share = np.asarray(share, np.float64)
    parts = np.stack([share, 1 - share])
    with np.errstate(divide="ignore", invalid="ignore"):
        return -np.where(parts > 0, parts * np.log2(parts), 0.0).sum(axis=0)
