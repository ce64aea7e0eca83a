"""Templates that were made of faces, for the eye."""

from __future__ import annotations

from pathlib import Path

from facerep.console import counted
from facerep.extraction.templates import Pooled
from facerep.report.report import Facts, Report


def report_of(made: Pooled, output: Path) -> Report:
    """Templates as a report; `output` is where they are."""
    rows = [
        ["features", str(output)],
        ["templates", f"{made.templates:,}"],
        ["media", f"{made.media:,}"],
        ["faces", f"{made.faces:,}"],
        ["faces not in the file", f"{made.absent:,}"],
        ["dimension", str(made.features.dimension)],
    ]
    warnings = []
    if made.empty:
        shown = ", ".join(made.empty[:3]) + (", ..." if len(made.empty) > 3 else "")
        warnings.append(f"{counted(len(made.empty), 'template')} without any face left out: {shown}")
    return Report(result=made, shown=[Facts(rows)], printed={"output": str(output)}, warnings=tuple(warnings))
