"""A track as a report: figures, and a CSV file of boxes."""

from __future__ import annotations

from collections.abc import Iterator

from facerep.console import counted
from facerep.report.failures import failure_lines
from facerep.report.report import Csv, Facts, Report
from facerep.studies.tracking.track import Track

COLUMNS = ("name", "x", "y", "width", "height", "score", "head", "failure")


def report_of(track: Track) -> Report:
    """A track as a report."""
    return Report(
        result=track, shown=[_facts(track)], files={"boxes.csv": Csv(COLUMNS, lambda: _rows(track))},
        warnings=track.warnings, faults=failure_lines(track.failures, "the column failure"),
    )  # fmt: skip


def _facts(track: Track) -> Facts:
    counts = track.counts
    rows = [
        ("frames", f"{counts['frames']:,}" + (f", {counts['failures']} not read" if counts["failures"] else "")),
        ("trunk", f"{track.trunk}, layers {' and '.join(track.layers)}"),
        ("chosen by", f"general head {counts['general']:,}, specific head {counts['specific']:,}"),
        ("distractor", f"beside the face in {counted(counts['distractors'], 'frame')}"),
    ]
    notes = []
    if (figures := track.figures) is not None:
        rows += [
            ("success AUC", f"{figures.success_auc:.3f}"),
            (f"centre within {figures.near:g} px", f"{figures.precision:.3f}"),
        ]
        notes = [f"against the true boxes of {counted(figures.frames, 'frame')}, the first included; one pass"]
    return Facts(rows, notes)


def _rows(track: Track) -> Iterator[list[object]]:
    for row in track.rows:
        yield [row.name, *(row.box or (None,) * 4), row.score if row.box else None, row.head, row.failure]
