"""Thresholds in the card of weights: one a metric, crop and false accept rate, measured on people held out.

`examples/bundle.py` writes them with the bundled weights; who compares two faces reads them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from facerep.errors import BadInput
from facerep.files.features import Contract
from facerep.metrics.result import Result
from facerep.studies.chosen_threshold import ChosenThreshold, rate_of

USUAL_FAR = 0.001
_PLACE = ("layer", "crop", "mirror")
"""Parts of the contract that the weights themselves leave open."""


def card_entries(result: Result, pairs: str) -> list[dict[str, Any]]:
    """What a card keeps of a verification: each target that its pairs resolved, with the rates there.

    Args:
        result: on people that the weights were not trained on.
        pairs: what these pairs are, for who reads the card.
    """
    place = {"metric": result.metric, **{name: result.features[name] for name in _PLACE}, "pairs": pairs}
    return [{**place, **point.to_dict()} for point in result.tar_at_far if point.threshold is not None]


def card_threshold(
    card: Mapping[str, Any], contract: Contract, metric: str, at_far: float | None, source: str
) -> ChosenThreshold | str:
    """The threshold that the card has for such scores, or why it has none, in words.

    Args:
        card: of the weights that the contract names.
        contract: of the features behind the scores.
        metric: what makes the scores.
        at_far: target false accept rate; None takes USUAL_FAR.
        source: what the weights are called.

    Raises:
        BadInput: there are thresholds for such scores, but not for `at_far`.
    """
    fitting = [
        entry
        for entry in card.get("thresholds", ())
        if entry["metric"] == metric and all(entry[name] == getattr(contract, name) for name in _PLACE)
    ]
    target = USUAL_FAR if at_far is None else at_far
    entry = next((entry for entry in fitting if math.isclose(entry["far"], target)), None)
    if entry is None and fitting and at_far is not None:
        known = ", ".join(f"{entry['far']:g}" for entry in fitting)
        raise BadInput(f"no threshold for a false accept rate of {at_far:g}", source, f"there are {known}")
    if entry is None:
        return f"{source} have no threshold for {metric} and crop {contract.crop}"
    return ChosenThreshold(
        threshold=float(entry["threshold"]),
        rule=f"FAR at most {entry['far']:g}",
        target=entry["far"],
        far=rate_of(entry["obtained"]),
        tar=rate_of(entry["tar"]),
        flag=entry["flag"],
        metric=metric,
        scorer="",
        scorer_sha256="",
        contract=contract,
        pairs=entry["pairs"],
        source=source,
    )
