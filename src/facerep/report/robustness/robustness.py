"""Verification under covers as a report: accuracies, what a middle cover takes; the numbers as CSV, the figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from facerep.report.cells import ends, percent
from facerep.report.report import Csv, Drawing, Report, Table
from facerep.results.figures import pooled, standard_error_of, value_of
from facerep.studies.robustness.result import CoverPoint, Robustness

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FILES = ("result.json", "covers.csv", "robustness.png", "robustness.svg")
COLUMNS = (
    "system", "layer", "scorer", "covered_faces", "cover", "amount", "accuracy", "standard_error", "low", "high",
    "count", "of", "difference", "difference_low", "difference_high", "left_above_one_answer", "left_low", "left_high",
    "more_lost_than_reference", "more_low", "more_high", "accuracy_with_clean_thresholds", "clean_low", "clean_high",
)  # fmt: skip
_AMOUNTS = {"bottom": "bottom, share", "block": "block, pixels"}


def report_of(result: Robustness) -> Report:
    """Verification under covers as a report."""
    return Report(
        result=result,
        shown=[*_accuracies(result), *_losses(result)],
        files={"covers.csv": Csv(COLUMNS, lambda: _rows(result)), "robustness": Drawing(lambda: _drawn(result))},
        warnings=result.warnings,
    )


def _drawn(result: Robustness) -> Figure:
    from facerep.report.robustness.figure import accuracy_over_covers  # matplotlib takes a while to import

    return accuracy_over_covers(result)


def covered_faces(result: Robustness) -> str:
    """Which faces of a pair are covered, in words."""
    return "both faces covered" if result.on == "both" else "the second face covered"


def _accuracies(result: Robustness) -> Iterator[Table | str]:
    for kind in result.kinds:
        header = [_AMOUNTS[kind], *(f"{point.cover.amount:g}" for point in result.systems[0].of(kind))]
        rows = [
            [each.system.name, *(f"{100 * value_of(point.accuracy):.1f}" for point in each.of(kind))]
            for each in result.systems
        ]
        # not as the table's title, which would be folded at the width of the table
        yield f"{result.dataset}, {result.pairs}, {covered_faces(result)}: accuracy in %"
        yield Table(header, rows)


def _losses(result: Robustness) -> Iterator[Table]:
    """What the middle cover of each kind takes, with intervals; then how all of it was made."""
    for kind in result.kinds:
        # the clean faces come first
        place = len(result.systems[0].of(kind)) // 2
        amount = result.systems[0].of(kind)[place].cover.amount
        header = [f"{_AMOUNTS[kind]}: {amount:g}", "points lost", "left, %", "more than the reference"]
        rows = [[each.system.name, *_loss(each.of(kind)[place])] for each in result.systems]
        yield Table(header, rows, notes=list(_notes(result)) if kind == result.kinds[-1] else [])


def _loss(point: CoverPoint) -> list[str]:
    step, left, more = point.difference, point.left, point.more_lost
    assert step is not None  # of clean faces alone
    return [
        f"{-100 * step.value:.1f} [{-100 * step.high:.1f}, {-100 * step.low:.1f}]",
        f"{100 * left.value:.0f} [{100 * left.low:.0f}, {100 * left.high:.0f}]" if left else "-",
        f"{100 * more.value:+.1f} [{100 * more.low:+.1f}, {100 * more.high:+.1f}]" if more else "-",
    ]


def _notes(result: Robustness) -> Iterator[str]:
    accuracies = [point.accuracy for each in result.systems for point in each.points]
    yield f"{result.genuine:,} genuine and {result.impostor:,} impostor pairs of {result.faces:,} faces"
    guess = percent(result.one_answer)
    yield f"left: of the accuracy above that of one answer for every pair ({guess}), the share that is left"
    yield f"reference: {result.reference}; losses are compared on the same pairs, in brackets 95 % intervals"
    yield "cover: black, on a face of 112x96 pixels; bottom: share of its area, block: side, at a random place"
    errors = [error for error in map(standard_error_of, accuracies) if error is not None]
    if errors:
        most = f"standard error at most {100 * max(errors):.1f}"
        yield f"means of {result.folds} folds, thresholds from the other folds; {most}"
    else:
        yield "thresholds chosen on the same pairs"
    widest = max(map(pooled, accuracies), key=lambda rate: rate.high - rate.low)
    yield f"95 % intervals are at most {100 * (widest.high - widest.low):.1f} points wide ({widest.interval})"
    names: dict[str, list[str]] = {}
    for system in (each.system for each in result.systems):
        scorer = system.chain + (f", fitted on {system.fitted_on}" if system.fitted_on else "")
        names.setdefault(scorer, []).append(system.name)
    for scorer, those in names.items():
        yield f"{scorer}{'' if scorer == 'cosine' else ', clean faces'}: {'; '.join(those)}"


def _rows(result: Robustness) -> Iterator[tuple[object, ...]]:
    for system, point in ((each.system, point) for each in result.systems for point in each.points):
        accuracy, rate, kept = point.accuracy, pooled(point.accuracy), point.kept
        yield (
            system.networks, system.layer, system.chain, result.on, point.cover.kind, float(point.cover.amount),
            value_of(accuracy), standard_error_of(accuracy), rate.low, rate.high, rate.count, rate.of,
            *ends(point.difference), *ends(point.left), *ends(point.more_lost), kept.value, kept.low, kept.high,
        )  # fmt: skip
