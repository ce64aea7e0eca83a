"""The look-up of one picture as a report: the people most like it, judged by a threshold."""

from __future__ import annotations

from collections.abc import Iterator

from facerep.console import counted
from facerep.report.report import Report, Table
from facerep.report.thresholds import threshold_facts, threshold_warnings
from facerep.studies.identification.lookup import Lookup


def report_of(result: Lookup) -> Report:
    """A look-up as a report."""
    header = ["person", "faces", "score"] + ([] if result.threshold is None else ["accepted"])
    rows = []
    for each in result.candidates:
        row = [each.person, f"{each.faces:,}", f"{each.score:.6g}"]
        rows.append(row if each.accepted is None else [*row, "yes" if each.accepted else "no"])
    scorer = f", {result.scorer}" if result.scorer else ""
    title = f"{result.picture} in {result.gallery.file}, {result.metric}{scorer}"
    return Report(
        result=result,
        shown=[Table(header, rows, title, list(_notes(result)))],
        warnings=[*result.warnings, *threshold_warnings(result.threshold)],
    )


def _notes(result: Lookup) -> Iterator[str]:
    people, faces = result.gallery.people, counted(result.gallery.faces, "face")
    about = f"{counted(people, 'person', 'people')}, {faces}; {result.template}"
    yield f"gallery: {about}; crop {result.gallery.contract.crop}"
    if result.threshold is None:
        yield f"somebody is always the most alike; whether it is the same person is not decided: {result.undecided}"
        return
    for name, value in threshold_facts(result.threshold):
        yield f"{name}: {value}"
    strangers = result.strangers or 0.0
    yield f"at that rate a stranger is accepted by {strangers:.2g} of these {faces}, on average"
