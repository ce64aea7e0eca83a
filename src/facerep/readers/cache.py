"""The crop cache: faces that were cut once are one memory-mapped array the next time.

One folder a (data set, crop): `crops.npy` uint8, and `rows.json` saying which faces it holds and which failed.
A folder that is there is whole: it is written under another name and renamed.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from facerep.errors import BadInput
from facerep.faces.crop_advice import no_face
from facerep.faces.crops import Crop
from facerep.faces.decode import passing
from facerep.faces.table import Faces
from facerep.files.byte_sizes import bytes_of
from facerep.files.json_file import parse
from facerep.files.provenance import fingerprint
from facerep.files.text import read_text
from facerep.progress import progress
from facerep.readers.decode_many import pictures

_RULES = "2"
"""Counted up when the same picture and contract give other pixels, or fail where they did not."""


@dataclass(frozen=True)
class CutFaces:
    """Faces that could be cut, and their pixels.

    Attributes:
        faces: the table, failures taken out.
        pixels: uint8 (n, views, height, width, channels), memory-mapped; views as in Crop. StreamedCrops where they
            are cut when they are asked for; then who fails is not known beforehand.
        failures: (name, reason) of the others.
    """

    faces: Faces
    pixels: Any
    failures: tuple[tuple[str, str], ...]


def folder() -> Path:
    """Where crops are kept: FACEREP_CACHE, else the system's place for caches."""
    if named := os.environ.get("FACEREP_CACHE"):
        return Path(named)
    if sys.platform == "win32":
        home = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local"))
    elif sys.platform == "darwin":
        home = Path.home() / "Library/Caches"
    else:
        home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return home / "facerep"


def fits(faces: Faces, crop: Crop) -> bool:
    """Whether the crops of all faces may be kept: FACEREP_CACHE_SIZE says how many bytes, else half of what is free.

    Raises:
        Usage: FACEREP_CACHE_SIZE is no size.
    """
    if _place(faces, crop, crop.views).exists():
        return True
    named = os.environ.get("FACEREP_CACHE_SIZE")
    if named:
        return crop_bytes(faces, crop) <= bytes_of(named)
    there = folder()
    while not there.exists():
        there = there.parent
    return crop_bytes(faces, crop) <= shutil.disk_usage(there).free // 2


def crop_bytes(faces: Faces, crop: Crop) -> int:
    """What the crops of all faces take as they are kept."""
    return len(faces) * crop.views * crop.height * crop.width * crop.channels


def clear() -> int:
    """Remove all cached crops; gives the bytes that were freed."""
    freed = size()
    shutil.rmtree(folder() / "crops", ignore_errors=True)
    return freed


def size() -> int:
    """Bytes of all cached crops."""
    return sum(path.stat().st_size for path in (folder() / "crops").rglob("*") if path.is_file())


def cut_all(faces: Faces, crop: Crop, *, workers: int, mirrored: bool = False) -> CutFaces:
    """Cut every face, or take what was cut before.

    With `mirrored` there are always two views, the face and the mirrored picture's, as extraction has them; without it
    as many as training needs, see Crop.views.

    Raises:
        BadInput: not one face could be cut (the first reason is shown), or the cache cannot be written.
    """
    views = 2 if mirrored else crop.views
    place = _place(faces, crop, views)
    stored = _stored(place, len(faces)) if place.exists() else None
    if stored is None:
        shutil.rmtree(place, ignore_errors=True)
        _fill(place, faces, crop, views, workers)
        stored = _stored(place, len(faces), again=False)
    if stored is None:
        raise BadInput("crop cache cannot be read", place, "set FACEREP_CACHE to a folder on a sound disk")
    kept, failures, pixels = stored
    if pixels is None:
        raise no_face("no face could be cut", faces, failures)
    return CutFaces(faces.take(kept), pixels, failures)


