"""An ensemble as a report: the best set of networks of each size, and the curve over sizes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from facerep.console import counted
from facerep.report.cells import bare
from facerep.report.report import Csv, Drawing, Report, Table
from facerep.results.figures import pooled
from facerep.studies.verification.ensemble import EnsembleResult, Judged, NetworkSet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FILES = ("result.json", "ensemble.csv", "ensemble.png", "ensemble.svg")
COLUMNS = ("networks", "which", "pairs", "accuracy", "low", "high", "auc", "auc_low", "auc_high")


def report_of(result: EnsembleResult) -> Report:
    """Sets of networks as a report."""
    return Report(
        result=result,
        shown=[_table(result)],
        files={"ensemble.csv": Csv(COLUMNS, lambda: _rows(result)), "ensemble": Drawing(lambda: _figure(result))},
        warnings=result.warnings,
    )


def _table(result: EnsembleResult) -> Table:
    tested = bool(result.tested_on)
    columns = ["networks", "accuracy, %", "AUC, %", *(["accuracy there, %", "AUC there, %"] if tested else []), "which"]
    rows = []
    for some in result.sets:
        cells = [*_cells(some.chosen), *(_cells(some.tested) if some.tested else [])]
        rows.append([str(len(some.networks)), *cells, ", ".join(some.networks)])
    kinds = f"{counted(result.genuine, 'genuine pair')} and {counted(result.impostor, 'impostor pair')}"
    notes = ["in brackets 95 % intervals; these pairs chose the sets and the threshold"]
    if tested:
        notes.append(f"there: {result.tested_on}, which chose nothing but its own threshold")
    return Table(columns, rows, f"{result.pairs}: {kinds}", notes)


def _cells(judged: Judged) -> list[str]:
    right, area = pooled(judged.accuracy), judged.area
    return [
        f"{bare(rate.value)} [{100 * rate.low:.1f}, {100 * rate.high:.1f}]" for rate in (right, area)
    ]  # fmt: skip


def _rows(result: EnsembleResult) -> Iterable[tuple[object, ...]]:
    for some in result.sets:
        for pairs, judged in ((result.pairs, some.chosen), (result.tested_on, some.tested)):
            if judged is not None:
                right, area = pooled(judged.accuracy), judged.area
                yield (
                    len(some.networks), " ".join(some.networks), pairs, right.value, right.low, right.high,
                    area.value, area.low, area.high,
                )  # fmt: skip


def _figure(result: EnsembleResult) -> Figure:
    from facerep.report.drawing import COLOURS, drawing, foot, plain  # matplotlib takes a while to import

    with drawing(6.4, 3.4) as figure:
        axes = figure.subplots()
        plain(axes)
        for colour, label, sides in (
            (COLOURS[0], "pairs that chose", [(some, some.chosen) for some in result.sets]),
            (COLOURS[1], "pairs of other faces", [(some, some.tested) for some in result.sets if some.tested]),
        ):
            if sides:
                _curve(axes, colour, label, sides)
        axes.set_xticks([len(some.networks) for some in result.sets])
        axes.set_xlabel("networks together")
        axes.set_ylabel("accuracy, %")
        axes.legend(frameon=False)
        foot(figure, "bars: 95 % intervals")
    return figure


def _curve(axes: Axes, colour: str, label: str, sides: list[tuple[NetworkSet, Judged]]) -> None:
    counts = [len(some.networks) for some, _ in sides]
    rates = [pooled(judged.accuracy) for _, judged in sides]
    middle = [100 * rate.value for rate in rates]
    reach = [[100 * (rate.value - rate.low) for rate in rates], [100 * (rate.high - rate.value) for rate in rates]]
    axes.errorbar(counts, middle, yerr=reach, color=colour, label=label, marker="o", capsize=2, linewidth=1.2)
