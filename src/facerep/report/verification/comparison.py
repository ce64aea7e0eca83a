"""Verification results side by side, as a report: one table, one ROC figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from facerep.metrics.roc import sweep
from facerep.pairs.compared_results import ComparedResult, comparison_json
from facerep.report.cells import ORDER, accuracy_cell, difference_cell, with_interval
from facerep.report.report import Content, Drawing, Report, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FILES = ("comparison.json", "roc.png", "roc.svg")
_MEASURES = 3
"""A table: what fits in 80 columns."""


def report_of(rows: Sequence[ComparedResult]) -> Report:
    """Results of `verify` as one report."""
    drawn = any(row.pairs is not None for row in rows)
    files: dict[str, Content] = {"roc": Drawing(lambda: roc_of(rows))} if drawn else {}
    return Report(
        result=comparison_json(rows, ORDER),
        main="comparison.json",
        shown=_parts(side_by_side(rows)),
        files=files,
        unwritten=[
            f"{row.name} has no scores.csv beside its result.json: it is not in the figure"
            for row in rows
            if row.pairs is None
        ],
    )


def roc_of(rows: Sequence[ComparedResult]) -> Figure:
    """The ROC curves of those whose scores are known."""
    from facerep.report.verification import curves  # matplotlib takes a while to import

    return curves.roc_of([
        curves.Line(row.name, sweep(row.pairs.score, row.pairs.same), row.tar_at_far) for row in rows if row.pairs
    ])  # fmt: skip


def _parts(table: Table) -> list[Table]:
    """The same in tables of three measures each."""
    return [
        Table(
            ["", *table.header[start : start + _MEASURES]],
            [[line[0], *line[start : start + _MEASURES]] for line in table.rows],
            table.title if start == 1 else "",
            table.notes if start + _MEASURES >= len(table.header) else (),
        )
        for start in range(1, len(table.header), _MEASURES)
    ]


def side_by_side(rows: Sequence[ComparedResult]) -> Table:
    """The rows for the eye: every measure with its interval, the first column the name."""
    targets = [point.far for point in rows[0].tar_at_far]
    targets = [far for far in targets if all(row.at(far) is not None for row in rows)]
    header = ["accuracy", "difference", "EER", "AUC", *(f"TAR at FAR {100 * far:g} %" for far in targets)]
    lines = []
    for row in rows:
        cells = [accuracy_cell(row.accuracy), difference_cell(row, rows[0]), *map(with_interval, (row.eer, row.auc))]
        for far in targets:
            point = row.at(far)
            tar = point and point.rate
            cells.append(with_interval(tar) + "*" * bool(point and point.flag) if tar else "refused")
        lines.append([row.name, *cells])
    notes = [f"in brackets: 95 % intervals, in per cent; ± is a standard error over folds; {ORDER}"]
    if any("*" in cell for line in lines for cell in line[5:]):
        notes.append("* fewer than 10/FAR impostor pairs")
    if any(row.difference for row in rows):
        notes.append("difference in accuracy to the first row, same pairs; ! marks those that a paired test finds")
    if len({_protocol(row) for row in rows}) > 1:
        notes.append(
            "the rows do not share one protocol: " + "; ".join(f"{row.name}: {_protocol(row)}" for row in rows)
        )
    counts = {(row.json["counts"]["genuine"], row.json["counts"]["impostor"]) for row in rows}
    pairs = "; ".join(f"{genuine:,} genuine and {impostor:,} impostor pairs" for genuine, impostor in sorted(counts))
    return Table(["", *header], lines, pairs, notes)


def _protocol(row: ComparedResult) -> str:
    protocol = row.json["protocol"]
    setting = protocol.get("setting", "not stated")
    return f"{protocol.get('name', '')}, {protocol.get('folds', 1)} folds, {setting}"
