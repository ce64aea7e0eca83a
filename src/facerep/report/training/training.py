"""A finished run as a report, the weights in the box beside it."""

from __future__ import annotations

from facerep.report.failures import failure_lines
from facerep.report.report import Facts, Report
from facerep.results.figures import Difference, Rate
from facerep.training.held_out import HeldOut
from facerep.training.lessons.points.lesson import NEAR, PointLesson
from facerep.training.train import Trained


def report_of(result: Trained, held_out: HeldOut | None) -> Report:
    """A finished run as a report.

    Args:
        result: the run.
        held_out: accuracy on pairs of held-out people; None where the lesson has none.
    """
    rows = [
        ["run", str(result.folder)],
        ["network", result.lesson.recipe.network.name],
        ["training people", f"{result.people:,}"],
        ["training faces", f"{result.faces:,}"],
        ["faces that failed", f"{len(result.lesson.failures):,}"],
        ["epochs", f"{result.epochs}"],
        ["best epoch", f"{result.best_epoch}"],
        ["held-out people", f"{result.validation_people:,}"],
    ]
    faults = failure_lines(result.lesson.failures, str(result.folder / "environment.json"))
    if isinstance(result.lesson, PointLesson):
        rows += [
            ["held-out faces", f"{result.lesson.judged:,}"],
            [f"points within {NEAR:.0%} of the eyes' distance", f"{100 * result.validation_accuracy:.2f} %"],
        ]
        notes = ["these faces chose the epoch: use `facerep analyze points` for a figure to report"]
        return Report(result=result, shown=[Facts(rows, notes)], faults=faults)
    if held_out is None:
        rows += [
            ["held-out pictures", f"{result.lesson.judged:,}"],
            ["with or without a face, right", f"{100 * result.validation_accuracy:.2f} %"],
        ]
        notes = ["these pictures chose the epoch and the thresholds: use `facerep localize` for a figure to report"]
        return Report(result=result, shown=[Facts(rows, notes)], faults=faults)
    rows += [["held-out pairs", f"{result.lesson.judged:,}"], ["held-out accuracy", _per_cent(held_out.accuracy)]]
    # its threshold is chosen on the pairs it is measured on, and the epoch by it: a guide, not a result
    notes = ["held-out accuracy chose the epoch and its own threshold: use `facerep verify` for a figure to report"]
    if (beside := held_out.bundled) is None:
        notes.append(f"the bundled weights were not put beside it: {held_out.remark}")
    else:
        rows.append(["bundled weights", _per_cent(beside.accuracy)])
        rows.append(["this run minus these", _points(beside.difference)])
        if held_out.remark:
            notes.append(held_out.remark)
        if not held_out.not_worse:
            notes.append(
                "the bundled weights were right more often there: "
                "without --model, `facerep extract` takes them and not this run"
            )
    return Report(
        result=result, printed={"held_out": held_out}, shown=[Facts(rows, notes)], faults=faults,
    )  # fmt: skip


def _per_cent(rate: Rate) -> str:
    return f"{100 * rate.value:.2f} % [{100 * rate.low:.1f}, {100 * rate.high:.1f}]"


def _points(difference: Difference) -> str:
    low, high = 100 * difference.low, 100 * difference.high
    words = "" if difference.significant else ", not significant"
    return f"{100 * difference.value:+.2f} [{low:+.1f}, {high:+.1f}]{words}"
