"""The work: one shard becomes one part of a folder, whole or absent, and a line that tells of it.

What is made of a shard is a job's: features (extracting.py), aligned faces (aligning.py). Engines know no more of it
than stands here.
"""

from __future__ import annotations

import errno
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from facerep.console import console
from facerep.detection.aligned_faces import Finding
from facerep.detection.five_points import BUNDLED, OF_DETECTOR, TYPICALLY
from facerep.errors import FacerepError
from facerep.extraction.many.tasks import Line, Task, is_there, keep_line, read_line
from facerep.faces.table import Faces
from facerep.readers.shards.pieces import Shard

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""The disk takes no more: no other shard would do better."""


@dataclass(frozen=True)
class Job(ABC):
    """What is the same for all shards; picklable.

    Attributes:
        folder: of the parts.
        device: of the worker, see networks.device.
        workers: processes that decode pictures for it, see readers.decode_many.
    """

    folder: Path
    device: str = field(default="cpu", kw_only=True)
    workers: int = field(default=-1, kw_only=True)

    def faces(self, shard: Shard) -> Faces:
        """Those of a shard that are wanted."""
        return shard.faces()

    @abstractmethod
    def worker(self) -> Worker:
        """Who does the shards of this job, one after another; what takes long to load is loaded once."""


class Worker(ABC):
    """Does shards, one after another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, task: Task) -> Line:
        """Write the part of a shard.

        Raises:
            BadInput: the disk takes no more. All else that a shard may suffer from is in the line.
        """
        with console.listening() as warnings:
            try:
                line = self._done(task)
            except FacerepError as error:
                if isinstance(error.__cause__, OSError) and error.__cause__.errno in _FULL:
                    raise
                line = Line(task.shard.source, task.name, error=str(error))
            except OSError as error:  # a drive that went away in the middle of it
                said = f"{error.strerror}: {error.filename or task.shard.source}"
                line = Line(task.shard.source, task.name, error=said)
        return replace(line, warnings=tuple(warnings))

    def _done(self, task: Task) -> Line:
        shard, sha256 = task.shard, task.shard.sha256
        begun = read_line(self.folder, task.name)  # where a worker died behind its work, or in it
        for line in (task.before, begun):
            if line is not None and line.part["source_sha256"] == sha256 and is_there(self.folder, line):
                return line
        faces, output = self.faces(shard), self.folder / task.name
        told: dict[str, Any] = {"source": shard.source, "source_sha256": sha256}
        if begun is None or begun.part != told:  # what is there is of another source
            output.unlink(missing_ok=True)
            keep_line(self.folder, Line(shard.source, task.name, told))
        line = self.made(shard, faces, output, told)
        keep_line(self.folder, line)
        return line

    @abstractmethod
    def faces(self, shard: Shard) -> Faces:
        """Those of a shard that are wanted."""

    @abstractmethod
    def made(self, shard: Shard, faces: Faces, output: Path, told: dict[str, Any]) -> Line:
        """Make the part, whole or absent.

        Args:
            shard: which.
            faces: of it.
            output: the part; one that is there is of the same shard, and whole.
            told: `source` and `source_sha256` of the line.
        """


def here(job: Job, tasks: Sequence[Task]) -> Iterator[Line]:
    """The engine without others: this process does one shard after another."""
    return map(job.worker(), tasks)


def found_anywhere(finding: Finding) -> Finding:
    """How faces are found, called as it is whatever folder a process works in."""
    own_words = (BUNDLED, OF_DETECTOR, TYPICALLY)
    if finding.points in own_words or not Path(finding.points).exists():
        return finding
    return replace(finding, points=str(Path(finding.points).absolute()))
