"""Faces of units as a report: a table, their contact sheet, and a CSV of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from facerep.console import counted
from facerep.report.cells import percent
from facerep.report.report import Csv, File, Report, Table
from facerep.studies.neurons.faces_of_units import HEIGHT, WIDTH, RankedFace, UnitFaces, UnitPictures, Units

FILES = ("result.json", "faces.csv", "sheet.png")
COLUMNS = ("layer", "unit", "end", "rank", "value", "name", "person")


def report_of(result: Units, pictures: UnitPictures) -> Report:
    """The faces that excite units most and least as a report."""
    return Report(
        result=result,
        shown=[_table(result)],
        files={"sheet.png": _sheet(result, pictures.by_name), "faces.csv": Csv(COLUMNS, lambda: _faces(result))},
        warnings=pictures.warnings,
    )


def _sheet(result: Units, pictures: Mapping[str, np.ndarray]) -> File:
    """For each unit a row of the most and one of the least exciting faces."""
    from facerep.report.contact_sheet import SheetTile, Strip, write  # matplotlib takes a while to import

    def tile(face: RankedFace) -> SheetTile:
        return SheetTile(pictures.get(face.name), (f"{face.rank:,}: {face.value:.2f}", _caption(face)))

    strips = [
        Strip(unit.name, _about(unit, result.faces), [[tile(face) for face in end] for end in (unit.most, unit.least)])
        for unit in result.units
    ]
    return File(lambda path: write(path, strips, HEIGHT, WIDTH))


def _faces(result: Units) -> Iterator[tuple[object, ...]]:
    for unit in result.units:
        for end, faces in (("most", unit.most), ("least", unit.least)):
            for face in faces:
                yield unit.layer, unit.unit, end, face.rank, face.value, face.name, face.person


def _about(unit: UnitFaces, faces: int) -> str:
    about = f"active on {percent(unit.active / faces)} of {faces:,} faces; above: most, below: least; rank: value"
    if unit.at_lowest > len(unit.least):
        about += f"; {unit.at_lowest:,} faces share the lowest value; those shown were picked at random"
    return about


def _caption(face: RankedFace) -> str:
    return face.person or face.name.rsplit("/", 1)[-1]


def _table(result: Units) -> Table:
    rows = []
    for unit in result.units:
        first, last = unit.most[0], unit.least[-1]
        active = percent(unit.active / result.faces)
        rows.append(
            [unit.name, active, f"{first.value:.3f}", _caption(first), f"{last.value:.3f}", f"{unit.at_lowest:,}"]
        )
    header = ["unit", "active on", "highest", "its face", "lowest", "faces at lowest"]
    return Table(header, rows, f"{result.file}: {counted(result.faces, 'face')}")
