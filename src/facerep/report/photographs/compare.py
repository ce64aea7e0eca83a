"""The comparison of two faces as a report: one fact a line."""

from __future__ import annotations

from collections.abc import Iterator

from facerep.report.report import Facts, Report
from facerep.report.thresholds import threshold_facts, threshold_warnings
from facerep.studies.photographs.compare import Comparison


def report_of(result: Comparison) -> Report:
    """A comparison as a report."""
    return Report(
        result=result,
        shown=[Facts(list(_rows(result)), list(_notes(result)))],
        warnings=[*result.makers.warnings(), *threshold_warnings(result.threshold)],
    )


def _rows(result: Comparison) -> Iterator[list[str]]:
    contract, threshold = result.contract, result.threshold
    yield ["faces", f"{result.left}, {result.right}"]
    yield ["score", f"{result.score:.6g} ({result.metric}{', ' + result.scorer if result.scorer else ''})"]
    yield ["network", f"{contract.network or 'unknown'}, layer {contract.layer or 'unknown'}"]
    yield ["crop", contract.crop or "unknown"]
    if threshold is None:
        yield ["threshold", "none"]
        yield ["decision", f"none: {result.undecided}"]
        return
    yield from threshold_facts(threshold)
    decision = "accepted, at or above the threshold" if result.accepted else "not accepted, below the threshold"
    yield ["decision", decision]


def _notes(result: Comparison) -> Iterator[str]:
    threshold = result.threshold
    if threshold is None:
        yield "give --threshold-from, the result.json of `facerep verify --output` on other people"
    else:
        yield f"in brackets 95 % intervals: {threshold.far.interval}"
        if threshold.worst is not None:
            yield f"of one set: {threshold.worst.far.interval}; on pictures of yet another set expect other rates"
        yield "these are rates of the pairs there, not the chance that these two are one person"
