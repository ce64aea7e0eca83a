"""What `analyze selectiveness` shows: a table a file or JSON; in a folder every unit as CSV, and the figures."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from facerep.console import console, counted
from facerep.files.csv_file import write_csv
from facerep.files.outputs import refuse_folder
from facerep.report.attributes.attributes import points
from facerep.report.cells import digits
from facerep.report.drawing import COLOURS, at_ticks, drawing, foot, plain
from facerep.report.result_folder import show_result, write_figure, write_result
from facerep.studies.neurons.selectiveness import FileSelectiveness, Selected, Selectiveness

FILES = (
    "result.json",
    "targets.csv",
    "units.csv",
    "best.png",
    "best.svg",
    "selectiveness-*.png",
    "selectiveness-*.svg",
)
TARGET_COLUMNS = (
    "file", "layer", "target", "kind", "faces", "other_faces", "tries", "best_unit", "excitatory",
    "accuracy_other_half", "low", "high", "accuracy_same_faces", "best_by_chance", "p", "difference_to_first_file",
    "difference_low", "difference_high",
)  # fmt: skip
COLUMNS = (
    "file", "layer", "target", "kind", "unit", "excitatory", "threshold", "accuracy_choosing_half",
    "accuracy_other_half", "accuracy_same_faces", "mean", "deviation", "mean_of_others", "deviation_of_others",
)  # fmt: skip
EXCITATORY, INHIBITORY = "#b3261e", "#0b5394"


def refuse(folder: Path, *, overwrite: bool) -> None:
    """Raise OutputExists, before any work is done, where a file of ours stands in the folder."""
    refuse_folder(folder, FILES, overwrite=overwrite)


def show(
    result: Selectiveness, *, json: bool = False, folder: Path | None = None, overwrite: bool = False
) -> list[Path]:
    """Print a result and, given a folder, write its files there; the paths written are given back."""

    def table() -> None:
        for file in result.files:
            _table(file, result.files[0])

    files = partial(write, result)
    return show_result(result, table=table, write=files, files=FILES, json=json, folder=folder, overwrite=overwrite)


def write(result: Selectiveness, folder: Path) -> list[Path]:
    """Write both CSV files, the figures, one a file and one of the best units, and result.json."""
    written = [
        write_csv(folder / "targets.csv", TARGET_COLUMNS, _targets(result)),
        write_csv(folder / "units.csv", COLUMNS, _units(result)),
    ]
    written += write_figure(figure_of_best(result), folder / "best")
    for number, file in enumerate(result.files, 1):
        written += write_figure(figure_of(file), folder / f"selectiveness-{number}")
    return write_result(folder, result, written)


def figure_of(file: FileSelectiveness) -> Figure:
    """The paper's figure, targets down: units by their mean on its faces; the same on all others; their accuracy."""
    with drawing(7.6, 0.7 + 1.45 * len(file.targets)) as figure:
        grid = figure.subplots(len(file.targets), 3, squeeze=False, sharex=True)
        for row, found in zip(grid, file.targets, strict=True):
            order = np.argsort(-found.inside[0], kind="stable")
            colours = np.where(found.inside[0] > found.outside[0], EXCITATORY, INHIBITORY)[order]
            top = max(float(np.max(mean + deviation)) for mean, deviation in (found.inside, found.outside))
            bottom = min(0.0, *(float(np.min(mean - deviation)) for mean, deviation in (found.inside, found.outside)))
            for axes, (mean, deviation) in zip(row[:2], (found.inside, found.outside), strict=True):
                _spread(axes, mean[order], deviation[order], colours)
                axes.set_ylim(bottom, top)
            _dots(row[2], 100 * found.held[order], colours)
            row[2].axhline(100 * found.null, color="black", linewidth=0.9, linestyle=(0, (2, 2)), zorder=3)
            row[2].set_ylim(40, 100)
            plain(row[2])
            row[0].set_ylabel(_short(found.target.name), parse_math=False)
        for axes, title in zip(grid[0], ("on its faces", "on all others", "accuracy, other half, %"), strict=True):
            axes.set_title(title, loc="left")
        for axes in grid[-1]:
            axes.set_xlabel("units, by mean on its faces")
            axes.set_xlim(0, file.units)
        told = f"{file.file}: mean ± deviation of {file.units:,} units; red: larger on its faces, blue: smaller; "
        told += "dotted: the best of all units by chance (95 %)"
        foot(figure, told)
    return figure


