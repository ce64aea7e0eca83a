"""The pairs that a system got most wrong, and the people that it takes for each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class WrongPair:
    """Two faces and the score they got."""

    left: str
    right: str
    score: float


@dataclass(frozen=True)
class Confused:
    """Two people whose faces were accepted as one person's.

    Attributes:
        people: the two.
        wrong: how many of their pairs were accepted.
        of: how many pairs of theirs were judged.
        pair: the one of them that is most alike.
    """

    people: tuple[str, str]
    wrong: int
    of: int
    pair: WrongPair


def least_alike(faces: np.ndarray, same: np.ndarray, score: np.ndarray, count: int) -> list[WrongPair]:
    """The genuine pairs with the lowest scores, the lowest first; each face stands in one of them at most.

    Args:
        faces: names of both sides, shape (2, p).
        same: True for genuine pairs, shape (p,).
        score: shape (p,).
        count: how many at most.
    """
    rows = np.flatnonzero(same)
    return _first(faces, score, rows[np.argsort(score[rows], kind="stable")], count)


def most_alike(faces: np.ndarray, same: np.ndarray, score: np.ndarray, count: int) -> list[WrongPair]:
    """The impostor pairs with the highest scores, the highest first; see `least_alike`."""
    rows = np.flatnonzero(~same)
    return _first(faces, score, rows[np.argsort(-score[rows], kind="stable")], count)


def _first(faces: np.ndarray, score: np.ndarray, rows: np.ndarray, count: int) -> list[WrongPair]:
    found: list[WrongPair] = []
    shown: set[str] = set()
    for row in rows.tolist():
        if len(found) == count:
            break
        left, right = str(faces[0, row]), str(faces[1, row])
        if not shown & {left, right}:
            shown |= {left, right}
            found.append(WrongPair(left, right, float(score[row])))
    return found


def confused(
    faces: np.ndarray, people: np.ndarray, same: np.ndarray, score: np.ndarray, right: np.ndarray, count: int
) -> list[Confused]:
    """The two people with most wrongly accepted pairs first; among equals those with the highest score.

    Args:
        faces, same, score, count: see `least_alike`.
        people: labels of both sides, "" where unknown, shape (2, p).
        right: pairs that were judged rightly, shape (p,).
    """
    rows = np.flatnonzero(~same & (people != "").all(axis=0))
    names, coded = np.unique(people[:, rows], return_inverse=True)
    coded = np.sort(coded.reshape(2, len(rows)), axis=0).astype(np.int64)
    pairs, of_pair, judged = np.unique(coded[0] * len(names) + coded[1], return_inverse=True, return_counts=True)
    wrong = np.bincount(of_pair, weights=~right[rows], minlength=len(pairs)).astype(int)
    best = np.full(len(pairs), -np.inf)
    np.maximum.at(best, of_pair, score[rows])
    found = []
    for place in np.lexsort((-best, -wrong))[:count].tolist():
        if wrong[place] == 0:
            break
        own = rows[of_pair == place]
        row = int(own[np.argmax(score[own])])
        both = str(names[pairs[place] // len(names)]), str(names[pairs[place] % len(names)])
        pair = WrongPair(str(faces[0, row]), str(faces[1, row]), float(score[row]))
        found.append(Confused(both, int(wrong[place]), int(judged[place]), pair))
    return found


@dataclass(frozen=True)
class TakenFor:
    """A person whose probes were found as another.

    Attributes:
        person: whose faces they are.
        other: who was first in the gallery.
        wrong: how many of the person's probes.
        of: how many probes of the person were searched.
        face: the one of them with the highest score.
        score: its score.
    """

    person: str
    other: str
    wrong: int
    of: int
    face: str
    score: float


def taken_for(
    faces: Sequence[str], people: Sequence[str], first: Sequence[str], scores: Sequence[float], count: int
) -> list[TakenFor]:
    """Who was most often taken for whom; among equals the one with the highest score first.

    Args:
        faces, people: of the known probes, shape (n,).
        first: the person who was first in the gallery, shape (n,).
        scores: of that person, shape (n,).
        count: how many at most.
    """
    searched: dict[str, int] = {}
    wrong: dict[tuple[str, str], list[int]] = {}
    for row, (person, other) in enumerate(zip(people, first, strict=True)):
        searched[person] = searched.get(person, 0) + 1
        if person != other:
            wrong.setdefault((person, other), []).append(row)
    found = []
    for (person, other), rows in wrong.items():
        best = max(rows, key=lambda row: scores[row])
        found.append(TakenFor(person, other, len(rows), searched[person], faces[best], float(scores[best])))
    return sorted(found, key=lambda one: (-one.wrong, -one.score))[:count]
