"""An alignment as a report: its counts, its first failures."""

from __future__ import annotations

from facerep.console import counted
from facerep.detection.five_points import source_of_points
from facerep.extraction.align import Aligned
from facerep.readers.table import FAILURES
from facerep.report.failures import failure_lines
from facerep.report.report import Facts, Report


def report_of(result: Aligned) -> Report:
    """An alignment as a report."""
    how = result.how
    facts = Facts([
        ["aligned faces", str(result.output)],
        ["photographs", f"{result.photographs:,}"],
        ["faces", f"{result.faces:,}"],
        ["failed", f"{result.failed:,}"],
        ["detector", f"{how.detector}, score {how.least_score:g} or more"],
        ["five points", source_of_points(how.detector, how.points)],
        ["faces taken", how.faces],
    ])  # fmt: skip
    faults = failure_lines(result.failures, str(result.output / FAILURES))
    if result.several:
        many = counted(result.several, "photograph")
        faults.append(f"more faces than were taken in {many}: column `found`; --faces all takes each")
    return Report(result=result, shown=[facts], faults=faults)
