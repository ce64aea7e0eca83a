"""Attribute results side by side: their means on the same test faces, with paired differences by person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from facerep.errors import BadInput
from facerep.files.csv_file import read_rows
from facerep.metrics.influence import difference
from facerep.results.figures import Measure
from facerep.results.kinds import ATTRIBUTE_COMPARISON, ATTRIBUTES
from facerep.results.read import names_of, read_result
from facerep.studies.attributes.result import LABEL, AttributeAnswers, groups_of, means

MAJORITY = "majority guess"
_HALF = Measure(0.5, 0.5, 0.5, "exact: one answer for everybody")


@dataclass(frozen=True)
class AttributeSystem:
    """One system: `hits` are its right answers on the faces and attributes that all systems share, bool (n, k)."""

    JSON: ClassVar = ("name", "kind", "accuracy", "balanced")

    name: str
    kind: str
    hits: np.ndarray
    accuracy: Measure
    balanced: Measure


@dataclass(frozen=True)
class SystemDifference:
    """What the second of two systems is better by, in mean accuracy and in mean balanced accuracy."""

    first: str
    second: str
    accuracy: Measure
    balanced: Measure


@dataclass(frozen=True)
class SideBySide:
    """Systems, the majority guess first; `answers` are the faces, people and labels that they share."""

    KIND: ClassVar = ATTRIBUTE_COMPARISON
    JSON: ClassVar = ("faces", "people", "attributes=answers.attributes", "rows=systems", "differences")

    systems: tuple[AttributeSystem, ...]
    differences: tuple[SystemDifference, ...]
    answers: AttributeAnswers
    warnings: tuple[str, ...] = ()

    @property
    def faces(self) -> int:
        """How many test faces all systems answer for."""
        return len(self.answers.faces)

    @property
    def people(self) -> int | None:
        """Of how many people these are; None where people are unknown."""
        clusters = self.answers.clusters
        return clusters.count if clusters.word == "people" else None

    def by_attribute(self) -> tuple[list[str], dict[str, np.ndarray]]:
        """The attributes by the accuracy of the last system, and each system's accuracies in that order."""
        known = self.answers.labels != 0
        each = {system.name: (system.hits & known).sum(axis=0) / known.sum(axis=0) for system in self.systems}
        order = np.argsort(each[self.systems[-1].name], kind="stable")
        return [self.answers.attributes[place] for place in order], {name: one[order] for name, one in each.items()}

    def between(self, first: str, second: str) -> SystemDifference | None:
        """The difference of two systems."""
        return next((one for one in self.differences if (one.first, one.second) == (first, second)), None)


def compare(folders: Sequence[Path]) -> SideBySide:
    """Put results of `attributes` side by side, by the predictions.csv beside them.

    Raises:
        BadInput: not a result of `attributes`, or results that share no face or no attribute, or whose labels differ.
    """
    stored = [read_result(place / "result.json", ATTRIBUTES) for place in folders]
    whole = [read_answers(place / "predictions.csv") for place in folders]
    answers = _shared(whole, folders)
    labels, of = answers[0].labels, answers[0].clusters
    guesses = {row["name"]: row["guess"] for row in stored[0]["attributes"]}
    guessed = np.array([1 if guesses[name] == "yes" else -1 for name in answers[0].attributes]) == labels
    named = [(MAJORITY, "majority", guessed)]
    short = names_of([place / "result.json" for place in folders])
    named += [(name, one["kind"], its.hits) for name, one, its in zip(short, stored, answers, strict=True)]
    systems = [AttributeSystem(name, kind, hits, *means(hits, labels, of)) for name, kind, hits in named]
    systems[0] = replace(systems[0], balanced=_HALF)
    differences = [
        SystemDifference(
            first.name, second.name, difference(first.hits, second.hits, groups_of(labels), of),
            difference(first.hits, second.hits, groups_of(labels, balanced=True), of),
        )
        for place, first in enumerate(systems) for second in systems[place + 1 :]
    ]  # fmt: skip
    shared, warnings = len(answers[0].faces), ()
    if any(shared < len(one.faces) for one in whole):
        warnings = (f"compared on the {shared:,} test faces that all results have",)
    return SideBySide(tuple(systems), tuple(differences), answers[0], warnings)


def read_answers(path: Path) -> AttributeAnswers:
    """Read a predictions.csv of ours.

    Raises:
        BadInput: it is none, or a line of it is malformed.
    """
    header, *rows = list(read_rows(path, "judge again")) or [[]]
    names = header[2 : 2 + (len(header) - 2) // 2]
    if header != ["face", "person", *names, *(LABEL + name for name in names)] or not names or not rows:
        raise BadInput("not a predictions.csv of `facerep attributes`", path)
    try:
        cells = [(row[0], row[1]) for row in rows]
        numbers = np.array([row[2:] for row in rows], dtype=np.float64)
    except (ValueError, IndexError) as error:
        raise BadInput(f"a line is malformed ({error})", path) from error
    faces, people = (np.array(column, dtype=object) for column in zip(*cells, strict=True))
    k = len(names)
    return AttributeAnswers(faces, people, tuple(names), numbers[:, :k], numbers[:, k:].astype(np.int8))


def _shared(answers: Sequence[AttributeAnswers], folders: Sequence[Path]) -> list[AttributeAnswers]:
    """The same results on the faces and attributes that all have, in one order."""
    attributes = [name for name in answers[0].attributes if all(name in one.attributes for one in answers)]
    faces = set(answers[0].faces).intersection(*(one.faces for one in answers))
    if not attributes or not faces:
        what = "attribute" if not attributes else "test face"
        raise BadInput(f"results share no {what}", ", ".join(map(str, folders)))
    shared = []
    for one in answers:
        rows = np.array([row for row in np.argsort(one.faces.astype(str)) if one.faces[row] in faces])
        columns = [one.attributes.index(name) for name in attributes]
        shared.append(replace(
            one, faces=one.faces[rows], people=one.people[rows], attributes=tuple(attributes),
            scores=one.scores[rows][:, columns], labels=one.labels[rows][:, columns],
        ))  # fmt: skip
    for one, folder in zip(shared, folders, strict=True):
        if not np.array_equal(one.labels, shared[0].labels):
            raise BadInput("labels differ from those of the first result", folder, "judge both with the same labels")
    both = (shared[0].labels == 1).any(axis=0) & (shared[0].labels == -1).any(axis=0)
    if not both.all():
        what = f"on the {len(faces):,} test faces that all results have {attributes[both.argmin()]} has one answer only"
        raise BadInput(what, ", ".join(map(str, folders)))
    return shared
