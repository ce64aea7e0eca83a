"""An extraction as a report: its counts, its first failures; the same of shards."""

from __future__ import annotations

from facerep.extraction.extract import Extracted
from facerep.extraction.many.extract_many import ExtractedMany
from facerep.files.contract import Contract
from facerep.report.failures import failure_lines
from facerep.report.report import Facts, Report


def report_of(result: Extracted) -> Report:
    """An extraction as a report."""
    facts = Facts([
        ["features", str(result.output)],
        ["faces", f"{result.faces:,}"],
        ["failed", f"{len(result.failures):,}"],
        ["dimension", f"{result.dimension:,}"],
        *_made_by(result.contract),
    ])  # fmt: skip
    faults = failure_lines(result.failures, f"{result.output}:/failures")
    return Report(result=result, shown=[facts], faults=faults)


def report_of_many(result: ExtractedMany) -> Report:
    """An extraction of shards as a report; which faces failed stands in the parts."""
    facts = Facts([
        ["features", str(result.output)],
        ["shards", f"{result.shards:,}"],
        ["  done now", f"{result.done:,}"],
        ["faces", f"{result.faces:,}"],
        ["failed", f"{result.failed:,}"],
        *_made_by(result.contract),
    ])  # fmt: skip
    return Report(result=result, shown=[facts])


def _made_by(contract: Contract) -> list[list[str]]:
    """What the features are of, for both."""
    return [
        ["network", contract.network], ["layer", contract.layer], ["crop", contract.crop],
        ["mirrored face", contract.mirror],
    ]  # fmt: skip
