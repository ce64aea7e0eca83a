"""Which attributes are learned from which faces, and on which faces they are judged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np

from facerep.errors import BadInput, Usage, refuse_meaningless
from facerep.readers.lists.attribute_labels import AttributeLabels, own_labels, read_labels
from facerep.studies.attributes.splits import Splits, split_faces


@dataclass(frozen=True)
class AttributeChoice:
    """Which attributes of a set are learned, and by which split.

    Attributes:
        labels: the list of attributes; None: the set's own label columns.
        attributes: which of them, as names or COLUMN=VALUE; None: all.
        split_by: a column, or "people"; None: see split_faces.
        missing: "stop" or "count" where the list lacks faces.

    Raises:
        Usage: no attribute is named, or `missing` is of no list.
    """

    labels: Path | None = None
    attributes: tuple[str, ...] | None = None
    split_by: str | None = None
    missing: str = "stop"

    def __post_init__(self) -> None:
        if self.attributes == ():
            raise Usage("--attributes names none", hint="name some with commas between, or leave it out for all")
        if self.labels is None:
            refuse_meaningless({"--missing": None if self.missing == "stop" else self.missing}, "without --labels")


class Labelled(Protocol):
    """Rows of a feature file, or a table of faces."""

    @property
    def names(self) -> np.ndarray: ...
    @property
    def people(self) -> np.ndarray: ...
    @property
    def labels(self) -> dict[str, np.ndarray]: ...


@dataclass(frozen=True)
class Labelling:
    """Labels and splits of a set of faces.

    Attributes:
        names: of the attributes that have both answers in each split, (k,).
        answers: int8 (n, k): 1 yes, -1 no, 0 unknown.
        splits: rows of the faces.
        left_out: attributes that lack an answer in some split, with the reason.
        source: where the answers are from.
        notes: what the user should look at.
    """

    JSON: ClassVar = ("labels=source", "parts=splits", "left_out=left_out_json")

    names: tuple[str, ...]
    answers: np.ndarray
    splits: Splits
    left_out: tuple[tuple[str, str], ...]
    source: str
    notes: tuple[str, ...]

    @property
    def left_out_json(self) -> list[dict[str, str]]:
        """`left_out` as JSON holds it."""
        return [{"name": name, "reason": reason} for name, reason in self.left_out]


def label_faces(faces: Labelled, choice: AttributeChoice, where: str) -> Labelling:
    """Read the labels, split the faces, leave out attributes that cannot be judged.

    Raises:
        BadInput: see read_labels and split_faces; or no attribute has both answers in each split.
    """
    if choice.labels is None:
        labels = own_labels(faces.labels, choice.attributes, where)
    else:
        labels = read_labels(choice.labels, faces.names, faces.people, choice.attributes, choice.missing)
    notes = []
    if without := int(np.sum(~labels.known)):
        notes.append(f"{without:,} of {len(labels.values):,} faces have no label and take no part")
    splits = split_faces(faces.names, faces.people, faces.labels, labels.known, choice.split_by, where)
    reasons = _one_sided(labels, splits)
    kept = [place for place, name in enumerate(labels.names) if name not in reasons]
    if not kept:
        name, reason = next(iter(reasons.items()))
        raise BadInput(f"no attribute has both answers in each part ({name}: {reason})", where)
    if reasons:
        listed = "; ".join(f"{name} ({reason})" for name, reason in reasons.items())
        notes.append(f"{len(reasons)} of {len(labels.names)} attributes are left out: {listed}")
    names = tuple(labels.names[place] for place in kept)
    left_out = tuple(reasons.items())
    return Labelling(names, labels.values[:, kept], splits, left_out, labels.source, (*notes, *splits.notes))


def _one_sided(labels: AttributeLabels, splits: Splits) -> dict[str, str]:
    """Attributes that have one answer only in some split, with the reason."""
    reasons: dict[str, str] = {}
    for split, rows in splits.rows.items():
        for word, answer in (("yes", 1), ("no", -1)):
            for place in np.flatnonzero(~(labels.values[rows] == answer).any(axis=0)):
                reasons.setdefault(labels.names[place], f"no {word} in {split}")
    return {name: reasons[name] for name in labels.names if name in reasons}