def cut_before(faces: Faces, crop: Crop, views: int) -> Iterator[tuple[int, np.ndarray | str]] | None:
    """What was cut before of these very faces, as `decode_many.pictures` gives it; None where nothing was.

    Args:
        faces: the table.
        crop: the contract.
        views: 1 is the face, 2 the face and the mirrored picture's.
    """
    place = _place(faces, crop, views)
    stored = _stored(place, len(faces)) if place.exists() else None
    return None if stored is None else _rows(len(faces), *stored)


def _rows(
    count: int, kept: np.ndarray, failures: tuple[tuple[str, str], ...], pixels: np.ndarray | None
) -> Iterator[tuple[int, np.ndarray | str]]:
    # failures stand in the order of the table, as what was kept does
    places, reasons = dict(zip(kept.tolist(), range(count), strict=False)), iter(failures)
    for row in range(count):
        if row in places and pixels is not None:
            yield row, np.array(pixels[places[row]])
        else:
            yield row, next(reasons)[1]


def _place(faces: Faces, crop: Crop, views: int) -> Path:
    """The folder of these crops."""
    return folder() / "crops" / fingerprint([faces.stamp(), f"{crop} x {views}", _RULES])[:24]


def _stored(place: Path, count: int, *, again: bool = True) -> tuple[np.ndarray, tuple, np.ndarray | None] | None:
    """The rows that were kept of `count` faces, the failures, and the pixels if any; None where all must be cut anew.

    That is where the cache is damaged or, if `again`, where a picture that could not be read then may be read now.
    """
    try:
        rows = parse(read_text(place / "rows.json"))
        kept = np.array(rows["kept"], dtype=int)
        failures = tuple((str(name), str(reason)) for name, reason in rows["failures"])
        pixels = np.load(place / "crops.npy", mmap_mode="r") if len(kept) else None
        good = pixels is None or (pixels.dtype == np.uint8 and pixels.ndim == 5 and len(pixels) == len(kept))
        good &= len(kept) + len(failures) == count and bool(((kept >= 0) & (kept < count)).all())
    except (BadInput, OSError, ValueError, KeyError, TypeError, EOFError, OverflowError):
        return None
    if not good or (again and any(passing(reason) for _, reason in failures)):
        return None
    return kept, failures, pixels


def _fill(place: Path, faces: Faces, crop: Crop, views: int, workers: int) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=".building-", dir=place.parent))
    except OSError as error:
        raise BadInput(f"crop cache cannot be written ({error.strerror})", place.parent, "set FACEREP_CACHE") from error
    try:
        shape = (len(faces), views, crop.height, crop.width, crop.channels)
        pixels = np.lib.format.open_memmap(building / "all.npy", mode="w+", dtype=np.uint8, shape=shape)
        kept, failures = [], []
        with progress(f"cut {crop}", len(faces)) as advance:
            for row, answer in pictures(faces, functools.partial(_cut, crop, views), workers=workers):
                if isinstance(answer, str):
                    failures.append((faces.names[row], answer))
                else:
                    pixels[len(kept)] = answer
                    kept.append(row)
                advance(1)
        if len(kept) == len(faces):  # a copy would take the same again
            pixels.flush()
            del pixels
            os.replace(building / "all.npy", building / "crops.npy")
        else:
            np.save(building / "crops.npy", pixels[: len(kept)])
            del pixels
            (building / "all.npy").unlink()
        (building / "rows.json").write_text(json.dumps({"kept": kept, "failures": failures}), encoding="utf-8")
        try:
            os.replace(building, place)
        except OSError:
            if not place.exists():  # else another process was faster, with the same content
                raise
    except OSError as error:
        raise BadInput(f"crop cache cannot be written ({error.strerror})", place.parent, "set FACEREP_CACHE") from error
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _cut(crop: Crop, views: int, picture: np.ndarray, marks: np.ndarray) -> np.ndarray:
    return crop.cut_both(picture, marks) if views == 2 else crop.cut(picture, marks)[None]
