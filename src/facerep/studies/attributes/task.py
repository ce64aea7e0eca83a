"""The task: which attributes are learned from which faces, and on which they are judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np

from facerep.errors import BadInput
from facerep.readers.lists.attribute_labels import AttributeLabels, own_labels, read_labels
from facerep.readers.splits import TEST, TRAIN, VALIDATION
from facerep.studies.attributes.splits import Parts, parts


@dataclass(frozen=True)
class Question:
    """What is asked of a set.

    Attributes:
        labels: the list of attributes; None: the set's own label columns.
        attributes: which of them, as names or COLUMN=VALUE; None: all.
        split_by: a column, or "people"; None: see attribute_parts.parts.
        missing: "stop" or "count" where the list lacks faces.
    """

    labels: Path | None = None
    attributes: tuple[str, ...] | None = None
    split_by: str | None = None
    missing: str = "stop"


class Labelled(Protocol):
    """Rows of a feature file, or a table of faces."""

    @property
    def names(self) -> np.ndarray: ...
    @property
    def people(self) -> np.ndarray: ...
    @property
    def labels(self) -> dict[str, np.ndarray]: ...


@dataclass(frozen=True)
class Task:
    """Answers and parts of a set of faces.

    Attributes:
        names: of the attributes that have both answers in each part, (k,).
        answers: int8 (n, k): 1 yes, -1 no, 0 unknown.
        parts: rows of the faces.
        left_out: attributes that lack an answer in some part, with the reason.
        source: where the answers are from.
        notes: what should be said.
    """

    JSON: ClassVar = ("labels=source", "parts", "left_out=left_out_json")

    names: tuple[str, ...]
    answers: np.ndarray
    parts: Parts
    left_out: tuple[tuple[str, str], ...]
    source: str
    notes: tuple[str, ...]

    @property
    def left_out_json(self) -> list[dict[str, str]]:
        """`left_out` as JSON holds it."""
        return [{"name": name, "reason": reason} for name, reason in self.left_out]


def task(faces: Labelled, question: Question, where: str) -> Task:
    """Find labels and parts.

    Raises:
        BadInput: see attribute_labels and attribute_parts; or no attribute has both answers in each part.
    """
    if question.labels is None:
        found = own_labels(faces.labels, question.attributes, where)
    else:
        found = read_labels(question.labels, faces.names.tolist(), question.attributes, question.missing)
    notes = []
    if without := int(np.sum(~found.known)):
        notes.append(f"{without:,} of {len(found.values):,} faces have no label and take no part")
    split = parts(faces.names, faces.people, faces.labels, found.known, question.split_by, where)
    sides = {TRAIN: split.train, VALIDATION: split.validation, TEST: split.test}
    reasons = _one_sided(found, sides)
    kept = [place for place, name in enumerate(found.names) if name not in reasons]
    if not kept:
        first = next(f"{name}: {reason}" for name, reason in reasons.items())
        raise BadInput(f"no attribute has both answers in each part ({first})", where)
    if reasons:
        told = "; ".join(f"{name} ({reason})" for name, reason in reasons.items())
        notes.append(f"{len(reasons)} of {len(found.names)} attributes are left out: {told}")
    names = tuple(found.names[place] for place in kept)
    left_out = tuple(reasons.items())
    return Task(names, found.values[:, kept], split, left_out, found.source, (*notes, *split.notes))


def _one_sided(found: AttributeLabels, sides: Mapping[str, np.ndarray]) -> dict[str, str]:
    """Attributes that have one answer only in some part, with the reason."""
    reasons: dict[str, str] = {}
    for side, rows in sides.items():
        for word, answer in (("yes", 1), ("no", -1)):
            for place in np.flatnonzero(~(found.values[rows] == answer).any(axis=0)):
                reasons.setdefault(found.names[place], f"no {word} in {side}")
    return {name: reasons[name] for name in found.names if name in reasons}
