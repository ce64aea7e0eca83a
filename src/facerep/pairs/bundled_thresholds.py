"""Thresholds in the card of the bundled weights: one a metric, crop and false accept rate, of other people.

Pairs lie within sets, and rates are means over the sets: docs/numbers.md, rule 12 (sets). Strangers of two sets differ
in framing already, and a threshold of such pairs promises far too much. `examples/bundle.py` writes them with
the bundled weights; who compares two faces reads them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from facerep.errors import BadInput
from facerep.files.contract import Contract
from facerep.metrics.operating_points import FEW, impostors_needed
from facerep.metrics.set_means import mean_rate, threshold_at
from facerep.pairs.listed import ListedPairs
from facerep.pairs.threshold import ChosenThreshold, SetRate
from facerep.results.read import rate_of
from facerep.results.to_json import to_json

USUAL_FAR = 0.001
_PLACE = ("layer", "crop", "mirror")
"""Parts of the contract that the weights themselves leave open."""


def card_entries(
    within: Mapping[str, ListedPairs], metric: str, contract: Contract, far: Sequence[float], pairs: str
) -> list[dict[str, Any]]:
    """What a card keeps of pairs within sets: each target that all sets can resolve, with the rates there.

    Args:
        within: scored pairs of each set, of people that the weights were not trained on.
        metric: what made the scores.
        contract: of the features behind them.
        far: targets.
        pairs: what these pairs are, for who reads the card.
    """
    place = {"metric": metric, **{name: getattr(contract, name) for name in _PLACE}, "pairs": pairs}
    impostor = {name: each.scores[~each.chosen.same] for name, each in within.items()}
    fewest, entries = min(map(len, impostor.values())), []
    for target in far:
        needed = impostors_needed(target)
        if fewest < needed:
            continue
        threshold = threshold_at(impostor, target)
        at = {name: each.rates([threshold])[threshold] for name, each in within.items()}
        worst = max(at, key=lambda name: at[name].far.value)
        entries.append({
            **place, "far": target, "threshold": threshold, "flag": FEW if fewest < 10 * needed else None,
            "tar": to_json(mean_rate([rates.tar for rates in at.values()])),
            "obtained": to_json(mean_rate([rates.far for rates in at.values()])),
            "sets": len(at), "worst": {"set": worst, "far": to_json(at[worst].far)},
        })  # fmt: skip
    return entries


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
        rule=f"FAR at most {entry['far']:g} as the mean of {entry['sets']} sets",
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
        worst=SetRate(entry["worst"]["set"], rate_of(entry["worst"]["far"])),
    )
