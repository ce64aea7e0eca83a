"""Attribute results side by side, as a report: two tables, a CSV and a figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from facerep.console import counted
from facerep.report.attributes.attributes import REPORTED
from facerep.report.cells import points, with_interval
from facerep.report.report import Csv, Drawing, Report, Table
from facerep.studies.attributes.side_by_side import MAJORITY, AttributeSystem, SideBySide

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FILES = ("comparison.json", "comparison.csv", "comparison.png", "comparison.svg")


def report_of(compared: SideBySide) -> Report:
    """Attribute results as one report."""
    columns = ["attribute", *(system.name for system in compared.systems)]
    return Report(
        result=compared,
        main="comparison.json",
        shown=list(_tables(compared)),
        files={
            "comparison.csv": Csv(columns, lambda: _rows(compared)),
            "comparison": Drawing(lambda: _figure(compared)),
        },
        warnings=compared.warnings,
    )


def _reported(system: AttributeSystem) -> str:
    """The reported mean accuracy of such a system on CelebA."""
    celeba = REPORTED[system.kind][1] if system.kind in REPORTED else None
    return str(celeba) if celeba else "-"


def _rows(compared: SideBySide) -> Iterator[list[object]]:
    names, each = compared.by_attribute()
    for place, name in enumerate(names):
        yield [name, *(float(one[place]) for one in each.values())]


def _figure(compared: SideBySide) -> Figure:
    from facerep.report.attributes.figures import Dots, dots

    names, each = compared.by_attribute()
    marks = [Dots(system.name, each[system.name].tolist()) for system in compared.systems[1:]]
    return dots(names, marks, each[MAJORITY].tolist(), f"{compared.faces:,} test faces")


def _tables(compared: SideBySide) -> Iterator[Table]:
    lines: dict[str, list[list[str]]] = {"accuracy": [], "balanced": []}
    for place, system in enumerate(compared.systems):
        step = compared.between(compared.systems[place - 1].name, system.name) if place else None
        for what, rows in lines.items():
            beyond = points(getattr(step, what)) if step else "-"
            rows.append([system.name, with_interval(getattr(system, what), 1), beyond])
        lines["accuracy"][-1].append(_reported(system))
    answers = compared.answers
    people = f" of {counted(answers.clusters.count, 'person', 'people')}" if answers.clusters.word == "people" else ""
    attributes, faces = counted(len(answers.attributes), "attribute"), counted(len(answers.faces), "test face")
    title = f"mean over {attributes}, {faces}{people}"
    yield Table(["", "accuracy", "over the row above", "reported"], lines["accuracy"], title)
    notes = [
        "in per cent and points, in brackets 95 % intervals; ! marks differences whose interval leaves out 0",
        "reported: by Wang's lecture, the same kind of system on CelebA's test part, other faces than these",
    ]
    yield Table(["", "balanced", "over the row above"], lines["balanced"], notes=notes)
