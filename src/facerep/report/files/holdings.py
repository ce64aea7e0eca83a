"""What a file or run of facerep's holds, as a report."""

from __future__ import annotations

from typing import Any

from facerep.report.report import Facts, Report
from facerep.studies.files.holdings import Holdings


def report_of(result: Holdings) -> Report:
    """The facts one a line."""
    facts = Facts([["kind", result.kind], *([name, _words(value)] for name, value in result.facts.items())])
    return Report(result=result, shown=[facts])


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {number:,}" for name, number in value.items())
    if isinstance(value, float):
        return f"{value:.4f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
