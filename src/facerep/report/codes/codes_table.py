"""What `codes-table` shows: a table or JSON; in a folder result.json, table.csv, timings.json and the figure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from facerep.console import console
from facerep.files.atomic import write_json
from facerep.files.csv_file import write_csv
from facerep.report.cells import percent
from facerep.report.drawing import COLOURS, STYLE, plain
from facerep.report.result_folder import write_figure, write_folder
from facerep.results.figures import FoldMean, Rate
from facerep.results.to_json import to_json
from facerep.studies.codes.codes_table import CodesTable, Row

FILES = ("result.json", "table.csv", "timings.json", "codes.png", "codes.svg")
COLUMNS = (
    "kept", "scorer", "bits", "bytes_stored", "bytes_searched", "accuracy", "standard_error", "low", "high",
    "difference", "difference_low", "difference_high", "relative_search_time",
)  # fmt: skip
_COLOUR: dict[str, str] = dict(zip(("hamming", "weighted-hamming", "joint-bayesian", "cosine"), COLOURS, strict=False))
_BESIDE = {"hamming": 0.94, "weighted-hamming": 1.0, "joint-bayesian": 1.06}
"""Codes of one length stand a little beside each other, so that their intervals are seen."""
_MARK = {"vectors": "D", "units": "o", "itq": "s"}
_STROKE = {"units": "-", "itq": "--"}
_CALLED = {"units": "single units", "itq": "rotated (ITQ)", "vectors": "vectors"}


def show(table: CodesTable, *, json: bool = False, folder: Path | None = None, overwrite: bool = False) -> list[Path]:
    """Print the table and, given a folder, write its files there; the paths written are given back."""
    for warning in table.warnings:
        console.warn(warning)
    written = [] if folder is None else write_folder(folder, FILES, partial(write, table), overwrite=overwrite)
    if json:
        shown = {**to_json(table), "times": to_json(table.times)}
        console.json(shown)
    else:
        _show(table)
    return written


def write(table: CodesTable, folder: Path) -> list[Path]:
    """Write the files; result.json holds nothing that a second run would change."""
    write_csv(folder / "table.csv", COLUMNS, [_cells(table, row) for row in table.rows])
    write_json(folder / "timings.json", to_json(table.times))
    figures = write_figure(figure_of(table), folder / "codes")
    write_json(folder / "result.json", to_json(table))
    return [folder / "result.json", folder / "table.csv", folder / "timings.json", *figures]


def figure_of(table: CodesTable) -> Figure:
    """Accuracy over bytes a face, and over the time of one search."""
    with rc_context(STYLE):
        figure = Figure(figsize=(7.4, 3.9), layout="constrained")
        FigureCanvasAgg(figure)
        left, right = figure.subplots(1, 2, sharey=True)
        for axes, name in ((left, "bytes a face"), (right, "time of one query, over cosine on vectors")):
            axes.set_xscale("log", base=2 if axes is left else 10)
            axes.set_xlabel(name)
            plain(axes, grid="both")
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axes.xaxis.set_minor_formatter(NullFormatter())
        left.set_ylabel("accuracy, %")
        right.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        for group in _groups(table):
            beside = _BESIDE[group[0].scorer] if group[0].bits else 1.0
            _draw(left, group, [row.stored * beside for row in group], joined=True)
            _draw(right, group, [_time(table, row) for row in group], joined=False)
        figure.legend(
            *left.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False, handlelength=2.6
        )
    return figure


def _groups(table: CodesTable) -> list[list[Row]]:
    """Rows that differ in their bits only."""
    keys = dict.fromkeys((row.kept, row.scorer) for row in table.rows)
    return [[row for row in table.rows if (row.kept, row.scorer) == key] for key in keys]


def _draw(axes: Axes, rows: list[Row], places: list[float], *, joined: bool) -> None:
    first = rows[0]
    values = [100 * _value(row) for row in rows]
    rates = [_rate(row) for row in rows]
    # the bar has its place around the rate of the pooled pairs, the mark around the mean of folds: nearly the same
    bars = [
        [max(0.0, value - 100 * rate.low) for value, rate in zip(values, rates, strict=True)],
        [max(0.0, 100 * rate.high - value) for value, rate in zip(values, rates, strict=True)],
    ]
    axes.errorbar(
        places, values, yerr=bars, color=_COLOUR[first.scorer], marker=_MARK[first.kept], markersize=4,
        linestyle=_STROKE.get(first.kept, "") if joined else "", linewidth=1.2, elinewidth=0.6, capsize=1.5,
        markerfacecolor=_COLOUR[first.scorer] if first.kept != "itq" else "white",
        label=f"{first.scorer}, {_CALLED[first.kept]}",
    )  # fmt: skip


def _show(table: CodesTable) -> None:
    rows = []
    for row in table.rows:
        name = row.kept if row.bits is None else f"{row.kept} {row.bits}"
        cells = [f"{name} {row.scorer.removesuffix('-hamming')}", f"{row.stored:,}", _accuracy(row)]
        rows.append([*cells, _difference(row), f"{_time(table, row):.2g}"])
    pairs = f"{table.counts['genuine']:,} genuine and {table.counts['impostor']:,} impostor pairs"
    title = f"{table.features['file'] or 'features'}, {table.protocol['name']}: {pairs}"
    console.table(title, ["", "bytes", "accuracy", "difference", "time"], rows, notes=list(_notes(table)))


def _notes(table: CodesTable) -> Iterable[str]:
    fitted = table.fitted_on
    yield f"fitted on {fitted['people']:,} people of {fitted['file'] or 'features'}: {fitted['chain']}"
    yield f"units N: threshold {fitted['threshold']}, units by {fitted['units_chosen_by']}; itq N: N bits of a rotation"
    rate = _rate(table.rows[0])
    folds = table.protocol["folds"]
    if folds > 1:
        yield f"accuracy: mean of {folds} folds ± standard error; others in brackets: 95 % intervals"
    else:
        yield f"accuracy with its 95 % interval ({rate.interval}); thresholds were chosen on these pairs"
    differing = next(row.difference for row in table.rows if row.difference)
    yield f"difference: to joint-bayesian on vectors, same pairs, {differing.method}; ! leaves out 0"
    yield f"time: one query among {table.times.gallery:,} faces, over cosine on vectors, median of this run"
    longest = max(row.searched for row in table.rows if row.scorer == "joint-bayesian")
    yield f"joint-bayesian projects a gallery once, when it is read, and searches up to {longest:,} bytes a face"


def _cells(table: CodesTable, row: Row) -> list[Any]:
    rate, difference = _rate(row), row.difference
    error = row.accuracy.standard_error if isinstance(row.accuracy, FoldMean) else None
    apart = (None, None, None) if difference is None else (difference.value, difference.low, difference.high)
    own = [row.kept, row.scorer, row.bits, row.stored, row.searched]
    return [*own, _value(row), error, rate.low, rate.high, *apart, _time(table, row)]


def _time(table: CodesTable, row: Row) -> float:
    return table.times.kinds[row.time].ratio[1]


def _rate(row: Row) -> Rate:
    return row.accuracy.pooled if isinstance(row.accuracy, FoldMean) else row.accuracy


def _value(row: Row) -> float:
    return row.accuracy.mean if isinstance(row.accuracy, FoldMean) else row.accuracy.value


def _accuracy(row: Row) -> str:
    if isinstance(row.accuracy, FoldMean):
        return f"{percent(row.accuracy.mean)[:-2]} ± {100 * row.accuracy.standard_error:.2f}"
    return f"{percent(row.accuracy.value)[:-2]} [{100 * row.accuracy.low:.2f},{100 * row.accuracy.high:.2f}]"


def _difference(row: Row) -> str:
    found = row.difference
    if found is None:
        return "-"
    mark = "!" if found.significant else " "
    return f"{100 * found.value:+.2f} [{100 * found.low:+.2f},{100 * found.high:+.2f}]{mark}"
