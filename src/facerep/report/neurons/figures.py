"""Figures of units: histograms of sparseness, units by their mean on a person, the best units beside chance."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from facerep.report.cells import percent, shortened
from facerep.report.drawing import COLOURS, at_ticks, drawing, foot, plain
from facerep.studies.neurons.selectiveness import FileSelectiveness, Selectiveness
from facerep.studies.neurons.sparseness import SparsenessResult

EXCITATORY, INHIBITORY = "#b3261e", "#0b5394"

MOST_DRAWN = 8
"""Targets that are drawn one by one, the first: more make a figure longer than a page."""


def of_sparseness(result: SparsenessResult) -> Figure:
    """The two histograms of the paper, one row a file: active units of a face, faces that activate a unit."""
    with drawing(7.2, 0.5 + 2.3 * len(result.layers)) as figure:
        for row, layer in zip(figure.subplots(len(result.layers), 2, squeeze=False), result.layers, strict=True):
            counts = layer.counts
            width = max(1, counts.units // 64)
            bars = np.add.reduceat(counts.faces_by_active, np.arange(0, counts.units + 1, width))
            row[0].bar(np.arange(len(bars)) * width, bars, width=width, align="edge", color=COLOURS[0])
            row[1].hist(counts.faces_of_unit, bins=32, range=(0, counts.faces), color=COLOURS[1])
            for axes, what, number, of in (
                (row[0], "active units of a face", counts.active, counts.units),
                (row[1], "faces that activate a unit", counts.exciting, counts.faces),
            ):
                plain(axes)
                axes.set_xlim(0, of)
                axes.axvline(of / 2, color="#444444", linewidth=0.9, linestyle=(0, (2, 2)))
                axes.set_xlabel(f"{what}, of {of:,}")
                spread = f"{number.mean:,.1f} ± {number.standard_deviation:,.1f}"
                axes.set_title(f"{spread} = {percent(number.mean / of)}", loc="left")
            row[0].set_ylabel(f"{layer.file}, {layer.contract.layer or 'layer unknown'}\nfaces", parse_math=False)
            row[1].set_ylabel("units")
        foot(figure, "dotted: one half; ±: standard deviation")
    return figure


def of_file(file: FileSelectiveness) -> Figure:
    """The paper's figure, targets down: units by their mean on its faces; the same on all others; their accuracy."""
    drawn = file.targets[:MOST_DRAWN]
    with drawing(7.6, 0.7 + 1.45 * len(drawn)) as figure:
        grid = figure.subplots(len(drawn), 3, squeeze=False, sharex=True)
        for row, judged in zip(grid, drawn, strict=True):
            order = np.argsort(-judged.inside[0], kind="stable")
            colours = np.where(judged.inside[0] > judged.outside[0], EXCITATORY, INHIBITORY)[order]
            sides = judged.inside, judged.outside
            top = max(float(np.max(mean + deviation)) for mean, deviation in sides)
            bottom = min(0.0, *(float(np.min(mean - deviation)) for mean, deviation in sides))
            for axes, (mean, deviation) in zip(row[:2], sides, strict=True):
                _spread(axes, mean[order], deviation[order], colours)
                axes.set_ylim(bottom, top)
            _dots(row[2], 100 * judged.other_half[order], colours)
            row[2].axhline(100 * judged.null, color="black", linewidth=0.9, linestyle=(0, (2, 2)), zorder=3)
            row[2].set_ylim(40, 100)
            plain(row[2])
            row[0].set_ylabel(shortened(judged.target.name, 20), parse_math=False)
        for axes, title in zip(grid[0], ("on its faces", "on all others", "accuracy, other half, %"), strict=True):
            axes.set_title(title, loc="left")
        for axes in grid[-1]:
            axes.set_xlabel("units, by mean on its faces")
            axes.set_xlim(0, file.units)
        words = f"{file.file}: mean ± deviation of {file.units:,} units; red: larger on its faces, blue: smaller; "
        words += "dotted: the best of all units by chance (95 %)"
        if more := len(file.targets) - len(drawn):
            words += f"; {more} more: targets.csv"
        foot(figure, words)
    return figure


def of_best(result: Selectiveness) -> Figure:
    """The best unit of each file for each target, with its interval and what chance gives."""
    targets = [judged.target.name for judged in result.files[0].targets]
    with drawing(6.4, 1.2 + 0.28 * len(targets) * len(result.files)) as figure:
        axes = figure.subplots()
        step = 0.7 / len(result.files)
        for place, file in enumerate(result.files):
            colour = COLOURS[place % len(COLOURS)]
            y = np.arange(len(targets)) + step * (place - (len(result.files) - 1) / 2)
            rates = [judged.rate for judged in file.targets]
            value = np.array([rate.value for rate in rates])
            bars = np.array([[rate.value - rate.low, rate.high - rate.value] for rate in rates]).T
            label = f"{file.file}, best of {file.units:,}"
            look: dict[str, Any] = {"fmt": "o", "markersize": 4, "capsize": 2, "linewidth": 1, "color": colour}
            axes.errorbar(100 * value, y, xerr=100 * bars, label=label, **look)
            axes.plot([100 * judged.null for judged in file.targets], y, "|", color=colour, markersize=8)
        axes.set_yticks(range(len(targets)), at_ticks(shortened(name, 28) for name in targets), parse_math=False)
        axes.set_ylim(len(targets) - 0.5, -0.5)
        axes.set_xlim(45, 100)
        axes.set_xlabel("balanced accuracy of the best single unit, other half of the faces, %")
        plain(axes, grid="x")
        for text in figure.legend(loc="outside upper left", frameon=False, ncols=2).get_texts():
            text.set_parse_math(False)
        foot(figure, "bars: 95 % intervals; ticks: the best of all units by chance (95 % point under shuffled labels)")
    return figure


def _spread(axes: Axes, mean: np.ndarray, deviation: np.ndarray, colours: np.ndarray) -> None:
    look: dict[str, Any] = {"colors": colours, "linewidth": 220 / len(mean), "alpha": 0.25, "rasterized": True}
    axes.vlines(np.arange(len(mean)), mean - deviation, mean + deviation, **look)
    _dots(axes, mean, colours)
    plain(axes)


def _dots(axes: Axes, values: np.ndarray, colours: np.ndarray) -> None:
    size = 2.5 if len(values) <= 1024 else 0.8
    axes.scatter(np.arange(len(values)), values, s=size, c=colours, linewidths=0, rasterized=True)
