"""A faster way to the pixels of a JPEG file, where the package simplejpeg is there: the same pixels as Pillow's.

Both are libjpeg-turbo with the same choices (accurate transform, smooth upsampling); less is copied. tests/faces holds
them to equal pixels. What is unusual, damaged or cut short is left to Pillow: errors are the same with and without.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from PIL import Image

from facerep.files.picture_source import PictureSource, read


@cache
def decoder() -> Any:
    """simplejpeg's, None where it is not there."""
    try:
        import simplejpeg
    except ImportError:
        return None
    return simplejpeg.decode_jpeg


def pixels(picture: Image.Image, place: PictureSource) -> np.ndarray | None:
    """The stored pixels, uint8 (height, width, 3); None where Pillow is to decode them.

    Args:
        picture: opened, nothing decoded.
        place: where it is.
    """
    decode = decoder()
    if decode is None or picture.format != "JPEG" or picture.mode not in ("RGB", "L"):
        return None
    try:
        found = decode(read(place), colorspace="RGB" if picture.mode == "RGB" else "GRAY", strict=True)
    except (ValueError, OSError):
        return None
    if found.shape[:2] != (picture.height, picture.width):
        return None
    return found if picture.mode == "RGB" else np.repeat(found, 3, axis=2)
