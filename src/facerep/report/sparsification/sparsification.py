"""What `sparsify` shows of itself, and `report` of runs: weights, bytes and speed beside what verification found.

Accuracies are those of the `verify` results in the folders of the runs: RUN/view2/result.json is one called view2.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from facerep.console import console
from facerep.errors import BadInput
from facerep.files.atomic import write_json
from facerep.files.csv_file import write_csv
from facerep.files.json_file import parse
from facerep.files.outputs import refuse_folder
from facerep.files.text import MOST_SETTINGS, read_text
from facerep.report.drawing import at_ticks, drawing, plain
from facerep.report.result_folder import write_figure, write_folder
from facerep.report.verification.comparison import ORDER, Row, accuracy_cell, difference_cell, names_of, read_rows
from facerep.report.verification.curves import COLOURS, legible
from facerep.results.kinds import VERIFICATION
from facerep.results.to_json import to_json
from facerep.studies.sparsification.sizes import Sized
from facerep.training.sparsification.sparsify import Sparsified

FILES = ("result.json", "networks.csv", "timings.json", "sparsification.png", "sparsification.svg")
COLUMNS = ("run", "network", "kept", "weights", "share", "bytes", "images_per_second")


def show_steps(done: Sparsified, networks: Sequence[Sized], *, json: bool) -> None:
    """Print what a sparsification came to: its layers, then its networks, the run it came from first."""
    if json:
        told = {"folder": str(done.folder), "steps": [to_json(step) for step in done.steps]}
        told["networks"] = [{**to_json(one), "speed": vars(one.speed)} for one in networks]
        console.json(told)
        return
    if done.steps:
        rows = [
            [step.layer, f"{step.kept} of {step.inputs:,}", f"{step.before:.3f}", f"{step.after:.3f}"]
            for step in done.steps
        ]
        note = "|r|: mean absolute correlation of the kept connections with their unit"
        console.table("", ["layer", "inputs kept", "|r| before", "|r| after training"], rows, notes=[note])
    between = [one.run.name for one in networks[1:-1]]
    _networks(networks, [str(networks[0].run), *between, str(networks[-1].run)], held_out=True)


def show_runs(
    networks: Sequence[Sized], *, json: bool, folder: Path | None, overwrite: bool, seed: int
) -> list[Path]:  # fmt: skip
    """Print runs side by side, the first being what the others are compared with; given a folder, write files there.

    Raises:
        OutputExists: one of the files is there.
        BadInput: a result in a run's folder is damaged.
    """
    if folder is not None:
        refuse_folder(folder, FILES, overwrite=overwrite)
    names = names_of([one.run / "model.safetensors" for one in networks])
    judged = _judged([one.run for one in networks], seed)
    told = _to_dict(networks, names, judged)
    written = []
    if folder is not None:
        files = partial(_write, told, networks, names, judged)
        written = write_folder(folder, FILES, files, overwrite=overwrite)
    if json:
        times = {name: vars(one.speed) for name, one in zip(names, networks, strict=True)}
        console.json({**told, "times": times})
        return written
    _networks(networks, names, held_out=not judged)
    for result, rows in judged.items():
        counts = rows[0].result["counts"]
        title = f"{result}: {counts['genuine']:,} genuine and {counts['impostor']:,} impostor pairs"
        cells = [
            [name, accuracy_cell(row.result["accuracy"]), difference_cell(row, rows[0])]
            for name, row in zip(names, rows, strict=True)
        ]
        last = result == list(judged)[-1]
        notes = [
            "in brackets: 95 % intervals, in per cent; ± is a standard error over folds",
            f"difference in accuracy to {names[0]}, same pairs; ! marks those that a paired test finds; {ORDER}",
        ]
        console.table(title, ["", "accuracy", "difference"], cells, notes=notes if last else ())
    return written


def structure(one: Sized) -> str:
    """What is kept of which layer, in one cell: `feature 1/8, conv4 1/32`, or `all`.

    Shares that are not one part of a whole number are given in per cent.
    """
    return ", ".join(f"{name} {_share(share)}" for name, share in one.kept) or "all"


def _share(share: float) -> str:
    parts = 1 / share
    return f"1/{round(parts)}" if abs(parts - round(parts)) < 0.02 * parts else f"{100 * share:.3g} %"


def _networks(networks: Sequence[Sized], names: Sequence[str], *, held_out: bool) -> None:
    dense = max(one.dense for one in networks)
    rows = []
    for name, one in zip(names, networks, strict=True):
        cells = [name, f"{one.weights:,}", f"{one.weights / dense:.3f}", f"{one.bytes / 1e6:.2f}"]
        cells.append(f"{one.speed.median:,.0f} [{one.speed.low:,.0f}, {one.speed.high:,.0f}]")
        rows.append([*cells, _accuracy(one)] if held_out else cells)
    header = ["", "weights", "share", "MB", "images/s", *(["held-out"] if held_out else [])]
    notes = [f"{name}: {structure(one)}" for name, one in zip(names, networks, strict=True) if one.kept]
    notes += [f"{name}: its bytes hold layers that only teach, too" for name, one in zip(names, networks, strict=True)
              if one.lower]  # fmt: skip
    notes.append("images/s: forward pass of 64 faces, taken in turns; median and quartiles")
    if held_out:
        notes.append("held-out accuracy chose the epoch and its own threshold: use `facerep verify` to compare")
    console.table("", header, rows, notes=notes)


def _accuracy(one: Sized) -> str:
    if one.held_out is None:
        return "not told"
    value, low, high = (100 * part for part in one.held_out)
    return f"{value:.2f} [{low:.1f}, {high:.1f}]"


def _judged(runs: Sequence[Path], seed: int) -> dict[str, list[Row]]:
    """By name the verification results that all runs have."""
    found = [{path.parent.name for path in run.glob("[!.]*/result.json") if _verified(path)} for run in runs]
    common = sorted(set.intersection(*found))
    return {name: read_rows([run / name / "result.json" for run in runs], seed=seed) for name in common}


def _verified(path: Path) -> bool:
    try:
        told = parse(read_text(path, MOST_SETTINGS))
    except (BadInput, ValueError):
        return False
    return isinstance(told, dict) and told.get("format") == VERIFICATION.format


def _to_dict(networks: Sequence[Sized], names: Sequence[str], judged: dict[str, list[Row]]) -> dict[str, Any]:
    rows = []
    for place, (name, one) in enumerate(zip(names, networks, strict=True)):
        row = {"name": name, **to_json(one), "structure": structure(one)}
        row["verification"] = {
            result: {
                "accuracy": judged[result][place].result["accuracy"],
                "difference": (difference := judged[result][place].difference) and to_json(difference),
            }
            for result in judged
        }
        rows.append(row)
    return {"format": "facerep/sparsification", "version": 1, "note": ORDER, "rows": rows}


def _write(
    told: dict[str, Any], networks: Sequence[Sized], names: Sequence[str], judged: dict[str, list[Row]], folder: Path
) -> list[Path]:
    columns = [*COLUMNS]
    for result in judged:
        columns += [f"{result} {part}" for part in ("accuracy", "low", "high", "difference", "low of it", "high of it")]
    table = write_csv(folder / "networks.csv", columns, _lines(networks, names, judged))
    times = {name: vars(one.speed) for name, one in zip(names, networks, strict=True)}
    write_json(folder / "timings.json", times)
    figures = []
    if judged:
        figures = write_figure(figure_of(networks, names, judged), folder / "sparsification")
    write_json(folder / "result.json", told)
    return [folder / "result.json", table, folder / "timings.json", *figures]


def _lines(
    networks: Sequence[Sized], names: Sequence[str], judged: dict[str, list[Row]]
) -> Iterable[tuple[object, ...]]:  # fmt: skip
    dense = max(one.dense for one in networks)
    for place, (name, one) in enumerate(zip(names, networks, strict=True)):
        cells: list[object] = [name, one.network, structure(one), one.weights, one.weights / dense, one.bytes]
        cells.append(one.speed.median)
        for rows in judged.values():
            found, difference = rows[place].result["accuracy"], rows[place].difference
            cells += _bounds(found)
            cells += [difference.value, difference.low, difference.high] if difference else [None] * 3
        yield tuple(cells)


def _bounds(accuracy: dict[str, Any]) -> list[float]:
    """Value and interval; of folds their mean and the interval of all pairs."""
    interval = accuracy.get("pooled", accuracy)
    return [accuracy["mean"] if "mean" in accuracy else accuracy["value"], interval["low"], interval["high"]]


def figure_of(networks: Sequence[Sized], names: Sequence[str], judged: dict[str, list[Row]]) -> Figure:
    """Accuracy of each run with its interval, runs from top to bottom, one mark a result."""
    dense = max(one.dense for one in networks)
    with drawing(6.4, 1.1 + 0.38 * len(networks)) as figure:
        axes = figure.subplots()
        for number, (result, rows) in enumerate(judged.items()):
            beside = 0.16 * (number - (len(judged) - 1) / 2)
            bounds = [[100 * part for part in _bounds(row.result["accuracy"])] for row in rows]
            values = [value for value, _, _ in bounds]
            around = [
                [max(0.0, value - low) for value, low, _ in bounds],
                [max(0.0, high - value) for value, _, high in bounds],
            ]
            axes.errorbar(
                values, [place + beside for place in range(len(rows))], xerr=around, fmt="o", markersize=4, capsize=2,
                color=COLOURS[number % len(COLOURS)], elinewidth=0.8, label=legible(result),
            )  # fmt: skip
        labels = [
            f"{name}\n{100 * one.weights / dense:.3g} % of weights" for name, one in zip(names, networks, strict=True)
        ]
        axes.set_yticks(range(len(networks)), at_ticks(labels), parse_math=False)
        axes.margins(y=0.12)
        axes.invert_yaxis()
        axes.set_xlabel("accuracy, %; bars: 95 % intervals")
        plain(axes, grid="x")
        figure.legend(loc="outside lower center", ncols=3, frameon=False)
    return figure
