"""What `verify` shows: a table or JSON; in a folder result.json, scores.csv, the ROC and the DET figure."""

from __future__ import annotations

import json as text
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from facerep.console import console
from facerep.errors import BadInput, OutputExists
from facerep.files.atomic import replacing, write_json
from facerep.metrics.result import FoldMean, Rate, Result, Scores

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FILES = ("result.json", "scores.csv", "roc.png", "roc.svg", "det.png", "det.svg")
MOST_ROWS = 2_000_000  # about 200 MB of scores.csv
COLUMNS = ("left", "right", "left_person", "right_person", "same", "fold", "score", "accepted")


def refuse(folder: Path, *, overwrite: bool) -> None:
    """Raise OutputExists, before any work is done, where a file of ours stands in the folder."""
    if folder.is_file():
        raise BadInput("output is a file, a folder is written here", folder, "name a folder with --output")
    taken = [folder / name for name in FILES if (folder / name).exists()]
    if taken and not overwrite:
        raise OutputExists(taken[0])


def show(result: Result, *, json: bool = False, folder: Path | None = None, overwrite: bool = False) -> list[Path]:
    """Print a result and, given a folder, write its files there; the paths written are given back."""
    for warning in result.warnings:
        console.warn(warning)
    written = [] if folder is None else write(result, folder, overwrite=overwrite)
    if json:
        console.result(text.dumps(result.to_dict(), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _table(result)
    return written


def write(result: Result, folder: Path, *, overwrite: bool = False) -> list[Path]:
    """Write result.json, scores.csv and both figures as PNG and SVG; result.json comes last."""
    from facerep.report import curves

    refuse(folder, overwrite=overwrite)
    written = []
    if len(result.scores) <= MOST_ROWS:
        write_scores(result.scores, folder / "scores.csv", overwrite=overwrite)
        written.append(folder / "scores.csv")
    else:
        (folder / "scores.csv").unlink(missing_ok=True)  # an earlier run's would not belong to this result
        console.warn(f"scores.csv is left out: {len(result.scores):,} pairs; draw fewer with --sample")
    for name, figure in (("roc", curves.roc(result)), ("det", curves.det(result))):
        written += write_figure(figure, folder / name, overwrite=overwrite)
    write_json(folder / "result.json", result.to_dict(), overwrite=overwrite)
    return [folder / "result.json", *written]


def write_figure(figure: Figure, stem: Path, *, overwrite: bool) -> list[Path]:
    """Write a figure as PNG and SVG; the same figure gives the same bytes."""
    from matplotlib import rc_context

    paths = [stem.with_suffix(".png"), stem.with_suffix(".svg")]
    with rc_context({"svg.hashsalt": "facerep", "svg.fonttype": "none"}):
        for path, metadata in zip(paths, ({"Software": None}, {"Date": None}), strict=True):
            with replacing(path, overwrite=overwrite) as temporary:
                figure.savefig(temporary, format=path.suffix[1:], metadata=metadata, dpi=200)
    return paths


def write_scores(scores: Scores, path: Path, *, overwrite: bool) -> None:
    """Write the pairs with their scores as CSV; a score reads back as the same number."""
    names = np.array([cell(name) for name in scores.names], dtype=object)
    people = np.array([cell(person) for person in scores.people], dtype=object)
    flags = np.array(["0", "1"], dtype=object)
    columns = (
        names[scores.left], names[scores.right], people[scores.left], people[scores.right],
        flags[scores.same.astype(int)], map(str, scores.fold.tolist()), map(repr, scores.value.tolist()),
        flags[scores.accepted.astype(int)],
    )  # fmt: skip
    lines = (",".join(row) + "\n" for row in zip(*columns, strict=True))
    with (
        replacing(path, overwrite=overwrite) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        file.write(",".join(COLUMNS) + "\n")
        file.writelines(lines)


def cell(value: str) -> str:
    """A text cell of a CSV file: what a spreadsheet would run as a formula gets a leading apostrophe.

    >>> cell("=1+1"), cell("ana/1.jpg"), cell("Doe, Ana")
    ("'=1+1", 'ana/1.jpg', '"Doe, Ana"')
    """
    value = str(value)
    # an apostrophe of the name's own is doubled, so that reading back is exact
    if value.startswith(("=", "+", "-", "@", "\t", "\r", "'")):
        value = "'" + value
    if any(mark in value for mark in (",", '"', "\n", "\r")):
        value = '"' + value.replace('"', '""') + '"'
    return value


def plain(value: str) -> str:
    """A text cell as it was before `cell` guarded it."""
    return value[1:] if value.startswith("'") else value


def percent(value: float) -> str:
    """A rate for the eye; with enough digits that 0.9998 is not 100 %.

    >>> percent(0.5), percent(0.99998), percent(1.0)
    ('50.00 %', '99.998 %', '100.00 %')
    """
    return f"{100 * value:.{digits(value)}f} %"


def digits(value: float) -> int:
    """Decimals of a rate in per cent: three beside 0 and 100, else two."""
    return 3 if 0 < min(value, 1 - value) < 0.001 else 2


def between(rate: Rate) -> str:
    """A 95 % interval for the eye, as exact as its rate."""
    places = digits(rate.value)
    return f"{100 * rate.low:.{places}f} to {100 * rate.high:.{places}f}"


def _table(result: Result) -> None:
    accuracy = result.accuracy
    rows = []
    if isinstance(accuracy, FoldMean):
        error = f"± {100 * accuracy.standard_error:.2f} (standard error)"
        rows.append(["accuracy, mean of folds", percent(accuracy.mean), error, f"{accuracy.folds} folds"])
        rows.append(_row("accuracy, folds pooled", accuracy.pooled))
    else:
        rows.append(_row("accuracy", accuracy))
    rows.append(_row("equal error rate", result.eer.rate))
    rows.append(_row("area under the ROC", result.auc))
    for point in result.tar_at_far:
        name = f"TAR at FAR {point.far:g}"
        if point.tar is None:
            rows.append([name, "refused", "", f"{point.impostor:,} impostor pairs"])
        else:
            rows.append(_row(name + (" (few impostors)" if point.flag else ""), point.tar))
    at = f"at threshold {result.threshold.value:.6g}"
    rows += [_row(f"TAR {at}", result.threshold.tar), _row(f"FAR {at}", result.threshold.far)]
    scored = f"{result.features['file'] or 'features'}, {result.metric}, {result.protocol['name']}"
    pairs = f"{result.genuine:,} genuine and {result.impostor:,} impostor pairs"
    header = ["", "value", "95 % interval", "counts"]
    console.table(f"{scored}: {pairs}", header, rows, notes=list(_notes(result)))


def _row(name: str, rate: Rate) -> list[str]:
    return [name, percent(rate.value), between(rate), f"{rate.count:,.0f} of {rate.of:,}"]


def _notes(result: Result) -> Iterable[str]:
    accuracy = result.accuracy.pooled if isinstance(result.accuracy, FoldMean) else result.accuracy
    yield f"intervals: {accuracy.interval}; equal error rate: {result.eer.rate.interval}"
    most = max(result.genuine, result.impostor) / (result.genuine + result.impostor)
    if most > 0.6:
        yield f"one answer for every pair would already have an accuracy of {percent(most)}"
    if percent(result.eer.far) != percent(result.eer.frr):
        both = f"FAR {percent(result.eer.far)}, FRR {percent(result.eer.frr)}"
        yield f"the steps do not meet at the equal error rate: {both}"
    if result.threshold.chosen != "given":
        bias = "" if isinstance(result.accuracy, FoldMean) else ", so accuracy is a little too high"
        yield f"the threshold was chosen on these pairs{bias}; judge others with --threshold"
    unknown = [name for name in ("network", "layer", "crop") if not result.features[name]]
    if unknown:
        yield f"unknown to the file: {', '.join(unknown)}"
