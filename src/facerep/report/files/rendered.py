"""A rendered set as a report: what it has."""

from __future__ import annotations

from facerep.rendering.render import Rendered
from facerep.report.report import Facts, Report


def report_of(result: Rendered) -> Report:
    """A rendering as a report."""
    facts = Facts([
        ["set", result.folder],
        ["people", f"{result.people:,}"],
        ["  rendered now", f"{result.rendered:,}"],
        ["pictures", f"{result.pictures:,}"],
        ["size", f"{result.size}x{result.size}"],
        ["seed", f"{result.seed:,}"],
        ["megabytes", f"{result.bytes / 1e6:,.0f}"],
    ])  # fmt: skip
    return Report(result=result, shown=[facts])
