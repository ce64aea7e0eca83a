"""How surely localizers find faces, as a report: a row a system, the curves, the spread over draws of attributes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from facerep.report.cells import with_interval
from facerep.report.report import Csv, Drawing, Report, Table
from facerep.studies.localization.figures import FALSE_ALARMS, OVERLAPS
from facerep.studies.localization.result import LocalizationFigures, System

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FILES = ("result.json", "curves.csv", "roc.png", "roc.svg")


def report_of(result: LocalizationFigures) -> Report:
    """The figures as a report."""
    columns = ("system", "false_alarms_per_picture", "recall")
    shown = [_table(result), *([_by_attributes(result)] if result.by_attributes else [])]
    return Report(
        result=result,
        shown=shown,
        files={"curves.csv": Csv(columns, lambda: _points(result)), "roc": Drawing(lambda: _roc(result))},
        printed={"pictures_per_second": {one.name: round(one.pictures_per_second, 2) for one in result.systems}},
        warnings=result.warnings,
    )


def _points(result: LocalizationFigures) -> Iterator[list[object]]:
    for system in result.systems:
        for alarms, recall in zip(system.curve.per_picture.tolist(), system.curve.recall.tolist(), strict=True):
            yield [system.name, alarms, recall]


def _table(result: LocalizationFigures) -> Table:
    few, many = FALSE_ALARMS
    low, high = OVERLAPS
    header = [
        "system", "network, start", "attributes", f"IoU {low}, {few:g} FPPI", f"IoU {high}, {few:g} FPPI",
        f"IoU {high}, {many:g} FPPI", "at its threshold", "pictures/s",
    ]  # fmt: skip
    rows = [
        [
            one.name, f"{one.network}, {one.start}" if one.network else "", str(one.attributes or ""),
            with_interval(one.recall(few, low)), with_interval(one.recall(few, high)),
            with_interval(one.recall(many, high)), _at_threshold(one), f"{one.pictures_per_second:.1f}",
        ]
        for one in result.systems
    ]  # fmt: skip
    interval = result.systems[0].at[0].recall.interval
    notes = [
        f"recall in %, 95 % intervals: {interval}; FPPI: false alarms a picture, on {result.scenes} without faces",
        f"{result.faces} labelled faces on {result.scenes} mosaics and {result.scenes} moved cuts of "
        f"{result.photographs['count']} photographs, seed {result.seed}",
    ]
    return Table(header, rows, f"Localization, {result.photographs['root']}", notes)


def _at_threshold(one: System) -> str:
    if one.chosen is None:
        return ""
    return f"{with_interval(one.chosen)}, {one.false_alarms:.2f} FPPI"


def _by_attributes(result: LocalizationFigures) -> Table:
    rows = [
        [
            str(one.attributes), one.start, str(one.recall.trials), f"{100 * one.recall.mean:.1f}",
            f"{100 * one.recall.standard_deviation:.1f}" if one.recall.trials > 1 else "",
        ]
        for one in result.by_attributes
    ]  # fmt: skip
    title = f"Recall at {FALSE_ALARMS[0]:g} FPPI, IoU {OVERLAPS[-1]}, by the number of attributes taught"
    return Table(["attributes", "start", "draws", "mean, %", "standard deviation"], rows, title)


def _roc(result: LocalizationFigures) -> Figure:
    from facerep.report.drawing import curve_drawing, legend_below, look

    axis = "false alarms a picture"
    with curve_drawing(f"Faces found, IoU {OVERLAPS[-1]}", axis, "recall, %") as (figure, axes):
        for place, one in enumerate(result.systems):
            axes.step(one.curve.per_picture, 100 * one.curve.recall, where="post", label=one.name, **look(place))
        axes.set_xscale("symlog", linthresh=0.1)
        axes.set_xlim(0, 10)
        axes.set_ylim(0, 100)
        legend_below(figure)
    return figure
