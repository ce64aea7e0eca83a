"""Verification over trials as a report: a table a false accept rate; in a folder trials.json."""

from __future__ import annotations

from collections.abc import Iterator

from facerep.report.cells import between, percent
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
            found = trial.tar_at_far[place]
            if found.rate is None:
                rows.append([f"trial {trial.number}", "refused", "", f"{found.impostor:,} impostor pairs"])
            else:
                counts = f"{found.rate.count:,.0f} of {found.rate.of:,}"
                rows.append([f"trial {trial.number}", percent(found.rate.value), between(found.rate), counts])
        for over in result.over:
            if over.far == point.far:
                rows.append(["mean", percent(over.tar.mean), f"s {100 * over.tar.standard_deviation:.2f}", ""])
                rows.append(["mean - s", percent(over.tar.mean_minus_deviation), "", ""])
        name = f"{result.features['file'] or 'features'}, {result.metric}, {result.protocol['name']}"
        last = point is result.trials[0].tar_at_far[-1]
        first = result.trials[0].tar_at_far[place].rate
        notes = [f"intervals: {first.interval}; s: standard deviation of the trials"] if last and first else []
        yield Table(["", "TAR", "95 % interval", "counts"], rows, f"{name}: TAR at FAR {100 * point.far:g} %", notes)
