"""Decode many: pictures are opened and cut in worker processes, in the order of the table.

Nothing is kept (see cache.py). A worker imports what the cutting function needs, and no torch. What had to be assumed
of pictures' values is warned of once, with the count.
"""

from __future__ import annotations

import itertools
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing

import numpy as np

from facerep import processes, threads
from facerep.console import console, counted
from facerep.errors import FacerepError
from facerep.faces.crops import CannotCrop
from facerep.faces.decode import UnreadablePicture, decode_assuming
from facerep.faces.table import Faces
from facerep.files.picture_source import PictureSource

Work = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""A picture uint8 (h, w, 3) and its marks (7, 2), see Faces.marks, become an array; picklable by name."""

_CHUNK = 32
"""Pictures in one message to a worker: some 20 ms of work, against 0.2 ms for the message."""

_AHEAD = 4
"""Chunks that each worker may be ahead of whoever reads."""

_Task = tuple[int, PictureSource, np.ndarray]
_Answer = tuple[int, np.ndarray | str, str]
"""Row, what became of it, and what was assumed of the picture's values."""


def pictures(faces: Faces, work: Work, *, workers: int) -> Iterator[tuple[int, np.ndarray | str]]:
    """What `work` makes of each face's picture, in the order of the table.

    Args:
        faces: the table; the rows' paths, points and boxes are used.
        work: a function of a module, or a functools.partial of one.
        workers: processes; 0 works in this one, -1 takes one a core.

    Yields:
        (row, array), or (row, reason) where the picture could not be opened or `work` refused it.

    Raises:
        FacerepError: a worker died (killed, or out of memory).
    """
    tasks = zip(range(len(faces)), faces.paths, faces.marks, strict=True)
    workers = threads.cores() if workers < 0 else workers
    if workers == 0 or len(faces) <= _CHUNK:
        return _with_warnings(faces, (_one(work, task) for task in tasks))
    return _with_warnings(faces, _by_workers(tasks, work, min(workers, -(-len(faces) // _CHUNK))))


def _with_warnings(faces: Faces, answers: Generator[_Answer]) -> Iterator[tuple[int, np.ndarray | str]]:
    """The answers without what was assumed, which is warned of before the last one."""
    counts: Counter[str] = Counter()
    first: dict[str, str] = {}
    with closing(answers):  # who stops reading ends the workers
        for row, answer, assumed in answers:
            if assumed:
                counts[assumed] += 1
                first.setdefault(assumed, faces.names[row])
            if row == len(faces) - 1:
                for words, count in counts.items():
                    many = counted(count, "picture")
                    what = f"{many} of more than 8 bits without a stated range, such as {first[words]}"
                    console.warn(f"{what}: taken as {words}, by the largest value in each")
            yield row, answer


def _by_workers(tasks: Iterable[_Task], work: Work, workers: int) -> Generator[_Answer]:
    waiting: deque[Future[list[_Answer]]] = deque()
    pool = processes.pool(workers)
    chunks = _chunked(tasks)
    try:
        with threads.one_each():
            for chunk in itertools.islice(chunks, workers * _AHEAD):
                waiting.append(pool.submit(_several, work, chunk))
        while waiting:
            answers = waiting.popleft().result()
            chunk = next(chunks, None)
            if chunk is not None:
                waiting.append(pool.submit(_several, work, chunk))
            yield from answers
    except BrokenProcessPool as error:
        hint = "memory may be short: give fewer --workers, or 0 to work in one process"
        raise FacerepError("a worker that decodes pictures died", hint=hint) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _chunked(tasks: Iterable[_Task]) -> Iterator[list[_Task]]:
    tasks = iter(tasks)
    while chunk := list(itertools.islice(tasks, _CHUNK)):
        yield chunk


def _several(work: Work, tasks: list[_Task]) -> list[_Answer]:
    return [_one(work, task) for task in tasks]


def _one(work: Work, task: _Task) -> _Answer:
    row, place, marks = task
    assumed = ""
    try:
        picture, assumed = decode_assuming(place)
        return row, work(picture, marks), assumed
    except UnreadablePicture as error:
        return row, error.reason, assumed
    except CannotCrop as error:
        return row, str(error), assumed
