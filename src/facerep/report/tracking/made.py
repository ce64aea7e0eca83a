"""Made sequences as a report: what was made."""

from __future__ import annotations

from facerep.report.report import Facts, Report
from facerep.studies.tracking.made import MadeSequences


def report_of(result: MadeSequences) -> Report:
    """Made sequences as a report."""
    facts = Facts([
        ["folder", str(result.folder)],
        ["sequences", ", ".join(result.names)],
        ["frames", f"{result.frames:,}"],
        ["photographs to take from", f"{result.photographs:,}"],
        ["people who turn", f"{result.people:,}"],
        ["seed", f"{result.seed:,}"],
    ])  # fmt: skip
    return Report(result=result, shown=[facts])
