"""ROC and DET figures: log axes, steps as they were counted, intervals where a rate was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from facerep.metrics.roc import Curve
from facerep.report.drawing import (
    COLOURS,
    bar,
    curve_drawing,
    foot,
    legend,
    legible,
    log_per_cent,
    look,
    per_cent,
    thin,
)
from facerep.results.figures import RateAtFar
from facerep.studies.verification.result import Result


@dataclass(frozen=True)
class Line:
    """One curve of a figure: its name, its steps, its operating points."""

    name: str
    curve: Curve
    points: Sequence[RateAtFar] = ()


def roc(result: Result) -> Figure:
    """True over false accept rate, FAR on a log axis."""
    return roc_of([Line("", result.curve, result.tar_at_far)], _title(result))


def roc_of(lines: Sequence[Line], title: str = "") -> Figure:
    """The ROC curves of several results in one figure."""
    with curve_drawing(title, "false accept rate, %", "true accept rate, %") as (figure, axes):
        left = min(0.5 / line.curve.impostor for line in lines)
        lowest = 1.0
        for position, line in enumerate(lines):
            far, tar = thin(*line.curve.corners(), left)
            lowest = min(lowest, float(tar[0]))
            axes.step(far, tar, where="post", linewidth=1.4, label=legible(line.name), **look(position))
            for point in line.points:
                if point.rate is not None:
                    lowest = min(lowest, point.rate.low)
                    # bars of several systems stand a little beside each other
                    beside = 1.06 ** (position - (len(lines) - 1) / 2)
                    colour = COLOURS[position % len(COLOURS)]
                    bar(axes, point.far * beside, point.rate, colour, hollow=bool(point.flag))
        axes.set_xscale("log")
        axes.set_xlim(left, 1)
        floor = max(0.0, np.floor(lowest * 20 - 0.5) / 20)
        axes.set_ylim(floor, 1 + 0.02 * (1 - floor))
        chance = np.geomspace(left, 1, 200)
        axes.plot(chance, chance, color="#999999", linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)
        log_per_cent(axes.xaxis)
        per_cent(axes.yaxis)
        if any(line.name for line in lines):
            legend(axes, "lower right")
        if points := [point for line in lines for point in line.points if point.rate is not None]:
            hollow = "; hollow: few impostors" if any(point.flag for point in points) else ""
            foot(figure, f"bars: 95 % intervals{hollow}; dotted: chance")
    return figure


def det(result: Result) -> Figure:
    """False reject over false accept rate, both on log axes; the equal error rate lies on the diagonal."""
    with curve_drawing(_title(result), "false accept rate, %", "false reject rate, %") as (figure, axes):
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
        log_per_cent(axes.xaxis)
        log_per_cent(axes.yaxis)
    return figure


def _title(result: Result) -> str:
    source = result.features["file"] or "features"
    if len(source) > 28:
        source = "…" + source[-27:]
    return f"{source}, {result.metric}, {result.protocol['name']}"
