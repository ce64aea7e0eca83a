"""A threshold that was chosen on other pairs, as the result.json of `facerep verify` has it.

Source: docs/numbers.md, rule 6 (accuracy and its threshold): a threshold may be taken from one set to
another; which one must be said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from facerep.errors import BadInput, Mismatch
from facerep.files.contract import Contract
from facerep.files.people import from_text
from facerep.files.provenance import file_sha256
from facerep.metrics.operating_points import REFUSED
from facerep.results.figures import Rate
from facerep.results.kinds import VERIFICATION
from facerep.results.read import rate_of, read_result


@dataclass(frozen=True)
class SetRate:
    """The false accept rate of the pairs within one set, by name."""

    set: str
    far: Rate


@dataclass(frozen=True, kw_only=True)
class ChosenThreshold:
    """A threshold, what chose it, and the rates that it gave there.

    Attributes:
        threshold: a pair is accepted at or above it.
        rule: how it was chosen, in words: "FAR at most 0.001", "most accurate on these pairs", "given".
        target: the false accept rate that was asked for, None where the rule is another.
        far, tar: rates really obtained on the pairs that it was chosen on, with counts and intervals.
        flag: None, or "few impostors" where there were fewer than 10 / target.
        metric: what makes the scores that it is for.
        scorer: name of the scorer file, "" where there was none.
        scorer_sha256: of that file, "" where there was none or the result does not say.
        contract: of the features behind the scores.
        pairs: what the pairs were called.
        source: the file that this was read from, for messages.
        code: SHA-256 of the rule of the bits, "" where these are no codes or the result does not say.
        people: hashes of the people that it was chosen on, see files/people.py; None where it is not known.
        impostor_sets: from how many sets the impostor pairs came, and how many lay across two; None: it is not known.
        worst: where rates are means over sets, the set of most false accepts; None where they are not.
    """

    JSON: ClassVar = (
        "threshold", "rule", "target", "far", "tar", "flag", "metric", "scorer", "scorer_sha256", "contract", "pairs",
        "source", "code", "impostor_sets", "worst",
    )  # fmt: skip

    threshold: float
    rule: str
    target: float | None
    far: Rate
    tar: Rate
    flag: str | None
    metric: str
    scorer: str
    scorer_sha256: str
    contract: Contract
    pairs: str
    source: str
    code: str = ""
    people: np.ndarray | None = field(default=None, compare=False)
    impostor_sets: dict[str, int] | None = None
    worst: SetRate | None = None

    def require(
        self, metric: str, contract: Contract, where: str | Path, scorer: Path | None = None, code: str = ""
    ) -> None:
        """Refuse to judge scores of another metric, scorer or network by this threshold.

        Args:
            metric, contract: of the scores to be judged.
            where: the file they come from, for the message.
            scorer: their scorer file.
            code: SHA-256 of the rule of their bits.

        Raises:
            Mismatch: with the first thing that differs and both sides of it.
        """
        hint = "take a threshold that was chosen with the same metric and scorer"
        if metric != self.metric:
            raise Mismatch("metric differs", f"{self.source} has {self.metric}, {where} is judged by {metric}", hint)
        if self.scorer_sha256 and scorer is not None:
            same = file_sha256(scorer) == self.scorer_sha256
        else:
            same = self.scorer == (scorer.name if scorer else "")
        if not same:
            sides = f"{self.source} has {self.scorer or 'none'}, {where} is judged by {scorer or 'none'}"
            raise Mismatch("scorer differs", sides, hint)
        self.contract.require(contract, self.source, where)
        if self.code and code and code != self.code:
            sides = f"{self.source} has {self.code[:12]}, {where} has {code[:12]}"
            raise Mismatch("rule of the bits differs", sides, "make the one with `facerep binarize --like` the other")


def chosen_threshold(path: Path, at_far: float | None = None) -> ChosenThreshold:
    """Read the threshold of a verification result.

    Args:
        path: a result.json, or the folder that holds it.
        at_far: take the threshold of this target of its `tar_at_far`; None takes the result's own threshold, the
            most accurate one or the one that was given.

    Raises:
        BadInput: no such file, not a result of `facerep verify`, a target that is not in it (the message lists
            those that are) or that its pairs could not resolve.
    """
    file = path / "result.json" if path.is_dir() else path
    result = read_result(file, VERIFICATION)
    try:
        if at_far is None:
            own = result["threshold"]
            return _chosen(result, file, own["value"], own["chosen"], tar=own["tar"], far=own["far"])
        point = _point(result["tar_at_far"], at_far, file)
        return _chosen(
            result, file, point["threshold"], f"FAR at most {at_far:g}",
            tar=point["tar"], far=point["obtained"], target=at_far, flag=point["flag"],
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput(f"result is damaged ({type(error).__name__}: {error})", file, "verify again") from error


def _point(points: list[dict[str, Any]], at_far: float, file: Path) -> dict[str, Any]:
    point = next((point for point in points if math.isclose(point["far"], at_far)), None)
    if point is None:
        known = ", ".join(f"{point['far']:g}" for point in points) or "none"
        raise BadInput(
            f"no threshold for a false accept rate of {at_far:g}", file, f"it has {known}; give verify --far"
        )
    if point["flag"] == REFUSED:
        few = f"{point['impostor']} impostor pairs, {point['needed']} are needed"
        raise BadInput(f"its pairs cannot resolve a false accept rate of {at_far:g} ({few})", file)
    return point


def _contract(features: dict[str, Any]) -> Contract:
    """What a result says of its features; what results of earlier versions do not say yet is empty."""
    later = {"input": ""}
    return Contract(**{item.name: str((later | features)[item.name]) for item in fields(Contract)})


def _chosen(
    result: dict[str, Any],
    file: Path,
    value: float | str,
    rule: str,
    *,
    tar: dict[str, Any],
    far: dict[str, Any],
    target: float | None = None,
    flag: str | None = None,
) -> ChosenThreshold:
    threshold = float(value)
    if math.isnan(threshold):
        raise ValueError("threshold is not a number")
    features, scorer, sets = result["features"], result["scorer"], result["counts"].get("impostor_sets")
    return ChosenThreshold(
        threshold=threshold,
        rule=str(rule),
        target=target,
        far=rate_of(far),
        tar=rate_of(tar),
        flag=flag,
        metric=str(result["metric"]),
        scorer=str(scorer["file"]),
        scorer_sha256=str(scorer.get("sha256", "")),
        contract=_contract(features),
        pairs=str(result["protocol"]["name"]),
        source=str(file),
        code=str(features.get("code", "")),
        people=None if result.get("people") is None else from_text(result["people"]["hashes"]),
        impostor_sets=None if sets is None else {name: int(sets[name]) for name in ("sets", "within", "across")},
    )
