"""What a system got most wrong: pairs of faces, people taken for each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facerep.studies.verification.score_file import Pairs


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


@dataclass(frozen=True)
class WorstPairs:
    """Genuine pairs with the lowest scores, impostor pairs with the highest, people with most false accepts."""

    least_alike: list[WrongPair]
    most_alike: list[WrongPair]
    confused: list[Confused]


def worst_pairs(pairs: Pairs, count: int) -> WorstPairs:
    """The worst of each kind, `count` at most."""
    faces, same, score = pairs.faces, pairs.same, pairs.score
    return WorstPairs(
        least_alike(faces, same, score, count), most_alike(faces, same, score, count),
        confused(faces, pairs.people, same, score, pairs.right, count),
    )  # fmt: skip


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
    pairs: list[WrongPair] = []
    shown: set[str] = set()
    for row in rows.tolist():
        if len(pairs) == count:
            break
        left, right = str(faces[0, row]), str(faces[1, row])
        if not shown & {left, right}:
            shown |= {left, right}
            pairs.append(WrongPair(left, right, float(score[row])))
    return pairs


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
