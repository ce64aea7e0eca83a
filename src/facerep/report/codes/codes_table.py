"""A codes table as a report: the table; in a folder table.csv, timings.json and the figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from facerep.report.cells import bare, ends
from facerep.report.report import Csv, Drawing, Json, Report, Table
from facerep.results.figures import FoldMean, pooled, standard_error_of, value_of
from facerep.studies.codes.codes_table import CodesRow, CodesTable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FILES = ("result.json", "table.csv", "timings.json", "codes.png", "codes.svg")
COLUMNS = (
    "kept", "scorer", "bits", "bytes_stored", "bytes_searched", "accuracy", "standard_error", "low", "high",
    "difference", "difference_low", "difference_high", "relative_search_time",
)  # fmt: skip


def report_of(table: CodesTable) -> Report:
    """A codes table as a report; its result.json has nothing that a second run would change."""
    return Report(
        result=table,
        shown=[_table(table)],
        files={
            "table.csv": Csv(COLUMNS, lambda: _rows(table)),
            "timings.json": Json(table.times),
            "codes": Drawing(lambda: _drawn(table)),
        },
        printed={"times": table.times},
        warnings=table.warnings,
    )


def _drawn(table: CodesTable) -> Figure:
    from facerep.report.codes.figure import accuracy_over_bytes_and_time  # matplotlib takes a while to import

    return accuracy_over_bytes_and_time(table)


def _table(table: CodesTable) -> Table:
    rows = []
    for row in table.rows:
        name = row.kept if row.bits is None else f"{row.kept} {row.bits}"
        cells = [f"{name} {row.scorer.removesuffix('-hamming')}", f"{row.bytes_stored:,}", _accuracy(row)]
        rows.append([*cells, _difference(row), f"{table.time(row):.2g}"])
    pairs = f"{table.counts['genuine']:,} genuine and {table.counts['impostor']:,} impostor pairs"
    title = f"{table.features['file'] or 'features'}, {table.protocol['name']}: {pairs}"
    return Table(["", "bytes", "accuracy", "difference", "time"], rows, title, list(_notes(table)))


def _notes(table: CodesTable) -> Iterator[str]:
    fitted, folds = table.fitted_on, table.protocol["folds"]
    yield f"fitted on {fitted['people']:,} people of {fitted['file'] or 'features'}: {fitted['chain']}"
    yield f"units N: threshold {fitted['threshold']}, units by {fitted['units_chosen_by']}; itq N: N bits of a rotation"
    if folds > 1:
        yield f"accuracy: mean of {folds} folds ± standard error; others in brackets: 95 % intervals"
    else:
        method = pooled(table.rows[0].accuracy).interval
        yield f"accuracy with its 95 % interval ({method}); thresholds were chosen on these pairs"
    differing = next(row.difference for row in table.rows if row.difference)
    yield f"difference: to joint-bayesian on vectors, same pairs, {differing.method}; ! leaves out 0"
    yield f"time: one query among {table.times.gallery:,} faces, over cosine on vectors, median of this run"
    longest = max(row.bytes_searched for row in table.rows if row.scorer == "joint-bayesian")
    yield f"joint-bayesian projects a gallery once, when it is read, and searches up to {longest:,} bytes a face"


def _rows(table: CodesTable) -> Iterator[list[object]]:
    for row in table.rows:
        rate = pooled(row.accuracy)
        yield [
            row.kept, row.scorer, row.bits, row.bytes_stored, row.bytes_searched, value_of(row.accuracy),
            standard_error_of(row.accuracy), rate.low, rate.high, *ends(row.difference), table.time(row),
        ]  # fmt: skip


def _accuracy(row: CodesRow) -> str:
    """Narrower than `cells.accuracy_cell`: the table has five columns."""
    if isinstance(row.accuracy, FoldMean):
        return f"{bare(row.accuracy.mean)} ± {100 * row.accuracy.standard_error:.2f}"
    return f"{bare(row.accuracy.value)} [{100 * row.accuracy.low:.2f},{100 * row.accuracy.high:.2f}]"


def _difference(row: CodesRow) -> str:
    change = row.difference
    if change is None:
        return "-"
    mark = "!" if change.significant else " "
    return f"{100 * change.value:+.2f} [{100 * change.low:+.2f},{100 * change.high:+.2f}]{mark}"
