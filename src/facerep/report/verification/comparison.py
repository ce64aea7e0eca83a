"""Several verification results side by side: one table, and their ROC curves over each other.

Whether one row is better than another is said by a paired test on the same pairs, never by two intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from facerep.console import console
from facerep.errors import BadInput, Usage
from facerep.files.atomic import write_json
from facerep.files.outputs import refuse_folder
from facerep.metrics.differences import compare as paired
from facerep.metrics.intervals import Units, units
from facerep.metrics.roc import sweep
from facerep.report.result_folder import write_figure, write_folder
from facerep.report.verification.score_file import Pairs, read_scores
from facerep.report.verification.verification import digits, percent
from facerep.results.figures import Difference
from facerep.results.kinds import VERIFICATION
from facerep.results.read import read_result as load
from facerep.results.to_json import to_json

FILES = ("comparison.json", "roc.png", "roc.svg")
ORDER = "the order of the rows is not significant unless a paired test says so"


@dataclass(frozen=True)
class Table:
    """A table for the eye; the first column is text."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Row:
    """One result of the table; `pairs` where scores.csv lies beside it, `difference` to the first row."""

    name: str
    result: dict[str, Any]
    pairs: Pairs | None
    difference: Difference | None = None


def compare(
    paths: Sequence[Path],
    *,
    json: bool = False,
    folder: Path | None = None,
    overwrite: bool = False,
    seed: int = 0,
) -> list[Path]:
    """Show several results in one table; given a folder, write comparison.json and the ROC figure there.

    Args:
        paths: result.json files, or the folders that hold them.
        json: print JSON instead of the table.
        folder: where to write.
        overwrite: replace what stands there.
        seed: of the paired bootstrap.

    Raises:
        BadInput: a file is not a result of `verify`.
    """
    if folder is not None:
        refuse_folder(folder, FILES, overwrite=overwrite)
    if not paths:
        raise Usage("no results were given", hint="name result.json files that `facerep verify --output` wrote")
    rows = read_rows([path / "result.json" if path.is_dir() else path for path in paths], seed=seed)
    table = to_dict(rows)
    written = []
    if folder is not None:
        for row in rows:
            if row.pairs is None:
                console.warn(f"{row.name} has no scores.csv beside its result.json: it is not in the figure")
        written = write_folder(folder, FILES, partial(_write, rows, table), overwrite=overwrite)
    if json:
        console.json(table)
    else:
        _show(rows)
    return written


def _write(rows: Sequence[Row], table: dict[str, Any], folder: Path) -> list[Path]:
    from facerep.report.verification import curves

    lines = [
        curves.Line(row.name, sweep(row.pairs.score, row.pairs.same), row.result["tar_at_far"])
        for row in rows
        if row.pairs is not None
    ]
    drawn = write_figure(curves.roc_of(lines), folder / "roc") if lines else []
    write_json(folder / "comparison.json", table)
    return [folder / "comparison.json", *drawn]


def read_rows(files: Sequence[Path], *, seed: int) -> list[Row]:
    """The result.json files as rows, each with its paired difference to the first.

    Raises:
        BadInput: a file is not a result of `verify`.
    """
    results = [read_result(file) for file in files]
    rows = [Row(name, result, _scores_of(file, result))
            for name, file, result in zip(names_of(files), files, results, strict=True)]  # fmt: skip
    return [rows[0], *(Row(row.name, row.result, row.pairs, _against(rows[0], row, seed)) for row in rows[1:])]


def _scores_of(file: Path, result: dict[str, Any]) -> Pairs | None:
    """The scores beside a result; None where there are none.

    Raises:
        BadInput: they are of other pairs.
    """
    pairs = read_scores(file.with_name("scores.csv"))
    if pairs is not None:
        found = int(pairs.same.sum()), int((~pairs.same).sum())
        told = result["counts"]["genuine"], result["counts"]["impostor"]
        if found != told:
            what = f"scores.csv has {found[0]:,} genuine and {found[1]:,} impostor pairs, the result {told[0]:,} and "
            raise BadInput(f"{what}{told[1]:,}", file.parent, "run facerep verify again")
    return pairs


def to_dict(rows: Sequence[Row]) -> dict[str, Any]:
    """The table as JSON holds it."""
    keys = ("metric", "protocol", "counts", "accuracy", "eer", "auc", "tar_at_far")
    return {
        "format": "facerep/comparison",
        "version": 1,
        "note": ORDER,
        "rows": [
            {"name": row.name, **{key: row.result[key] for key in keys},
             "difference": to_json(row.difference)}
            for row in rows
        ],
    }  # fmt: skip


def read_result(path: Path) -> dict[str, Any]:
    """Read a result.json of `verify` and check that it is one."""
    found = load(path, VERIFICATION)
    wanted = ("metric", "protocol", "counts", "accuracy", "eer", "auc", "tar_at_far")
    if absent := [key for key in wanted if key not in found]:
        raise BadInput(f"result lacks {', '.join(absent)}", path)
    return found