def figure_of_best(result: Selectiveness) -> Figure:
    """The best unit of each file for each target, with its interval and what chance gives."""
    targets = [found.target.name for found in result.files[0].targets]
    with drawing(6.4, 1.2 + 0.28 * len(targets) * len(result.files)) as figure:
        axes = figure.subplots()
        step = 0.7 / len(result.files)
        for place, file in enumerate(result.files):
            colour = COLOURS[place % len(COLOURS)]
            y = np.arange(len(targets)) + step * (place - (len(result.files) - 1) / 2)
            rates = [found.rate for found in file.targets]
            value = np.array([rate.value for rate in rates])
            bars = np.array([[rate.value - rate.low, rate.high - rate.value] for rate in rates]).T
            label = f"{file.file}, best of {file.units:,}"
            look: dict[str, Any] = {"fmt": "o", "markersize": 4, "capsize": 2, "linewidth": 1, "color": colour}
            axes.errorbar(100 * value, y, xerr=100 * bars, label=label, **look)
            axes.plot([100 * found.null for found in file.targets], y, "|", color=colour, markersize=8)
        axes.set_yticks(range(len(targets)), at_ticks(_short(name, 28) for name in targets), parse_math=False)
        axes.set_ylim(len(targets) - 0.5, -0.5)
        axes.set_xlim(45, 100)
        axes.set_xlabel("balanced accuracy of the best single unit, other half of the faces, %")
        plain(axes, grid="x")
        for told in figure.legend(loc="outside upper left", frameon=False, ncols=2).get_texts():
            told.set_parse_math(False)
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


def _table(file: FileSelectiveness, first: FileSelectiveness) -> None:
    beside = file is not first
    rows = [_row(found) for found in file.targets]
    known = ", ".join(part for part in (file.contract.network, file.contract.layer) if part)
    title = f"{file.file}{', ' if known else ''}{known}: the best of {counted(file.units, 'unit')}"
    header = ["", "faces", "unit", "other half, % [95 %]", "same faces", "chance", *(["difference"] * beside)]
    shuffles = file.targets[0].shuffles
    notes = [
        "other half: unit and threshold chosen on one half, judged on the other; same faces: as in the paper",
        f"chance: 95 % point of the best of {file.units:,} under shuffled labels, {shuffles} shuffles; " + _above(file),
        "+ excitatory: yes above the threshold; − inhibitory: yes below",
    ]
    if beside:
        what = "! marks those whose interval leaves out 0"
        notes.append(f"difference: other half, to the best unit of {first.file} on the same faces; {what}")
    console.table(title, header, rows, notes=notes)


def _above(file: FileSelectiveness) -> str:
    below = [found.target.name for found in file.targets if found.p > 0.05]
    if below:
        return "same faces not above chance: " + ", ".join(below)
    return f"all rows of the same faces lie above (p ≤ {max(found.p for found in file.targets):.3f})"


def _row(found: Selected) -> list[str]:
    rate = found.rate
    places = digits(rate.value)
    half = f"{100 * rate.value:.{places}f} [{100 * rate.low:.{places}f}, {100 * rate.high:.{places}f}]"
    beside = [points(found.beyond)] if found.beyond else []
    unit = f"{found.best} {'+' if found.cuts.excitatory[found.best] else '−'}"
    return [
        _short(found.target.name, 24), f"{found.target.count:,}", unit, half, f"{100 * found.same.max():.2f}",
        f"{100 * found.null:.2f}", *beside,
    ]  # fmt: skip


def _short(name: str, most: int = 20) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"


def _targets(result: Selectiveness) -> Iterable[tuple[object, ...]]:
    for file in result.files:
        for found in file.targets:
            target, rate = found.target, found.rate
            yield (
                file.file, file.contract.layer, target.name, target.kind, target.count, target.others, file.units,
                found.best, int(found.cuts.excitatory[found.best]), rate.value, rate.low, rate.high, found.same.max(),
                found.null, found.p,
                *((step.value, step.low, step.high) if (step := found.beyond) else (None, None, None)),
            )  # fmt: skip


def _units(result: Selectiveness) -> Iterable[tuple[object, ...]]:
    for file in result.files:
        for found in file.targets:
            cuts = found.cuts
            columns = (
                cuts.excitatory.astype(int), cuts.threshold, cuts.accuracy, found.held, found.same, *found.inside,
                *found.outside,
            )  # fmt: skip
            for unit, values in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
                yield file.file, file.contract.layer, found.target.name, found.target.kind, unit, *values
