"""Selectiveness as a report: a table a file, targets and all units as CSV, figures of files and of the best units."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from facerep.console import counted
from facerep.report.cells import ends, points, shortened, with_interval
from facerep.report.report import Csv, Drawing, Report, Table
from facerep.studies.neurons.selectiveness import FileSelectiveness, Selectiveness, TargetSelectiveness

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FILES = (
    "result.json",
    "targets.csv",
    "units.csv",
    "best.png",
    "best.svg",
    "selectiveness-*.png",
    "selectiveness-*.svg",
)
TARGET_COLUMNS = (
    "file", "layer", "target", "kind", "faces", "other_faces", "tries", "best_unit", "excitatory",
    "accuracy_other_half", "low", "high", "accuracy_same_faces", "best_by_chance", "p", "difference_to_first_file",
    "difference_low", "difference_high",
)  # fmt: skip
COLUMNS = (
    "file", "layer", "target", "kind", "unit", "excitatory", "threshold", "accuracy_choosing_half",
    "accuracy_other_half", "accuracy_same_faces", "mean", "deviation", "mean_of_others", "deviation_of_others",
)  # fmt: skip


def report_of(result: Selectiveness) -> Report:
    """Selectiveness of the units of feature files as a report."""
    figures = {f"selectiveness-{number}": _drawing("of_file", file) for number, file in enumerate(result.files, 1)}
    return Report(
        result=result,
        shown=[_table(file, result.files[0]) for file in result.files],
        files={
            "targets.csv": Csv(TARGET_COLUMNS, lambda: _targets(result)),
            "units.csv": Csv(COLUMNS, lambda: _units(result)),
            "best": _drawing("of_best", result),
            **figures,
        },
        warnings=result.warnings,
    )


def _drawing(name: str, of: Selectiveness | FileSelectiveness) -> Drawing:
    def draw() -> Figure:
        from facerep.report.neurons import figures  # matplotlib takes a while to import

        return getattr(figures, name)(of)

    return Drawing(draw)


def _table(file: FileSelectiveness, first: FileSelectiveness) -> Table:
    beside = file is not first
    title = ", ".join(part for part in (file.file, file.contract.title) if part)
    header = ["", "faces", "unit", "other half, % [95 %]", "same faces", "chance", *(["difference"] * beside)]
    shuffles = file.targets[0].shuffles
    notes = [
        "other half: unit and threshold chosen on one half, judged on the other; same faces: as in the paper",
        f"chance: 95 % point of the best of {file.units:,} under shuffled labels, {shuffles} shuffles; " + _above(file),
        "+ excitatory: yes above the threshold; − inhibitory: yes below",
    ]
    if beside:
        what = "! marks those whose interval leaves out 0"
        notes.append(f"difference: other half, to the best unit of {first.file} on the same faces; {what}")
    rows = [_row(judged) for judged in file.targets]
    return Table(header, rows, f"{title}: the best of {counted(file.units, 'unit')}", notes)


def _above(file: FileSelectiveness) -> str:
    below = [judged.target.name for judged in file.targets if judged.p > 0.05]
    if below:
        return "same faces not above chance: " + ", ".join(below)
    return f"all rows of the same faces lie above (p ≤ {max(judged.p for judged in file.targets):.3f})"


def _row(judged: TargetSelectiveness) -> list[str]:
    beside = [points(judged.beyond)] if judged.beyond else []
    unit = f"{judged.best} {'+' if judged.excitatory else '−'}"
    return [
        shortened(judged.target.name, 24), f"{judged.target.count:,}", unit, with_interval(judged.rate),
        f"{100 * judged.accuracy_same_faces:.2f}", f"{100 * judged.null:.2f}", *beside,
    ]  # fmt: skip


def _targets(result: Selectiveness) -> Iterable[tuple[object, ...]]:
    for file in result.files:
        for judged in file.targets:
            target, rate = judged.target, judged.rate
            yield (
                file.file, file.contract.layer, target.name, target.kind, target.count, target.others, file.units,
                judged.best, int(judged.excitatory), rate.value, rate.low, rate.high, judged.accuracy_same_faces,
                judged.null, judged.p, *ends(judged.beyond),
            )  # fmt: skip


def _units(result: Selectiveness) -> Iterable[tuple[object, ...]]:
    for file in result.files:
        for judged in file.targets:
            cuts = judged.cuts
            columns = (
                cuts.excitatory.astype(int), cuts.threshold, cuts.accuracy, judged.other_half, judged.same_faces,
                *judged.inside, *judged.outside,
            )  # fmt: skip
            for unit, values in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
                yield file.file, file.contract.layer, judged.target.name, judged.target.kind, unit, *values
