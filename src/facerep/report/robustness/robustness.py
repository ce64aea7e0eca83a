"""What `analyze robustness` shows: two tables or JSON; in a folder the numbers as CSV and the figure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Literal

from matplotlib.figure import Figure

from facerep.console import console
from facerep.files.csv_file import write_csv
from facerep.files.outputs import refuse_folder
from facerep.report.cells import percent
from facerep.report.drawing import COLOURS, STYLES, drawing, foot, legible, plain
from facerep.report.result_folder import show_result, write_figure, write_result
from facerep.results.figures import Difference, Measure
from facerep.studies.robustness.result import Curve, Point, Robustness

FILES = ("result.json", "covers.csv", "robustness.png", "robustness.svg")
COLUMNS = (
    "system", "layer", "scorer", "covered_faces", "cover", "amount", "accuracy", "standard_error", "low", "high",
    "count", "of", "difference", "difference_low", "difference_high", "left_above_one_answer", "left_low", "left_high",
    "more_lost_than_reference", "more_low", "more_high", "accuracy_with_clean_thresholds", "clean_low", "clean_high",
)  # fmt: skip
_AMOUNTS = {"bottom": "bottom, share", "block": "block, pixels"}
Kind = Literal["bottom", "block"]


def refuse(folder: Path, *, overwrite: bool) -> None:
    """Raise OutputExists, before any work is done, where a file of ours stands in the folder."""
    refuse_folder(folder, FILES, overwrite=overwrite)


def show(result: Robustness, *, json: bool = False, folder: Path | None = None, overwrite: bool = False) -> list[Path]:
    """Print a result and, given a folder, write its files there; the paths written are given back."""

    def table() -> None:
        for kind in _kinds(result):
            _table(result, kind)
        _losses(result)

    files = partial(write, result)
    return show_result(result, table=table, write=files, files=FILES, json=json, folder=folder, overwrite=overwrite)


def write(result: Robustness, folder: Path) -> list[Path]:
    """Write covers.csv, the figure, and result.json."""
    written = [write_csv(folder / "covers.csv", COLUMNS, _rows(result))]
    written += write_figure(figure_of(result), folder / "robustness")
    return write_result(folder, result, written)


def figure_of(result: Robustness) -> Figure:
    """Accuracy over the amount that is covered, one panel a kind of cover; bars are 95 % intervals."""
    kinds = _kinds(result)
    with drawing(0.6 + 3.6 * len(kinds), 3.9) as figure:
        lowest = min(point.rate.low for curve in result.curves for point in curve.points)
        for axes, kind in zip(figure.subplots(1, len(kinds), squeeze=False, sharey=True)[0], kinds, strict=True):
            for place, curve in enumerate(result.curves):
                points = _of(curve, kind)
                factor = 100 if kind == "bottom" else 1
                value = [100 * point.value for point in points]
                bars = [[100 * max(point.value - point.rate.low, 0) for point in points],
                        [100 * max(point.rate.high - point.value, 0) for point in points]]  # fmt: skip
                axes.errorbar(
                    [factor * point.cover.amount for point in points], value, yerr=bars,
                    label=legible(curve.system.name),
                    color=COLOURS[place % len(COLOURS)], linestyle=STYLES[place // len(COLOURS) % len(STYLES)],
                    marker="o", markersize=3, linewidth=1.3, elinewidth=0.7, capsize=1.5,
                )  # fmt: skip
            axes.axhline(50, color="#999999", linewidth=0.8, linestyle=(0, (2, 2)))
            axes.set_ylim(min(48, 100 * lowest - 1), 100)
            below = "black from the bottom, % of the face", "black block, pixels of a face of 112x96"
            axes.set_xlabel(below[kind == "block"])
            plain(axes)
        figure.axes[0].set_ylabel("accuracy, %")
        for told in figure.legend(
            *figure.axes[0].get_legend_handles_labels(), loc="outside upper left", frameon=False, ncols=2
        ).get_texts():
            told.set_parse_math(False)
        foot(figure, f"{result.dataset}, {result.pairs}, {_covered(result)}; bars: 95 % intervals; dotted: a coin")
    return figure


def _table(result: Robustness, kind: Kind) -> None:
    first = _of(result.curves[0], kind)
    header = [_AMOUNTS[kind], *(f"{point.cover.amount:g}" for point in first)]
    rows = [[curve.system.name, *(f"{100 * point.value:.1f}" for point in _of(curve, kind))] for curve in result.curves]
    # not as the table's title, which would be folded at the width of the table
    console.result(f"{result.dataset}, {result.pairs}, {_covered(result)}: accuracy in %")
    console.table("", header, rows)


def _losses(result: Robustness) -> None:
    """What the middle cover of each kind takes, with intervals; then how all of it was made."""
    kinds = _kinds(result)
    for kind in kinds:
        # the clean faces come first
        place = len(_of(result.curves[0], kind)) // 2
        amount = _of(result.curves[0], kind)[place].cover.amount
        header = [f"{_AMOUNTS[kind]}: {amount:g}", "points lost", "left, %", "more than the reference"]
        rows = [[curve.system.name, *_loss(_of(curve, kind)[place])] for curve in result.curves]
        console.table("", header, rows, notes=list(_notes(result)) if kind == kinds[-1] else [])


def _loss(point: Point) -> list[str]:
    step, left, more = point.difference, point.left, point.more_lost
    assert step is not None  # of clean faces alone
    return [
        f"{-100 * step.value:.1f} [{-100 * step.high:.1f}, {-100 * step.low:.1f}]",
        f"{100 * left.value:.0f} [{100 * left.low:.0f}, {100 * left.high:.0f}]" if left else "-",
        f"{100 * more.value:+.1f} [{100 * more.low:+.1f}, {100 * more.high:+.1f}]" if more else "-",
    ]


def _notes(result: Robustness) -> Iterable[str]:
    points = [point for curve in result.curves for point in curve.points]
    yield f"{result.genuine:,} genuine and {result.impostor:,} impostor pairs of {result.faces:,} faces"
    guess = percent(max(result.genuine, result.impostor) / (result.genuine + result.impostor))
    yield f"left: of the accuracy above that of one answer for every pair ({guess}), the share that is left"
    yield f"reference: {result.reference}; losses are compared on the same pairs, in brackets 95 % intervals"
    yield "cover: black, on a face of 112x96 pixels; bottom: share of its area, block: side, at a random place"
    errors = [point.error for point in points if point.error is not None]
    if errors:
        most = f"standard error at most {100 * max(errors):.1f}"
        yield f"means of {result.folds} folds, thresholds from the other folds; {most}"
    else:
        yield "thresholds chosen on the same pairs"
    widest = max(points, key=lambda point: point.rate.high - point.rate.low).rate
    yield f"95 % intervals are at most {100 * (widest.high - widest.low):.1f} points wide ({widest.interval})"
    told: dict[str, list[str]] = {}
    for curve in result.curves:
        made = curve.system.scorer + (f", fitted on {curve.system.fitted_on}" if curve.system.fitted_on else "")
        told.setdefault(made, []).append(curve.system.name)
    for made, names in told.items():
        yield f"{made}, clean faces: {'; '.join(names)}" if made != "cosine" else f"cosine: {'; '.join(names)}"


def _rows(result: Robustness) -> Iterable[tuple[object, ...]]:
    for curve in result.curves:
        system = curve.system
        for point in curve.points:
            rate, kept = point.rate, point.kept
            beside = [_ends(one) for one in (point.difference, point.left, point.more_lost)]
            yield (
                system.networks, system.layer, system.scorer, result.on, point.cover.kind, float(point.cover.amount),
                point.value, point.error, rate.low, rate.high, rate.count, rate.of,
                *(end for ends in beside for end in ends), kept.value, kept.low, kept.high,
            )  # fmt: skip


def _ends(figure: Difference | Measure | None) -> tuple[float | None, float | None, float | None]:
    return (figure.value, figure.low, figure.high) if figure else (None, None, None)


def _of(curve: Curve, kind: Kind) -> list[Point]:
    """The clean faces, then the covers of a kind by their amount."""
    return [curve.points[0], *(point for point in curve.points[1:] if point.cover.kind == kind)]


def _kinds(result: Robustness) -> list[Kind]:
    there = {point.cover.kind for point in result.curves[0].points}
    kinds: tuple[Kind, ...] = ("bottom", "block")
    return [kind for kind in kinds if kind in there]


def _covered(result: Robustness) -> str:
    return "both faces covered" if result.on == "both" else "the second face covered"
