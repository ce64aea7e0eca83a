"""An alignment as a report: its counts, its first failures; the same of shards."""

from __future__ import annotations

from facerep.console import counted
from facerep.detection.aligned_faces import Finding
from facerep.extraction.align import Aligned
from facerep.extraction.many.align_many import AlignedMany
from facerep.readers.table import FAILURES
from facerep.report.failures import failure_lines
from facerep.report.report import Facts, Report


def report_of(result: Aligned) -> Report:
    """An alignment as a report."""
    facts = Facts([
        ["aligned faces", str(result.output)],
        ["photographs", f"{result.photographs:,}"],
        ["faces", f"{result.faces:,}"],
        ["failed", f"{result.failed:,}"],
        *_found_by(result.how),
    ])  # fmt: skip
    faults = failure_lines(result.failures, str(result.output / FAILURES))
    return Report(result=result, shown=[facts], faults=[*faults, *_left_out(result.several)])


def report_of_many(result: AlignedMany) -> Report:
    """An alignment of shards as a report; which photographs failed stands in a file."""
    facts = Facts([
        ["aligned faces", str(result.output)],
        ["shards", f"{result.shards:,}"],
        ["  done now", f"{result.done:,}"],
        ["photographs", f"{result.photographs:,}"],
        ["faces", f"{result.faces:,}"],
        ["failed", f"{result.failed:,}"],
        *_found_by(result.how),
    ])  # fmt: skip
    faults = []
    if result.failed:
        faults.append(f"{counted(result.failed, 'photograph')} without a face: see {result.output / FAILURES}")
    return Report(result=result, shown=[facts], faults=[*faults, *_left_out(result.several)])


def _found_by(how: Finding) -> list[list[str]]:
    return [
        ["detector", f"{how.detector}, score {how.least_score:g} or more"],
        ["five points", how.points],
        ["faces taken", how.faces],
    ]  # fmt: skip


def _left_out(several: int) -> list[str]:
    if not several:
        return []
    return [f"more faces than were taken in {counted(several, 'photograph')}: column `found`; --faces all takes each"]
