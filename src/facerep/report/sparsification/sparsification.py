"""Sparse networks as reports: what `sparsify` came to, and runs side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from facerep.report.cells import ORDER, accuracy_bounds, accuracy_cell, difference_cell, ends
from facerep.report.report import Content, Csv, Drawing, Json, Report, Table
from facerep.results.kinds import SPARSIFICATION
from facerep.results.to_json import to_json
from facerep.studies.sparsification.side_by_side import Runs
from facerep.studies.sparsification.sizes import Sized
from facerep.training.sparsification.sparsify import Sparsified

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FILES = ("result.json", "networks.csv", "timings.json", "sparsification.png", "sparsification.svg")
COLUMNS = ("run", "network", "kept", "weights", "share", "bytes", "images_per_second")
PARTS = ("accuracy", "low", "high", "difference", "low of it", "high of it")
"""Of each verification, in networks.csv."""


def report_of_steps(done: Sparsified, networks: Sequence[Sized]) -> Report:
    """A sparsification: its layers, then its networks, the run it came from first."""
    shown = []
    if done.steps:
        rows = [
            [step.layer, f"{step.kept} of {step.inputs:,}", f"{step.before:.3f}", f"{step.after:.3f}"]
            for step in done.steps
        ]
        note = "|r|: mean absolute correlation of the kept connections with their unit"
        shown.append(Table(["layer", "inputs kept", "|r| before", "|r| after training"], rows, notes=[note]))
    between = [one.run.name for one in networks[1:-1]]
    names = [str(networks[0].run), *between, str(networks[-1].run)]
    told = {"folder": done.folder, "steps": done.steps}
    told["networks"] = [{**to_json(one), "speed": one.speed} for one in networks]
    return Report(result=told, shown=[*shown, _networks(networks, names, held_out=True)])


def report_of_runs(runs: Runs) -> Report:
    """Runs side by side."""
    times = {name: one.speed for name, one in zip(runs.names, runs.networks, strict=True)}
    columns = [*COLUMNS, *(f"{name} {part}" for name in runs.judged for part in PARTS)]
    files: dict[str, Content] = {"networks.csv": Csv(columns, lambda: _lines(runs)), "timings.json": Json(times)}
    if runs.judged:
        files["sparsification"] = Drawing(lambda: _figure(runs))
    return Report(
        result=_json(runs),
        shown=[_networks(runs.networks, runs.names, held_out=not runs.judged), *_accuracies(runs)],
        files=files,
        printed={"times": times},
    )


def _accuracies(runs: Runs) -> Iterator[Table]:
    for result, rows in runs.judged.items():
        counts = rows[0].json["counts"]
        cells = [
            [name, accuracy_cell(row.accuracy), difference_cell(row, rows[0])]
            for name, row in zip(runs.names, rows, strict=True)
        ]
        notes = [
            "in brackets: 95 % intervals, in per cent; ± is a standard error over folds",
            f"difference in accuracy to {runs.names[0]}, same pairs; ! marks those that a paired test finds; {ORDER}",
        ]
        title = f"{result}: {counts['genuine']:,} genuine and {counts['impostor']:,} impostor pairs"
        last = result == list(runs.judged)[-1]
        yield Table(["", "accuracy", "difference"], cells, title, notes if last else ())


def structure(one: Sized) -> str:
    """What is kept of which layer, in one cell: `feature 1/8, conv4 1/32`, or `all`.

    Shares that are not one part of a whole number are given in per cent.
    """
    return ", ".join(f"{name} {_share(share)}" for name, share in one.kept) or "all"


def _share(share: float) -> str:
    parts = 1 / share
    return f"1/{round(parts)}" if abs(parts - round(parts)) < 0.02 * parts else f"{100 * share:.3g} %"


def _networks(networks: Sequence[Sized], names: Sequence[str], *, held_out: bool) -> Table:
    dense = max(one.dense for one in networks)
    rows = []
    for name, one in zip(names, networks, strict=True):
        cells = [name, f"{one.weights:,}", f"{one.weights / dense:.3f}", f"{one.bytes / 1e6:.2f}"]
        cells.append(f"{one.speed.median:,.0f} [{one.speed.low:,.0f}, {one.speed.high:,.0f}]")
        rows.append([*cells, _held_out(one)] if held_out else cells)
    header = ["", "weights", "share", "MB", "images/s", *(["held-out"] if held_out else [])]
    named = list(zip(names, networks, strict=True))
    notes = [f"{name}: {structure(one)}" for name, one in named if one.kept]
    notes += [f"{name}: its bytes hold layers that only teach, too" for name, one in named if one.lower]
    notes.append("images/s: forward pass of 64 faces, taken in turns; median and quartiles")
    if held_out:
        notes.append("held-out accuracy chose the epoch and its own threshold: use `facerep verify` to compare")
    return Table(header, rows, notes=notes)


def _held_out(one: Sized) -> str:
    if one.held_out is None:
        return "not told"
    value, low, high = (100 * part for part in one.held_out)
    return f"{value:.2f} [{low:.1f}, {high:.1f}]"


def _json(runs: Runs) -> dict[str, Any]:
    rows = []
    for place, (name, one) in enumerate(zip(runs.names, runs.networks, strict=True)):
        judged = {
            result: {"accuracy": found[place].json["accuracy"], "difference": found[place].difference}
            for result, found in runs.judged.items()
        }
        rows.append({"name": name, **to_json(one), "structure": structure(one), "verification": judged})
    return {**SPARSIFICATION.head, "note": ORDER, "rows": rows}


def _lines(runs: Runs) -> Iterator[tuple[object, ...]]:
    for place, (name, one) in enumerate(zip(runs.names, runs.networks, strict=True)):
        own = name, one.network, structure(one), one.weights, one.weights / runs.dense, one.bytes, one.speed.median
        judged = [rows[place] for rows in runs.judged.values()]
        yield *own, *(cell for row in judged for cell in (*accuracy_bounds(row.accuracy), *ends(row.difference)))


def _figure(runs: Runs) -> Figure:
    """Accuracy of each run with its interval, runs from top to bottom, one mark a result."""
    from facerep.report.drawing import COLOURS, around, at_ticks, drawing, legible, plain
    from facerep.results.figures import pooled

    with drawing(6.4, 1.1 + 0.38 * len(runs.networks)) as figure:
        axes = figure.subplots()
        for number, (result, rows) in enumerate(runs.judged.items()):
            beside = 0.16 * (number - (len(runs.judged) - 1) / 2)
            values = [accuracy_bounds(row.accuracy)[0] for row in rows]
            bars = [around(pooled(row.accuracy), value, 100) for row, value in zip(rows, values, strict=True)]
            axes.errorbar(
                [100 * value for value in values], [place + beside for place in range(len(rows))],
                xerr=list(zip(*bars, strict=True)), fmt="o", markersize=4, capsize=2,
                color=COLOURS[number % len(COLOURS)], elinewidth=0.8, label=legible(result),
            )  # fmt: skip
        named = zip(runs.names, runs.networks, strict=True)
        labels = [f"{name}\n{100 * one.weights / runs.dense:.3g} % of weights" for name, one in named]
        axes.set_yticks(range(len(labels)), at_ticks(labels), parse_math=False)
        axes.margins(y=0.12)
        axes.invert_yaxis()
        axes.set_xlabel("accuracy, %; bars: 95 % intervals")
        plain(axes, grid="x")
        figure.legend(loc="outside lower center", ncols=3, frameon=False)
    return figure
