"""What an identification gives back: rates with their counts and intervals, and how it was made.

Plain numbers only; nothing is computed here but the spread over trials. The JSON form is described by
docs/identification.schema.json.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from facerep.metrics.ranks import Ranks
from facerep.metrics.roc import Curve
from facerep.results.figures import Rate
from facerep.results.to_json import to_json

FORMAT, VERSION = "facerep/identification", 1


@dataclass(frozen=True)
class AtRank:
    """The share of known probes whose rank is at most k."""

    k: int
    rate: Rate

    def to_dict(self) -> dict[str, Any]:
        """The rate as JSON holds it."""
        return {"rank": self.k, "rate": to_json(self.rate)}


@dataclass(frozen=True)
class DirAtFar:
    """Detection and identification rate (DIR) at rank 1, at a target false alarm rate.

    Attributes:
        far: the target: the share of unknown probes whose best score reaches the threshold.
        threshold: the smallest that holds it, None where the rate was refused.
        dir: known probes of rank 1 with a score at or above it, of all known probes; None where refused.
        obtained: the false alarm rate really obtained.
        flag: None, "few unknown probes" (fewer than 10 / far) or "refused" (fewer than 1 / far).
        unknown, needed: how many unknown probes there were, and how many 1 / far asks for.
    """

    far: float
    threshold: float | None
    dir: Rate | None
    obtained: Rate | None
    flag: str | None
    unknown: int
    needed: int

    def to_dict(self) -> dict[str, Any]:
        """The operating point as JSON holds it."""
        return {
            "far": self.far,
            "threshold": self.threshold,
            "dir": to_json(self.dir),
            "flag": self.flag,
            "obtained": to_json(self.obtained),
            "unknown": self.unknown,
            "needed": self.needed,
        }


@dataclass(frozen=True, kw_only=True)
class Probes:
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
class Trial:
    """One gallery with its probes, judged.

    Attributes:
        file, name, trial, note: which list this was; trial 0 is the only one.
        gallery_faces, gallery_people: their numbers.
        template: how several faces of a person became one.
        known, unknown: numbers of probes.
        missing: gallery faces, known and unknown probes that could not be judged.
        ranks: the closed set, of the known probes.
        open_set: DIR at false alarm rates; empty where there are no unknown probes.
        cmc: known probes with a rank of at most k, for k = 1 ... gallery_people.
        curve: DIR over the false alarm rate, None where there are no unknown probes.
        probes: for ranks.csv.
    """

    file: str
    name: str
    trial: int
    note: str
    gallery_faces: int
    gallery_people: int
    template: str
    known: int
    unknown: int
    missing: dict[str, int]
    ranks: tuple[AtRank, ...]
    open_set: tuple[DirAtFar, ...]
    cmc: np.ndarray = field(repr=False, compare=False)
    curve: Curve | None = field(repr=False, compare=False)
    probes: Probes = field(repr=False, compare=False)

    @property
    def images(self) -> str:
        """ "single-image" or "multi-image": does anybody have several faces in the gallery?"""
        return "single-image" if self.gallery_faces == self.gallery_people else "multi-image"

    def to_dict(self) -> dict[str, Any]:
        """The trial as JSON holds it."""
        return {
            "trial": self.trial,
            "gallery": {
                "faces": self.gallery_faces, "people": self.gallery_people, "images": self.images,
                "template": self.template,
            },
            "counts": {"known": self.known, "unknown": self.unknown, "missing": self.missing},
            "closed_set": [to_json(rate) for rate in self.ranks],
            "open_set": [to_json(point) for point in self.open_set],
        }  # fmt: skip


@dataclass(frozen=True)
class Spread:
    """A rate over trials: mean, standard deviation with n - 1, and the mean less one deviation.

    Trials share faces and people, so the deviation is not a standard error.
    """

    mean: float
    deviation: float
    trials: int

    def to_dict(self) -> dict[str, Any]:
        """The spread as JSON holds it."""
        less = self.mean - self.deviation
        return {
            "mean": self.mean,
            "standard_deviation": self.deviation,
            "mean_minus_deviation": less,
            "trials": self.trials,
        }


@dataclass(frozen=True)
class Judged:
    """All trials of one list."""

    trials: tuple[Trial, ...]

    @property
    def name(self) -> str:
        """What the list is called."""
        return self.trials[0].name

    @property
    def file(self) -> str:
        """The file that it came from."""
        return self.trials[0].file

    @property
    def note(self) -> str:
        """What must be known of the list."""
        return self.trials[0].note

    def at_rank(self) -> list[tuple[int, Spread]]:
        """Each rank with its spread over the trials."""
        common = zip(*(trial.ranks for trial in self.trials), strict=False)  # a small gallery has fewer ranks
        return [(rates[0].k, spread([at.rate for at in rates])) for rates in common]

    def at_far(self) -> list[tuple[float, Spread | None, str | None]]:
        """Each false alarm rate with the spread of the DIR and the worst flag; None where a trial refused it."""
        found = []
        for points in zip(*(trial.open_set for trial in self.trials), strict=False):  # a closed set has none
            rates = [point.dir for point in points if point.dir is not None]
            worst = min(points, key=lambda point: point.unknown)
            found.append((worst.far, spread(rates) if len(rates) == len(points) else None, worst.flag))
        return found

    def to_dict(self) -> dict[str, Any]:
        """The list as JSON holds it; `over_trials` is null where there is one trial."""
        over = None
        if len(self.trials) > 1:
            over = {
                "closed_set": [{"rank": k, "rate": to_json(rate)} for k, rate in self.at_rank()],
                "open_set": [{"far": far, "dir": to_json(rate), "flag": flag} for far, rate, flag in self.at_far()],
            }
        return {
            "name": self.name,
            "file": self.file,
            "note": self.note,
            "trials": [to_json(trial) for trial in self.trials],
            "over_trials": over,
        }


def spread(rates: list[Rate]) -> Spread:
    """The spread of a rate over two trials or more."""
    values = [rate.value for rate in rates]
    return Spread(float(np.mean(values)), float(np.std(values, ddof=1)), len(values))


@dataclass(frozen=True, kw_only=True)
class Identification:
    """An identification result: every list that was judged."""

    metric: str
    features: dict[str, Any]
    scorer: dict[str, Any]
    overlap: dict[str, Any]
    lists: tuple[Judged, ...]
    seed: int
    software: dict[str, str]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The result as result.json holds it; a threshold of +inf or -inf is the string "inf" or "-inf"."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "metric": self.metric,
            "features": self.features,
            "scorer": self.scorer,
            "overlap": self.overlap,
            "lists": [to_json(judged) for judged in self.lists],
            "seed": self.seed,
            "software": self.software,
            "warnings": list(self.warnings),
        }
