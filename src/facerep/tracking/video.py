"""Videos: their frames by ffmpeg, one at a time, and a video of frames in which boxes are drawn.

ffmpeg comes with the package imageio-ffmpeg. It may read the one file that is named, and nothing from elsewhere.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from facerep.errors import BadInput, NotAvailable, first_line
from facerep.faces.decode import LARGEST
from facerep.files.atomic import replacing
from facerep.tracking.frames import Frame

SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv"})
"""Endings, in lower case, of the files that are taken for videos."""
RATE = 25.0
"""Frames a second of a video that is drawn from a folder."""
_ONLY_FILES = ["-protocol_whitelist", "file"]
_COLOURS = {"given": (255, 255, 255), "general": (80, 160, 255), "specific": (255, 170, 40)}


def require_ffmpeg() -> Any:
    """The package imageio-ffmpeg.

    Raises:
        NotAvailable: it is not here.
    """
    try:
        import imageio_ffmpeg  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise NotAvailable("videos need imageio-ffmpeg", hint="pip install 'facerep[video]'") from error
    logging.getLogger("imageio_ffmpeg").setLevel(logging.ERROR)  # it would tell that a turned video is read upright
    return imageio_ffmpeg


@dataclass(frozen=True)
class VideoFrames:
    """The frames of a video file; a frame's name is its number, from 1. `count` is what the file's head promises."""

    path: Path
    count: int
    rate: float
    truth: np.ndarray | None = None
    warnings: tuple[str, ...] = ()

    def read(self, start: int = 0) -> Iterator[Frame]:
        """The frames from number `start` on; where the video breaks off, the last one has no pixels."""
        frames = _opened(self.path)
        number = 0
        try:
            width, height = next(frames)["size"]
            for number, pixels in enumerate(frames, 1):
                if number > start:
                    yield Frame(str(number), np.frombuffer(pixels, np.uint8).reshape(height, width, 3))
        except (OSError, RuntimeError) as error:
            yield Frame(str(number + 1), None, f"video breaks off ({first_line(error)})")
        finally:
            frames.close()


def video_frames(path: Path) -> VideoFrames:
    """The frames of a video.

    Raises:
        NotAvailable: imageio-ffmpeg is not here.
        BadInput: no video that ffmpeg decodes, or its frames are larger than a picture may be.
    """
    frames = _opened(path)
    try:
        meta = next(frames)
    except (OSError, RuntimeError, StopIteration, ValueError, IndexError) as error:
        raise BadInput("not a video that ffmpeg decodes, or damaged", path) from error
    finally:
        frames.close()
    width, height = meta["size"]
    if width * height > LARGEST:
        raise BadInput(f"frames of {width}x{height} pixels are larger than the {LARGEST:,} that are read", path)
    rate = float(meta.get("fps") or RATE)
    return VideoFrames(path, round(rate * float(meta.get("duration") or 0)), rate)


def _opened(path: Path) -> Any:
    return require_ffmpeg().read_frames(f"file:{path.resolve()}", input_params=_ONLY_FILES)


@contextmanager
def drawing_video(path: Path | None, rate: float, *, overwrite: bool) -> Iterator[Callable[..., None] | None]:
    """Give a function that adds a frame with its box; the video is whole or absent. None where no path is given.

    Args:
        path: of an .mp4.
        rate: frames a second, 0 for a folder's.
        overwrite: replace what is there.

    Raises:
        NotAvailable: imageio-ffmpeg is not here.
        BadInput: ffmpeg could not write it.
    """
    if path is None:
        yield None
        return
    ffmpeg = require_ffmpeg()
    with replacing(path, overwrite=overwrite) as temporary:
        writer: list[Any] = []
        shape: list[tuple[int, ...]] = []

        def add(pixels: np.ndarray | None, box: Any, head: str) -> None:
            if pixels is None:
                return
            if not writer:
                shape.append(pixels.shape)
                size = (pixels.shape[1], pixels.shape[0])
                writer.append(ffmpeg.write_frames(
                    str(temporary), size, fps=rate or RATE, codec="libx264", macro_block_size=1,
                    output_params=["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2"], ffmpeg_log_level="error",
                ))  # fmt: skip
                writer[0].send(None)
            if pixels.shape == shape[0]:
                writer[0].send(np.ascontiguousarray(draw(pixels, box, head)))

        try:
            yield add
        except (OSError, RuntimeError) as error:
            raise BadInput(f"ffmpeg cannot write the video ({first_line(error)})", path) from error
        finally:
            for one in writer:
                one.close()
        if not writer:
            raise BadInput("no frame to draw", path)


def draw(pixels: np.ndarray, box: Any, head: str) -> np.ndarray:
    """A frame with its box, in the colour of the head that chose; without one where there is no box."""
    if box is None:
        return pixels
    drawn, (height, width) = pixels.copy(), pixels.shape[:2]
    x, y, wide, high = (float(value) for value in box)
    line = max(1, round(min(height, width) / 200))
    left, right = (int(np.clip(round(value), 0, width)) for value in (x, x + wide))
    top, bottom = (int(np.clip(round(value), 0, height)) for value in (y, y + high))
    for rows, columns in (
        (slice(top, top + line), slice(left, right)), (slice(max(bottom - line, 0), bottom), slice(left, right)),
        (slice(top, bottom), slice(left, left + line)), (slice(top, bottom), slice(max(right - line, 0), right)),
    ):  # fmt: skip
        drawn[rows, columns] = _COLOURS[head]
    return drawn
