"""The figure of verification under covers: accuracy over the amount that is covered, one panel a kind of cover."""

from __future__ import annotations

from matplotlib.figure import Figure

from facerep.report.drawing import COLOURS, STYLES, around, drawing, foot, legible, plain
from facerep.report.robustness.robustness import covered_faces
from facerep.results.figures import pooled, value_of
from facerep.studies.robustness.result import Robustness

BELOW = {"bottom": "black from the bottom, % of the face", "block": "black block, pixels of a face of 112x96"}


def accuracy_over_covers(result: Robustness) -> Figure:
    """Accuracy over the amount that is covered; bars are 95 % intervals."""
    with drawing(0.6 + 3.6 * len(result.kinds), 3.9) as figure:
        lowest = min(pooled(point.accuracy).low for each in result.systems for point in each.points)
        panels = figure.subplots(1, len(result.kinds), squeeze=False, sharey=True)[0]
        for axes, kind in zip(panels, result.kinds, strict=True):
            for place, each in enumerate(result.systems):
                points, factor = each.of(kind), 100 if kind == "bottom" else 1
                bars = [around(pooled(point.accuracy), value_of(point.accuracy), 100) for point in points]
                axes.errorbar(
                    [factor * point.cover.amount for point in points],
                    [100 * value_of(point.accuracy) for point in points],
                    yerr=list(zip(*bars, strict=True)), label=legible(each.system.name),
                    color=COLOURS[place % len(COLOURS)], linestyle=STYLES[place // len(COLOURS) % len(STYLES)],
                    marker="o", markersize=3, linewidth=1.3, elinewidth=0.7, capsize=1.5,
                )  # fmt: skip
            axes.axhline(50, color="#999999", linewidth=0.8, linestyle=(0, (2, 2)))
            axes.set_ylim(min(48, 100 * lowest - 1), 100)
            axes.set_xlabel(BELOW[kind])
            plain(axes)
        figure.axes[0].set_ylabel("accuracy, %")
        for name in figure.legend(
            *figure.axes[0].get_legend_handles_labels(), loc="outside upper left", frameon=False, ncols=2
        ).get_texts():
            name.set_parse_math(False)
        about = f"{result.dataset}, {result.pairs}, {covered_faces(result)}"
        foot(figure, f"{about}; bars: 95 % intervals; dotted: a coin")
    return figure
