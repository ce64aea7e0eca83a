"""Align: photographs in, a folder of aligned faces out, whole or absent, resumable at any instant.

Memory is that of the largest photograph in each worker, and of the faces of one block.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

import numpy as np

from facerep.detection.aligned_faces import Finding, aligned_faces, described, require
from facerep.extraction.aligned_folder import AlignedFolder, require_format
from facerep.faces.crop_advice import no_face
from facerep.faces.decode import decode
from facerep.faces.table import Faces
from facerep.files.inputs import command, remember_pictures
from facerep.progress import progress
from facerep.readers.decode_many import pictures
from facerep.readers.table import FORMAT, VERSION

BLOCK = 256
"""Photographs in a block: what a kill costs at most."""

_POINTS = tuple(f"{axis}{number}" for number in range(1, 6) for axis in "xy")
COLUMNS = (
    "path", "person", "source", "number", "found", "score", "box_x", "box_y", "box_width", "box_height", *_POINTS,
    *(f"source_{name}" for name in _POINTS), *(f"transform_{place}" for place in ("a", "b", "c", "d", "e", "f")),
)  # fmt: skip
"""Of faces.csv; labels of the photographs stand behind them."""
_SOURCE, _NUMBER, _FOUND = map(COLUMNS.index, ("source", "number", "found"))


@dataclass(frozen=True)
class Aligned:
    """What an alignment came to.

    Attributes:
        output: the folder.
        how: how faces were found.
        photographs: how many were looked at.
        faces: how many aligned faces there are.
        several: photographs in which more faces were found than were taken.
        failures: (name, reason) of photographs without an aligned face.
    """

    JSON: ClassVar = ("output", "how", "photographs", "faces", "several", "failed", "failures")

    output: Path
    how: Finding
    photographs: int
    faces: int
    several: int
    failures: tuple[tuple[str, str], ...]

    @property
    def failed(self) -> int:
        """How many photographs gave no face."""
        return len(self.failures)


@command()
def align(
    photographs: Faces,
    output: Path,
    how: Finding | None = None,
    *,
    picture_format: str = "png",
    workers: int = -1,
    resume: bool = False,
    overwrite: bool = False,
    show: Callable[[str, np.ndarray, np.ndarray], None] | None = None,
    block: int = BLOCK,
) -> Aligned:
    """Write the aligned faces of photographs into a folder.

    Args:
        photographs: names, people, labels and places of the pictures.
        output: the folder.
        how: how faces are found and chosen.
        picture_format: one of aligned_folder.FORMATS.
        workers: processes; 0 works in this one, -1 takes one a core.
        resume: go on with what was stopped.
        overwrite: replace aligned faces.
        show: given the name of the first aligned picture without its ending, the photograph and its faces.
        block: photographs in a block.

    Raises:
        OutputExists: aligned faces are there.
        BadInput: something else is there; unfinished work is, and neither `resume` nor `overwrite` was given, or it was
            made otherwise; not one photograph gave a face; the disk refused the bytes.
        NotAvailable, Usage: as `detector`; no such format.
    """
    how = how or Finding()
    require(how)
    require_format(picture_format)
    remember_pictures(photographs.paths)
    found_by = described(how)
    contract = {**found_by, "format": picture_format, "photographs": photographs.stamp(), "block": block}
    names = picture_names(photographs.names.tolist())
    with closing(AlignedFolder(output, contract, resume=resume, overwrite=overwrite)) as folder:
        missing = folder.missing(len(photographs), block)
        rows = np.concatenate([np.arange(*each) for each in missing]) if missing else np.zeros(0, int)
        work = functools.partial(aligned_faces, how)
        answers = pictures(photographs.take(rows), work, workers=workers)
        with progress("align", len(rows), "photographs") as advance:
            for start, stop in missing:
                made: list[list[object]] = []
                failures: list[tuple[str, str]] = []
                for row in range(start, stop):
                    _, answer = next(answers)
                    if isinstance(answer, str):
                        failures.append((photographs.names[row], answer))
                    else:
                        made += _put(folder, photographs, row, names[row], picture_format, answer)
                        if show is not None:  # the picture itself stayed with the worker
                            show(names[row], decode(photographs.paths[row]), answer)
                    advance(1)
                folder.close_block(start // block, made, failures)
        failures = [*photographs.failures, *folder.failures()]
        faces, several = counts((row[_SOURCE], row[_NUMBER], row[_FOUND]) for row in folder.rows())
        if not faces:
            folder.discard()
            raise no_face("no photograph gave a face", photographs, failures)
        about = {
            "format": FORMAT, "version": VERSION, **found_by, "photographs": len(photographs), "faces": faces,
            "failed": len(failures),
        }  # fmt: skip
        folder.finish((*COLUMNS, *_labels(photographs)), failures, about)
    return Aligned(output, how, len(photographs), faces, several, tuple(failures))


def _put(
    folder: AlignedFolder, photographs: Faces, row: int, name: str, ending: str, faces: np.ndarray
) -> Iterator[list[object]]:
    """Write the faces of one photograph; gives their rows."""
    labels = [plain(column[row]) for column in _labels(photographs).values()]
    for face in faces:
        path = f"{name}~{face['number']}.{ending}" if face["number"] > 1 else f"{name}.{ending}"
        folder.put(path, face["pixels"])
        yield [path, photographs.people[row], photographs.names[row], *measures(face), *labels]


def measures(face: np.ndarray) -> list[float | int]:
    """What was measured of an aligned face: the columns from `number` to the transform; `face` is of ALIGNED."""
    numbers = (face[key].ravel().tolist() for key in ("box", "points", "source_points", "transform"))
    box, points, source, transform = numbers
    return [int(face["number"]), int(face["found"]), float(face["score"]), *box, *points, *source, *transform]


def _labels(photographs: Faces) -> Mapping[str, np.ndarray]:
    """The label columns that have no other meaning in a table of aligned faces."""
    return {name: column for name, column in photographs.labels.items() if name.casefold() not in COLUMNS}


def plain(value: Any) -> object:
    """A label as JSON has it; NaN, which is unknown, as None."""
    value = value.item() if isinstance(value, np.generic) else value
    return None if value != value else value


def counts(rows: Iterable[tuple[str, int, int]]) -> tuple[int, int]:
    """Faces, and photographs of which not all were taken; rows of photograph, number and found."""
    taken: dict[str, tuple[int, int]] = {}
    faces = 0
    for source, number, found in rows:
        faces += 1
        taken[source] = max(taken.get(source, (0, 0)), (number, found))
    return faces, sum(last < there for last, there in taken.values())


def picture_names(sources: Sequence[str]) -> list[str]:
    """What the aligned pictures of photographs are called, without their ending; all differ, whatever the case.

    A name's own ending goes where no other photograph is called so without it, and where it cannot be taken for the
    second face of another.

    >>> picture_names(["ann/1.jpg", "ann/2.jpg", "ann/2.png", "b~2.jpg"])
    ['ann/1', 'ann/2.jpg', 'ann/2.png', 'b~2.jpg']
    """
    bare = [str(PurePosixPath(name).with_suffix("")) for name in sources]
    counts: dict[str, int] = {}
    for name in bare:
        counts[name.casefold()] = counts.get(name.casefold(), 0) + 1
    found = []
    for name, stem in zip(sources, bare, strict=True):
        last = stem.rpartition("~")[2]
        found.append(_safe(stem if counts[stem.casefold()] == 1 and (last == stem or not last.isdecimal()) else name))
    taken: set[str] = set()
    for place, name in enumerate(found):
        while name.casefold() in taken:  # safe names of two that were not
            name += "_"
        taken.add(name.casefold())
        found[place] = name
    return found


def _safe(name: str) -> str:
    """A name that is not hidden, leads nowhere else, and is no formula to a spreadsheet."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    kept = ["_" + part[1:] if part[0] == "." else part for part in parts] or ["face"]
    if kept[0][0] in "=+-@'\t\r":
        kept[0] = "_" + kept[0]
    return "/".join(kept)
