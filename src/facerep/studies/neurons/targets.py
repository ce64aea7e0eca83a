"""Targets: whose faces, or which attribute's, a single unit is to separate from all others.

For people the faces of each are halved at random. For attributes the people are halved, as far as they are known: a
threshold is judged on people who did not choose it. Shuffled labels go with people where each person has one answer,
else with faces.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from facerep.errors import BadInput
from facerep.files.streams import Stream
from facerep.readers.lists.attribute_labels import AttributeLabels, own_labels, read_labels

FEWEST = 10
"""Faces of each kind: with fewer, a half has no more than four."""


@dataclass(frozen=True)
class SelectivityTarget:
    """Who, or what, a unit may be selective for; arrays over the faces of which the answer is known.

    Attributes:
        name: the person, or the attribute.
        kind: "person" or "attribute".
        rows: these faces among all, int64.
        positive: the answer, bool.
        choosing: the half that chooses thresholds, bool.
        groups: what is independent, as numbers: people; a face of the person in question, or of an unknown one, each.
        shuffled: what labels are shuffled among: "faces" or "people".
        unknown: faces without an answer.
    """

    name: str
    kind: Literal["person", "attribute"]
    rows: np.ndarray
    positive: np.ndarray
    choosing: np.ndarray
    groups: np.ndarray
    shuffled: Literal["faces", "people"]
    unknown: int

    @property
    def count(self) -> int:
        """Faces of which the answer is yes."""
        return int(self.positive.sum())

    @property
    def others(self) -> int:
        """Faces of which it is no."""
        return len(self.positive) - self.count

    def shuffle(self, times: int, seed: tuple[int, int]) -> Iterator[np.ndarray]:
        """The answers in another order, so many times; the same each time this is called."""
        rng = np.random.default_rng(seed)
        _, first, person = np.unique(self.groups, return_index=True, return_inverse=True)
        answers = self.positive[first]
        for _ in range(times):
            mixed = rng.permutation(self.positive if self.shuffled == "faces" else answers)
            yield mixed if self.shuffled == "faces" else mixed[person]


def targets_of(
    stream: Stream,
    names: np.ndarray,
    people: np.ndarray,
    *,
    labels: Path | None,
    attributes: Sequence[str] | None,
    people_wanted: int,
    missing: str,
    seed: int,
) -> tuple[list[SelectivityTarget], list[str]]:
    """The people with most faces, then the attributes; and warnings.

    Args:
        stream: the feature file.
        names, people: of its faces, shape (n,).
        people_wanted: how many people.
        labels, attributes, missing, seed: see `selectiveness`.

    Raises:
        BadInput: no target, an attribute that was asked for and has too few answers of one kind, or as
            `attribute_labels` says.
    """
    rng = np.random.default_rng(seed)
    groups = _numbers(people)
    by_face = _halves(groups, rng)
    by_person = (rng.permutation(groups.max() + 1) % 2 == 0)[groups]
    targets, warnings = [], []
    who, counts = np.unique(people[people != ""].astype(str), return_counts=True)
    for place in np.argsort(-counts, kind="stable")[:people_wanted]:
        if FEWEST <= counts[place] <= len(people) - FEWEST:
            targets.append(_person(str(who[place]), people, groups, by_face))
    if len(targets) < min(people_wanted, len(who)):
        warnings.append(f"{len(targets)} people have {FEWEST} faces or more and as many others; others were left out")
    table = _labels(stream, names, people, labels, attributes, missing)
    for name, answers in zip(table.names, table.values.T, strict=True) if table else ():
        yes, no = int((answers > 0).sum()), int((answers < 0).sum())
        sides = [side & half for side in (answers > 0, answers < 0) for half in (by_person, ~by_person)]
        if min(yes, no) < FEWEST or min(int(side.sum()) for side in sides) < 2:
            counts = f"{yes:,} faces with it and {no:,} without"
            what = f"attribute {name} has {counts}, at least {FEWEST} of each, of several people, are wanted"
            if attributes is not None:
                raise BadInput(what, table.source if table else None)
            warnings.append(f"{what}: left out")
            continue
        targets.append(_attribute(name, answers, groups, by_person))
        if lost := int((answers == 0).sum()):
            warnings.append(f"attribute {name}: {lost:,} of {len(answers):,} faces have no answer and are left out")
    if not targets:
        what = f"no person has {FEWEST} faces and there are no attributes"
        raise BadInput(what, stream.path, "give a table of attributes with --labels")
    return targets, warnings


def _halves(groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random half of the faces of each person, bool; an odd one falls on either side."""
    order = np.lexsort((rng.random(len(groups)), groups))
    first = np.flatnonzero(np.diff(groups[order], prepend=-1))
    place = np.arange(len(groups)) - np.repeat(first, np.diff(first, append=len(groups)))
    chosen = np.empty(len(groups), bool)
    chosen[order] = (place + rng.integers(0, 2, groups.max() + 1)[groups[order]]) % 2 == 0
    return chosen


def _person(name: str, people: np.ndarray, groups: np.ndarray, by_face: np.ndarray) -> SelectivityTarget:
    positive = people == name
    # the faces of one person are all there is of it: each stands for itself
    alone = np.where(positive, groups.max() + 1 + np.arange(len(groups)), groups)
    return SelectivityTarget(name, "person", np.arange(len(groups)), positive, by_face, alone, "faces", 0)


def _attribute(name: str, answers: np.ndarray, groups: np.ndarray, by_person: np.ndarray) -> SelectivityTarget:
    rows = np.flatnonzero(answers)
    positive, mine = answers[rows] > 0, groups[rows]
    codes = np.unique(mine, return_inverse=True)[1]
    share = np.bincount(codes, positive) / np.bincount(codes)
    constant = bool(np.isin(share, (0, 1)).all())
    return SelectivityTarget(
        name, "attribute", rows, positive, by_person[rows], mine, "people" if constant else "faces",
        len(answers) - len(rows),
    )  # fmt: skip


def _numbers(people: np.ndarray) -> np.ndarray:
    """People as numbers from 0, each unknown one a person of its own."""
    known = people != ""
    numbers = np.zeros(len(people), np.int64)
    numbers[known] = np.unique(people[known].astype(str), return_inverse=True)[1]
    numbers[~known] = numbers.max() + 1 + np.arange((~known).sum())
    return numbers


def _labels(
    stream: Stream,
    names: np.ndarray,
    people: np.ndarray,
    labels: Path | None,
    attributes: Sequence[str] | None,
    missing: str,
) -> AttributeLabels | None:
    if labels is not None:
        return read_labels(labels, names, people, attributes, missing)
    columns = stream.labels()
    if attributes is None and not any(column.dtype == np.int8 for column in columns.values()):
        return None
    return own_labels(columns, attributes, str(stream.path))
