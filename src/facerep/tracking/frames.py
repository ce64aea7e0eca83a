"""Frames: the pictures of a folder one after the other, the box of the first one, and the true boxes where there are.

OTB's layout is a folder with `img/` and `groundtruth_rect.txt`: one box a line, 1-based, with tabs, commas or
spaces between. A box of ours is 0-based.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from facerep.console import counted, first_few
from facerep.errors import BadInput, Usage
from facerep.faces.decode import UnreadablePicture, decode
from facerep.files.text import MOST_SETTINGS, read_text
from facerep.readers.sets.folders import walk

PICTURES, TRUTH = "img", "groundtruth_rect.txt"
"""What OTB calls its pictures and its boxes."""


@dataclass(frozen=True)
class Frame:
    """One frame.

    Attributes:
        name: of its file, or its number in a video.
        pixels: uint8 (height, width, 3), RGB; None where it could not be decoded.
        failure: why not, else "".
    """

    name: str
    pixels: np.ndarray | None
    failure: str = ""


class Frames(Protocol):
    """Frames in their order, read one at a time.

    Attributes:
        path: where they are.
        count: how many; 0 where nobody knows before they are read.
        rate: frames a second of a video, else 0.
        truth: float64 (count, 4), 0-based, not finite where the face is not there; None where boxes are unknown.
        warnings: what the user should look at.
    """

    @property
    def path(self) -> Path: ...
    @property
    def count(self) -> int: ...
    @property
    def rate(self) -> float: ...
    @property
    def truth(self) -> np.ndarray | None: ...
    @property
    def warnings(self) -> tuple[str, ...]: ...

    def read(self, start: int = 0) -> Iterator[Frame]:
        """The frames from number `start` on."""
        ...


@dataclass(frozen=True)
class FolderFrames:
    """The pictures of a folder, in the order of the numbers in their names."""

    path: Path
    names: tuple[str, ...]
    folder: Path
    truth: np.ndarray | None
    warnings: tuple[str, ...]
    rate: float = 0.0

    @property
    def count(self) -> int:
        return len(self.names)

    def read(self, start: int = 0) -> Iterator[Frame]:
        for name in self.names[start:]:
            try:
                yield Frame(name, decode(self.folder / name))
            except UnreadablePicture as error:
                yield Frame(name, None, error.reason)


def folder_frames(path: Path) -> FolderFrames:
    """The frames of a folder, in OTB's layout or of pictures alone.

    Raises:
        BadInput: no folder, no picture; or the boxes are not one a frame.
    """
    folder = path / PICTURES if (path / PICTURES).is_dir() else path
    if not folder.is_dir():
        raise BadInput("no such folder of frames", path)
    walked = walk(folder, depth=0)
    if not walked.pictures:
        raise BadInput("no picture in folder", folder, "name a folder of frames, or a video file")
    names = tuple(sorted((name for name, _ in walked.pictures), key=_by_number))
    truth = path / TRUTH
    boxes = read_truth(truth) if truth.exists() else None
    if boxes is not None and len(boxes) != len(names):
        raise BadInput(f"{counted(len(boxes), 'box', 'boxes')} for {counted(len(names), 'frame')}", truth)
    warnings = tuple(f"{name}: {reason}" for name, reason in walked.failures)
    return FolderFrames(path, names, folder, boxes, (*warnings, *_gaps(names)))


def read_truth(path: Path) -> np.ndarray:
    """The boxes of a file in OTB's layout, float64 (n, 4), 0-based; a face that is not there has no finite box.

    Raises:
        BadInput: a line is not four numbers, or there is none.
    """
    boxes = []
    for number, line in enumerate(read_text(path, MOST_SETTINGS).splitlines(), 1):
        if not line.strip():
            continue
        try:
            values = [float(word) for word in re.split(r"[\s,;]+", line.strip())]
        except ValueError:
            values = []
        if len(values) != 4:
            raise BadInput(f"line {number} is not x, y, width, height", path)
        there = np.isfinite(values).all() and values[2] > 0 and values[3] > 0
        boxes.append(np.array(values) - [1, 1, 0, 0] if there else np.full(4, np.nan))
    if not boxes:
        raise BadInput("no box", path)
    return np.array(boxes)


def parse_box(text: str) -> np.ndarray:
    """A box as it is typed: X,Y,WIDTH,HEIGHT in pixels, 0-based; float64 (4,).

    Raises:
        Usage: not four numbers, or no area.
    """
    try:
        box = np.array([float(word) for word in text.split(",")])
    except ValueError:
        box = np.empty(0)
    if len(box) != 4 or not np.isfinite(box).all() or (box[2:] <= 0).any():
        raise Usage(f"--box wants X,Y,WIDTH,HEIGHT in pixels, got {text!r}")
    return box


def first_box(frames: Frames, asked: np.ndarray | None) -> np.ndarray:
    """The box of the face in the first frame: as asked, else the true one.

    Raises:
        Usage: neither is there.
    """
    if asked is not None:
        return asked
    if frames.truth is None:
        raise Usage("where is the face in the first frame?", hint="give --box X,Y,WIDTH,HEIGHT")
    if not np.isfinite(frames.truth[0]).all():
        raise BadInput("no face in the first frame", frames.path / TRUTH, "give --box X,Y,WIDTH,HEIGHT")
    return frames.truth[0]


def _by_number(name: str) -> list[tuple[int, str]]:
    """Names in the order of the numbers in them: frame 9 before frame 10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", name) if part]


def _gaps(names: tuple[str, ...]) -> list[str]:
    """A warning where numbers are left out between the first and the last."""
    found = [re.findall(r"[0-9]+", Path(name).stem) for name in names]
    numbers = [int(parts[-1]) for parts in found if parts]
    if len(numbers) < len(names) or len(set(numbers)) < len(numbers):
        return []
    missing = sorted(set(range(numbers[0], numbers[0] + min(numbers[-1] - numbers[0] + 1, 10**6))) - set(numbers))
    if not missing or len(missing) > len(names):  # every second frame, say: that is how they were taken
        return []
    return [f"{counted(len(missing), 'frame')} missing between others ({first_few(missing)}): the face may jump there"]
