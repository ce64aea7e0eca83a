"""Which pairs are judged: a list of the file or of the user, all pairs, or some drawn by a seed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np

from facerep.console import counted, first_few
from facerep.errors import BadInput, Usage
from facerep.files.pairs import PairList
from facerep.files.rows import Rows
from facerep.metrics.pair_draws import count_pairs, draw_pairs

MOST_LISTED = 2_000_000
"""Of more pairs than these, all pairs are not listed: they are scored block by block, and not kept."""
MOST_UNASKED = 200_000_000
"""All pairs of 20,000 faces, some minutes of two cores: more are judged only where `all` was asked for."""
MOST_DRAWN = 10_000_000
"""Of each kind, whoever asks for how many."""
DRAWN = 1_200_000
"""Of each kind, where there are more pairs than that."""


@dataclass(frozen=True)
class ChosenPairs:
    """The pairs to be judged: rows of the file, kind and fold of each.

    Where they are all pairs of some faces, `rows` has these; `streamed` says that the pairs are not listed here.
    `missing` counts pairs of a list whose faces the file lacks, `recurring` those that should not be there.
    """

    name: str
    kind: Literal["list", "all", "sample"]
    left: np.ndarray
    right: np.ndarray
    same: np.ndarray
    fold: np.ndarray
    warnings: list[str]
    missing: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("genuine", "impostor"), 0))
    rows: np.ndarray | None = None
    streamed: bool = False
    recurring: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("again", "reversed", "itself"), 0))

    @property
    def folds(self) -> int:
        """How many folds there are."""
        return len(np.unique(self.fold))

    def used(self, faces: int) -> np.ndarray:
        """Which of the file's faces stand in a pair; bool, shape (faces,)."""
        used = np.zeros(faces, bool)
        used[self.left] = used[self.right] = True
        if self.streamed:
            used[self.rows] = True
        return used

    def among(self, rows: np.ndarray) -> ChosenPairs:
        """The same pairs where some rows of the file, which rise, are all that there are."""

        def anew(old: np.ndarray) -> np.ndarray:
            return np.searchsorted(rows, old).astype(old.dtype)

        own = None if self.rows is None else anew(self.rows)
        return replace(self, left=anew(self.left), right=anew(self.right), rows=own)


def choose(
    features: Rows, pairs: PairList | Path | str | None, sample: int | None, missing: str, seed: int
) -> ChosenPairs:
    """Which pairs are judged, from what was asked and what the file has."""
    if sample is not None:
        if pairs is not None:
            raise Usage("pairs are either given or drawn: --pairs and --sample exclude each other")
        if sample < 1:
            raise Usage(f"--sample counts pairs of each kind, got {sample}")
        if sample > MOST_DRAWN:
            raise Usage(f"--sample draws at most {MOST_DRAWN:,} pairs of each kind, got {sample}")
        return _drawn(features, sample, f"{sample} of each kind, seed {seed}", seed, [])
    if pairs is None and features.protocols:
        pairs = _own_list(features)
    if isinstance(pairs, str) and pairs != "all" and pairs in features.protocols:
        pairs = features.protocols[pairs]
    if isinstance(pairs, PairList):
        return _listed(features, pairs, missing)
    if pairs is not None and pairs != "all":
        if not Path(pairs).exists():
            own = ", ".join(features.protocols) or "none"
            raise BadInput("no such pair list", pairs, f"lists in {features.where}: {own}; or give a file, or `all`")
        from facerep.readers.lists.pair_lists import read_pairs

        return _listed(features, read_pairs(Path(pairs), list(features.names)), missing)

    there_are = sum(count_pairs(features.people))
    if pairs == "all" or there_are <= MOST_UNASKED:
        return _all(features)
    many = f"{there_are:,} pairs are judged where --pairs all asks for them; up to {DRAWN:,} of each kind drawn"
    return _drawn(features, DRAWN, f"up to {DRAWN:,} of each kind, seed {seed}", seed, [many])


def _own_list(features: Rows) -> PairList:
    if "view2" in features.protocols:
        return features.protocols["view2"]
    if len(features.protocols) > 1:
        several = f"{features.where} holds several pair lists: {', '.join(features.protocols)}"
        raise Usage(f"{several}; name one with --pairs")
    return next(iter(features.protocols.values()))


