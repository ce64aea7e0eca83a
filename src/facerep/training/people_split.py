"""Which people train and which validate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facerep.console import counted
from facerep.errors import BadInput
from facerep.faces.table import Faces
from facerep.training.recipe import SplitChoice

_NEEDED = 4
_DRAWS = 1
"""Beside the seed: people are not drawn by the numbers that hold some of them out."""
FEW = 20
"""Held-out people below whom an accuracy's interval is so wide that epochs hardly differ."""


@dataclass(frozen=True)
class Split:
    """Rows of the cut faces by use.

    Attributes:
        train, validation: row indices.
        by: how they were chosen, in words.
    """

    train: np.ndarray
    validation: np.ndarray
    by: str


def split_people(faces: Faces, choice: SplitChoice, seed: int) -> Split:
    """Training rows and validation rows.

    The data set's own `split` column is followed as it stands where it names faces to validate on (validation or dev),
    even where it has a person on both sides, see `doubts`; else a share of the people, of those whose split is train
    where there is such a column, is held out by the seed. People with fewer than `least_pictures` are not trained on;
    of the others `people` are drawn by the seed, where so many are asked for: fewer are always part of more.

    Raises:
        BadInput: people are unknown, or fewer than two are left on either side, or no validation person has two
            pictures; more people are asked for than there are to train on.
    """
    known = faces.people != ""
    if not known.any():
        raise BadInput("no face has a known person, training needs people", faces.root)
    column = faces.labels.get("split")
    validates = np.zeros(len(known), bool) if column is None else known & np.isin(column, ["validation", "dev"])
    if column is not None and (validates.any() or not (known & (column == "train")).any()):
        train, validation = np.flatnonzero(known & (column == "train")), np.flatnonzero(validates)
        by = "the data set's split column"
    else:
        some = known if column is None else known & (column == "train")
        _require_people(faces.take(np.flatnonzero(some)), choice.least_pictures)
        people = np.unique(faces.people[some].astype(str))
        mixed = np.random.default_rng(seed).permutation(people)
        chosen = set(mixed[: max(2, round(len(people) * choice.held_out))])
        mask = np.array([person in chosen for person in faces.people])
        train, validation = np.flatnonzero(some & ~mask), np.flatnonzero(some & mask)
        whose = "" if column is None else ", of those whose split is train"
        by = f"{counted(len(chosen), 'person', 'people')} held out by seed {seed}{whose}"
    train = train[_pictures_each(faces.people[train]) >= choice.least_pictures]
    if choice.people:
        train = train[_of_some(faces.people[train], choice.people, seed, faces.root)]
    for name, rows in (("train", train), ("validate", validation)):
        count = len(set(faces.people[rows]))
        if count < 2:
            there_are = counted(len(set(faces.people[known])), "person", "people")
            of = f"{counted(count, 'person', 'people')} of the {there_are} that there are"
            hint = f"2 are needed, to train on such as have {choice.least_pictures} pictures"
            raise BadInput(f"too few people to {name} on by {by}: {of}", faces.root, hint)
    if _pictures_each(faces.people[validation]).max() < 2:
        raise BadInput("no validation person has two pictures", faces.root)
    return Split(train, validation, by)


def _require_people(faces: Faces, least: int) -> None:
    """Refuse a set that no way of telling people apart could train on, with the counts of the whole set."""
    known = faces.people[faces.people != ""]
    there_are, pictures = len(set(known)), _pictures_each(known)
    enough = len(set(known[pictures >= least]))
    needed = f"{_NEEDED} people are needed: 2 to train on, with {least} pictures each, and 2 held out"
    people = counted(there_are, "person", "people")
    if there_are < _NEEDED:
        what = f"{'is' if there_are == 1 else 'are'} {people} with {counted(len(known), 'picture')}"
        raise BadInput(f"too few people: there {what}", faces.root, needed)
    if enough < 2:
        of = f"of {people}, {enough} {'has' if enough == 1 else 'have'} {least} pictures or more"
        raise BadInput(f"too few people to train on: {of}", faces.root, needed)


def doubts(faces: Faces, split: Split) -> list[str]:
    """What a user may not have meant, in words: people on both sides, faces without a split, few who validate."""
    sentences = []
    judges = set(faces.people[split.validation])
    if both := set(faces.people[split.train]) & judges:
        what = f"{len(both):,} people both train and validate, such as {min(both)}"
        sentences.append(f"{what}: held-out accuracy is too high")
    if "split" in faces.labels and (left := int(((faces.labels["split"] == "") & (faces.people != "")).sum())):
        sentences.append(f"{left:,} faces of known people have no split: they are not used")
    if len(judges) < FEW:
        sentences.append(f"the best epoch is chosen by only {len(judges)} held-out people: their accuracy says little")
    return sentences


def _of_some(people: np.ndarray, wanted: int, seed: int, where: Path | str) -> np.ndarray:
    """Which rows are of the first `wanted` people, in an order that the seed draws."""
    there = np.unique(people.astype(str))
    if wanted > len(there):
        what = f"{wanted:,} people are asked for by data.people, {len(there):,} can be trained on"
        raise BadInput(what, where, "ask for fewer")
    drawn = np.random.default_rng([seed, _DRAWS]).permutation(there)[:wanted]
    return np.isin(people.astype(str), drawn)


def _pictures_each(people: np.ndarray) -> np.ndarray:
    """For each row how many rows its person has."""
    if len(people) == 0:
        return np.zeros(0, int)
    _, labels, counts = np.unique(people.astype(str), return_inverse=True, return_counts=True)
    return counts[labels]
