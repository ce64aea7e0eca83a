"""What `compare` says of two faces."""

from __future__ import annotations

from collections.abc import Iterator

from facerep.console import console
from facerep.pairs.impostor_sets import warn_of_sets
from facerep.pairs.threshold import ChosenThreshold
from facerep.report.cells import between, percent
from facerep.results.figures import Rate
from facerep.results.to_json import to_json
from facerep.studies.photographs.compare import Comparison


def show(found: Comparison, *, json: bool) -> None:
    """Print a comparison one fact a line, or as JSON."""
    for warning in (*found.makers.warnings(), *threshold_warnings(found.chosen)):
        console.warn(warning)
    if json:
        console.json(to_json(found))
        return
    console.facts(list(_rows(found)), notes=list(_notes(found)))


def _rows(found: Comparison) -> Iterator[list[str]]:
    contract, chosen = found.contract, found.chosen
    yield ["faces", f"{found.left}, {found.right}"]
    yield ["score", f"{found.score:.6g} ({found.metric}{', ' + found.scorer if found.scorer else ''})"]
    yield ["network", f"{contract.network or 'unknown'}, layer {contract.layer or 'unknown'}"]
    yield ["crop", contract.crop or "unknown"]
    if chosen is None:
        yield ["threshold", "none"]
        yield ["decision", f"none: {found.undecided}"]
        return
    yield from threshold_facts(chosen)
    yield ["decision", "accepted, at or above the threshold" if found.accepted else "not accepted, below the threshold"]


def threshold_warnings(chosen: ChosenThreshold | None) -> list[str]:
    """What to warn of about the pairs that a threshold was chosen on."""
    if chosen is None:
        return []
    few = [f"{chosen.flag} behind the threshold: {chosen.far.of:,} pairs"] if chosen.flag else []
    return [*few, *warn_of_sets(chosen.impostor_sets, "behind the threshold")]


def threshold_facts(chosen: ChosenThreshold) -> Iterator[list[str]]:
    """A threshold, where it comes from and what it did there: names and values."""
    yield ["threshold", f"{chosen.threshold:.6g}, {chosen.rule}"]
    yield ["from", f"{chosen.source}, {chosen.pairs}"]
    # a mean over sets is no share of all their pairs
    all_sets = "" if chosen.worst is None else " in all"
    yield ["false accept rate there", _told(chosen.far, "impostor") + all_sets]
    if chosen.worst is not None:
        yield ["the worst set there", f"{chosen.worst.set}: {_told(chosen.worst.far, 'impostor')}"]
    yield ["true accept rate there", _told(chosen.tar, "genuine") + all_sets]


def _told(rate: Rate, kind: str) -> str:
    return f"{percent(rate.value)} [{between(rate)}], {rate.count:,.0f} of {rate.of:,} {kind} pairs"


def _notes(found: Comparison) -> Iterator[str]:
    if found.chosen is None:
        yield "give --threshold-from, the result.json of `facerep verify --output` on other people"
    else:
        yield f"in brackets 95 % intervals: {found.chosen.far.interval}"
        if found.chosen.worst is not None:
            yield f"of one set: {found.chosen.worst.far.interval}; on pictures of yet another set expect other rates"
        yield "these are rates of the pairs there, not the chance that these two are one person"
