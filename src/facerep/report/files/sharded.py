"""A data set in shards as a report."""

from __future__ import annotations

from facerep.readers.shards.layout import ABOUT
from facerep.readers.shards.write import Sharded
from facerep.report.failures import failure_lines
from facerep.report.report import Facts, Report


def report_of(result: Sharded) -> Report:
    """The shards, one fact a line."""
    facts = Facts([
        ["shards", str(result.folder)],
        ["faces", f"{result.faces:,}"],
        ["failed", f"{len(result.failures):,}"],
        ["files", f"{result.shards:,}"],
        ["  written now", f"{result.written:,}"],
        ["megabytes", f"{result.bytes / 1e6:,.1f}"],
    ])  # fmt: skip
    return Report(result=result, shown=[facts], faults=failure_lines(result.failures, f"{result.folder}/{ABOUT}"))
