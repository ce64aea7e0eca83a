"""A threshold of pairs for the eye: where it comes from, what it did there, what to be careful about."""

from __future__ import annotations

from facerep.pairs.impostor_sets import warn_of_sets
from facerep.pairs.threshold import ChosenThreshold
from facerep.report.cells import between, percent
from facerep.results.figures import Rate


def threshold_warnings(chosen: ChosenThreshold | None) -> list[str]:
    """What to warn of about the pairs that a threshold was chosen on."""
    if chosen is None:
        return []
    few = [f"{chosen.flag} behind the threshold: {chosen.far.of:,} pairs"] if chosen.flag else []
    return [*few, *warn_of_sets(chosen.impostor_sets, "behind the threshold")]


def threshold_facts(chosen: ChosenThreshold) -> list[list[str]]:
    """A threshold, where it comes from and what it did there: names and values."""
    # a mean over sets is no share of all their pairs
    all_sets, worst = "", []
    if chosen.worst is not None:
        all_sets = " in all"
        worst = [["the worst set there", f"{chosen.worst.set}: {_rate(chosen.worst.far, 'impostor')}"]]
    return [
        ["threshold", f"{chosen.threshold:.6g}, {chosen.rule}"],
        ["from", f"{chosen.source}, {chosen.pairs}"],
        ["false accept rate there", _rate(chosen.far, "impostor") + all_sets],
        *worst,
        ["true accept rate there", _rate(chosen.tar, "genuine") + all_sets],
    ]


def _rate(rate: Rate, kind: str) -> str:
    return f"{percent(rate.value)} [{between(rate)}], {rate.count:,.0f} of {rate.of:,} {kind} pairs"
