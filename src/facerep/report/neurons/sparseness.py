"""What `analyze sparseness` shows: a table a file or JSON; in a folder the numbers as CSV and the figure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from facerep.console import console, counted
from facerep.files.csv_file import write_csv
from facerep.files.outputs import refuse_folder
from facerep.report.cells import between, percent
from facerep.report.drawing import COLOURS, drawing, foot, plain
from facerep.report.result_folder import show_result, write_figure, write_result
from facerep.studies.neurons.sparseness import LayerSparseness, SparsenessResult

FILES = ("result.json", "units.csv", "faces.csv", "sparseness.png", "sparseness.svg")
UNIT_COLUMNS = ("file", "layer", "unit", "faces", "of", "share", "entropy", "mean", "deviation", "lifetime_sparseness")
FACE_COLUMNS = ("file", "layer", "active_units", "faces")
PAPER = "DeepID2+: 57.0 % by both counts (292 ± 34 of 512 units, 26,565 ± 5,754 of 46,594 faces)"


def refuse(folder: Path, *, overwrite: bool) -> None:
    """Raise OutputExists, before any work is done, where a file of ours stands in the folder."""
    refuse_folder(folder, FILES, overwrite=overwrite)


def show(
    result: SparsenessResult, *, json: bool = False, folder: Path | None = None, overwrite: bool = False
) -> list[Path]:
    """Print a result and, given a folder, write its files there; the paths written are given back."""

    def table() -> None:
        for layer in result.layers:
            _table(layer)

    files = partial(write, result)
    return show_result(result, table=table, write=files, files=FILES, json=json, folder=folder, overwrite=overwrite)


def write(result: SparsenessResult, folder: Path) -> list[Path]:
    """Write both CSV files, the figure, and result.json."""
    units = write_csv(folder / "units.csv", UNIT_COLUMNS, _units(result))
    faces = write_csv(folder / "faces.csv", FACE_COLUMNS, _faces(result))
    figures = write_figure(figure_of(result), folder / "sparseness")
    return write_result(folder, result, [units, faces, *figures])


def figure_of(result: SparsenessResult) -> Figure:
    """The two histograms of the paper, one row a file: active units of a face, faces that activate a unit."""
    with drawing(7.2, 0.5 + 2.3 * len(result.layers)) as figure:
        for row, layer in zip(figure.subplots(len(result.layers), 2, squeeze=False), result.layers, strict=True):
            found = layer.found
            width = max(1, found.units // 64)
            counts = np.add.reduceat(found.faces_by_active, np.arange(0, found.units + 1, width))
            row[0].bar(np.arange(len(counts)) * width, counts, width=width, align="edge", color=COLOURS[0])
            row[1].hist(found.faces_of_unit, bins=32, range=(0, found.faces), color=COLOURS[1])
            for axes, what, spread, of in (
                (row[0], "active units of a face", found.active, found.units),
                (row[1], "faces that activate a unit", found.exciting, found.faces),
            ):
                plain(axes)
                axes.set_xlim(0, of)
                axes.axvline(of / 2, color="#444444", linewidth=0.9, linestyle=(0, (2, 2)))
                axes.set_xlabel(f"{what}, of {of:,}")
                mean, deviation = spread
                told = f"{mean:,.1f} ± {deviation:,.1f} = {percent(mean / of)}"
                axes.set_title(told, loc="left")
            row[0].set_ylabel(f"{layer.file}, {layer.contract.layer or 'layer unknown'}\nfaces", parse_math=False)
            row[1].set_ylabel("units")
        foot(figure, "dotted: one half; ±: standard deviation")
    return figure


def _table(layer: LayerSparseness) -> None:
    found = layer.found
    rows = [
        _row("active units of a face", *found.active, found.units),
        _row("faces that activate a unit", *found.exciting, found.faces),
        ["entropy of a unit, bits", f"{found.entropy.mean():.3f}", f"{found.entropy.std():.3f}", "", ""],
    ]
    if found.population:
        rows.append(_sparse("population sparseness", *found.population))
    defined = found.lifetime[np.isfinite(found.lifetime)]
    if len(defined):
        rows.append(_sparse("lifetime sparseness", defined.mean(), defined.std()))
    rows += [
        ["units that never fire", f"{found.never:,}", "", f"{found.units:,}", percent(found.never / found.units)],
        ["units that always fire", f"{found.always:,}", "", f"{found.units:,}", percent(found.always / found.units)],
    ]
    title = f"{layer.file}, {layer.name}: {counted(found.faces, 'face')}, {counted(found.units, 'unit')}"
    share = f"share of active units: 95 % interval {between(found.share)} ({found.share.interval})"
    console.table(title, ["", "mean", "deviation", "of", "share"], rows, notes=[share, PAPER])


def _row(name: str, mean: float, deviation: float, of: int) -> list[str]:
    return [name, f"{mean:,.1f}", f"{deviation:,.1f}", f"{of:,}", percent(mean / of)]


def _sparse(name: str, mean: float, deviation: float) -> list[str]:
    return [name, f"{mean:.3f}", f"{deviation:.3f}", "", ""]


def _units(result: SparsenessResult) -> Iterable[tuple[object, ...]]:
    for layer in result.layers:
        found = layer.found
        columns = (
            found.faces_of_unit.tolist(), (found.faces_of_unit / found.faces).tolist(), found.entropy.tolist(),
            found.mean.tolist(), found.deviation.tolist(), found.lifetime.tolist(),
        )  # fmt: skip
        for unit, (faces, share, *others) in enumerate(zip(*columns, strict=True)):
            yield layer.file, layer.contract.layer, unit, faces, found.faces, share, *others


def _faces(result: SparsenessResult) -> Iterable[tuple[object, ...]]:
    for layer in result.layers:
        for active, faces in enumerate(layer.found.faces_by_active.tolist()):
            yield layer.file, layer.contract.layer, active, faces
