"""What `analyze units` shows: a table or JSON; in a folder the contact sheet of the faces, with a CSV of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np

from facerep.console import console, counted
from facerep.faces.crops import Crop, choose_preset
from facerep.faces.table import Faces
from facerep.files.atomic import write_json
from facerep.files.csv_file import write_csv
from facerep.files.outputs import refuse_folder
from facerep.readers.decode_many import pictures
from facerep.report.cells import percent
from facerep.report.contact_sheet import Strip, Tile
from facerep.report.contact_sheet import write as write_sheet
from facerep.report.result_folder import write_folder
from facerep.results.to_json import to_json
from facerep.studies.neurons.faces_of_units import RankedFace, UnitFaces, Units, shown_faces

FILES = ("result.json", "faces.csv", "sheet.png")
COLUMNS = ("layer", "unit", "end", "rank", "value", "name", "person")
HEIGHT, WIDTH = 112, 96


def refuse(folder: Path, *, overwrite: bool) -> None:
    """Raise OutputExists, before any work is done, where a file of ours stands in the folder."""
    refuse_folder(folder, FILES, overwrite=overwrite)


def show(result: Units, faces: Faces, folder: Path, *, json: bool = False, overwrite: bool = False) -> list[Path]:
    """Write the files of a result, print it, and give back the paths written."""
    written = write_folder(folder, FILES, partial(write, result, faces), overwrite=overwrite)
    if json:
        console.json(to_json(result))
    else:
        _table(result)
    return written


def write(result: Units, faces: Faces, folder: Path) -> list[Path]:
    """Write the sheet, the CSV, and result.json."""
    ends = [(unit, end) for unit in result.units for end in ("most", "least")]
    rows = (
        (unit.layer, unit.unit, end, face.rank, face.value, face.name, face.person)
        for unit, end in ends
        for face in getattr(unit, end)
    )
    found = strips(result, tiles(result, faces))
    written = [write_csv(folder / "faces.csv", COLUMNS, rows)]
    write_sheet(folder / "sheet.png", found, HEIGHT, WIDTH)
    write_json(folder / "result.json", to_json(result))
    return [folder / "result.json", folder / "sheet.png", *written]


def tiles(result: Units, faces: Faces) -> dict[str, np.ndarray]:
    """The faces to show, aligned, uint8 (112, 96, 3) by name; one that cannot be read is told and left out."""
    found: dict[str, np.ndarray] = {}
    shown = shown_faces(result, faces)
    crop = Crop(choose_preset(faces.kind, faces.marks), HEIGHT, WIDTH)
    for row, answer in pictures(shown, crop.cut, workers=0):
        if isinstance(answer, str):
            console.warn(f"{shown.names[row]}: {answer}")
        else:
            found[shown.names[row]] = answer
    return found


def strips(result: Units, faces: Mapping[str, np.ndarray]) -> list[Strip]:
    """For each unit a row of the most and one of the least exciting faces."""
    return [
        Strip(
            unit.name,
            _about(unit, result.faces),
            [
                [Tile(faces.get(face.name), (f"{face.rank:,}: {face.value:.2f}", _caption(face))) for face in shown]
                for shown in (unit.most, unit.least)
            ],
        )
        for unit in result.units
    ]


def _about(unit: UnitFaces, faces: int) -> str:
    told = f"active on {percent(unit.active / faces)} of {faces:,} faces; above: most, below: least; rank: value"
    drawn = unit.at_lowest > len(unit.least)
    return told + (
        f"; {unit.at_lowest:,} faces share the lowest value; those shown were picked at random" if drawn else ""
    )


def _caption(face: RankedFace) -> str:
    return face.person or face.name.rsplit("/", 1)[-1]


def _table(result: Units) -> None:
    rows = []
    for unit in result.units:
        first, last = unit.most[0], unit.least[-1]
        active = percent(unit.active / result.faces)
        rows.append(
            [unit.name, active, f"{first.value:.3f}", _caption(first), f"{last.value:.3f}", f"{unit.at_lowest:,}"]
        )
    header = ["unit", "active on", "highest", "its face", "lowest", "faces at lowest"]
    console.table(f"{result.file}: {counted(result.faces, 'face')}", header, rows)
