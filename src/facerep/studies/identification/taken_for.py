"""Whom people were taken for, from the ranks of their probes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class TakenFor:
    """A person whose probes were taken for another.

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


def taken_for(probes: Sequence[Mapping[str, str]], count: int) -> list[TakenFor]:
    """Who was most often taken for whom; among equals the one with the highest score first.

    Args:
        probes: known probes, as `ranks_file.read_known_probes` gives them.
        count: how many at most.
    """
    searched: dict[str, int] = {}
    wrong: dict[tuple[str, str], list[Mapping[str, str]]] = {}
    for probe in probes:
        person, other = probe["person"], probe["first"]
        searched[person] = searched.get(person, 0) + 1
        if person != other:
            wrong.setdefault((person, other), []).append(probe)
    pairs = []
    for (person, other), mistaken in wrong.items():
        best = max(mistaken, key=lambda probe: float(probe["score"]))
        face, score = best["probe"], float(best["score"])
        pairs.append(TakenFor(person, other, len(mistaken), searched[person], face, score))
    return sorted(pairs, key=lambda one: (-one.wrong, -one.score))[:count]
