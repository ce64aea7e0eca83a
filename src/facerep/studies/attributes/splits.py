"""The splits of a set for attributes: who trains, who validates, who is tested, and which people they share.

A column of the data set says it, or people are split 60/20/20 by a hash of the person alone (readers/hash_splits.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from facerep.errors import BadInput
from facerep.files.people import overlap
from facerep.readers.hash_splits import TEST, TRAIN, VALIDATION, by_count, by_share
from facerep.training.run_folder import read_people

PEOPLE = "people"
SPLIT = "split"
BY_HASH = "a hash of the person, 60/20/20"
_SIDES = {"train": TRAIN, "validation": VALIDATION, "val": VALIDATION, "dev": VALIDATION, "test": TEST}


@dataclass(frozen=True)
class Splits:
    """Rows of the faces by use, each int64.

    Attributes:
        train, validation, test: fit, choose, report.
        by: how the faces were split, in words.
        people: how many people each split has, 0 where they are unknown.
        shared: people of the test split who are also in the others; None where people are unknown.
        notes: what the user should look at.
    """

    JSON: ClassVar = ("by", "faces", "people", "shared_people=shared")

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    by: str
    people: dict[str, int]
    shared: int | None
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> dict[str, np.ndarray]:
        """The rows of each split by its name."""
        return {TRAIN: self.train, VALIDATION: self.validation, TEST: self.test}

    @property
    def faces(self) -> dict[str, int]:
        """How many faces each split has."""
        return {name: len(rows) for name, rows in self.rows.items()}


def split_faces(
    names: np.ndarray,
    people: np.ndarray,
    columns: Mapping[str, np.ndarray],
    usable: np.ndarray,
    split_by: str | None,
    where: str,
) -> Splits:
    """Split faces.

    Args:
        names, people: of the faces, (n,); a person is "" where unknown.
        columns: their labels by name.
        usable: faces that have labels, bool (n,).
        split_by: a column, or "people" for the hash; None: the column `split` where there is one, else the hash.
        where: the file or data set, for messages.

    Raises:
        BadInput: no such column, an empty split, or people that are unknown where the split is by them.
    """
    if split_by is None:
        split_by = SPLIT if SPLIT in columns else PEOPLE
    if split_by == PEOPLE:
        if not (people[usable] != "").any():
            hint = "give people by `facerep import --people`, or a column by --split-by"
            raise BadInput("no face has a known person, a split by people needs them", where, hint)
        side_of = {person: by_share(person) for person in set(people[usable]) - {""}}
        sides, by = _mapped(people, side_of), BY_HASH
    elif split_by in columns:
        column = columns[split_by].astype(str)
        sides, by = _mapped(column, _SIDES), f"the column {split_by}"
        if all(side == by_share(person) for person, side in set(zip(people[usable], sides[usable], strict=True))):
            by += f" ({BY_HASH})"
        if not (sides == TRAIN).any() or not (sides == TEST).any():
            there = ", ".join(sorted(set(column))[:9])
            hint = "give --split-by people to split by a hash of the person"
            raise BadInput(f"column {split_by!r} has no train or no test ({there})", where, hint)
    else:
        there = ", ".join([PEOPLE, *columns])
        raise BadInput(f"no column {split_by!r} to split by", where, f"there are: {there}")
    if not (sides[usable] == VALIDATION).any():
        sides, by = _with_validation(sides, people, names, usable), f"{by}; a fifth of train validates, by a hash"
    rows = [np.flatnonzero(usable & (sides == side)) for side in (TRAIN, VALIDATION, TEST)]
    for side, of_side in zip((TRAIN, VALIDATION, TEST), rows, strict=True):
        if len(of_side) == 0:
            raise BadInput(f"no labelled face is in the part {side}, split by {by}", where)
    return _counted(rows, people, by)


def _counted(rows: list[np.ndarray], people: np.ndarray, by: str) -> Splits:
    train, validation, test = ({*people[of_side]} - {""} for of_side in rows)
    shared: int | None = len(test & (train | validation))
    notes = []
    if (people[np.concatenate(rows)] == "").any():
        shared = None
        notes.append("people of some faces are unknown: whether test people also train cannot be seen")
    if shared:
        notes.append(f"{shared:,} of {len(test):,} test people are also in train or validation")
    if both := len(train & validation):
        notes.append(f"{both:,} people are in train and in validation")
    counts = {TRAIN: len(train), VALIDATION: len(validation), TEST: len(test)}
    return Splits(rows[0], rows[1], rows[2], by, counts, shared, tuple(notes))


def _mapped(column: np.ndarray, sides: Mapping[str, str]) -> np.ndarray:
    return np.array([sides.get(cell, "") for cell in column], dtype=object)


def _with_validation(sides: np.ndarray, people: np.ndarray, names: np.ndarray, usable: np.ndarray) -> np.ndarray:
    """The sides, with a fifth of the training people moved to validation; faces of unknown people count as people."""
    who = np.where(people == "", names, people)
    training = set(who[usable & (sides == TRAIN)])
    moved = by_count(training, len(training) - len(training) // 5, len(training) // 5)
    moves = np.array([moved.get(one) == VALIDATION for one in who])
    return np.where((sides == TRAIN) & moves, VALIDATION, sides)


@dataclass(frozen=True)
class SeenPeople:
    """Which test people the recognition network was trained on.

    Attributes:
        by: how that is known, in words; "" where it is not.
        people: how many of the test people; None where that is not known.
    """

    JSON: ClassVar = ("by", "test_people=people")

    by: str
    people: int | None


def seen_by_network(people: np.ndarray, trained: np.ndarray | None, run: Path | None) -> SeenPeople:
    """Count test people whom the network has seen.

    Args:
        people: of the test faces.
        trained: hashes of the people that the network was trained on, as its weights tell; None where they do not.
        run: a run folder, or a file of training people as it has one, which is taken instead.

    Raises:
        BadInput: no such file.
    """
    test = set(people) - {""}
    if run is not None:
        path = run / "people.txt" if run.is_dir() else run
        try:
            listed = set(read_people(path))
        except BadInput as error:
            raise BadInput("list of training people cannot be read", path) from error
        return SeenPeople(path.name, len(test & listed))
    shared = overlap(people, trained)
    return SeenPeople("", None) if shared is None else SeenPeople("the hashes in its weights", shared.people)
