"""Aligning: the aligned faces of a shard's photographs, one tar file a shard, in the layout of `data shard`.

Beside a shard stand, hidden, the lines of it that the lists of the whole are made of, until they are.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tarfile import TarFile
from typing import Any

import numpy as np

from facerep.detection.aligned_faces import Finding, aligned_faces
from facerep.extraction.align import COLUMNS, counts, measures, plain
from facerep.extraction.aligned_folder import encoded
from facerep.extraction.many.tasks import Line
from facerep.extraction.many.work import Job, Worker
from facerep.faces.table import Faces
from facerep.files.csv_file import read_rows, write_csv
from facerep.files.provenance import file_sha256
from facerep.readers.decode_many import pictures
from facerep.readers.shards.layout import BOX, PLACE, POINTS, TAKEN
from facerep.readers.shards.packing import new_tar, put
from facerep.readers.shards.pieces import Shard

FACES_BESIDE, FAILURES_BESIDE = ".faces.csv", ".failures.csv"
"""Endings of the hidden lists beside a shard."""
_POINTS = slice(COLUMNS.index("x1"), COLUMNS.index("y5") + 1)
MEASURED = (*COLUMNS[2 : _POINTS.start], *COLUMNS[_POINTS.stop :])
"""Columns of a face beside its name, person and points: as labels are, they stand in the JSON of each."""
_REMEDY = "give --overwrite to start again"


class _NoFace(Exception):
    pass


def beside(folder: Path, name: str, ending: str) -> Path:
    """The hidden list of a shard."""
    return folder / f".{name}{ending}"


@dataclass(frozen=True)
class AlignJob(Job):
    """Aligned faces of all photographs, a tar file a shard.

    Attributes:
        how: faces are found.
        picture_format: one of aligned_folder.FORMATS.
    """

    how: Finding = field(default_factory=Finding)
    picture_format: str = "png"

    def worker(self) -> Worker:
        """With the detector, which each process loads for itself."""
        return _Aligning(self)


class _Aligning(Worker):
    """Faces found and aligned; memory is that of the largest photograph in each process."""

    def __init__(self, job: AlignJob) -> None:
        super().__init__(job.folder)
        self.job = job

    def faces(self, shard: Shard) -> Faces:
        return self.job.faces(shard)

    def made(self, shard: Shard, faces: Faces, output: Path, told: dict[str, Any]) -> Line:
        lists = [beside(self.folder, output.name, ending) for ending in (FACES_BESIDE, FAILURES_BESIDE)]
        if not (output.exists() and all(path.is_file() for path in lists)):
            with suppress(_NoFace):
                self._write(faces, output, *lists)
        rows, several = counts(_counted(lists[0]))
        failures = list(read_rows(lists[1], _REMEDY))[1:]
        there = {"bytes": output.stat().st_size, "sha256": file_sha256(output)} if rows else {"bytes": 0, "sha256": ""}
        counted = {"rows": rows, "failures": len(failures), "photographs": len(faces), "several": several}
        first = ": ".join(failures[0]) if failures else "no photograph"
        return Line(shard.source, output.name, {**counted, **there, **told}, reason="" if rows else first)

    def _write(self, faces: Faces, output: Path, list_of_faces: Path, list_of_failures: Path) -> None:
        """The lists, then the shard: where that is there, they are whole.

        Raises:
            _NoFace: there is none, and no shard.
        """
        labels = {
            name: column for name, column in faces.labels.items()
            if name.casefold() not in COLUMNS and name not in TAKEN
        }  # fmt: skip
        columns = ("name", "person", *MEASURED, *labels, *POINTS, *BOX, *PLACE)
        failures = [*faces.failures]
        with new_tar(output) as tar:
            rows = self._put(faces, labels, tar, output.name, columns, failures)
            write_csv(list_of_faces, columns, rows, overwrite=True)
            write_csv(list_of_failures, ("name", "reason"), failures, overwrite=True)
            if not tar.offset:
                raise _NoFace

    def _put(
        self, faces: Faces, labels: dict[str, np.ndarray], tar: TarFile, shard: str, columns: tuple[str, ...],
        failures: list[tuple[str, str]],
    ) -> Iterator[list[object]]:  # fmt: skip
        """Put the faces into the tar file as they come; gives their lines, and adds failures to those there are."""
        key, taken = 0, set(faces.names)
        work = functools.partial(aligned_faces, self.job.how)
        for row, answer in pictures(faces, work, workers=self.job.workers):
            source = faces.names[row]
            if isinstance(answer, str):
                failures.append((source, answer))
                continue
            for face in answer:
                cells = measures(face)
                points = _POINTS.start - COLUMNS.index("number")
                known = [
                    _name(source, face["number"], taken), faces.people[row], source, *cells[:points],
                    *cells[points + 10 :], *(plain(column[row]) for column in labels.values()),
                    *cells[points : points + 10], *([""] * len(BOX)),
                ]  # fmt: skip
                said = {name: cell for name, cell in zip(columns, known, strict=False) if cell not in ("", None)}
                content = encoded(face["pixels"], self.job.picture_format)
                place = put(tar, key, f".{self.job.picture_format}", content, json.dumps(said).encode())
                key += 1
                yield [*known, shard, *place]


def _name(source: str, number: int, taken: set[str]) -> str:
    """What a face is called: as its photograph, the second of it NAME~2, and so on; no two of a shard are the same."""
    if number == 1:
        return source
    name = f"{source}~{number}"
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def _counted(path: Path) -> Iterator[tuple[str, int, int]]:
    rows = read_rows(path, _REMEDY)
    header = next(rows)
    places = [header.index(name) for name in ("source", "number", "found")]
    for cells in rows:
        source, number, found = (cells[place] for place in places)
        yield source, int(number), int(found)
