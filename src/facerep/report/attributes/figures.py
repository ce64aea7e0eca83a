"""Figures of attributes: one line an attribute, the accuracy of one system with its interval, or of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from facerep.report.drawing import COLOURS, STYLE, at_ticks, legible
from facerep.studies.attributes.result import AttributeResult

_MARKS = "osD^vP*X"


@dataclass(frozen=True)
class Dots:
    """One system: a value for each attribute, and where it is one of few its interval, in shares."""

    name: str
    values: Sequence[float]
    intervals: Sequence[tuple[float, float]] = ()


def of_result(result: AttributeResult) -> Figure:
    """Accuracy with its interval, balanced accuracy and majority guess of each attribute, the best accuracy on top."""
    order = sorted(result.rows, key=lambda row: row.accuracy.value)
    accuracies = [row.accuracy for row in order]
    systems = [
        Dots("accuracy", [one.value for one in accuracies], [(one.low, one.high) for one in accuracies]),
        Dots("balanced accuracy", [row.balanced.value for row in order]),
    ]
    return dots([row.name for row in order], systems, [row.majority.value for row in order], result.system)


def dots(names: Sequence[str], systems: Sequence[Dots], majority: Sequence[float], title: str) -> Figure:
    """One line an attribute, a mark a system; `names` and all values in one order, the last on top."""
    places = range(len(names))
    with rc_context(STYLE):
        figure = Figure(figsize=(5.6, 1.2 + 0.175 * len(names)), layout="constrained")
        FigureCanvasAgg(figure)
        axes: Any = figure.add_subplot()
        axes.plot(
            [100 * value for value in majority], places, "|", color="#888888", markersize=8, label="majority guess"
        )
        for position, system in enumerate(systems):
            colour = COLOURS[position % len(COLOURS)]
            values = [100 * value for value in system.values]
            for place, (low, high) in zip(places, system.intervals, strict=False):
                axes.plot([100 * low, 100 * high], [place, place], color=colour, linewidth=1)
            axes.plot(
                values, places, _MARKS[position % len(_MARKS)], color=colour, markersize=4, label=legible(system.name),
                markerfacecolor=colour if position == 0 else "white",
            )  # fmt: skip
        axes.set_yticks(places, at_ticks(names), parse_math=False)
        axes.set_ylim(-0.7, len(names) - 0.3)
        axes.set_xlabel("right answers on test faces, %")
        axes.grid(axis="both", color="#dddddd", linewidth=0.5)
        axes.set_axisbelow(True)
        axes.set_title(title, loc="left", fontsize=8)
        figure.legend(loc="outside lower center", ncols=3, frameon=False)
    return figure