def _listed(features: Rows, pairs: PairList, missing: str) -> ChosenPairs:
    index = features.index()
    left, right = (
        np.fromiter((index.get(name, -1) for name in side), np.int32, len(pairs)) for side in (pairs.left, pairs.right)
    )
    same = pairs.same.astype(bool)
    there = (left >= 0) & (right >= 0)
    warnings: list[str] = []
    counts = {"genuine": int(np.sum(same & ~there)), "impostor": int(np.sum(~same & ~there))}
    if not there.all():
        absent = list(dict.fromkeys([*pairs.left[left < 0], *pairs.right[right < 0]]))
        lost = f"{counted(len(absent), 'face')} of {counted(int(np.sum(~there)), 'pair')} of {pairs.name!r}"
        place, remedy = features.ABSENT
        what = f"{lost} {'is' if len(absent) == 1 else 'are'} not {place} ({first_few(absent)})"
        if missing == "stop":
            raise BadInput(what, features.where, f"{remedy}, or judge the other pairs with --missing count")
        kinds = f"{counts['genuine']} genuine, {counts['impostor']} impostor"
        warnings.append(f"{what}; those pairs ({kinds}) are not judged")
    left, right, same, fold = left[there], right[there], same[there], pairs.fold[there]
    known = features.people != ""
    people = np.unique(features.people.astype(str), return_inverse=True)[1].astype(np.int32)
    against = int(np.sum(known[left] & known[right] & ((people[left] == people[right]) != same)))
    if against:
        contradicting = f"{counted(against, 'pair')} of {pairs.name!r} contradict{'s' if against == 1 else ''}"
        warnings.append(f"{contradicting} the people of the file; the list was followed")
    recurring = _recurring(left, right)
    warnings += _warnings_of(recurring, pairs.name)
    return ChosenPairs(pairs.name, "list", left, right, same, fold, warnings, counts, recurring=recurring)


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


def _warnings_of(recurring: dict[str, int], name: str) -> list[str]:
    warnings = []
    if again := recurring["again"]:
        turned = f", {recurring['reversed']:,} with the sides exchanged" if recurring["reversed"] else ""
        stand = "stands" if again == 1 else "stand"
        warnings.append(f"{counted(again, 'pair')} of {name!r} {stand} there before{turned}; each time counts")
    if itself := recurring["itself"]:
        are = "is" if itself == 1 else "are"
        warnings.append(f"{counted(itself, 'pair')} of {name!r} {are} of a face with itself, which tells nothing")
    return warnings


def _drawn(features: Rows, each: int, name: str, seed: int, warnings: list[str]) -> ChosenPairs:
    left, right, same = draw_pairs(features.people, each, seed=seed)
    short = min(int(same.sum()), int((~same).sum()))
    if short < each:
        warnings = [*warnings, f"only {counted(short, 'pair')} of one kind found, {each} were asked for"]
    fold = np.zeros(len(left), np.int64)
    return ChosenPairs(name, "sample", left, right, same, fold, [*warnings, *_unlabelled(features)])


def _all(features: Rows) -> ChosenPairs:
    genuine, impostor = count_pairs(features.people)
    if not genuine or not impostor:
        counts = f"labelled faces make {genuine} genuine and {impostor} impostor pairs, both are needed"
        hint = "name a pair list with --pairs, or make the file with people (import --people)"
        raise BadInput(counts, features.where, hint)
    rows, warnings = np.flatnonzero(features.people != ""), _unlabelled(features)
    person = np.unique(features.people[rows].astype(str), return_inverse=True)[1]
    if genuine + impostor > MOST_LISTED:
        rows, none = rows[np.argsort(person, kind="stable")], np.empty(0, np.int64)
        same = none.astype(bool)
        return ChosenPairs("all pairs", "all", none, none, same, none, warnings, rows=rows, streamed=True)
    i, j = np.triu_indices(len(rows), 1)
    left, right = rows.astype(np.int32)[i], rows.astype(np.int32)[j]
    fold = np.zeros(len(left), np.int8)
    return ChosenPairs("all pairs", "all", left, right, person[i] == person[j], fold, warnings, rows=rows)


def _unlabelled(features: Rows) -> list[str]:
    unknown = int(np.sum(features.people == ""))
    takes = "takes" if unknown == 1 else "take"
    return [f"{counted(unknown, 'face')} of unknown people {takes} part in no pair"] if unknown else []
