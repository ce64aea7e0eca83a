"""What a system got most wrong: pairs of faces, people taken for each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facerep.pairs.score_file import Pairs


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
    return WorstPairs(least_alike(pairs, count), most_alike(pairs, count), confused(pairs, count))


def least_alike(pairs: Pairs, count: int) -> list[WrongPair]:
    """The genuine pairs with the lowest scores, the lowest first; each face stands in one of them at most."""
    rows = np.flatnonzero(pairs.same)
    return _first(pairs, rows[np.argsort(pairs.score[rows], kind="stable")], count)


def most_alike(pairs: Pairs, count: int) -> list[WrongPair]:
    """The impostor pairs with the highest scores, the highest first; see `least_alike`."""
    rows = np.flatnonzero(~pairs.same)
    return _first(pairs, rows[np.argsort(-pairs.score[rows], kind="stable")], count)


def _first(pairs: Pairs, rows: np.ndarray, count: int) -> list[WrongPair]:
    first: list[WrongPair] = []
    shown: set[str] = set()
    for row in rows.tolist():
        if len(first) == count:
            break
        pair = _pair(pairs, row)
        if not shown & {pair.left, pair.right}:
            shown |= {pair.left, pair.right}
            first.append(pair)
    return first


def confused(pairs: Pairs, count: int) -> list[Confused]:
    """The two people with most wrongly accepted pairs first; among equals those with the highest score."""
    rows = np.flatnonzero(~pairs.same & (pairs.people != "").all(axis=0))
    names, coded = np.unique(pairs.people[:, rows], return_inverse=True)
    coded = np.sort(coded.reshape(2, len(rows)), axis=0).astype(np.int64)
    both, of_both, judged = np.unique(coded[0] * len(names) + coded[1], return_inverse=True, return_counts=True)
    wrong = np.bincount(of_both, weights=~pairs.right[rows], minlength=len(both)).astype(int)
    best = np.full(len(both), -np.inf)
    np.maximum.at(best, of_both, pairs.score[rows])
    most = [place for place in np.lexsort((-best, -wrong))[:count].tolist() if wrong[place]]
    worst = []
    for place in most:
        own = rows[of_both == place]
        people = str(names[both[place] // len(names)]), str(names[both[place] % len(names)])
        pair = _pair(pairs, int(own[np.argmax(pairs.score[own])]))
        worst.append(Confused(people, int(wrong[place]), int(judged[place]), pair))
    return worst


def _pair(pairs: Pairs, row: int) -> WrongPair:
    return WrongPair(str(pairs.faces[0, row]), str(pairs.faces[1, row]), float(pairs.score[row]))
