"""Groups as a report: how many there are, how they agree with people, a CSV file with a line a face."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from facerep.console import counted
from facerep.metrics.grouping import Agreement
from facerep.report.cells import bare
from facerep.report.report import Csv, Facts, Report, Table
from facerep.results.figures import Measure
from facerep.studies.grouping.group import Groups

COLUMNS = ("face", "group", "faces_in_group", "mean_score", "person")
SHOWN = 12
"""Groups of the table."""


def report_of(result: Groups, output: Path | None) -> Report:
    """Groups as a report; `output` is where all faces are written."""
    source = f"{result.chosen.rule}, {result.chosen.source}" if result.chosen else "given"
    facts = [
        ["faces", f"{result.faces:,}"],
        ["groups of two or more", f"{result.groups:,}"],
        ["faces alone", f"{result.alone:,}"],
        ["joined at a mean score of", f"{result.threshold:.6g} ({source})"],
    ]
    shown: list[Table | Facts | str] = [Facts(facts)]
    if result.groups:
        shown.append(_table(result, output))
    if result.figures is not None:
        figures = result.figures
        rows = [_line("pairs of faces", figures.pairs), _line("BCubed, face by face", figures.bcubed)]
        known = f"{figures.faces:,} faces of {counted(figures.people, 'known person', 'known people')}"
        shown.append(Table(["against labels, %", "precision", "recall", "F"], rows, notes=[known]))
    return Report(result=result, shown=shown, files={"groups.csv": Csv(COLUMNS, lambda: _lines(result))})


def _line(name: str, agreement: Agreement) -> list[str]:
    return [name, *(_cell(each) for each in (agreement.precision, agreement.recall, agreement.f))]


def _cell(share: Measure) -> str:
    return f"{bare(share.value)} [{100 * share.low:.1f}, {100 * share.high:.1f}]"


def _table(result: Groups, output: Path | None) -> Table:
    rows = []
    for number in range(min(SHOWN, result.groups)):
        members = np.flatnonzero(result.group == number)
        central = members[np.argmax(result.likeness[members])]
        rows.append([str(number + 1), str(len(members)), f"{result.likeness[central]:.4g}", str(result.names[central])])
    more = result.groups - len(rows)
    all_of_them = f"all are in {output}" if output else "-o FILE writes all"
    notes = [f"{counted(more, 'further group')}; {all_of_them}"] if more else []
    return Table(["group", "faces", "mean score", "the face most like the others"], rows, notes=notes)


def _lines(result: Groups) -> Iterator[list[object]]:
    """A line a face, the largest group first; within it those first that are most like the others."""
    likeness = np.where(np.isnan(result.likeness), -np.inf, result.likeness)
    for face in np.lexsort((-likeness, result.group)):
        number, mean = result.group[face], result.likeness[face]
        score = "" if np.isnan(mean) else float(mean)
        yield [result.names[face], int(number) + 1, int(result.sizes[number]), score, result.people[face]]
