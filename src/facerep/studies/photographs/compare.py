"""Comparison of two faces: their score, judged by a threshold that was measured elsewhere.

The score of a pair is the one that `verify` gives it. No probability is made of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from facerep.detection.aligned_faces import Finding
from facerep.errors import BadInput
from facerep.extraction.faces_of_pictures import FoundFace, faces_of
from facerep.faces.table import make_faces
from facerep.files.contract import Contract
from facerep.files.rows import Codes, Features, Rows
from facerep.files.streams import open_stream
from facerep.pairs.decision_rule import DecisionRule
from facerep.pairs.inputs import metric_of, opened, scorer_of
from facerep.pairs.people_overlap import Overlaps, overlaps
from facerep.pairs.threshold import ChosenThreshold
from facerep.results.kinds import PAIR


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two faces with their score.

    Attributes:
        left, right: the two faces.
        score: larger is more alike.
        metric: what made it.
        scorer: name of the scorer file, "" without one.
        contract: of the features behind it.
        threshold: that decides, None where none is known.
        undecided: why there is none, "" where there is one.
        found: the faces that were taken of two photographs, for the eye; none of names or of pictures cut by a preset.
        makers: whether the two are among the people whom network, scorer or threshold were made from.
    """

    KIND: ClassVar = PAIR
    JSON: ClassVar = (
        "left", "right", "score", "metric", "scorer", "features=contract", "threshold", "accepted", "undecided",
        "overlap=makers", "photographs",
    )  # fmt: skip

    left: str
    right: str
    score: float
    metric: str
    scorer: str
    contract: Contract
    threshold: ChosenThreshold | None
    undecided: str
    makers: Overlaps
    found: tuple[FoundFace, ...] = ()

    @property
    def photographs(self) -> list[dict[str, Any]]:
        """What was found in them, as JSON has it."""
        boxes = (None if face.box is None else face.box.tolist() for face in self.found)
        return [
            {"name": face.name, "box": box, "score": face.score, "found": face.found}
            for face, box in zip(self.found, boxes, strict=True)
        ]

    @property
    def accepted(self) -> bool | None:
        """Whether the score is at or above the threshold; None without one."""
        return None if self.threshold is None else self.score >= self.threshold.threshold


def compare_pictures(
    left: Path,
    right: Path,
    by: DecisionRule,
    *,
    model: str | Path | None = None,
    crop: str = "auto",
    device: str = "auto",
    finding: Finding | None = None,
) -> Comparison:
    """Compare the faces of two pictures.

    Args:
        left, right: picture files. Of a photograph one face is found and aligned; one of 112x112 pixels is an aligned
            face.
        by: how.
        model, device: as `extraction.in_memory.extract` has them.
        crop: "auto", or a preset: then nothing is searched, each picture shows one face where the preset says.
        finding: how faces are found.

    Raises:
        BadInput: a picture cannot be opened or cut, or no face was found in it; a face has an all-zero vector
            under cosine; no such threshold.
        Mismatch: scorer or threshold were made with another network, crop, metric or scorer.
        Usage: no such crop preset, or metric and scorer contradict each other.
    """
    for path in (left, right):
        if not path.exists():
            raise BadInput("no such picture", path, "a name of a feature file wants --features")
    from facerep.extraction.in_memory import extract  # torch is loaded for pictures that are there

    paths = list(dict.fromkeys((left, right)))
    names = [str(path) for path in paths]
    found: list[FoundFace] = []
    if crop == "auto":
        found, faces = faces_of(paths, finding or Finding())
    else:
        faces = make_faces("pictures", names, [""] * len(names), paths, root=" and ".join(names))
    features = extract(faces, model, crop=crop, device=device)
    for name, reason in features.failures:
        raise BadInput(reason, name)
    result = _compare(features, str(left), str(right), by, " and ".join(names))
    return replace(result, found=(found[0], found[-1])) if found else result


def compare_names(left: str, right: str, features: Features | Codes | Path, by: DecisionRule) -> Comparison:
    """Compare two faces of a feature or code file.

    Raises:
        BadInput: the file lacks a name; further as `compare_pictures`.
        Mismatch, Usage: as `compare_pictures`.
    """
    stream = open_stream(features) if isinstance(features, Path) else None
    everyone: Rows = opened(features) if stream is None else stream.bare()
    index = everyone.index()
    for name in (left, right):
        if name not in index:
            raise BadInput(f"no face {name!r}", everyone.where, f"its names are such as {str(everyone.names[0])!r}")
    if stream is not None:
        features = stream.with_values(everyone, np.unique([index[left], index[right]]))
    return _compare(opened(features), left, right, by, everyone.where)


def _compare(features: Features | Codes, left: str, right: str, by: DecisionRule, where: str) -> Comparison:
    index = features.index()
    two = features.take(np.array([index[left], index[right]]))
    metric = metric_of(by.metric, features, by.scorer)
    scorer, rows = scorer_of(metric, two, by.scorer)
    score = float(scorer.score(rows[:1], rows[1:])[0])
    chosen = by.threshold(features, metric, where)
    known = isinstance(chosen, ChosenThreshold)
    return Comparison(
        left=left, right=right, score=score, metric=metric, scorer=by.scorer.name if by.scorer else "",
        contract=features.contract, threshold=chosen if known else None, undecided="" if known else chosen,
        makers=overlaps(two, np.arange(2), by.scorer, chosen if known else None),
    )  # fmt: skip
