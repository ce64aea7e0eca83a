"""Verification over trials as a report: a table a false accept rate; in a folder trials.json."""

from __future__ import annotations

from collections.abc import Iterator

from facerep.report.cells import percent, rate_row
from facerep.report.report import Report, Table
from facerep.studies.verification.blufr import TrialsResult

FILE = "trials.json"
FILES = (FILE, "result.json")


def report_of(result: TrialsResult) -> Report:
    """Verification over trials as a report."""
    return Report(result=result, main=FILE, shown=list(_tables(result)), warnings=result.warnings)


def _tables(result: TrialsResult) -> Iterator[Table]:
    for place, point in enumerate(result.trials[0].tar_at_far):
        rows = []
        for trial in result.trials:
            name, at = f"trial {trial.number}", trial.tar_at_far[place]
            refused = [name, "refused", "", f"{at.impostor:,} impostor pairs"]
            rows.append(refused if at.rate is None else rate_row(name, at.rate))
        for over in result.over:
            if over.far == point.far:
                rows.append(["mean", percent(over.tar.mean), f"s {100 * over.tar.standard_deviation:.2f}", ""])
                rows.append(["mean - s", percent(over.tar.mean_minus_deviation), "", ""])
        name = f"{result.features['file'] or 'features'}, {result.metric}, {result.protocol['name']}"
        last = point is result.trials[0].tar_at_far[-1]
        first = result.trials[0].tar_at_far[place].rate
        notes = [f"intervals: {first.interval}; s: standard deviation of the trials"] if last and first else []
        yield Table(["", "TAR", "95 % interval", "counts"], rows, f"{name}: TAR at FAR {100 * point.far:g} %", notes)
