"""The contact sheet of a reconstruction: what the network saw, what it draws, the truth.

A column a face where one picture is drawn of it; a row a face, and a column a view, where there are several.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from facerep.console import counted
from facerep.report.contact_sheet import SheetTile, Strip, write
from facerep.studies.reconstruction.reconstruct import Drawn

ACROSS = 12
"""Faces in a row."""
_SIDE = 96
"""A picture is enlarged by a whole number as long as it stays within so many pixels."""
_LABELS = ("view", "light", "expression")
"""Columns whose values stand under a face where a set has several of them."""


def write_sheet(path: Path, drawn: Drawn, rows: np.ndarray) -> None:
    """Write the sheet of some rows."""
    height, width = drawn.pictures.shape[2:]
    times = max(1, _SIDE // max(height, width))
    if len(drawn.names) > 1:
        times = max(1, times // 3 * 2) if len(drawn.names) < ACROSS else max(1, times // 2)
        write(path, [_spectra(drawn, rows, times)], height * times, width * times)
        return
    parts = [rows[start : start + ACROSS] for start in range(0, len(rows), ACROSS)]
    strips = [_strip(drawn, part, times, first=not place) for place, part in enumerate(parts)]
    write(path, strips, height * times, width * times)


def _spectra(drawn: Drawn, rows: np.ndarray, times: int) -> Strip:
    """Each face with all that is drawn of it, the truth beneath where there is one."""
    truth, places = (drawn.truth[rows] >= 0).any(), range(len(drawn.names))
    tiles = []
    for row in rows:
        drawings = [SheetTile(_large(drawn.pictures[row, place], times), (drawn.names[place],)) for place in places]
        tiles.append([SheetTile(_large(drawn.seen[row], times), _words(drawn, row)[:1]), *drawings])
        if truth:
            like = tuple(word for words in _words(drawn, row)[1:] for word in words.split(", "))
            nothing = SheetTile(np.full((1, 1, 3), 255, np.uint8), like)
            tiles.append([nothing, *(_truth(drawn, row, place, times) for place in places)])
    about = "a row a face: the face, then what the network draws of it in each view" + "; the truth beneath" * bool(
        truth
    )
    return Strip(counted(len(drawn.faces), "face"), about, tiles)


def _strip(drawn: Drawn, rows: np.ndarray, times: int, *, first: bool) -> Strip:
    truth = (drawn.truth >= 0).any()
    tiles = [
        [SheetTile(_large(drawn.seen[row], times), _words(drawn, row)) for row in rows],
        [SheetTile(_large(drawn.pictures[row, 0], times), ()) for row in rows],
    ]
    if truth:
        tiles.append([_truth(drawn, row, 0, times) for row in rows])
    view = f", view {drawn.names[0]}" if drawn.names[0] else ""
    about = f"a column a face: the face, what the network draws of it{view}" + (", the truth" if truth else "")
    return Strip(f"{counted(len(drawn.faces), 'face')}" if first else "", about if first else "", tiles)


def _truth(drawn: Drawn, row: int, place: int, times: int) -> SheetTile:
    right = drawn.truth[row, place]
    return SheetTile(_large(drawn.seen[right], times) if right >= 0 else None, ())


def _words(drawn: Drawn, row: int) -> tuple[str, ...]:
    """The person, or the face's own name; what it is like."""
    columns = {name: drawn.faces.labels[name] for name in _LABELS if name in drawn.faces.labels}
    like = [f"{name} {column[row]}" for name, column in columns.items() if len(set(column.tolist())) > 1]
    who = drawn.faces.people[row] or drawn.faces.names[row].rsplit("/", 1)[-1]
    return (who, ", ".join(like)) if like else (who,)


def _large(pixels: np.ndarray, times: int) -> np.ndarray:
    """Enlarged, in colour."""
    picture = Image.fromarray(pixels.squeeze()).convert("RGB")
    return np.asarray(picture.resize((picture.width * times, picture.height * times), Image.Resampling.BICUBIC))
