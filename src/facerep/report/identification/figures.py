"""Figures of an identification: the CMC, and DIR over the false alarm rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from facerep.report.drawing import COLOURS, STYLE, STYLES, per_cent, thin
from facerep.results.figures import Rate
from facerep.studies.identification.result import Identification, Judged, Trial


def cmc(result: Identification) -> Figure:
    """The share of known probes found among the first k of the gallery, k on a log axis."""
    with rc_context(STYLE):
        figure, axes = _figure(result, "rank", "known probes with this rank or better, %")
        for place, judged in enumerate(result.lists):
            for trial in judged.trials:
                ranks = np.arange(1, trial.gallery_people + 1)
                axes.step(ranks, trial.cmc / trial.known, where="post", **_line(place, judged, trial))
            if len(judged.trials) == 1:
                points = [(at.k, at.rate, False) for at in judged.trials[0].ranks]
                _bars(axes, points, place)
        most = max(trial.gallery_people for judged in result.lists for trial in judged.trials)
        _finish(axes, (1, max(most, 2)), "lower right", rates=False)
        _foot(figure, result, "")
    return figure


def dir_over_far(result: Identification) -> Figure:
    """Detection and identification rate at rank 1 over the false alarm rate, which is on a log axis."""
    with rc_context(STYLE):
        figure, axes = _figure(result, "false alarm rate, %", "detection and identification rate, %")
        curves = [trial.curve for judged in result.lists for trial in judged.trials if trial.curve is not None]
        left = min(0.5 / curve.impostor for curve in curves)
        for place, judged in enumerate(result.lists):
            for trial in judged.trials:
                if trial.curve is not None:
                    far, found = thin(*trial.curve.corners(), left)
                    axes.step(far, found, where="post", **_line(place, judged, trial))
            if len(judged.trials) == 1:
                found = judged.trials[0].open_set
                points = [(point.far, point.dir, point.flag is not None) for point in found if point.dir is not None]
                _bars(axes, points, place)
        _finish(axes, (left, 1), "upper left", rates=True)
        _foot(figure, result, "; hollow: few unknown probes")
    return figure


def _figure(result: Identification, x: str, y: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(4.6, 3.9), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    source = result.features["file"] or "features"
    axes.set_title(f"{source if len(source) <= 40 else '…' + source[-39:]}, {result.metric}", loc="left",
                   parse_math=False)  # fmt: skip
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(True, which="major", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def _line(place: int, judged: Judged, trial: Trial) -> dict[str, Any]:
    """How a trial is drawn: the trials of a list share colour and style and are named once."""
    several = len(judged.trials) > 1
    label = f"{judged.name}, {len(judged.trials)} trials" if several else judged.name
    return {
        "color": COLOURS[place % len(COLOURS)], "linestyle": STYLES[place % len(STYLES)],
        "linewidth": 0.7 if several else 1.4, "label": label if trial is judged.trials[0] else None,
    }  # fmt: skip


def _bars(axes: Axes, points: Sequence[tuple[float, Rate, bool]], place: int) -> None:
    colour = COLOURS[place % len(COLOURS)]
    for x, rate, few in points:
        bars = [[rate.value - rate.low], [rate.high - rate.value]]
        axes.errorbar(x, rate.value, yerr=bars, fmt="o", markersize=4, capsize=2.5, linewidth=1, zorder=3,
                      color=colour, markerfacecolor="white" if few else colour, clip_on=False)  # fmt: skip


def _finish(
    axes: Axes, limits: tuple[float, float], place: Literal["lower right", "upper left"], *, rates: bool
) -> None:  # fmt: skip
    axes.set_xscale("log")
    axes.set_xlim(*limits)
    axes.set_ylim(0, 1.02)
    if rates:
        per_cent(axes.xaxis)
    else:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    per_cent(axes.yaxis)
    axes.xaxis.set_minor_formatter(NullFormatter())
    legend = axes.legend(loc=place, frameon=True, framealpha=0.9, edgecolor="none", handlelength=2.6)
    for text in legend.get_texts():
        text.set_parse_math(False)


def _foot(figure: Figure, result: Identification, hollow: str) -> None:
    trials = {len(judged.trials) > 1 for judged in result.lists}
    said = [f"bars: 95 % intervals{hollow}"] * (False in trials) + ["thin: one line a trial"] * (True in trials)
    figure.supxlabel("; ".join(said), fontsize=7, color="#555555", x=0.02, ha="left")
