"""The rule that decides a single score: metric, scorer, a threshold of pairs that was measured elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from facerep.files.provenance import file_sha256
from facerep.files.rows import Codes, Features
from facerep.metrics.operating_points import check_targets
from facerep.pairs.bundled_thresholds import card_threshold
from facerep.pairs.threshold import ChosenThreshold, chosen_threshold


@dataclass(frozen=True)
class DecisionRule:
    """How a score comes about and is decided.

    Attributes:
        metric: None is that of the scorer file, else cosine for vectors, hamming for codes.
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

    def threshold(self, features: Features | Codes, metric: str, where: str) -> ChosenThreshold | str:
        """The threshold that scores of faces of a file are held against, or why there is none.

        Raises:
            BadInput: no such threshold.
            Mismatch: it was chosen with another network, crop, metric or scorer.
        """
        contract = features.contract
        if self.threshold_from is not None:
            chosen = chosen_threshold(self.threshold_from, self.at_far)
            chosen.require(metric, contract, where, self.scorer, features.rule if isinstance(features, Codes) else "")
            return chosen
        if self.scorer is None and contract.weights:
            from facerep.networks.onnx_files.packages import packaged_by
            from facerep.networks.weights import box, read_card

            for name, path in box().items():
                if contract.weights == file_sha256(path):
                    if isinstance(features, Codes) and not features.natural:
                        return f"the {name} weights have thresholds for the bits of all units above 0 only"
                    return card_threshold(read_card(path), contract, metric, self.at_far, f"the {name} weights")
            packaged = packaged_by(contract.weights)
            if packaged is not None and contract.input == str(packaged.contract) and isinstance(features, Features):
                what = f"facerep's figures of {packaged.name}"
                return card_threshold(packaged.card, contract, metric, self.at_far, what)
        return "no threshold is known for this network and scorer"
