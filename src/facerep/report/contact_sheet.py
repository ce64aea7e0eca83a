"""The contact sheet: pictures in rows with words under them, in one PNG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from facerep.files.atomic import replacing

GAP, LINE, MARGIN = 6, 14, 16
_NARROWEST = 560
_BLACK, _GREY, _PALE = "black", "#555555", "#999999"


@dataclass(frozen=True)
class SheetTile:
    """One picture, uint8 (height, width, 3), or None for an empty frame; under it, words, one line each."""

    picture: np.ndarray | None
    words: tuple[str, ...]


@dataclass(frozen=True)
class Strip:
    """A title, a line about it, and rows of tiles."""

    title: str
    about: str
    rows: Sequence[Sequence[SheetTile]]


def sheet(strips: Sequence[Strip], height: int, width: int) -> Image.Image:
    """The strips one below the other.

    Args:
        strips: each row of one is as high as the tile with most lines of words asks for.
        height, width: of a tile; smaller pictures stand at its upper left.
    """
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    small = ImageFont.truetype(fonts / "DejaVuSans.ttf", 10)
    bold = ImageFont.truetype(fonts / "DejaVuSans-Bold.ttf", 12)
    across = max(len(row) for strip in strips for row in strip.rows)
    highs = [2 * LINE + sum(_row_high(row, height) for row in strip.rows) + GAP for strip in strips]
    picture = Image.new("RGB", (max(2 * MARGIN + across * (width + GAP), _NARROWEST), 2 * MARGIN + sum(highs)), "white")
    draw = ImageDraw.Draw(picture)
    for strip, top in zip(strips, np.cumsum([MARGIN, *highs]).tolist(), strict=False):
        draw.text((MARGIN, top), strip.title, fill=_BLACK, font=bold)
        draw.text((MARGIN, top + LINE), strip.about, fill=_GREY, font=small)
        y = top + 2 * LINE + GAP
        for row in strip.rows:
            for column, tile in enumerate(row):
                x = MARGIN + column * (width + GAP)
                if tile.picture is None:
                    draw.rectangle((x, y, x + width - 1, y + height - 1), outline=_PALE)
                else:
                    picture.paste(Image.fromarray(tile.picture), (x, y))
                for line, words in enumerate(tile.words):
                    place = x, y + height + (line * LINE or 1)
                    draw.text(place, _fitting(words, small, width), fill=_GREY if line else _BLACK, font=small)
            y += _row_high(row, height)
    return picture


def write(path: Path, strips: Sequence[Strip], height: int, width: int, *, overwrite: bool = False) -> None:
    """Write a sheet as PNG, whole or absent, whatever the file is called."""
    picture = sheet(strips, height, width)
    with replacing(path, overwrite=overwrite) as temporary:
        picture.save(temporary, format="PNG")


def _row_high(row: Sequence[SheetTile], height: int) -> int:
    lines = max((len(tile.words) for tile in row), default=0)
    return height + lines * LINE + GAP


def _fitting(words: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    if font.getlength(words) <= width:
        return words
    while words and font.getlength(words + "…") > width:
        words = words[:-1]
    return words + "…"
