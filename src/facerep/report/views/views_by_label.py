"""Views by a label as a report: a row a class."""

from __future__ import annotations

from facerep.report.report import Csv, Report, Table
from facerep.studies.views.result import ViewsByLabel

FILES = ("result.json", "views.csv")
COLUMNS = ("class", "faces", "view", "low", "high")


def report_of(result: ViewsByLabel) -> Report:
    """Views by a label as a report."""
    rows = [
        [each.name, f"{each.faces:,}", f"{each.view.value:+.1f}", f"{each.view.low:+.1f} to {each.view.high:+.1f}"]
        for each in result.classes
    ]
    known = result.rank_correlation
    notes = [f"{result.faces:,} faces; the view is in the degrees that the network was taught"]
    if known is not None:
        notes.append(
            f"rank correlation of {result.label} and view (Spearman): {known.value:+.2f} [{known.low:+.2f}, "
            f"{known.high:+.2f}], {known.interval}"
        )
    title = f"The view that {result.network['name']} reads, by {result.label}"
    return Report(
        result=result, shown=[Table([result.label, "faces", "mean view", "95 % interval"], rows, title, notes)],
        files={
            "views.csv": Csv(
                COLUMNS, lambda: ((one.name, one.faces, one.view.value, one.view.low, one.view.high)
                                  for one in result.classes)
            )
        },
        warnings=result.warnings,
    )  # fmt: skip
