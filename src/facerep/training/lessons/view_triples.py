"""Triples to learn views from: a face, other faces of the person in other views, and the labels of these views.

A view is what some label columns say, the factors: the azimuth alone as a rule, or light, or expression, or several
at once. What the drawn picture shows beside that is fixed by conditions, or the same as in the face that goes in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from torch.utils.data import Sampler

from facerep.console import counted
from facerep.errors import BadInput, Usage
from facerep.faces.table import Faces, as_text
from facerep.files.label_columns import by_number

AUTO, SAME = "auto", "same"

CONDITIONS = ("view", "light", "expression")
"""Columns that a picture of a known set is of: those that are no factor are fixed, or the same in both pictures."""

PLAIN = {"light": "7", "expression": "neutral"}
"""What `auto` fixes: the frontal flash of Multi-PIE, no expression."""

View = tuple[str, ...]
"""A value for each factor."""


@dataclass(frozen=True)
class ViewLabels:
    """The views of some faces.

    Attributes:
        factors: label columns.
        classes: the views that there are, in order.
        labels: place in `classes` of each face, int64 (n,); -1 where a value is unknown or the view is no class.
    """

    factors: tuple[str, ...]
    classes: tuple[View, ...]
    labels: np.ndarray


def view_labels(
    faces: Faces, factors: Sequence[str], classes: Sequence[View] | None = None, among: np.ndarray | None = None
) -> ViewLabels:
    """The views of faces.

    Args:
        faces: have the columns.
        factors: the columns.
        classes: the views that count; None: all that rows `among` show.
        among: rows; None: all.

    Raises:
        BadInput: no such column; fewer than two views.
    """
    for factor in factors:
        if factor not in faces.labels:
            known = ", ".join(sorted(faces.labels)) or "none"
            raise BadInput(
                f"data set has no column {factor!r}: its faces have no label to learn views from", faces.root,
                f"columns: {known}; name others by --set 'signal.factors=[\"COLUMN\"]'",
            )  # fmt: skip
    columns = [as_text(faces.labels[factor]) for factor in factors]
    views: list[View] = list(zip(*columns, strict=True))
    if classes is None:
        rows = range(len(faces)) if among is None else among.tolist()
        found = {views[row] for row in rows if all(views[row])}
        classes = sorted(found, key=lambda view: tuple(map(by_number, view)))
        if len(classes) < 2:
            what = f"{counted(len(classes), 'view')} by {', '.join(factors)} among the training faces, two are needed"
            raise BadInput(what, faces.root)
    places = {view: place for place, view in enumerate(classes)}
    return ViewLabels(tuple(factors), tuple(classes), np.array([places.get(view, -1) for view in views], np.int64))


def fixed_conditions(faces: Faces, factors: Sequence[str], target: str) -> dict[str, str]:
    """What a drawn picture always shows, by column.

    Args:
        faces: to see which columns there are.
        factors: are not fixed.
        target: `same`: nothing; `auto`: see PLAIN, as far as there are such pictures; or `COLUMN=VALUE`, several with
            commas between.

    Raises:
        Usage: not such a rule; a factor is fixed.
        BadInput: no such column, or no face with such a value.
    """
    if target == SAME:
        return {}
    if target == AUTO:
        return {
            column: value for column, value in PLAIN.items()
            if column not in factors and column in faces.labels and (as_text(faces.labels[column]) == value).any()
        }  # fmt: skip
    fixed = {}
    for condition in target.split(","):
        column, sign, value = (part.strip() for part in condition.partition("="))
        if not sign or not column or not value or column in fixed:
            raise Usage(
                f"signal.target {target!r} is no rule for drawn pictures", hint=f"{AUTO}, {SAME}, or such as light=7"
            )
        if column in factors:
            raise Usage(f"signal.target fixes {column}, which is a factor: it would never change")
        faces.where(f"{column}={value}")
        fixed[column] = value
    return fixed


@dataclass(frozen=True)
class Triples:
    """Which faces can be drawn for which.

    Groups are faces of one person that share all but the view; a slot is one view in a group.

    Attributes:
        inputs: rows that have a picture in another view to be drawn, by person, view and row.
        group: the group of each of them, (inputs,).
        own: their own view's slot, counted in the group; -1 where the group lacks it; (inputs,).
        starts, owners: where the inputs of a person in a view begin, and which person that is, from 0; (cells,) each.
        first, slots: first slot of each group, and how many it has; (groups,) each.
        row_first, row_count: where the rows of each slot begin in `targets`, and how many they are; (slots,) each.
        targets: rows that can be drawn, slot by slot.
    """

    inputs: np.ndarray
    group: np.ndarray
    own: np.ndarray
    starts: np.ndarray
    owners: np.ndarray
    first: np.ndarray
    slots: np.ndarray
    row_first: np.ndarray
    row_count: np.ndarray
    targets: np.ndarray

    def draw(
        self, count: int, draws: np.random.Generator, *, balanced: bool, wanted: int = 1
    ) -> tuple[np.ndarray, np.ndarray]:
        """Rows of faces, (count,), and of the pictures to be drawn from each, (count, wanted).

        Args:
            count: how many.
            draws: where from.
            balanced: a person is drawn, then a view of theirs, then a face; what is to be drawn shows views beginning
                at a drawn one, in their order and none twice while there are others. Else every face is as likely as
                any other.
            wanted: pictures to be drawn for each face.
        """
        if balanced:
            people = np.searchsorted(self.owners, np.arange(self.owners[-1] + 2))
            person = draws.integers(0, len(people) - 1, count)
            cell = draws.integers(people[person], people[person + 1])
            ends = np.append(self.starts[1:], len(self.inputs))
            which = draws.integers(self.starts[cell], ends[cell])
        else:
            which = draws.integers(0, len(self.inputs), count)
        group, own = self.group[which][:, None], self.own[which][:, None]
        first, slots = self.first[group], self.slots[group]
        if balanced:
            others = slots - (own >= 0)
            slot = (draws.integers(0, others) + np.arange(wanted)) % others
            slot = first + slot + ((own >= 0) & (slot >= own))
            row = draws.integers(self.row_first[slot], self.row_first[slot] + self.row_count[slot])
        else:
            last = first + slots - 1
            low, high = self.row_first[first], self.row_first[last] + self.row_count[last]
            mine = first + np.maximum(own, 0)
            skip_from, skipped = self.row_first[mine], np.where(own >= 0, self.row_count[mine], 0)
            row = draws.integers(low, high - skipped, (count, wanted))
            row = row + np.where((own >= 0) & (row >= skip_from), skipped, 0)
        return self.inputs[which], self.targets[row]


def make_triples(faces: Faces, rows: np.ndarray, views: ViewLabels, fixed: dict[str, str]) -> Triples | None:
    """The triples among `rows`; None where nobody has pictures in two views.

    Args:
        faces: the table.
        rows: those that may be used.
        views: of all of `faces`.
        fixed: see fixed_conditions.
    """
    rows = rows[(views.labels[rows] >= 0) & (faces.people[rows] != "")]
    shared = [name for name in CONDITIONS if name in faces.labels and name not in (*views.factors, *fixed)]
    keys = [faces.people[rows].astype(str), *(as_text(faces.labels[name])[rows].astype(str) for name in shared)]
    coded = [np.unique(key, return_inverse=True)[1] for key in keys]
    group = np.unique(np.stack(coded), axis=1, return_inverse=True)[1].reshape(-1)
    label, person = views.labels[rows], coded[0]
    fits = np.ones(len(rows), bool)
    for column, value in fixed.items():
        fits &= as_text(faces.labels[column])[rows] == value
    # what can be drawn, slot by slot
    drawn = np.flatnonzero(fits)
    drawn = drawn[np.lexsort((drawn, label[drawn], group[drawn]))]
    count, groups = len(views.classes), int(group.max(initial=-1)) + 1
    cells, row_first, row_count = np.unique(group[drawn] * count + label[drawn], return_index=True, return_counts=True)
    slots = np.bincount(cells // count, minlength=groups)
    first = np.cumsum(slots) - slots
    # what can go in: where another view can be drawn
    place = np.searchsorted(cells, group * count + label)
    there = np.isin(group * count + label, cells)
    own = np.where(there, place - first[group] if groups else 0, -1)
    usable = np.flatnonzero(slots[group] - there > 0)
    if not len(usable):
        return None
    usable = usable[np.lexsort((usable, label[usable], person[usable]))]
    owner = np.unique(person[usable], return_inverse=True)[1]
    starts = np.unique(owner * count + label[usable], return_index=True)[1]
    return Triples(
        rows[usable], group[usable], own[usable], starts, owner[starts], first, slots, row_first, row_count,
        rows[drawn],
    )  # fmt: skip


class TripleBatches(Sampler[np.ndarray]):
    """Batches of rows: first the faces that go in, then those to be drawn, face by face in the same order.

    A batch depends on (seed, epoch, place in the epoch, rank) alone: to resume, nothing has to be kept.
    """

    def __init__(
        self,
        triples: Triples,
        size: int,
        seed: int,
        *,
        wanted: int = 1,
        balanced: bool = True,
        rank: int = 0,
        replicas: int = 1,
        now: Callable[[], int] = lambda: 0,
    ) -> None:
        self.triples, self.size, self.seed, self.wanted = triples, size, seed, wanted
        self.balanced, self.rank, self.now = balanced, rank, now
        self.batches = max(1, round(len(triples.inputs) / (size * replicas)))

    def __len__(self) -> int:
        return self.batches

    def __iter__(self) -> Iterator[np.ndarray]:
        epoch = self.now()
        for place in range(self.batches):
            draws = np.random.default_rng((self.seed, epoch, place, self.rank))
            rows, wanted = self.triples.draw(self.size, draws, balanced=self.balanced, wanted=self.wanted)
            yield np.concatenate([rows, wanted.reshape(-1)])
