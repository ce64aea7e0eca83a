"""What `analyze units` shows: a table or JSON; in a folder the contact sheet of the faces, with a CSV of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from facerep.console import console
from facerep.faces.crops import Crop, choose_preset
from facerep.faces.table import Faces
from facerep.files.atomic import replacing, write_json
from facerep.files.outputs import refuse_folder
from facerep.readers.decode_many import pictures
from facerep.report.csv_file import write_csv
from facerep.report.result_folder import write_folder
from facerep.report.verification import percent
from facerep.studies.units import RankedFace, UnitFaces, Units, shown_faces

FILES = ("result.json", "faces.csv", "sheet.png")
COLUMNS = ("layer", "unit", "end", "rank", "value", "name", "person")
HEIGHT, WIDTH, GAP, LINE, MARGIN = 112, 96, 6, 14, 16


def refuse(folder: Path, *, overwrite: bool) -> None:
    """Raise OutputExists, before any work is done, where a file of ours stands in the folder."""
    refuse_folder(folder, FILES, overwrite=overwrite)


def show(result: Units, faces: Faces, folder: Path, *, json: bool = False, overwrite: bool = False) -> list[Path]:
    """Write the files of a result, print it, and give back the paths written."""
    written = write_folder(folder, FILES, partial(write, result, faces), overwrite=overwrite)
    if json:
        console.json(result.to_dict())
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
    picture = sheet(result, tiles(result, faces))
    written = [write_csv(folder / "faces.csv", COLUMNS, rows)]
    with replacing(folder / "sheet.png") as temporary:
        picture.save(temporary, format="PNG")
    write_json(folder / "result.json", result.to_dict())
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


def sheet(result: Units, faces: Mapping[str, np.ndarray]) -> Image.Image:
    """The contact sheet: for each unit a line of words, a row of the most and one of the least exciting faces."""
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    small = ImageFont.truetype(fonts / "DejaVuSans.ttf", 10)
    bold = ImageFont.truetype(fonts / "DejaVuSans-Bold.ttf", 12)
    across = max(len(unit.most) for unit in result.units)
    row_high = HEIGHT + 2 * LINE + GAP
    unit_high = 2 * LINE + 2 * row_high + GAP
    width = max(2 * MARGIN + across * (WIDTH + GAP), 560)
    picture = Image.new("RGB", (width, 2 * MARGIN + len(result.units) * unit_high), "white")
    draw = ImageDraw.Draw(picture)
    for place, unit in enumerate(result.units):
        top = MARGIN + place * unit_high
        draw.text((MARGIN, top), unit.name, fill="black", font=bold)
        draw.text((MARGIN, top + LINE), _about(unit, result.faces), fill="#555555", font=small)
        for number, shown in enumerate((unit.most, unit.least)):
            for column, face in enumerate(shown):
                x, y = MARGIN + column * (WIDTH + GAP), top + 2 * LINE + GAP + number * row_high
                if face.name in faces:
                    picture.paste(Image.fromarray(faces[face.name]), (x, y))
                else:
                    draw.rectangle((x, y, x + WIDTH - 1, y + HEIGHT - 1), outline="#999999")
                draw.text((x, y + HEIGHT + 1), f"{face.rank:,}: {face.value:.2f}", fill="black", font=small)
                draw.text((x, y + HEIGHT + LINE), _fitting(_caption(face), small), fill="#555555", font=small)
    return picture


def _about(unit: UnitFaces, faces: int) -> str:
    told = f"active on {percent(unit.active / faces)} of {faces:,} faces; above: most, below: least; rank: value"
    drawn = unit.at_lowest > len(unit.least)
    return told + (f"; {unit.at_lowest:,} faces share the lowest value, those shown are drawn" if drawn else "")


def _caption(face: RankedFace) -> str:
    return face.person or face.name.rsplit("/", 1)[-1]


def _fitting(words: str, font: ImageFont.FreeTypeFont) -> str:
    if font.getlength(words) <= WIDTH:
        return words
    while words and font.getlength(words + "…") > WIDTH:
        words = words[:-1]
    return words + "…"


def _table(result: Units) -> None:
    rows = []
    for unit in result.units:
        first, last = unit.most[0], unit.least[-1]
        active = percent(unit.active / result.faces)
        rows.append(
            [unit.name, active, f"{first.value:.3f}", _caption(first), f"{last.value:.3f}", f"{unit.at_lowest:,}"]
        )
    header = ["unit", "active on", "highest", "its face", "lowest", "faces at lowest"]
    console.table(f"{result.file}: {result.faces:,} faces", header, rows)
