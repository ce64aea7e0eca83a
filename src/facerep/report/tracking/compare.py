"""Ways to track as a report: a table a sequence, a CSV file, success over overlap as a drawing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from facerep.console import counted
from facerep.metrics.boxes.tracking import THRESHOLDS
from facerep.report.report import Csv, Drawing, Report, Table
from facerep.results.figures import Spread
from facerep.studies.tracking.compare import TrackingComparison

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FILES = ("result.json", "tracking.csv", "success.png", "success.svg")
COLUMNS = (
    "way", "sequence", "frames", "seeds", "success_auc", "success_auc_deviation", "precision", "precision_deviation",
)  # fmt: skip


def report_of(compared: TrackingComparison) -> Report:
    """Ways to track as a report."""
    many = bool(compared.ways[0].groups)
    shown = [_groups(compared, part) for part in PARTS] if many else [_table(compared, 0)]
    return Report(
        result=compared, shown=shown,
        files={"tracking.csv": Csv(COLUMNS, lambda: _rows(compared)), "success": Drawing(lambda: _figure(compared))},
        warnings=compared.warnings,
    )  # fmt: skip


PARTS = {"success_auc": "success AUC", "precision": "centre within {near:g} px"}
"""Figures that groups of sequences have, and their names."""


def _groups(compared: TrackingComparison, part: str) -> Table:
    """A figure of every way on every group of sequences; of success AUC also what lies between a way and the first."""
    first = compared.ways[0]
    heads = [f"{group.name} ({group.sequences})" for group in first.groups]
    rows = [[way.name, *(_cell(getattr(group, part)) for group in way.groups)] for way in compared.ways]
    notes = [
        f"mean of the sequences, {counted(sum(one.frames for one in first.each), 'frame')} in all, one pass; "
        f"{counted(compared.seeds, 'seed')}, ± their deviation",
        f"trunk {compared.trunk}, layers {' and '.join(compared.layers)}",
    ]
    if part == "success_auc" and len(compared.ways) > 1:
        heads.append("beside the first")
        for row, way in zip(rows, compared.ways, strict=True):
            beside = way.beside
            row.append("" if beside is None else f"{beside.success_auc:+.3f} ± {beside.standard_error:.3f}")
        notes.append("beside the first: mean of the differences on the same sequences ± their standard error")
    return Table(("", *heads), rows, PARTS[part].format(near=compared.near), tuple(notes))


def _table(compared: TrackingComparison, place: int) -> Table:
    first = compared.ways[0].each[place]
    rows = [(way.name, _cell(way.each[place].success_auc), _cell(way.each[place].precision)) for way in compared.ways]
    notes = (
        f"one pass over {counted(first.frames, 'frame')}, the first included; {counted(compared.seeds, 'seed')}",
        f"trunk {compared.trunk}, layers {' and '.join(compared.layers)}",
    )
    return Table(("", "success AUC", f"centre within {compared.near:g} px"), rows, first.sequence, notes)


def _cell(spread: Spread) -> str:
    alone = spread.trials == 1
    return f"{spread.mean:.3f}" if alone else f"{spread.mean:.3f} ± {spread.standard_deviation:.3f}"


def _rows(compared: TrackingComparison) -> Iterator[list[object]]:
    for way in compared.ways:
        for one in way.each:
            auc, near = one.success_auc, one.precision
            deviations = (auc.standard_deviation, near.standard_deviation) if auc.trials > 1 else (None, None)
            yield [
                way.name, one.sequence, one.frames, auc.trials, auc.mean, deviations[0], near.mean, deviations[1],
            ]  # fmt: skip


def _figure(compared: TrackingComparison) -> Figure:
    """Success over the overlap that is asked for, the mean of all sequences."""
    from facerep.report.drawing import curve_drawing, legend_below, legible, look

    each = compared.ways[0].each
    names = ", ".join(one.sequence for one in each) if len(each) < 4 else counted(len(each), "sequence")
    title = f"Success AUC, {names}, {counted(compared.seeds, 'seed')}"
    with curve_drawing(title, "overlap above", "share of frames") as (figure, axes):
        for place, way in enumerate(compared.ways):
            curve = np.mean([one.curve for one in way.each], axis=0)
            axes.plot(THRESHOLDS, curve, linewidth=1.3, label=legible(f"{way.name} {curve.mean():.2f}"), **look(place))
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1.02)
        legend_below(figure)
    return figure
