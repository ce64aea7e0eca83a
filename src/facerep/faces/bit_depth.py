"""Depth: values of more than 8 bits, and values with a point, become 0..255.

What the file says is followed: PNG's significant bits, TIFF's bits a sample and its largest value, PGM's largest
value. Where it does not say, the largest value of the picture decides, and the answer says so:

- whole numbers: 8, 10 or 12 bits where no value needs more, else 16, else as many as the largest value needs;
- numbers with a point: 0..1 where none is above 1, 0..255 where none is above 255, else 0..65535.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from PIL import Image

_USUAL = (8, 10, 12, 16)
"""Bits that cameras and tools write into files of 16 and 32 bits without saying so."""


@dataclass(frozen=True)
class Stored:
    """How an opened file holds its values, before Pillow has read them.

    Attributes:
        bits: of a whole number, as far as the file says; 0 where it does not.
        top: largest value with a point, 0 where the file does not say.
        sixteen: colours are of 16 bits, of which Pillow keeps the upper 8.
    """

    bits: int
    top: float
    sixteen: bool


def stored(picture: Image.Image) -> Stored:
    """What a file says of its values; `picture` is opened and not read yet."""
    sixteen = picture.mode in ("RGB", "RGBA") and bool(_other_byte(picture))
    if picture.format == "PPM":
        return Stored(16, 0, False)  # Pillow scales by the header's largest value
    if picture.format == "PNG":
        return Stored(_significant(picture), 0, sixteen)
    tags = getattr(picture, "tag_v2", {})
    named = [_first(tags.get(tag)) for tag in (281, 341)]  # MaxSampleValue, SMaxSampleValue
    top = next((float(value) for value in named if isinstance(value, int | float) and 0 < value < 2**32), 0.0)
    width = _first(tags.get(258))
    bits = int(top).bit_length() if top else width if width in (10, 12, 14) else 0
    return Stored(bits, top, sixteen)


def is_deep(picture: Image.Image) -> bool:
    """Whether Pillow holds grey values of more than 8 bits, or with a point."""
    return picture.mode in ("I", "F") or picture.mode.startswith("I;16")


def grey(picture: Image.Image, storage: Stored) -> tuple[np.ndarray, str]:
    """Grey values as uint8 (height, width), and what was assumed of them, in words; "" where nothing was."""
    values = np.nan_to_num(np.asarray(picture))
    largest = float(values.max(initial=0))
    if picture.mode == "F":
        top = storage.top or (1.0 if largest <= 1 else 255.0 if largest <= 255 else 65535.0)
        assumed = "" if storage.top or top > 1 else "0..1"
        return np.clip(values / 256 if top == 65535 else values * (255 / top), 0, 255).astype(np.uint8), assumed
    bits, assumed = _bits(int(largest), storage.bits)
    return np.clip(_eight(values, bits), 0, 255).astype(np.uint8), assumed


def colour(picture: Image.Image, again: Image.Image, storage: Stored) -> tuple[np.ndarray, str] | None:
    """Colours of 16 bits that use no more than 12, uint8 (height, width, channels), and what was assumed.

    Args:
        picture: as Pillow reads it, upper bytes only.
        again: the same file, opened a second time and not read yet.
        storage: how it is stored.

    Returns:
        None where the upper bytes are the picture.
    """
    upper = np.asarray(picture).astype(np.int32)
    if not storage.sixteen or upper[..., :3].max(initial=0) > 15:
        return None
    again.tile = _other_byte(again)  # pyright: ignore[reportAttributeAccessIssue]
    values = upper * 256 + np.asarray(again)
    bits, assumed = _bits(int(values[..., :3].max()), storage.bits)
    eight_bit = np.clip(_eight(values, bits), 0, 255).astype(np.uint8)
    if eight_bit.shape[2] == 4 and upper[..., 3].max() > 15:  # transparency uses all of its bits
        eight_bit[..., 3] = upper[..., 3]
    return eight_bit, assumed


def _bits(largest: int, stated: int) -> tuple[int, str]:
    needed = largest.bit_length()
    if stated and needed <= stated:
        return stated, ""
    # a PNG of few significant bits that fill all 16 is stored as its format wants it
    bits = next((bits for bits in _USUAL if needed <= bits), needed)
    return bits, "" if bits == 16 else f"{bits} bits"


def _eight(values: np.ndarray, bits: int) -> np.ndarray:
    return values >> (bits - 8) if bits >= 8 else values << (8 - bits)


def _significant(picture: Image.Image) -> int:
    """Bits by PNG's chunk sBIT, 0 without it."""
    stream = picture.fp  # pyright: ignore[reportAttributeAccessIssue]
    here = stream.tell()
    try:
        stream.seek(8)
        for _ in range(64):
            length, kind = struct.unpack(">I4s", stream.read(8))
            if kind == b"sBIT":
                return max(stream.read(min(length, 4)), default=0)
            if kind in (b"IDAT", b"IEND"):
                break
            stream.seek(length + 4, 1)
    except struct.error:
        pass
    finally:
        stream.seek(here)
    return 0


def _other_byte(picture: Image.Image) -> list:
    """Pillow's plan of reading, with the byte of each 16 that it leaves out; [] where there is none."""
    changed = []
    for tile in getattr(picture, "tile", []):
        mode = tile.args if isinstance(tile.args, str) else tile.args[0] if tile.args else ""
        if not isinstance(mode, str) or mode[-4:] not in (";16B", ";16L", ";16N") or mode[:-4] not in ("RGB", "RGBA"):
            return []
        swapped = mode[:-1] + ("L" if mode.endswith("B") else "B")
        changed.append(tile._replace(args=swapped if isinstance(tile.args, str) else (swapped, *tile.args[1:])))
    return changed


def _first(value: object) -> object:
    return value[0] if isinstance(value, tuple) and value else value
