"""Targets: which picture of a person is the canonical one, by labels or by the measure of symmetry and rank.

A rule is conditions with commas between, such as `view=0,light=7,expression=neutral`; one of them may leave its value
open, `view=*`: then a person has a target for each value that there is. Or it is `measure`, which needs no labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facerep.errors import BadInput, Usage
from facerep.faces.table import Faces, as_text
from facerep.files.label_columns import by_number
from facerep.signals.canonical import canonical_measure

AUTO, MEASURE, OPEN = "auto", "measure", "*"

_PLAIN = {"light": "7", "expression": "neutral"}
"""What a canonical picture is of, by column, beside its view: the frontal flash of Multi-PIE, no expression."""


@dataclass(frozen=True)
class Targets:
    """The canonical pictures of people.

    Attributes:
        rule: what they were chosen by, never `auto`.
        names: of the targets of a person, such as ("-60", "0", "60") by `view=*`; ("",) where there is one.
        people: who has one at least, sorted; shape (p,).
        rows: of the faces that are targets, int64 (p, targets); -1 where a person has none.
    """

    rule: str
    names: tuple[str, ...]
    people: np.ndarray
    rows: np.ndarray

    def of(self, people: np.ndarray) -> np.ndarray:
        """Rows of the targets of each of `people`, int64 (n, targets); -1 where there is none."""
        place = {person: place for place, person in enumerate(self.people)}
        nobody = np.full((1, len(self.names)), -1)
        return np.concatenate([self.rows, nobody])[[place.get(person, -1) for person in people]]


def chosen_rule(faces: Faces, asked: str, *, several: bool) -> str:
    """The rule that `auto` stands for, by the columns that there are; any other rule as it is.

    Args:
        faces: a column `view` makes the choice one by labels.
        asked: a rule, or `auto`.
        several: each view is a target, not the frontal one alone.
    """
    if asked != AUTO:
        return asked
    if "view" not in faces.labels:
        return MEASURE
    plain = [f"{column}={value}" for column, value in _PLAIN.items() if column in faces.labels]
    return ",".join([f"view={OPEN if several else 0}", *plain])


def choose_targets(
    faces: Faces, grey: np.ndarray | None, rule: str, names: Sequence[str] | None = None, *, anybody: bool = True
) -> Targets:
    """The canonical pictures of the people of a set; of several that fit, the first in the table.

    Args:
        faces: rows without a known person have none.
        grey: of the faces, uint8 (n, height, width); needed where the rule is `measure`.
        rule: see above.
        names: the targets that are wanted, in their order, where the rule leaves a value open; None: all there are.
        anybody: nobody having one is an error.

    Raises:
        Usage: not a rule.
        BadInput: no such column; nobody has a canonical picture.
    """
    if rule == MEASURE:
        assert grey is not None
        places = _by_measure(faces, canonical_measure(grey))
        return _targets(rule, ("",), faces, {("", person): row for person, row in places.items()}, anybody)
    fits, open_column = np.ones(len(faces), bool), ""
    for column, value in _conditions(rule):
        if column not in faces.labels:
            there = ", ".join(sorted(faces.labels)) or "none"
            raise BadInput(
                f"data set has no column {column!r}, which canonical pictures are chosen by ({rule})", faces.root,
                f"there are: {there}; `{MEASURE}` chooses them without labels",
            )  # fmt: skip
        if value == OPEN:
            open_column = column
        else:
            fits &= as_text(faces.labels[column]) == value
    column = as_text(faces.labels[open_column]) if open_column else np.full(len(faces), "", dtype=object)
    fits &= column != "" if open_column else True
    places = {}
    for row in np.flatnonzero(fits & (faces.people != "")):
        places.setdefault((column[row], faces.people[row]), int(row))
    wanted = tuple(names) if names is not None else tuple(sorted({name for name, _ in places}, key=by_number))
    return _targets(rule, wanted or ("",), faces, places, anybody)


def _targets(
    rule: str, names: tuple[str, ...], faces: Faces, places: dict[tuple[str, str], int], anybody: bool
) -> Targets:
    people = sorted({person for name, person in places if name in names})
    if not people and anybody:
        raise BadInput(f"nobody has a canonical picture ({rule})", faces.root, "choose them by another signal.target")
    rows = [[places.get((name, person), -1) for name in names] for person in people]
    return Targets(rule, names, np.array(people, dtype=object), np.array(rows, np.int64).reshape(-1, len(names)))


def _by_measure(faces: Faces, measures: np.ndarray) -> dict[str, int]:
    best: dict[str, int] = {}
    for row in np.argsort(measures, kind="stable"):
        best.setdefault(str(faces.people[row]), int(row))
    best.pop("", None)
    return best


def _conditions(rule: str) -> list[tuple[str, str]]:
    """Columns with the values that are wanted.

    Raises:
        Usage: not a rule.
    """
    pairs = [tuple(part.strip() for part in condition.partition("=")[::2]) for condition in rule.split(",")]
    bad = any(not column or not value for column, value in pairs) or sum(value == OPEN for _, value in pairs) > 1
    if bad or len({column for column, _ in pairs}) < len(pairs):
        hint = f"such as view=0,light=7 or view={OPEN},light=7, each column once, one {OPEN} at most; or {MEASURE}"
        raise Usage(f"signal.target {rule!r} is no rule for canonical pictures", hint=hint)
    return pairs  # pyright: ignore[reportReturnType]
