"""ROC and DET figures: log axes, steps as they were counted, intervals where a rate was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from facerep.metrics.roc import Curve
from facerep.results.to_json import to_json
from facerep.studies.verification.result import Result

COLOURS = ("#0b5394", "#c55a11", "#38761d", "#741b47", "#7f6000", "#444444")
STYLES = ("-", "--", "-.", ":")
STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans", "font.size": 9, "axes.linewidth": 0.7, "axes.labelsize": 9,
    "axes.titlesize": 9,
    "xtick.labelsize": 8, "ytick.labelsize": 8, "legend.fontsize": 8,
}  # fmt: skip
STEPS = 1500  # more than the width of the figure in pixels: thinning is not seen


@dataclass(frozen=True)
class Line:
    """One curve of a figure: its name, its steps, its operating points as JSON holds them."""

    name: str
    curve: Curve
    points: Sequence[dict[str, Any]] = ()


def legible(name: str) -> str:
    """A name as a legend shows it: matplotlib leaves out those that begin with an underscore."""
    return f" {name}" if name.startswith("_") else name


def line_of(result: Result, name: str = "") -> Line:
    """The curve of a result."""
    return Line(name, result.curve, [to_json(point) for point in result.tar_at_far])


def roc(result: Result) -> Figure:
    """True over false accept rate, FAR on a log axis."""
    return roc_of([line_of(result)], _title(result))


def roc_of(lines: Sequence[Line], title: str = "") -> Figure:
    """The ROC curves of several results in one figure."""
    with rc_context(STYLE):
        figure, axes = _figure(title, "false accept rate, %", "true accept rate, %")
        left = min(0.5 / line.curve.impostor for line in lines)
        lowest = 1.0
        for position, line in enumerate(lines):
            colour, style = COLOURS[position % len(COLOURS)], STYLES[position % len(STYLES)]
            far, tar = thin(*line.curve.corners(), left)
            lowest = min(lowest, float(tar[0]))
            axes.step(far, tar, where="post", color=colour, linestyle=style, linewidth=1.4, label=legible(line.name))
            for point in line.points:
                if point["tar"] is None:
                    continue
                rate = point["tar"]
                lowest = min(lowest, rate["low"])
                bars = [[rate["value"] - rate["low"]], [rate["high"] - rate["value"]]]
                # bars of several systems stand a little beside each other
                beside = 1.06 ** (position - (len(lines) - 1) / 2)
                axes.errorbar(
                    point["far"] * beside, rate["value"], yerr=bars, fmt="o", markersize=4, capsize=2.5, linewidth=1,
                    color=colour, markerfacecolor="white" if point["flag"] else colour, zorder=3,
                    clip_on=False,
                )  # fmt: skip
        axes.set_xscale("log")
        axes.set_xlim(left, 1)
        floor = max(0.0, np.floor(lowest * 20 - 0.5) / 20)
        axes.set_ylim(floor, 1 + 0.02 * (1 - floor))
        chance = np.geomspace(left, 1, 200)
        axes.plot(chance, chance, color="#999999", linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)
        _plain_log(axes.xaxis)
        per_cent(axes.yaxis)
        _legend(axes, lines, "lower right")
        if any(line.points for line in lines):
            _foot(figure, lines)
    return figure


def det(result: Result) -> Figure:
    """False reject over false accept rate, both on log axes; the equal error rate lies on the diagonal."""
    with rc_context(STYLE):
        figure, axes = _figure(_title(result), "false accept rate, %", "false reject rate, %")
        curve = result.curve
        left, bottom = 0.5 / curve.impostor, 0.5 / curve.genuine
        far, tar = thin(*curve.corners(), left)
        frr = np.maximum(1 - tar, bottom)
        axes.step(far, frr, where="post", color=COLOURS[0], linewidth=1.4, zorder=2.8)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(left, 1)
        axes.set_ylim(bottom, 1)
        diagonal = np.array([max(left, bottom), 1])
        axes.plot(diagonal, diagonal, color="#999999", linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)
        rate = result.eer.rate
        if rate.value > 0:
            axes.plot([rate.value], [rate.value], "o", color=COLOURS[0], markersize=4.5, zorder=3)
            label = f"EER {100 * rate.value:.2f} %\n95 %: {100 * rate.low:.2f} to {100 * rate.high:.2f}"
            axes.annotate(
                label, (rate.value, rate.value), xytext=(-12, -7), textcoords="offset points", fontsize=8,
                ha="right", va="center", zorder=2.5,
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
            )  # fmt: skip
        _plain_log(axes.xaxis)
        _plain_log(axes.yaxis)
    return figure


def thin(far: np.ndarray, tar: np.ndarray, left: float) -> tuple[np.ndarray, np.ndarray]:
    """The corners seen on a log axis from `left` to 1; the first stands for all that lie beyond it."""
    seen = far > left
    start = tar[np.count_nonzero(~seen) - 1] if not seen.all() else 0.0
    far, tar = far[seen], tar[seen]
    column = np.floor(np.log(far / left) / np.log(1 / left) * STEPS).astype(int)
    kept = np.append(np.diff(column) > 0, True)
    return np.concatenate([[left], far[kept]]), np.concatenate([[start], tar[kept]])


def _figure(title: str, x: str, y: str):
    figure = Figure(figsize=(4.6, 3.9), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    if title:
        axes.set_title(title, loc="left", parse_math=False)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(True, which="major", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def per_cent(axis: Any) -> None:
    """Write the ticks of an axis of rates in per cent."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.10g}"))


def _plain_log(axis) -> None:
    axis.set_major_locator(LogLocator(numticks=12))
    per_cent(axis)
    axis.set_minor_formatter(NullFormatter())


def _legend(axes, lines: Sequence[Line], place: str) -> None:
    if any(line.name for line in lines):
        legend = axes.legend(loc=place, frameon=True, framealpha=0.9, edgecolor="none", handlelength=2.6)
        for text in legend.get_texts():
            text.set_parse_math(False)


def _foot(figure: Figure, lines: Sequence[Line]) -> None:
    points = [point for line in lines for point in line.points if point["tar"] is not None]
    if points:
        hollow = "; hollow: few impostors" if any(point["flag"] for point in points) else ""
        figure.supxlabel(
            f"bars: 95 % intervals{hollow}; dotted: chance", fontsize=7, color="#555555", x=0.02, ha="left"
        )


def _title(result: Result) -> str:
    source = result.features["file"] or "features"
    if len(source) > 28:
        source = "…" + source[-27:]
    return f"{source}, {result.metric}, {result.protocol['name']}"
