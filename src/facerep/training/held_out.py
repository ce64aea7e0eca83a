"""Held-out people: how well a network verifies them, and `held-out.json`, where a run says so, and of the box too.

The file is written last: a run that has it is finished.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import TypeAdapter, ValidationError

from facerep.errors import BadInput
from facerep.files.atomic import write_json
from facerep.files.json_file import fault
from facerep.files.text import MOST_SETTINGS, read_bytes
from facerep.metrics.clusters import Clusters
from facerep.metrics.eer_auc import best_threshold
from facerep.metrics.intervals import rate
from facerep.metrics.roc import sweep
from facerep.results.figures import Difference, Rate
from facerep.results.to_json import to_json
from facerep.scorers.cosine import Cosine

NAME = "held-out.json"


@dataclass(frozen=True)
class Beside:
    """The weights in the box on the same pairs.

    Attributes:
        weights: SHA-256 of their file.
        accuracy: of them, at their own best threshold.
        difference: accuracy of the run minus theirs.
        significant: the two differ significantly, by a paired test.
    """

    JSON: ClassVar = (
        "weights", "accuracy", *(f"difference.{item.name}=difference.{item.name}" for item in fields(Difference)),
        "significant",
    )  # fmt: skip

    weights: str
    accuracy: Rate
    difference: Difference
    significant: bool


@dataclass(frozen=True)
class HeldOut:
    """Accuracy on the held-out pairs of a run, at the best threshold on these very pairs.

    Attributes:
        weights: SHA-256 of the run's weights.
        people, genuine, impostor: how many.
        accuracy: of the run. Epoch and threshold were chosen on these pairs.
        bundled: the weights in the box; None where they could not be put beside it.
        remark: why not; or what is not known about the people.
        metric: "pair" where the network itself scores pairs.
    """

    weights: str
    people: int
    genuine: int
    impostor: int
    accuracy: Rate
    bundled: Beside | None
    remark: str
    metric: Literal["cosine", "pair"] = "cosine"
    format: Literal["facerep/held-out"] = "facerep/held-out"
    version: Literal[1] = 1

    @property
    def not_worse(self) -> bool:
        """Whether the run was put beside the weights in the box, and was as good or better."""
        return self.bundled is not None and self.accuracy.value >= self.bundled.accuracy.value


def judge_pairs(
    features: np.ndarray, pairs: tuple[np.ndarray, np.ndarray, np.ndarray], of: Clusters
) -> tuple[Rate, np.ndarray]:
    """Accuracy of pairs by cosine at their best threshold, as `verify` computes it, and which pairs were right.

    Args:
        features: float32 (n, d), finite.
        pairs: left rows, right rows, kind; see metrics.pair_draws.
        of: their clusters.
    """
    if (empty := ~features.any(axis=1)).any():  # they have no direction: at right angles to all others
        features = np.column_stack([features, empty])
    left, right, same = pairs
    return judge_scores(Cosine().score(features[left], features[right]), same, of)


def judge_scores(scores: np.ndarray, same: np.ndarray, of: Clusters) -> tuple[Rate, np.ndarray]:
    """Accuracy of scored pairs at their best threshold, and which pairs were right."""
    hits = (scores >= best_threshold(sweep(scores, same))) == same
    return rate(hits, of), hits


def write_held_out(folder: Path, held_out: HeldOut) -> None:
    """Write a run's held-out.json."""
    write_json(folder / NAME, to_json(held_out), overwrite=True)


def read_held_out(folder: Path) -> HeldOut | None:
    """A run's held-out.json; None where there is none.

    Raises:
        BadInput: it is not what we write.
    """
    path = folder / NAME
    if not path.exists():
        return None
    try:
        held_out = TypeAdapter(HeldOut).validate_json(read_bytes(path, MOST_SETTINGS), strict=True)
    except ValidationError as error:
        raise BadInput(
            f"held-out accuracies are damaged ({fault(error)})", path, "train again, or give --model"
        ) from error
    rates = [held_out.accuracy, *([held_out.bundled.accuracy] if held_out.bundled else [])]
    if not all(0 <= each.low <= each.value <= each.high <= 1 for each in rates):
        raise BadInput("held-out accuracies are no rates", path, "train again, or give --model")
    return held_out
