"""The reading of views as a report: errors in degrees, errors by view as CSV, what is read from which units."""

from __future__ import annotations

from collections.abc import Iterator

from facerep.report.cells import percent, with_interval
from facerep.report.report import Csv, Report, Table
from facerep.studies.views.result import ViewReading

FILES = ("result.json", "views.csv", "units.csv")
READER_COLUMNS = ("reader", "view", "error")
UNIT_COLUMNS = ("units", "dimension", "view", "view_low", "view_high", "person", "person_low", "person_high")


def report_of(result: ViewReading) -> Report:
    """A reading of views as a report."""
    return Report(
        result=result, shown=[_readers(result), _units(result)],
        files={
            "views.csv": Csv(READER_COLUMNS, lambda: _errors(result)),
            "units.csv": Csv(UNIT_COLUMNS, lambda: _unit_rows(result)),
        },
        warnings=result.warnings,
    )  # fmt: skip


def _readers(result: ViewReading) -> Table:
    rows = [
        [reader.name, f"{reader.error.value:.2f}", f"{reader.error.low:.2f} to {reader.error.high:.2f}",
         with_interval(reader.right), *("" if error is None else f"{error:.1f}" for error in reader.by_view)]
        for reader in result.readers
    ]  # fmt: skip
    header = ["", "mean error", "95 % interval", "nearest view right, %", *result.views]
    notes = [
        f"{result.faces:,} faces of {result.people:,} people; columns: mean error of the faces of each {result.factor}",
        f"regression: fitted on {result.fitted_faces:,} faces of {result.fitted_people:,} other people, support "
        f"vectors on {result.support_faces:,} of them",
    ]
    return Table(header, rows, f"The {result.factor} of a face, by {result.network['name']} and by its pixels", notes)


def _units(result: ViewReading) -> Table:
    rows = [
        [units.units, f"{units.dimension:,}", with_interval(units.view), with_interval(units.person)]
        for units in result.units
    ]
    rows.append(["chance", "", percent(result.chance_view), percent(result.chance_person)])
    notes = [
        "linear read-out; the view: fitted on other people; the person: fitted on half of each person's faces, asked "
        "about the other half",
        f"intervals: {result.units[0].view.interval}",
    ]
    return Table(["units", "how many", f"{result.factor} right, %", "person right, %"], rows, "What units know", notes)


def _errors(result: ViewReading) -> Iterator[tuple[object, ...]]:
    for reader in result.readers:
        for view, error in zip(result.views, reader.by_view, strict=True):
            yield reader.name, view, error


def _unit_rows(result: ViewReading) -> Iterator[tuple[object, ...]]:
    for units in result.units:
        view, person = units.view, units.person
        yield (units.units, units.dimension, view.value, view.low, view.high, person.value, person.low, person.high)
