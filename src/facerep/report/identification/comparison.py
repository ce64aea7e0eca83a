"""Identification results side by side, as a report: rank 1 by a label, paired differences, a CSV file and a figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from facerep.files.label_columns import as_cell
from facerep.report.cells import ends, points, with_interval
from facerep.report.report import Csv, Drawing, Report, Table
from facerep.results.figures import Rate, Spread
from facerep.studies.identification.side_by_side import IdentificationSystems, SystemRates

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FILES = ("comparison.json", "comparison.csv", "comparison.png", "comparison.svg")
COLUMNS = ("system", "seeds", "column", "value", "of", "rank_1", "standard_deviation", "low", "high")


def report_of(compared: IdentificationSystems) -> Report:
    """Identification results as one report."""
    return Report(
        result=compared,
        main="comparison.json",
        shown=list(_tables(compared)),
        files={
            "comparison.csv": Csv(COLUMNS, lambda: _rows(compared)),
            "comparison": Drawing(lambda: _figure(compared)),
        },
        warnings=compared.warnings,
    )


def _figure(compared: IdentificationSystems) -> Figure:
    from facerep.report.identification.figures import systems_by_label

    return systems_by_label(compared)


def _rows(compared: IdentificationSystems) -> Iterator[list[object]]:
    """A line a system and value; the first of a system is over all probes, with an empty value."""
    for row in compared.rows:
        low, high = ends(row.interval)[1:]
        yield [row.name, row.seeds, "", "", compared.probes, *_mean(row.overall), low, high]
        for value, count, rate in zip(compared.values, compared.counts, row.by, strict=True):
            bounds = (rate.low, rate.high) if isinstance(rate, Rate) else (None, None)
            yield [row.name, row.seeds, compared.column, as_cell(value), count, *_mean(rate), *bounds]


def _mean(rate: Rate | Spread) -> tuple[float, float | None]:
    return (rate.value, None) if isinstance(rate, Rate) else (rate.mean, rate.standard_deviation)


def _tables(compared: IdentificationSystems) -> Iterator[Table]:
    several = any(row.seeds > 1 for row in compared.rows)
    title = f"rank 1, {compared.gallery}: {compared.people:,} people, {compared.probes:,} probes, by {compared.column}"
    header = ["", *(["seeds"] if several else []), "all", *(value or "none" for value in compared.values)]
    lines = [
        [row.name, *([str(row.seeds)] if several else []), *map(_cell, (row.overall, *row.by))]
        for row in compared.rows
    ]  # fmt: skip
    notes = ["in per cent; all: the mean over probes"]
    if several:
        notes.append("± standard deviation over seeds, which says nothing of other people")
    yield Table(header, lines, title, notes)
    if any(row.interval for row in compared.rows):
        beyond = [
            [row.name, _interval(row), points(row.over_above) if row.over_above else "-"] for row in compared.rows
        ]
        notes = [
            "of all probes, in per cent and points, in brackets 95 % intervals by person; ! marks differences whose "
            "interval leaves out 0"
        ]
        yield Table(["", "rank 1", "over the row above"], beyond, notes=notes)


def _interval(row: SystemRates) -> str:
    return with_interval(row.interval, 1) if row.interval else "ranks not kept"


def _cell(rate: Rate | Spread) -> str:
    if isinstance(rate, Rate):
        return f"{100 * rate.value:.1f}"
    return f"{100 * rate.mean:.1f} ± {100 * rate.standard_deviation:.1f}"
