"""Which pairs are judged: a list of the file or of the user, all pairs, or some drawn by a seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from facerep.console import counted
from facerep.errors import BadInput, Usage
from facerep.files.features import Codes, Features
from facerep.files.pairs import PairList
from facerep.metrics.pair_draws import count_pairs, draw_pairs

MOST_LISTED = 2_000_000
"""Of more pairs than these, all pairs are not listed: they are scored strip by strip, and not kept."""
MOST_UNASKED = 200_000_000
"""All pairs of 20,000 faces, some minutes of two cores: more are judged only where `all` was asked for."""
MOST_DRAWN = 10_000_000
"""Of each kind, whoever asks for how many."""
DRAWN = 1_200_000
"""Of each kind, where there are more pairs than that."""


@dataclass(frozen=True)
class Chosen:
    """The pairs to be judged: rows of the file, kind and fold of each.

    Where they are all pairs of some faces, `rows` has these; `streamed` says that the pairs are not listed here.
    `recurring` counts pairs of a list that should not be there, see `_recurring`.
    """

    name: str
    kind: Literal["list", "all", "sample"]
    left: np.ndarray
    right: np.ndarray
    same: np.ndarray
    fold: np.ndarray
    missing: dict[str, int]
    warnings: list[str]
    rows: np.ndarray | None = None
    streamed: bool = False
    recurring: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("again", "reversed", "itself"), 0))

    def used(self, faces: int) -> np.ndarray:
        """Which of the file's faces stand in a pair; bool, shape (faces,)."""
        used = np.zeros(faces, bool)
        used[self.left] = used[self.right] = True
        if self.streamed:
            used[self.rows] = True
        return used


def choose(
    held: Features | Codes, pairs: PairList | Path | str | None, sample: int | None, missing: str, seed: int
) -> Chosen:
    """Settle which pairs are judged, from what was asked and what the file holds."""
    if sample is not None:
        if pairs is not None:
            raise Usage("pairs are either given or drawn: --pairs and --sample exclude each other")
        if sample < 1:
            raise Usage(f"--sample counts pairs of each kind, got {sample}")
        if sample > MOST_DRAWN:
            raise Usage(f"--sample draws at most {MOST_DRAWN:,} pairs of each kind, got {sample}")
        return _drawn(held, sample, f"{sample} of each kind, seed {seed}", seed, [])
    if pairs is None and held.protocols:
        pairs = _own_list(held)
    if isinstance(pairs, str) and pairs != "all" and pairs in held.protocols:
        pairs = held.protocols[pairs]
    if isinstance(pairs, PairList):
        return _listed(held, pairs, missing)
    if pairs is not None and pairs != "all":
        if not Path(pairs).exists():
            own = ", ".join(held.protocols) or "none"
            raise BadInput("no such pair list", pairs, f"lists in {held.where}: {own}; or give a file, or `all`")
        from facerep.readers.lists.pair_lists import read_pairs

        return _listed(held, read_pairs(Path(pairs), list(held.names)), missing)

    there_are = sum(count_pairs(held.people))
    if pairs == "all" or there_are <= MOST_UNASKED:
        return _all(held)
    many = f"{there_are:,} pairs are judged where --pairs all asks for them; up to {DRAWN:,} of each kind drawn"
    return _drawn(held, DRAWN, f"up to {DRAWN:,} of each kind, seed {seed}", seed, [many])


def _own_list(held: Features | Codes) -> PairList:
    if "view2" in held.protocols:
        return held.protocols["view2"]
    if len(held.protocols) > 1:
        raise Usage(f"{held.where} holds several pair lists: {', '.join(held.protocols)}; name one with --pairs")
    return next(iter(held.protocols.values()))


