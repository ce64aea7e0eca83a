"""Comparison of two faces: their score, the threshold it is held against, and what that threshold did elsewhere.

The score of a pair is the one that `verify` gives it. No probability is made of it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from facerep.errors import BadInput
from facerep.faces.table import make_faces
from facerep.files.features import Codes, Contract, Features
from facerep.files.provenance import file_sha256
from facerep.metrics.operating_points import check_targets
from facerep.pairs.bundled_thresholds import card_threshold
from facerep.pairs.inputs import metric_of, opened, scorer_of
from facerep.pairs.overlaps import Overlaps, overlaps
from facerep.pairs.threshold import ChosenThreshold, chosen_threshold
from facerep.results.to_json import to_json

FORMAT, VERSION = "facerep/pair", 1


@dataclass(frozen=True)
class Judge:
    """How the two are compared.

    Attributes:
        metric: None is cosine for vectors, hamming for codes.
        scorer: scorer file.
        threshold_from: result.json of a verification; None takes what the card of the bundled weights has.
        at_far: take the threshold of this target; None takes the result's own, or the card's usual one.
    """

    metric: str | None = None
    scorer: Path | None = None
    threshold_from: Path | None = None
    at_far: float | None = None

    def __post_init__(self) -> None:
        check_targets(None, self.at_far)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What a pair came to.

    Attributes:
        left, right: the two faces.
        score: larger is more alike.
        metric: what made it.
        scorer: name of the scorer file, "" without one.
        contract: of the features behind it.
        chosen: the threshold it is held against, None where none is known.
        undecided: why there is none, "" where there is one.
        makers: whether the two are among the people whom network, scorer or threshold were made from.
    """

    left: str
    right: str
    score: float
    metric: str
    scorer: str
    contract: Contract
    chosen: ChosenThreshold | None
    undecided: str
    makers: Overlaps

    @property
    def accepted(self) -> bool | None:
        """Whether the score is at or above the threshold; None without one."""
        return None if self.chosen is None else self.score >= self.chosen.threshold

    def to_dict(self) -> dict[str, Any]:
        """The comparison as JSON holds it."""
        return {
            "format": FORMAT, "version": VERSION, "left": self.left, "right": self.right, "score": self.score,
            "metric": self.metric, "scorer": self.scorer, "features": asdict(self.contract),
            "threshold": to_json(self.chosen), "accepted": self.accepted,
            "undecided": self.undecided, "overlap": to_json(self.makers),
        }  # fmt: skip


def compare_pictures(
    left: Path, right: Path, judge: Judge, *, model: str | Path | None = None, crop: str = "auto", device: str = "auto"
) -> Comparison:
    """Compare the faces of two pictures.

    Args:
        left, right: picture files, one face each.
        judge: how.
        model, crop, device: as `extraction.in_memory.extract` has them.

    Raises:
        BadInput: a picture cannot be opened or cut; a face has an all-zero vector under cosine; no such threshold.
        Mismatch: scorer or threshold were made with another network, crop, metric or scorer.
        Usage: no such crop preset, or metric and scorer contradict each other.
    """
    for path in (left, right):
        if not path.exists():
            raise BadInput("no such picture", path, "a name of a feature file wants --features")
    from facerep.extraction.in_memory import extract  # torch is loaded for pictures that are there

    paths = list(dict.fromkeys((left, right)))
    names = [str(path) for path in paths]
    faces = make_faces("pictures", names, [""] * len(names), paths, root=" and ".join(names))
    features = extract(faces, model, crop=crop, device=device)
    for name, reason in features.failures:
        raise BadInput(reason, name)
    return _compare(features, str(left), str(right), judge, " and ".join(names))


def compare_names(left: str, right: str, features: Features | Codes | Path, judge: Judge) -> Comparison:
    """Compare two faces of a feature or code file.

    Raises:
        BadInput: the file lacks a name; further as `compare_pictures`.
        Mismatch, Usage: as `compare_pictures`.
    """
    held = opened(features)
    index = held.index()
    for name in (left, right):
        if name not in index:
            raise BadInput(f"no face {name!r}", held.where, f"its names are such as {str(held.names[0])!r}")
    return _compare(held, left, right, judge, held.where)


def _compare(held: Features | Codes, left: str, right: str, judge: Judge, where: str) -> Comparison:
    index = held.index()
    two = held.take(np.array([index[left], index[right]]))
    metric = metric_of(judge.metric, held, judge.scorer)
    scorer, rows = scorer_of(metric, two, judge.scorer)
    score = float(scorer.score(rows[:1], rows[1:])[0])
    chosen = threshold_for(held, metric, judge, where)
    known = isinstance(chosen, ChosenThreshold)
    return Comparison(
        left=left, right=right, score=score, metric=metric, scorer=judge.scorer.name if judge.scorer else "",
        contract=held.contract, chosen=chosen if known else None, undecided="" if known else chosen,
        makers=overlaps(two, np.arange(2), judge.scorer, chosen if known else None),
    )  # fmt: skip


def threshold_for(held: Features | Codes, metric: str, judge: Judge, where: str) -> ChosenThreshold | str:
    """The threshold that scores of faces of a file are held against, or why there is none.

    Raises:
        BadInput, Mismatch: as `compare_pictures`.
    """
    contract = held.contract
    if judge.threshold_from is not None:
        chosen = chosen_threshold(judge.threshold_from, judge.at_far)
        chosen.require(metric, contract, where, judge.scorer, held.rule if isinstance(held, Codes) else "")
        return chosen
    if judge.scorer is None and contract.weights:
        from facerep.networks.weights import BUNDLED, read_card

        if BUNDLED.exists() and contract.weights == file_sha256(BUNDLED):
            if isinstance(held, Codes) and not held.natural:
                return "the bundled weights have thresholds for the bits of all units above 0 only"
            return card_threshold(read_card(BUNDLED), contract, metric, judge.at_far, "the bundled weights")
    return "no threshold is known for this network and scorer"
