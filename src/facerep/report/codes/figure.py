"""The figure of a codes table: accuracy over bytes a face, and over the time of one search."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from facerep.report.drawing import COLOURS, around, drawing, plain, whole
from facerep.results.figures import pooled, value_of
from facerep.studies.codes.codes_table import CodesRow, CodesTable

_COLOUR: dict[str, str] = dict(zip(("hamming", "weighted-hamming", "joint-bayesian", "cosine"), COLOURS, strict=False))
_BESIDE = {"hamming": 0.94, "weighted-hamming": 1.0, "joint-bayesian": 1.06}
"""Codes of one length stand a little beside each other, so that their intervals are seen."""
_MARK = {"vectors": "D", "units": "o", "itq": "s"}
_STROKE = {"units": "-", "itq": "--"}
_NAME = {"units": "single units", "itq": "rotated (ITQ)", "vectors": "vectors"}


def accuracy_over_bytes_and_time(table: CodesTable) -> Figure:
    """Accuracy over bytes a face, and over the time of one search; rows that differ in their bits only are joined."""
    with drawing(7.4, 3.9) as figure:
        left, right = figure.subplots(1, 2, sharey=True)
        for axes, name in ((left, "bytes a face"), (right, "time of one query, over cosine on vectors")):
            axes.set_xscale("log", base=2 if axes is left else 10)
            axes.set_xlabel(name)
            plain(axes, grid="both")
            whole(axes.xaxis)
        left.set_ylabel("accuracy, %")
        right.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        for kept, scorer in dict.fromkeys((row.kept, row.scorer) for row in table.rows):
            rows = [row for row in table.rows if (row.kept, row.scorer) == (kept, scorer)]
            beside = _BESIDE[scorer] if rows[0].bits else 1.0
            _draw(left, rows, [row.bytes_stored * beside for row in rows], _STROKE.get(kept, ""))
            _draw(right, rows, [table.time(row) for row in rows], "")
        figure.legend(
            *left.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False, handlelength=2.6
        )
    return figure


def _draw(axes: Axes, rows: Sequence[CodesRow], places: Sequence[float], stroke: str) -> None:
    first = rows[0]
    # the bar has its place around the rate of the pooled pairs, the mark around the mean of folds: nearly the same
    bars = [around(pooled(row.accuracy), value_of(row.accuracy), 100) for row in rows]
    axes.errorbar(
        places, [100 * value_of(row.accuracy) for row in rows], yerr=list(zip(*bars, strict=True)),
        color=_COLOUR[first.scorer], marker=_MARK[first.kept], markersize=4,
        linestyle=stroke, linewidth=1.2, elinewidth=0.6, capsize=1.5,
        markerfacecolor=_COLOUR[first.scorer] if first.kept != "itq" else "white",
        label=f"{first.scorer}, {_NAME[first.kept]}",
    )  # fmt: skip
