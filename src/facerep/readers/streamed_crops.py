"""Streamed crops: batches of faces that are read and cut when they are asked for, in worker processes, ahead of time.

For a set whose crops nobody can keep. The same faces are the same pixels as from the cache. A picture that cannot be
read is replaced by another one of its batch, the next that can: which ones fail, and so what is taught, is the same in
every run. A container that was cut short or changed since it was listed ends the run.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from facerep import processes, threads
from facerep.console import console
from facerep.errors import BadInput, FacerepError
from facerep.faces.crops import CannotCrop, Crop
from facerep.faces.decode import UnreadablePicture, decode_assuming
from facerep.faces.table import Faces
from facerep.files.picture_source import FileSpans, PictureSource, read, size

_AHEAD = 2
"""Batches that each worker may be ahead of whoever teaches."""

_Asked = tuple[PictureSource, np.ndarray]


@dataclass(frozen=True)
class Damaged:
    """A container that is not what it was when it was listed."""

    what: str
    file: Path


@dataclass(frozen=True)
class StreamedCrops:
    """The crops of faces, of which none is kept.

    Attributes:
        faces: the table.
        crop: how they are cut; views as in Crop.
        workers: processes that read and cut; 0 works in this one, -1 takes one a core.
    """

    faces: Faces
    crop: Crop
    workers: int
    _told: list[str] = field(default_factory=list, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.faces)

    @property
    def shape(self) -> tuple[int, int, int, int, int]:
        """That of the array of all crops."""
        return len(self.faces), self.crop.views, self.crop.height, self.crop.width, self.crop.channels

    def batches(self, wanted: Iterable[np.ndarray]) -> Generator[tuple[np.ndarray, np.ndarray]]:
        """The rows of each batch, and their pixels, uint8 (rows, views, height, width, channels).

        Args:
            wanted: rows, batch by batch; drawn a little ahead.

        Raises:
            BadInput: a container was cut short or changed, or no picture of a batch can be read.
            FacerepError: a worker died.
        """
        workers = threads.cores() if self.workers < 0 else self.workers
        cut = functools.partial(_cut_each, self.crop)
        if not workers:
            for rows in wanted:
                yield self._whole(rows, cut(self._places(rows)))
            return
        pool, waiting = processes.pool(workers), deque[tuple[np.ndarray, list[Future]]]()
        try:
            for rows in wanted:
                with threads.one_each():
                    parts = np.array_split(rows, min(workers, len(rows)))
                    waiting.append((rows, [pool.submit(cut, self._places(part)) for part in parts]))
                if len(waiting) > _AHEAD * workers:
                    yield self._next(waiting)
            while waiting:
                yield self._next(waiting)
        except BrokenProcessPool as error:
            hint = "memory may be short: give fewer --workers, or 0 to work in one process"
            raise FacerepError("a worker that decodes pictures died", hint=hint) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _places(self, rows: np.ndarray) -> list[_Asked]:
        return list(zip(self.faces.paths[rows], self.faces.take(rows).marks, strict=True))

    def _next(self, waiting: deque[tuple[np.ndarray, list[Future]]]) -> tuple[np.ndarray, np.ndarray]:
        rows, parts = waiting.popleft()
        return self._whole(rows, [answer for part in parts for answer in part.result()])

    def _whole(self, rows: np.ndarray, answers: list[np.ndarray | str | Damaged]) -> tuple[np.ndarray, np.ndarray]:
        """The batch, in which the next picture that could be cut stands for each that could not."""
        for answer in answers:
            if isinstance(answer, Damaged):
                raise BadInput(answer.what, answer.file, "copy it again; the same command with --resume goes on")
        good = np.flatnonzero([not isinstance(answer, str) for answer in answers])
        for row, answer in zip(rows, answers, strict=True):
            if isinstance(answer, str) and not self._told:
                self._told.append(answer)
                what = f"a picture cannot be used, another of its batch stands for it: {self.faces.names[row]}"
                console.warn(f"{what} ({answer}); of further ones nothing is said")
        if not len(good):
            raise BadInput(f"no picture of a batch can be used ({answers[0]})", self.faces.root)
        instead = good[np.searchsorted(good, np.arange(len(rows))) % len(good)]
        return rows[instead], np.stack([answers[place] for place in instead])  # pyright: ignore


def _cut_each(crop: Crop, asked: list[_Asked]) -> list[np.ndarray | str | Damaged]:
    return [_cut(crop, place, marks) for place, marks in asked]


def _cut(crop: Crop, place: PictureSource, marks: np.ndarray) -> np.ndarray | str | Damaged:
    try:
        if isinstance(place, FileSpans):
            content = read(place)
            if len(content) < size(place):
                return Damaged("file was cut short since it was listed", place.file)
            place = content
        picture, _ = decode_assuming(place)
        return crop.cut_both(picture, marks) if crop.views == 2 else crop.cut(picture, marks)[None]
    except OSError as error:
        assert isinstance(place, FileSpans)
        return Damaged(f"file cannot be read ({error.strerror or error})", place.file)
    except UnreadablePicture as error:
        return error.reason
    except CannotCrop as error:
        return str(error)
