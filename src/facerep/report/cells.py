"""Figures in the cells of tables: a rate with its interval, a difference, a threshold, in per cent and in points."""

from __future__ import annotations

import math

from facerep.console import counted
from facerep.pairs.compared_results import ComparedResult
from facerep.results.figures import Accuracy, Difference, FoldMean, Measure, Rate, pooled

ORDER = "the order of the rows is not significant unless a paired test says so"
"""What every table of results side by side says."""


def digits(value: float) -> int:
    """Decimals of a rate in per cent: three beside 0 and 100, else two."""
    return 3 if 0 < min(value, 1 - value) < 0.001 else 2


def bare(value: float) -> str:
    """A rate in per cent, without the sign; with enough digits that 0.9998 is not 100.

    >>> bare(0.5), bare(0.99998)
    ('50.00', '99.998')
    """
    return f"{100 * value:.{digits(value)}f}"


def percent(value: float) -> str:
    """A rate in per cent.

    >>> percent(0.5), percent(0.99998), percent(1.0)
    ('50.00 %', '99.998 %', '100.00 %')
    """
    return f"{bare(value)} %"


def between(rate: Rate) -> str:
    """A 95 % interval, as exact as its rate."""
    places = digits(rate.value)
    return f"{100 * rate.low:.{places}f} to {100 * rate.high:.{places}f}"


def counts(rate: Rate) -> str:
    """What a rate was counted from."""
    return f"{rate.count:,.0f} of {rate.of:,}" if rate.of < 1e10 else f"{rate.count:.4g} of {rate.of:.4g}"


def shortened(name: str, most: int) -> str:
    """A name of at most so many letters.

    >>> shortened("Wearing_Necklace", 8)
    'Wearing…'
    """
    return name if len(name) <= most else name[: most - 1] + "…"


def in_words(rate: Rate) -> str:
    """A rate with interval and counts in a sentence: `50.00 % (40.00 to 60.00; 50 of 100)`."""
    return f"{percent(rate.value)} ({between(rate)}; {rate.count:,.0f} of {rate.of:,})"


def rate_row(name: str, rate: Rate) -> list[str]:
    """A line of a table: name, value, 95 % interval, counts."""
    return [name, percent(rate.value), between(rate), counts(rate)]


def with_interval(rate: Rate | Measure, places: int | None = None) -> str:
    """A rate with its interval in brackets: `88.60 [88.30, 88.80]`."""
    places = digits(rate.value) if places is None else places
    return f"{100 * rate.value:.{places}f} [{100 * rate.low:.{places}f}, {100 * rate.high:.{places}f}]"


def accuracy_cell(accuracy: Accuracy) -> str:
    """The mean of folds ± standard error, or a rate with its interval."""
    if isinstance(accuracy, FoldMean):
        return f"{bare(accuracy.mean)} ± {100 * accuracy.standard_error:.2f}"
    return with_interval(accuracy)


def accuracy_bounds(accuracy: Accuracy) -> tuple[float, float, float]:
    """Value and interval; of folds their mean and the interval of all pairs."""
    together = pooled(accuracy)
    return (accuracy.mean if isinstance(accuracy, FoldMean) else accuracy.value), together.low, together.high


def points(figure: Measure | Difference) -> str:
    """A difference in points with its interval; ! where it is significant."""
    mark = " !" if figure.significant else ""
    return f"{100 * figure.value:+.2f} [{100 * figure.low:+.2f}, {100 * figure.high:+.2f}]{mark}"


def ends(figure: Measure | Difference | None) -> tuple[float | None, float | None, float | None]:
    """Value and interval, each None where there is no figure."""
    return (figure.value, figure.low, figure.high) if figure else (None, None, None)


def threshold_words(value: float, scorer: str) -> str:
    """A threshold for the eye: of Hamming distances, how many bits may differ.

    >>> threshold_words(-73.5, "hamming"), threshold_words(0.25, "cosine")
    ('where at most 73 bits differ', 'at threshold 0.25')
    """
    if scorer != "hamming" or not math.isfinite(value):
        return f"at threshold {value:.6g}"
    bits = math.floor(-value)
    return f"where at most {counted(bits, 'bit')} differ{'s' if bits == 1 else ''}"


def difference_cell(row: ComparedResult, first: ComparedResult) -> str:
    """The difference to the first row for the eye."""
    if row is first:
        return "-"
    if row.difference is None:
        return "scores not kept" if row.pairs is None or first.pairs is None else "other pairs"
    return points(row.difference)