def _against(first: Row, row: Row, seed: int) -> Difference | None:
    """The paired difference to the first row, None where the pairs are not the same ones, or not kept."""
    ours, theirs = first.pairs, row.pairs
    if ours is None or theirs is None:
        return None
    if not np.array_equal(ours.faces, theirs.faces):
        ours, theirs = _in_order(ours), _in_order(theirs)
    if not np.array_equal(ours.faces, theirs.faces) or not np.array_equal(ours.same, theirs.same):
        return None
    return paired(ours.right, theirs.right, _units(ours), seed=seed)


def _in_order(pairs: Pairs) -> Pairs:
    """The pairs by their names: a list names the two sides, and the pairs, in any order."""
    turned = pairs.faces[0] > pairs.faces[1]
    faces, people = (np.where(turned, both[::-1], both) for both in (pairs.faces, pairs.people))
    order = np.lexsort((faces[1], faces[0]))
    columns = (faces[:, order], people[:, order], pairs.same[order], pairs.score[order], pairs.right[order])
    return Pairs(*columns)


def _units(pairs: Pairs) -> Units:
    known = bool((pairs.people != "").all())
    left, right = pairs.people if known else pairs.faces
    of = units(left, right, "people" if known else "faces")
    if of.recur:
        return of
    alone = np.arange(len(pairs.same))
    return Units(alone, alone, "pairs")


def names_of(files: Sequence[Path]) -> list[str]:
    """Folder names, with as many parents as tell them apart."""
    parents = [file.resolve().parent.parts for file in files]
    for depth in range(1, max(map(len, parents)) + 1):
        names = ["/".join(parts[-depth:]) for parts in parents]
        if len(set(names)) == len(names):
            return names
    return [str(file) for file in files]


def _show(rows: Sequence[Row]) -> None:
    table = side_by_side(rows)
    # three measures a table: what fits in 80 columns
    for start in range(1, len(table.header), 3):
        few = slice(start, start + 3)
        last = start + 3 >= len(table.header)
        lines = [[line[0], *line[few]] for line in table.rows]
        title, notes = (table.title if start == 1 else ""), (table.notes if last else ())
        console.table(title, ["", *table.header[few]], lines, notes=notes)


def side_by_side(rows: Sequence[Row]) -> Table:
    """The rows for the eye: every measure with its interval, the first column the name."""
    targets = [point["far"] for point in rows[0].result["tar_at_far"]]
    targets = [far for far in targets if all(_point(row, far) is not None for row in rows)]
    header = ["accuracy", "difference", "EER", "AUC", *(f"TAR at FAR {100 * far:g} %" for far in targets)]
    lines = []
    for row in rows:
        result = row.result
        cells = [accuracy_cell(result["accuracy"]), difference_cell(row, rows[0])]
        cells += [_rate(result["eer"]), _rate(result["auc"])]
        for far in targets:
            point = _point(row, far) or {}
            cells.append("refused" if point["tar"] is None else _rate(point["tar"]) + ("*" if point["flag"] else ""))
        lines.append([row.name, *cells])
    notes = [f"in brackets: 95 % intervals, in per cent; ± is a standard error over folds; {ORDER}"]
    if any("*" in cell for line in lines for cell in line[5:]):
        notes.append("* fewer than 10/FAR impostor pairs")
    if any(row.difference for row in rows):
        notes.append("difference in accuracy to the first row, same pairs; ! marks those that a paired test finds")
    if len({_protocol(row) for row in rows}) > 1:
        notes.append(
            "the rows do not share one protocol: " + "; ".join(f"{row.name}: {_protocol(row)}" for row in rows)
        )
    counts = {(row.result["counts"]["genuine"], row.result["counts"]["impostor"]) for row in rows}
    pairs = "; ".join(f"{genuine:,} genuine and {impostor:,} impostor pairs" for genuine, impostor in sorted(counts))
    return Table(["", *header], lines, pairs, notes)


def _protocol(row: Row) -> str:
    protocol = row.result["protocol"]
    setting = protocol.get("setting", "not stated")
    return f"{protocol.get('name', '')}, {protocol.get('folds', 1)} folds, {setting}"


def _point(row: Row, far: float) -> dict[str, Any] | None:
    return next((point for point in row.result["tar_at_far"] if point["far"] == far), None)


def _rate(rate: dict[str, Any]) -> str:
    places = digits(rate["value"])
    return f"{percent(rate['value'])[:-2]} [{100 * rate['low']:.{places}f}, {100 * rate['high']:.{places}f}]"


def accuracy_cell(accuracy: dict[str, Any]) -> str:
    """An accuracy for the eye: mean of folds ± standard error, or value with its interval."""
    if "mean" in accuracy:
        return f"{percent(accuracy['mean'])[:-2]} ± {100 * accuracy['standard_error']:.2f}"
    return _rate(accuracy)


def difference_cell(row: Row, first: Row) -> str:
    """The difference to the first row for the eye."""
    if row is first:
        return "-"
    if row.difference is None:
        return "scores not kept" if row.pairs is None or first.pairs is None else "other pairs"
    found = row.difference
    mark = " !" if found.significant else ""
    return f"{100 * found.value:+.2f} [{100 * found.low:+.2f}, {100 * found.high:+.2f}]{mark}"
