"""Sparseness as a report: a table a file, the numbers of units and faces as CSV, the paper's histograms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from facerep.console import counted
from facerep.metrics.sparseness import Deviation
from facerep.report.cells import between, percent
from facerep.report.report import Csv, Drawing, Report, Table
from facerep.studies.neurons.sparseness import LayerSparseness, SparsenessResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FILES = ("result.json", "units.csv", "faces.csv", "sparseness.png", "sparseness.svg")
UNIT_COLUMNS = ("file", "layer", "unit", "faces", "of", "share", "entropy", "mean", "deviation", "lifetime_sparseness")
FACE_COLUMNS = ("file", "layer", "active_units", "faces")
PAPER = "DeepID2+: 57.0 % by both counts (292 ± 34 of 512 units, 26,565 ± 5,754 of 46,594 faces)"


def report_of(result: SparsenessResult) -> Report:
    """Sparseness of feature files as a report."""
    return Report(
        result=result,
        shown=[_table(layer) for layer in result.layers],
        files={
            "units.csv": Csv(UNIT_COLUMNS, lambda: _units(result)),
            "faces.csv": Csv(FACE_COLUMNS, lambda: _faces(result)),
            "sparseness": Drawing(lambda: _figure(result)),
        },
        warnings=result.warnings,
    )


def _figure(result: SparsenessResult) -> Figure:
    from facerep.report.neurons import figures  # matplotlib takes a while to import

    return figures.of_sparseness(result)


def _table(layer: LayerSparseness) -> Table:
    counts = layer.counts
    rows = [
        _row("active units of a face", counts.active, counts.units),
        _row("faces that activate a unit", counts.exciting, counts.faces),
        _fine_row("entropy of a unit, bits", counts.entropies),
    ]
    if counts.population:
        rows.append(_fine_row("population sparseness", counts.population))
    if counts.lifetimes:
        rows.append(_fine_row("lifetime sparseness", counts.lifetimes))
    for name, units in (("units that never fire", counts.never), ("units that always fire", counts.always)):
        rows.append([name, f"{units:,}", "", f"{counts.units:,}", percent(units / counts.units)])
    name = layer.contract.title or layer.file
    title = f"{layer.file}, {name}: {counted(counts.faces, 'face')}, {counted(counts.units, 'unit')}"
    share = f"share of active units: 95 % interval {between(counts.share)} ({counts.share.interval})"
    return Table(["", "mean", "deviation", "of", "share"], rows, title, [share, PAPER])


def _row(name: str, number: Deviation, of: int) -> list[str]:
    return [name, f"{number.mean:,.1f}", f"{number.standard_deviation:,.1f}", f"{of:,}", percent(number.mean / of)]


def _fine_row(name: str, number: Deviation) -> list[str]:
    return [name, f"{number.mean:.3f}", f"{number.standard_deviation:.3f}", "", ""]


def _units(result: SparsenessResult) -> Iterable[tuple[object, ...]]:
    for layer in result.layers:
        counts = layer.counts
        columns = (
            counts.faces_of_unit, counts.faces_of_unit / counts.faces, counts.entropy, counts.mean, counts.deviation,
            counts.lifetime,
        )  # fmt: skip
        for unit, (faces, *others) in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
            yield layer.file, layer.contract.layer, unit, faces, counts.faces, *others


def _faces(result: SparsenessResult) -> Iterable[tuple[object, ...]]:
    for layer in result.layers:
        for active, faces in enumerate(layer.counts.faces_by_active.tolist()):
            yield layer.file, layer.contract.layer, active, faces
