"""Selectiveness: which single units separate one person, or one attribute, from all other faces?

Each unit's threshold is chosen on one half of the faces and judged on the other; the best of all units is compared
with the best under shuffled labels. Units are read and sorted some at a time, so that a file of any width fits.
Source: DeepID2+, section 5, which chooses and judges on the same faces.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from facerep.errors import BadInput, refuse_meaningless
from facerep.files.contract import Contract
from facerep.files.people import overlap
from facerep.files.streams import MEMORY, MOST_PASSES, FeatureStream, open_features
from facerep.metrics.clusters import clusters
from facerep.metrics.influence import difference
from facerep.metrics.selectiveness import (
    Cuts,
    Ranked,
    balanced,
    balanced_rate,
    best_cuts,
    best_of_all,
    chance,
    rank,
    says_yes,
)
from facerep.pairs.people_overlap import Overlaps
from facerep.results.figures import Measure, Rate
from facerep.results.kinds import SELECTIVENESS
from facerep.studies.neurons.targets import SelectivityTarget, targets_of

PEOPLE, SHUFFLES = 5, 100
_BYTES_A_VALUE = 60
"""Of a value with its sorted copies and ranks, for all faces and for the half that chooses."""


@dataclass(frozen=True)
class TargetSelectiveness:
    """What the units of one file say of one target; arrays of shape (units,); single units stand in units.csv.

    Attributes:
        target: the person or attribute.
        inside, outside: mean and deviation of each unit on the target's faces and on all others.
        cuts: chosen on one half of the faces.
        other_half: balanced accuracy on the other half.
        same_faces: balanced accuracy on all faces, of the threshold that is best on all faces, as in the paper.
        best: the unit that is best on the choosing half.
        rate: its accuracy on the other half.
        null: 95 % point of the best of all units on all faces under shuffled labels.
        p: share of shuffles whose best unit is at least as good as the best of `same_faces`.
        shuffles: how many.
        right: where `best` answers rightly on the other half, bool (faces,).
        beyond: balanced accuracy of `best` minus that of the first file's best unit, on the same faces; None for the
            first file.
    """

    JSON: ClassVar = (
        "name=target.name", "kind=target.kind", "faces=target.count", "other_faces=target.others",
        "unknown_faces=target.unknown", "tries", "best_unit=best", "excitatory", "threshold",
        "accuracy_other_half=rate", "accuracy_same_faces", "chance.best_of_units=null", "chance.p=p",
        "chance.shuffles=shuffles", "chance.shuffled=target.shuffled", "units_above_chance", "share_excitatory",
        "accuracy_other_half_quartiles=quartiles", "difference_to_first_file=beyond",
    )  # fmt: skip

    target: SelectivityTarget
    inside: tuple[np.ndarray, np.ndarray]
    outside: tuple[np.ndarray, np.ndarray]
    cuts: Cuts
    other_half: np.ndarray
    same_faces: np.ndarray
    best: int
    rate: Rate
    null: float
    p: float
    shuffles: int
    right: np.ndarray
    beyond: Measure | None = None

    @property
    def tries(self) -> int:
        """How many units the best one was taken from."""
        return len(self.other_half)

    @property
    def excitatory(self) -> bool:
        """The best unit says yes above its threshold."""
        return bool(self.cuts.excitatory[self.best])

    @property
    def threshold(self) -> float:
        """Of the best unit."""
        return float(self.cuts.threshold[self.best])

    @property
    def accuracy_same_faces(self) -> float:
        """The highest of any unit."""
        return float(self.same_faces.max())

    @property
    def units_above_chance(self) -> int:
        """Units that pass the best of all by chance."""
        return int((self.same_faces > self.null).sum())

    @property
    def share_excitatory(self) -> float:
        """Of all units."""
        return float(self.cuts.excitatory.mean())

    @property
    def quartiles(self) -> list[float]:
        """Of `other_half`."""
        return np.quantile(self.other_half, [0.25, 0.5, 0.75]).tolist()


@dataclass(frozen=True)
class FileSelectiveness:
    """One feature file."""

    JSON: ClassVar = (
        "file", "network=contract.network", "layer=contract.layer", "weights=contract.weights",
        "dataset=contract.dataset", "units", "targets",
    )  # fmt: skip

    file: str
    contract: Contract
    units: int
    targets: tuple[TargetSelectiveness, ...]


@dataclass(frozen=True)
class Selectiveness:
    """All files, the one that is asked about first."""

    KIND: ClassVar = SELECTIVENESS
    JSON: ClassVar = ("faces", "seed", "overlap", "files", "warnings")

    files: tuple[FileSelectiveness, ...]
    faces: int
    seed: int
    warnings: tuple[str, ...]
    overlap: Overlaps


def selectiveness(
    features: Path,
    *,
    against: Sequence[Path] = (),
    labels: Path | None = None,
    attributes: Sequence[str] | None = None,
    people: int = PEOPLE,
    missing: str = "stop",
    shuffles: int = SHUFFLES,
    memory: int = MEMORY,
    seed: int = 0,
) -> Selectiveness:
    """Judge every unit on the people with most faces and on attributes.

    Args:
        features: feature file.
        against: other files with the same faces, such as one of LBP.
        labels: table or CelebA list of attributes; None: the labels of the file.
        attributes: names, or COLUMN=VALUE; None: all that have two answers.
        people: how many of the people with most faces.
        missing: faces that the labels lack: "stop", or "count" and go on without them.
        shuffles: of the labels, for what chance gives.
        memory: bytes that units may take which are read together; with less the file is read more often.
        seed: of halves and shuffles.

    Raises:
        BadInput: codes; no person with enough faces and no attribute; faces that labels or `against` lack.
    """
    if labels is None:
        refuse_meaningless({"--missing": None if missing == "stop" else missing}, "without --labels")
    stream = open_features(features)
    rows = np.arange(len(stream))
    names, known = stream.names(rows), stream.people(rows)
    if len(set(names)) < len(names):
        raise BadInput("face names stand twice", features)
    targets, warnings = targets_of(
        stream, names, known, labels=labels, attributes=attributes, people_wanted=people, missing=missing, seed=seed,
    )  # fmt: skip
    files = [_judge(stream, rows, targets, shuffles, memory, seed)]
    for path in against:
        other = open_features(path)
        files.append(_beside(files[0], _judge(other, other.rows_of(names), targets, shuffles, memory, seed)))
    makers = Overlaps(network=overlap(known, stream.head.trained_people))
    return Selectiveness(tuple(files), len(names), seed, (*makers.warnings(), *warnings), makers)


def _beside(first: FileSelectiveness, file: FileSelectiveness) -> FileSelectiveness:
    """The file with the paired differences of its best units to those of the first."""
    targets = []
    for mine, theirs in zip(file.targets, first.targets, strict=True):
        target, others = mine.target, ~mine.target.choosing
        positive = target.positive[others, None]
        of = clusters(target.groups[others], target.groups[others], "people")
        step = difference(theirs.right[:, None], mine.right[:, None], [positive, ~positive], of)
        targets.append(replace(mine, beyond=step))
    return replace(file, targets=tuple(targets))


def _judge(
    stream: FeatureStream, rows: np.ndarray, targets: Sequence[SelectivityTarget], shuffles: int, memory: int, seed: int
) -> FileSelectiveness:
    all_growing = [_Growing(target, shuffles, (seed, place)) for place, target in enumerate(targets)]
    for values in _units(stream, rows, memory):
        whole, half, before = None, None, (b"", b"")
        for growing in all_growing:
            # targets that follow each other mostly share their faces and halves: the last ranks are kept
            target = growing.target
            key = target.rows.tobytes(), target.choosing.tobytes()
            if whole is None or key[0] != before[0]:
                whole = rank(values if len(target.rows) == len(rows) else np.ascontiguousarray(values[:, target.rows]))
            if half is None or key != before:
                half = rank(np.ascontiguousarray(whole.values[:, target.choosing]))
            before = key
            growing.add(whole, half)
    units = stream.head.dimension
    return FileSelectiveness(stream.path.name, stream.head.contract, units, tuple(each.end() for each in all_growing))


def _units(stream: FeatureStream, rows: np.ndarray, memory: int) -> Iterator[np.ndarray]:
    """The values of some units at a time, float32 (units, faces), of the faces at `rows`."""
    width = stream.head.dimension
    step = max(1, -(-width // MOST_PASSES), memory // (_BYTES_A_VALUE * len(rows)))
    place = np.full(len(stream), -1)
    place[rows] = np.arange(len(rows))
    for first in range(0, width, step):
        values = np.empty((min(step, width - first), len(rows)), np.float32)
        for start, block in stream.blocks():
            wanted = place[start : start + len(block)]
            values[:, wanted[wanted >= 0]] = block[wanted >= 0, first : first + step].T
        yield values


class _Growing:
    """One target's numbers, unit by unit."""

    def __init__(self, target: SelectivityTarget, shuffles: int, seed: tuple[int, int]) -> None:
        self.target, self.seed = target, seed
        self.columns: list[tuple[np.ndarray, ...]] = []
        self.null = np.full(shuffles, -np.inf)
        self.best, self.yes, self.units = (-np.inf, -1), np.zeros(0, bool), 0

    def add(self, ranked: Ranked, half: Ranked) -> None:
        """Some more units, ranked among all faces of the target and among those that choose."""
        target = self.target
        positive, choosing = target.positive, target.choosing
        cuts = best_cuts(half, positive[choosing])
        yes = says_yes(ranked.values[:, ~choosing], cuts)
        inside, outside = ranked.values[:, positive], ranked.values[:, ~positive]
        self.columns.append((
            inside.mean(axis=1), inside.std(axis=1), outside.mean(axis=1), outside.std(axis=1), cuts.excitatory,
            cuts.threshold, cuts.accuracy, balanced(yes, positive[~choosing]), best_cuts(ranked, positive).accuracy,
        ))  # fmt: skip
        top = int(cuts.accuracy.argmax())
        if cuts.accuracy[top] > self.best[0]:
            self.best, self.yes = (float(cuts.accuracy[top]), self.units + top), yes[top]
        self.units += len(yes)
        # the same shuffles for every block of units: the best is sought over all of them
        self.null = np.maximum(self.null, best_of_all(ranked, target.shuffle(len(self.null), self.seed)))

    def end(self) -> TargetSelectiveness:
        """When all units have been seen."""
        target = self.target
        mean, deviation, others, spread, excitatory, threshold, chosen, other_half, same_faces = map(
            np.concatenate, zip(*self.columns, strict=True)
        )
        judged, people = target.positive[~target.choosing], target.groups[~target.choosing]
        rate = balanced_rate(self.yes, judged, clusters(people, people, "people"))
        null, p = chance(self.null, same_faces.max())
        return TargetSelectiveness(
            target=target, inside=(mean, deviation), outside=(others, spread),
            cuts=Cuts(excitatory, threshold, chosen), other_half=other_half, same_faces=same_faces,
            best=self.best[1], rate=rate, null=null, p=p, shuffles=len(self.null), right=self.yes == judged,
        )  # fmt: skip
