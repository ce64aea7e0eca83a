"""What `merge` made, as a report."""

from __future__ import annotations

from pathlib import Path

from facerep.files.rows import Codes, Features
from facerep.report.report import Facts, Report


def report_of(rows: Features | Codes, inputs: int, output: Path) -> Report:
    """One file of several as a report.

    Args:
        rows: what was written to `output`.
        inputs: how many files or folders were named.
        output: the file.
    """
    codes = isinstance(rows, Codes)
    kind, length = ("codes", rows.bits) if codes else ("features", rows.dimension)
    people = len(set(rows.people) - {""})
    result = {
        "output": output, "kind": kind, "inputs": inputs, "faces": len(rows), "people": people,
        "failed": len(rows.failures), "bits" if codes else "dimension": length,
    }  # fmt: skip
    facts = [
        [kind, str(output)],
        ["files and folders", f"{inputs:,}"],
        ["faces", f"{len(rows):,}"],
        ["people", f"{people:,}"],
        ["failed", f"{len(rows.failures):,}"],
        ["bits" if codes else "dimension", f"{length:,}"],
    ]
    return Report(result=result, shown=[Facts(facts)])
