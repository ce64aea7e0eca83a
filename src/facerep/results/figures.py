"""Figures of results: a rate, a measure, a difference, a ratio, a mean over folds or trials, a rate at a FAR.

Each has a value and what is needed to judge it: counts, an interval and its method. docs/numbers.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

LEVEL = 0.95
"""Of all intervals."""


@dataclass(frozen=True)
class Rate:
    """A rate, what it was counted from, and its 95 % interval.

    Attributes:
        value: the rate, a fraction.
        low, high: the interval.
        count: how many of the trials the rate counts (for the AUC: comparisons won, a tie is a half).
        of: how many trials there were.
        interval: the method of the interval, in words.
    """

    value: float
    low: float
    high: float
    count: float
    of: int
    interval: str


@dataclass(frozen=True)
class Measure:
    """A figure that is no plain count, with its 95 % interval."""

    value: float
    low: float
    high: float
    interval: str

    @property
    def significant(self) -> bool:
        """Of a difference: the interval leaves out 0."""
        return not self.low <= 0 <= self.high


@dataclass(frozen=True)
class Difference:
    """Accuracy of the second system minus that of the first.

    Attributes:
        value: the difference.
        low, high: its 95 % interval.
        first_only, second_only: pairs that only the one or only the other judges rightly.
        p: two-sided exact McNemar p-value, which takes pairs as independent; None where people or faces recur.
        method: how the interval was made.
    """

    JSON: ClassVar = ("value", "low", "high", "first_only", "second_only", "p", "method", "significant")

    value: float
    low: float
    high: float
    first_only: int
    second_only: int
    p: float | None
    method: str

    @property
    def significant(self) -> bool:
        """True where the 95 % interval leaves out 0 (or p < 0.05, where there is one)."""
        return self.p < 1 - LEVEL if self.p is not None else not self.low <= 0 <= self.high


@dataclass(frozen=True)
class Ratio:
    """One rate over another with its interval; infinite where the other is 0, None where both are."""

    value: float | None
    low: float
    high: float
    interval: str


@dataclass(frozen=True)
class Fold:
    """One fold, judged by the threshold of the others: `count` of `of` pairs were right."""

    JSON: ClassVar = ("threshold", "count", "of", "value")

    threshold: float
    count: int
    of: int

    @property
    def value(self) -> float:
        """The accuracy of the fold."""
        return self.count / self.of


@dataclass(frozen=True)
class FoldMean:
    """Mean accuracy over folds, its standard error s / sqrt(folds), s from n - 1; and the folds pooled."""

    mean: float
    standard_error: float
    folds: int
    pooled: Rate
    each: tuple[Fold, ...]


Accuracy = Rate | FoldMean
"""By folds where the pairs have some."""


def pooled(accuracy: Accuracy) -> Rate:
    """The accuracy of all pairs together, with its interval."""
    return accuracy.pooled if isinstance(accuracy, FoldMean) else accuracy


def value_of(accuracy: Accuracy) -> float:
    """The mean of the folds, or the plain rate."""
    return accuracy.mean if isinstance(accuracy, FoldMean) else accuracy.value


def standard_error_of(accuracy: Accuracy) -> float | None:
    """Over folds; None without."""
    return accuracy.standard_error if isinstance(accuracy, FoldMean) else None


@dataclass(frozen=True)
class Spread:
    """A rate over trials: mean, standard deviation with n - 1, and the mean less one deviation.

    Trials share faces and people, so the deviation is not a standard error.
    """

    JSON: ClassVar = ("mean", "standard_deviation", "mean_minus_deviation", "trials")

    mean: float
    standard_deviation: float
    trials: int

    @property
    def mean_minus_deviation(self) -> float:
        """As BLUFR reports it."""
        return self.mean - self.standard_deviation


@dataclass(frozen=True)
class EqualError:
    """Where false accepts and false rejects are equally frequent.

    `far` and `frr` differ where the steps do not meet. The rate's value is the mean of the two, its counts
    are the errors of both kinds at `threshold`.
    """

    JSON: ClassVar = ("*rate", "far", "frr", "threshold")

    rate: Rate
    threshold: float
    far: float
    frr: float


@dataclass(frozen=True)
class RateAtFar:
    """What is accepted at a target false accept rate: of genuine pairs (TAR), of known probes by rank 1 (DIR).

    Attributes:
        far: the target.
        threshold: the smallest threshold that holds it, None where the rate was refused.
        rate: the rate reached, None where refused.
        obtained: the false accept rate really obtained at the threshold.
        flag: None, words for fewer than 10 / far impostors, or "refused" (fewer than 1 / far).
        impostor, needed: how many impostor pairs or unknown probes there were, and how many 1 / far asks for.
    """

    JSON: ClassVar = ("far", "threshold", "tar=rate", "flag", "obtained", "impostor", "needed")

    far: float
    threshold: float | None
    rate: Rate | None
    obtained: Rate | None
    flag: str | None
    impostor: int
    needed: int

    @property
    def tar(self) -> Rate | None:
        """`rate` of genuine pairs, by its usual name."""
        return self.rate


class DirAtFar(RateAtFar):
    """Detection and identification rate at a false alarm rate, in JSON by the words of identification."""

    JSON: ClassVar = ("far", "threshold", "dir=rate", "flag", "obtained", "unknown=impostor", "needed")


@dataclass(frozen=True)
class AtThreshold:
    """What one threshold gives on these pairs, and who chose it; `source` is the result that it was taken from."""

    value: float
    chosen: str
    tar: Rate
    far: Rate
    source: dict[str, Any] | None = None
