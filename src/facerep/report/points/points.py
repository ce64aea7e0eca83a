"""How near five points are, as a report: a row a system, a table for each kind of pictures."""

from __future__ import annotations

from facerep.report.cells import with_interval
from facerep.report.failures import failure_lines
from facerep.report.report import Report, Table
from facerep.results.figures import Measure
from facerep.studies.points.judge import FAR, OVERLAP
from facerep.studies.points.result import PointFigures, PointSystem

FILES = ("result.json",)


def report_of(result: PointFigures) -> Report:
    """The figures as a report."""
    return Report(
        result=result,
        shown=[_table(result, kind) for kind in result.faces],
        printed={
            "pictures_per_second": {
                one.name: {kind: round(on.pictures_per_second, 1) for kind, on in one.by_kind.items()}
                for one in result.systems
            }
        },
        faults=failure_lines(result.failures, "--json"),
    )


def _table(result: PointFigures, kind: str) -> Table:
    header = ["system", "points", "found", "error", "median", f"error > {FAR:.2f}", "beside the first", "pictures/s"]
    rows = [_row(one, kind) for one in result.systems]
    first = result.systems[0].by_kind[kind]
    notes = [
        f"error: mean distance of the five points / distance of the eyes, over the faces found; found: a box of IoU "
        f"{OVERLAP} or more, score {result.least_score:g} or more",
        f"95 % intervals: {first.error.interval if first.error else first.recall.interval}; of rates: "
        f"{first.recall.interval}; ! where the difference is significant",
        f"{result.faces[kind]:,} labelled faces of {result.photographs['count']:,} photographs, seed {result.seed}",
    ]
    title = f"Five points, {kind}" + (f" ({result.mosaics})" if kind == "mosaics" else "")
    return Table(header, rows, f"{title}, {result.photographs['root']}", notes)


def _row(one: PointSystem, kind: str) -> list[str]:
    on = one.by_kind[kind]
    beside = ""
    if on.beside is not None:
        beside = f"{on.beside.value:+.4f} [{on.beside.low:+.4f}, {on.beside.high:+.4f}]"
        beside += "!" if on.beside.significant else ""
    return [
        one.detector, one.points, with_interval(on.recall), _measure(on.error),
        "" if on.median is None else f"{on.median:.4f}", "" if on.far is None else with_interval(on.far), beside,
        f"{on.pictures_per_second:.1f}",
    ]  # fmt: skip


def _measure(value: Measure | None) -> str:
    return "" if value is None else f"{value.value:.4f} [{value.low:.4f}, {value.high:.4f}]"
