"""The result of an identification: rates at ranks, rates at false alarm rates, list by list.

The JSON form is described by docs/identification.schema.json.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from facerep.metrics.folds import spread
from facerep.metrics.ranks import Ranks
from facerep.metrics.roc import Curve
from facerep.pairs.people_overlap import Overlaps
from facerep.results.figures import DirAtFar, Rate, Spread
from facerep.results.kinds import IDENTIFICATION


@dataclass(frozen=True)
class RateAtRank:
    """The share of known probes whose rank is at most k."""

    JSON: ClassVar = ("rank=k", "rate")

    k: int
    rate: Rate


@dataclass(frozen=True)
class RankOverTrials:
    """The same over trials."""

    JSON: ClassVar = ("rank=k", "rate")

    k: int
    rate: Spread


@dataclass(frozen=True)
class DirOverTrials:
    """The DIR at a false alarm rate over trials, None where one refused it, and the flag of the fewest probes."""

    far: float
    dir: Spread | None
    flag: str | None


@dataclass(frozen=True)
class RateAtValue:
    """The share of the known probes with this value of a label that have rank 1."""

    value: str
    rate: Rate


@dataclass(frozen=True)
class ByLabel:
    """Rank 1 by the values of a label column of the probes, numbers from 0 outwards; a value may be ""."""

    column: str
    values: tuple[RateAtValue, ...]


@dataclass(frozen=True)
class ValueOverTrials:
    """Rank 1 at a value of a label over trials."""

    value: str
    rate: Spread


@dataclass(frozen=True)
class OverTrials:
    """The rates of a list over its trials; a small gallery has fewer ranks, a closed set no false alarms.

    `by` has the values that known probes of all trials have; it is empty where no label was asked for.
    """

    closed_set: tuple[RankOverTrials, ...]
    open_set: tuple[DirOverTrials, ...]
    by: tuple[ValueOverTrials, ...]


@dataclass(frozen=True, kw_only=True)
class ProbeRanks:
    """The probes one by one, for ranks.csv.

    Attributes:
        names, people: of each probe; a person is "" where unknown; shape (p,).
        known: is the person in the gallery?
        ranks: where each stands; `first` is a place in `gallery`.
        gallery: the people of the gallery.
    """

    names: np.ndarray
    people: np.ndarray
    known: np.ndarray
    ranks: Ranks
    gallery: np.ndarray


@dataclass(frozen=True, kw_only=True)
class GalleryResult:
    """One gallery with its probes, judged.

    Attributes:
        name, trial: which list this was; trial 0 is the only one.
        gallery_faces, gallery_people: their numbers.
        template: how several faces of a person became one.
        known, unknown: numbers of probes.
        missing: gallery faces, known and unknown probes that could not be judged.
        ranks: the closed set, of the known probes.
        open_set: DIR at false alarm rates; empty where there are no unknown probes.
        by: rank 1 by a label of the probes; None where none was asked for.
        cmc: known probes with a rank of at most k, for k = 1 ... gallery_people.
        curve: DIR over the false alarm rate, None where there are no unknown probes.
        probes: for ranks.csv.
    """

    JSON: ClassVar = (
        "trial", "gallery.faces=gallery_faces", "gallery.people=gallery_people", "gallery.images=images",
        "gallery.template=template", "counts.known=known", "counts.unknown=unknown", "counts.missing=missing",
        "closed_set=ranks", "open_set", "by",
    )  # fmt: skip

    name: str
    trial: int
    gallery_faces: int
    gallery_people: int
    template: str
    known: int
    unknown: int
    missing: dict[str, int]
    ranks: tuple[RateAtRank, ...]
    open_set: tuple[DirAtFar, ...]
    by: ByLabel | None
    cmc: np.ndarray = field(repr=False, compare=False)
    curve: Curve | None = field(repr=False, compare=False)
    probes: ProbeRanks = field(repr=False, compare=False)

    @property
    def images(self) -> str:
        """ "single-image" or "multi-image": does anybody have several faces in the gallery?"""
        return "single-image" if self.gallery_faces == self.gallery_people else "multi-image"


@dataclass(frozen=True)
class ListResult:
    """All trials of one list: its name, its file, what must be known of it."""

    JSON: ClassVar = ("name", "file", "note", "trials", "over_trials")

    name: str
    file: str
    note: str
    trials: tuple[GalleryResult, ...]

    @property
    def over_trials(self) -> OverTrials | None:
        """The spread of each rate; None where there is one trial."""
        if len(self.trials) == 1:
            return None
        ranks = zip(*(trial.ranks for trial in self.trials), strict=False)
        points = zip(*(trial.open_set for trial in self.trials), strict=False)
        return OverTrials(
            tuple(RankOverTrials(same[0].k, spread([at.rate for at in same])) for same in ranks),
            tuple(map(_over_trials, points)),
            tuple(_by_over_trials([trial.by for trial in self.trials if trial.by is not None])),
        )


def _over_trials(points: tuple[DirAtFar, ...]) -> DirOverTrials:
    rates = [point.rate for point in points if point.rate is not None]
    worst = min(points, key=lambda point: point.impostor)
    return DirOverTrials(worst.far, spread(rates) if len(rates) == len(points) else None, worst.flag)


def _by_over_trials(each: Sequence[ByLabel]) -> Iterator[ValueOverTrials]:
    found = [{at.value: at.rate for at in by.values} for by in each]
    for value in found[0] if found else ():
        rates = [rates[value] for rates in found if value in rates]
        if len(rates) == len(found):
            yield ValueOverTrials(value, spread(rates))


@dataclass(frozen=True, kw_only=True)
class Identification:
    """An identification result: every list that was judged."""

    KIND: ClassVar = IDENTIFICATION

    metric: str
    features: dict[str, Any]
    scorer: dict[str, Any]
    overlap: Overlaps
    lists: tuple[ListResult, ...]
    seed: int
    software: dict[str, str]
    warnings: tuple[str, ...]