def _listed(held: Features | Codes, pairs: PairList, missing: str) -> Chosen:
    index = held.index()
    left, right = (
        np.fromiter((index.get(name, -1) for name in side), np.int32, len(pairs)) for side in (pairs.left, pairs.right)
    )
    same = pairs.same.astype(bool)
    found = (left >= 0) & (right >= 0)
    warnings: list[str] = []
    counts = {"genuine": int(np.sum(same & ~found)), "impostor": int(np.sum(~same & ~found))}
    if not found.all():
        absent = [*pairs.left[left < 0], *pairs.right[right < 0]]
        absent = list(dict.fromkeys(absent))
        first = ", ".join(absent[:3]) + (", …" if len(absent) > 3 else "")
        lost = f"{counted(len(absent), 'face')} of {counted(int(np.sum(~found)), 'pair')} of {pairs.name!r}"
        what = f"{lost} {'is' if len(absent) == 1 else 'are'} not in the file ({first})"
        if missing == "stop":
            raise BadInput(what, held.where, "extract them, or judge the other pairs with --missing count")
        warnings.append(
            f"{what}; those pairs ({counts['genuine']} genuine, {counts['impostor']} impostor) are not judged"
        )
    left, right, same, fold = left[found], right[found], same[found], pairs.fold[found]
    known, people = held.people != "", np.unique(held.people.astype(str), return_inverse=True)[1].astype(np.int32)
    against = int(np.sum(known[left] & known[right] & ((people[left] == people[right]) != same)))
    if against:
        said = f"{counted(against, 'pair')} of {pairs.name!r} contradict{'s' if against == 1 else ''}"
        warnings.append(f"{said} the people of the file; the list was followed")
    recurring = _recurring(left, right)
    warnings += _said(recurring, pairs.name)
    return Chosen(pairs.name, "list", left, right, same, fold, counts, warnings, recurring=recurring)


def _recurring(left: np.ndarray, right: np.ndarray) -> dict[str, int]:
    """Pairs of a list that stand there before, how many stand both ways round, and those of a face with itself."""
    faces = max(int(left.max(initial=0)), int(right.max(initial=0))) + 1
    either = _different(np.minimum(left, right), np.maximum(left, right), faces)
    reversed = _different(left, right, faces) - either
    return {"again": len(left) - either, "reversed": reversed, "itself": int(np.sum(left == right))}


def _different(left: np.ndarray, right: np.ndarray, faces: int) -> int:
    """How many different pairs there are; ten million take 80 MB while they are sorted."""
    keys = left.astype(np.int64)
    keys *= faces
    keys += right
    keys.sort()
    return int(np.count_nonzero(np.diff(keys))) + 1 if len(keys) else 0


def _said(recurring: dict[str, int], name: str) -> list[str]:
    said = []
    if again := recurring["again"]:
        turned = f", {recurring['reversed']:,} with the sides exchanged" if recurring["reversed"] else ""
        stand = "stands" if again == 1 else "stand"
        said.append(f"{counted(again, 'pair')} of {name!r} {stand} there before{turned}; each time counts")
    if itself := recurring["itself"]:
        are = "is" if itself == 1 else "are"
        said.append(f"{counted(itself, 'pair')} of {name!r} {are} of a face with itself, which tells nothing")
    return said


def _drawn(held: Features | Codes, each: int, name: str, seed: int, warnings: list[str]) -> Chosen:
    left, right, same = draw_pairs(held.people, each, seed=seed)
    short = min(int(same.sum()), int((~same).sum()))
    if short < each:
        warnings = [*warnings, f"only {counted(short, 'pair')} of one kind found, {each} were asked for"]
    fold = np.zeros(len(left), np.int64)
    return Chosen(name, "sample", left, right, same, fold, _nothing(), [*warnings, *_unlabelled(held)])


def _all(held: Features | Codes) -> Chosen:
    genuine, impostor = count_pairs(held.people)
    if not genuine or not impostor:
        counts = f"labelled faces make {genuine} genuine and {impostor} impostor pairs, both are needed"
        raise BadInput(
            counts, held.where, "name a pair list with --pairs, or make the file with people (import --people)"
        )
    rows = np.flatnonzero(held.people != "")
    codes = np.unique(held.people[rows].astype(str), return_inverse=True)[1]
    if genuine + impostor > MOST_LISTED:
        order = np.argsort(codes, kind="stable")
        none = np.empty(0, np.int64)
        return Chosen(
            "all pairs", "all", none, none, none.astype(bool), none, _nothing(), _unlabelled(held), rows[order], True
        )
    i, j = np.triu_indices(len(rows), 1)
    left, right = rows.astype(np.int32)[i], rows.astype(np.int32)[j]
    fold = np.zeros(len(left), np.int8)
    return Chosen("all pairs", "all", left, right, codes[i] == codes[j], fold, _nothing(), _unlabelled(held), rows)


def _nothing() -> dict[str, int]:
    return {"genuine": 0, "impostor": 0}


def _unlabelled(held: Features | Codes) -> list[str]:
    unknown = int(np.sum(held.people == ""))
    takes = "takes" if unknown == 1 else "take"
    return [f"{counted(unknown, 'face')} of unknown people {takes} part in no pair"] if unknown else []
