"""Attribute results side by side, as a report: two tables, a CSV and a figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from facerep.console import counted
from facerep.report.attributes.attributes import REPORTED
from facerep.report.cells import points, with_interval
from facerep.report.report import Csv, Drawing, Report, Table
from facerep.studies.attributes.side_by_side import MAJORITY, AttributeSystem, SideBySide

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FILES = ("comparison.json", "comparison.csv", "comparison.png", "comparison.svg")


def report_of(found: SideBySide) -> Report:
    """Attribute results as one report."""
    columns = ["attribute", *(system.name for system in found.systems)]
    return Report(
        result=_json(found),
        main="comparison.json",
        shown=list(_tables(found)),
        files={"comparison.csv": Csv(columns, lambda: _rows(found)), "comparison": Drawing(lambda: _figure(found))},
        warnings=found.warnings,
    )


def _reported(system: AttributeSystem) -> str:
    """The reported mean accuracy of such a system on CelebA."""
    celeba = REPORTED[system.kind][1] if system.kind in REPORTED else None
    return str(celeba) if celeba else "-"


def _json(found: SideBySide) -> dict[str, Any]:
    clusters = found.answers.clusters
    return {
        "format": "facerep/attribute-comparison", "version": 1, "faces": len(found.answers.faces),
        "people": clusters.count if clusters.word == "people" else None,
        "attributes": list(found.answers.attributes),
        "rows": [
            {"name": one.name, "kind": one.kind, "accuracy": one.accuracy, "balanced": one.balanced}
            for one in found.systems
        ],
        "differences": found.differences,
    }  # fmt: skip


def _by_attribute(found: SideBySide) -> tuple[list[str], dict[str, np.ndarray]]:
    """The attributes by the accuracy of the last system, and each system's accuracy in that order."""
    known = found.answers.labels != 0
    each = {system.name: (system.hits & known).sum(axis=0) / known.sum(axis=0) for system in found.systems}
    order = np.argsort(each[found.systems[-1].name], kind="stable")
    return [found.answers.attributes[place] for place in order], {name: one[order] for name, one in each.items()}


def _rows(found: SideBySide) -> Iterator[list[object]]:
    names, each = _by_attribute(found)
    for place, name in enumerate(names):
        yield [name, *(float(one[place]) for one in each.values())]


def _figure(found: SideBySide) -> Figure:
    from facerep.report.attributes.figures import Dots, dots

    names, each = _by_attribute(found)
    marks = [Dots(system.name, each[system.name].tolist()) for system in found.systems[1:]]
    return dots(names, marks, each[MAJORITY].tolist(), f"{len(found.answers.faces):,} test faces")


def _tables(found: SideBySide) -> Iterator[Table]:
    lines: dict[str, list[list[str]]] = {"accuracy": [], "balanced": []}
    for place, system in enumerate(found.systems):
        step = found.between(found.systems[place - 1].name, system.name) if place else None
        for what, rows in lines.items():
            beyond = points(getattr(step, what)) if step else "-"
            rows.append([system.name, with_interval(getattr(system, what), 1), beyond])
        lines["accuracy"][-1].append(_reported(system))
    answers = found.answers
    people = f" of {counted(answers.clusters.count, 'person', 'people')}" if answers.clusters.word == "people" else ""
    attributes, faces = counted(len(answers.attributes), "attribute"), counted(len(answers.faces), "test face")
    title = f"mean over {attributes}, {faces}{people}"
    yield Table(["", "accuracy", "over the row above", "reported"], lines["accuracy"], title)
    notes = [
        "in per cent and points, in brackets 95 % intervals; ! marks differences whose interval leaves out 0",
        "reported: by Wang's lecture, the same kind of system on CelebA's test part, other faces than these",
    ]
    yield Table(["", "balanced", "over the row above"], lines["balanced"], notes=notes)
