"""Several results in one figure: their rates on one axis, one row for each system."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from facerep.pairs.compared_results import ComparedResult
from facerep.report.drawing import (
    around,
    at_ticks,
    curve_drawing,
    drawing,
    foot,
    legend,
    legible,
    look,
    per_cent,
    plain,
    whole,
)
from facerep.results.figures import Accuracy, pooled, value_of


def on_one_axis(rows: Sequence[ComparedResult]) -> Figure:
    """Equal error rate above, accuracy below, with their intervals; one row for each result."""
    with drawing(4.6, 1.5 + 0.62 * len(rows)) as figure:
        above, below = figure.subplots(2, sharey=True)
        _marks(above, [row.eer for row in rows], "equal error rate, %")
        _marks(below, [row.accuracy for row in rows], "accuracy, %")
        above.set_yticks(range(len(rows)), at_ticks(textwrap.fill(row.name, 18) for row in rows), parse_math=False)
        above.set_ylim(len(rows) - 0.5, -0.5)
        foot(figure, "bars: 95 % intervals; the paired test below says which differ")
    return figure


def found_by_rank(curves: Sequence[tuple[str, Sequence[tuple[int, float]]]]) -> Figure:
    """The share of known probes found at each rank or better; `curves` are names of results with their steps."""
    with curve_drawing("", "rank", "known probes with this rank or better, %") as (figure, axes):
        for place, (name, steps) in enumerate(curves):
            ranks, shares = zip(*steps, strict=True)
            axes.step(ranks, shares, where="post", linewidth=1.4, label=legible(name), **look(place))
        axes.set_xscale("log")
        whole(axes.xaxis)
        per_cent(axes.yaxis)
        legend(axes, "lower right")
    return figure


def _marks(axes: Axes, accuracies: Sequence[Accuracy], words: str) -> None:
    for place, accuracy in enumerate(accuracies):
        value, rate = value_of(accuracy), pooled(accuracy)  # of folds the mean, with the interval of all pairs
        bars = [[end] for end in around(rate, value, 100)]
        colour = look(place)["color"]
        axes.errorbar(100 * value, place, xerr=bars, fmt="o", markersize=5, capsize=3, linewidth=1.2, color=colour)
    axes.set_xlabel(words)
    plain(axes, grid="x")
