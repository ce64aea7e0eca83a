"""Write shards: the faces of any data set, in their order, so many bytes a file.

Pictures are not decoded, their bytes are copied. Where a shard ends depends on sizes alone, so what was stopped goes on
with the shards that are missing, and the bytes are the same.
"""

from __future__ import annotations

import json
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

import numpy as np

from facerep.errors import BadInput, Mismatch
from facerep.faces.decode import SUFFIXES
from facerep.faces.table import Faces
from facerep.files.atomic import write_json
from facerep.files.csv_file import write_csv
from facerep.files.folders.set_folder import begun, require_resume
from facerep.files.inputs import command, remember_pictures
from facerep.files.json_file import read_json
from facerep.files.picture_source import read, size
from facerep.files.provenance import file_sha256
from facerep.files.unfinished import clear
from facerep.progress import progress
from facerep.readers.shards.layout import (
    ABOUT,
    BOX,
    FORMAT,
    INDEX,
    PLACE,
    POINTS,
    TAKEN,
    VERSION,
    About,
    is_ours,
    shard_name,
)
from facerep.readers.shards.packing import BLOCK, filled, key_of, new_tar, put


@dataclass(frozen=True)
class Sharded:
    """A data set in shards.

    Attributes:
        folder: where.
        faces: how many are in shards.
        shards: how many files.
        written: of these, now; the others were there.
        bytes: of all of them.
        failures: (name, reason) of faces whose bytes could not be read.
    """

    JSON: ClassVar = ("folder", "faces", "shards", "written", "bytes", "failures")

    folder: Path
    faces: int
    shards: int
    written: int
    bytes: int
    failures: tuple[tuple[str, str], ...]


@command()
def write_shards(
    faces: Faces, folder: Path, *, limit: int = 1_000_000_000, resume: bool = False, overwrite: bool = False
) -> Sharded:
    """Write the faces of a data set into shards.

    Args:
        faces: whose pictures are copied.
        folder: of the shards.
        limit: bytes of a shard; one face is always in it.
        resume: go on with what was stopped.
        overwrite: remove the shards that are there and begin again.

    Raises:
        OutputExists: whole shards are there.
        BadInput: the folder holds what is no shard's, or cannot be written; no picture can be read.
        Mismatch: the shards that are there are of another data set or size.
    """
    remember_pictures(faces.paths)
    plan = {
        "format": FORMAT, "version": VERSION, "kind": faces.kind, "fingerprint": faces.fingerprint(), "size": limit,
    }  # fmt: skip
    known = _begin(folder, plan, resume=resume, overwrite=overwrite)
    write_json(folder / ABOUT, {**plan, "complete": False, "shards": known}, overwrite=True)
    failures, lines, about, written = [*faces.failures], [], {}, 0
    with progress(f"shard {faces.kind}", len(faces)) as advance:
        for number, rows in enumerate(_parts(faces, limit)):
            path = folder / shard_name(number)
            if folder.is_dir():
                clear(folder, path.name)
            # faces that cannot be read are told again by a run that goes on, so a shard that is there is read through
            if path.name not in known or not path.is_file() or file_sha256(path) != known[path.name]["sha256"]:
                failures += _write(path, faces, rows)
                written += 1
            else:
                failures += [(str(faces.names[row]), "cannot be read") for row in _lost(path, rows)]
            here = list(_placed(path, faces))
            lines += here
            about[path.name] = {"faces": len(here), "bytes": path.stat().st_size, "sha256": file_sha256(path)}
            write_json(folder / ABOUT, {**plan, "complete": False, "shards": {**known, **about}}, overwrite=True)
            advance(len(rows))
    if not lines:
        name, reason = failures[0] if failures else ("", "there are none")
        raise BadInput(f"no picture could be read (first: {name}: {reason})", faces.root)
    write_csv(folder / INDEX, _columns(faces), lines, overwrite=True)
    write_json(folder / ABOUT, {**plan, "complete": True, "shards": about, "failures": failures}, overwrite=True)
    total = sum(shard["bytes"] for shard in about.values())
    return Sharded(folder, len(lines), len(about), written, total, tuple(failures))


def _begin(folder: Path, plan: dict[str, Any], *, resume: bool, overwrite: bool) -> dict[str, Any]:
    """The shards that are known to be whole, by name."""
    if not begun(folder, ABOUT, is_ours, "no shard", overwrite=overwrite):
        return {}
    about = read_json(folder / ABOUT, About, "write the shards again: facerep data shard --overwrite")
    require_resume(folder, "unfinished shards", complete=about["complete"], resume=resume)
    for name in ("fingerprint", "size"):
        if about[name] != plan[name]:
            sides = f"{str(about[name])[:12]} there, {str(plan[name])[:12]} here"
            what = f"shards are of another {'data set' if name == 'fingerprint' else 'size'} ({sides})"
            raise Mismatch(what, folder, "give the same data set and --size, or --overwrite to start again")
    return about["shards"]


def _parts(faces: Faces, limit: int) -> Iterator[np.ndarray]:
    """The rows of each shard."""
    start, held = 0, 0
    for row, place in enumerate(faces.paths):
        # a header, the bytes, and those that fill the last block, of the picture and of what is known of it
        needs = 2 * BLOCK + filled(max(0, size(place))) + filled(len(_known(faces, row)))
        if held and held + needs > limit:
            yield np.arange(start, row)
            start, held = row, 0
        held += needs
    if len(faces):
        yield np.arange(start, len(faces))


def _write(path: Path, faces: Faces, rows: np.ndarray) -> list[tuple[str, str]]:
    """Write one shard, whole or absent; what failed."""
    failures = []
    with new_tar(path) as tar:
        for row in map(int, rows):
            try:
                content = read(faces.paths.item(row))
                if not content:
                    raise OSError(0, "file is empty")
            except OSError as error:
                failures.append((str(faces.names[row]), f"cannot be read ({error.strerror})"))
                continue
            put(tar, row, _ending(faces, row, content), content, _known(faces, row))
    return failures


def _ending(faces: Faces, row: int, content: bytes) -> str:
    """The ending of a picture's member: the name's own, else what its first bytes say."""
    own_ending = PurePosixPath(faces.names[row]).suffix.lower()
    if own_ending in SUFFIXES:
        return own_ending
    return {b"\xff\xd8": ".jpg", b"\x89P": ".png", b"RI": ".webp"}.get(content[:2], ".bin")


def _known(faces: Faces, row: int) -> bytes:
    """What is known of a face, as JSON: the columns of faces.csv that have a value."""
    cells = zip(_columns(faces), _cells(faces, row), strict=False)
    return json.dumps({name: cell for name, cell in cells if cell != ""}, ensure_ascii=False).encode()


def _columns(faces: Faces) -> tuple[str, ...]:
    return ("name", "person", *_labels(faces), *POINTS, *BOX, *PLACE)


def _labels(faces: Faces) -> dict[str, np.ndarray]:
    return {name: column for name, column in faces.labels.items() if name not in TAKEN}


def _cells(faces: Faces, row: int) -> list[Any]:
    """The cells of a face before PLACE; what is unknown is empty."""
    marks = np.concatenate([faces.points[row].ravel(), faces.boxes[row]])  # float32, written so that they read the same
    labels = [_plain(column[row]) for column in _labels(faces).values()]
    numbers = [float(str(value)) if np.isfinite(value) else "" for value in marks]
    return [str(faces.names[row]), str(faces.people[row]), *labels, *numbers]


def _plain(value: Any) -> str | int | float:
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else ""
    return str(value)


def _placed(path: Path, faces: Faces) -> Iterator[list[Any]]:
    """The lines of faces.csv of a shard that was written."""
    content = memoryview(path.read_bytes())
    with tarfile.open(path, mode="r:") as tar:
        for member in tar:
            if not member.name.endswith(".json"):
                start = member.offset_data
                crc = zlib.crc32(content[start : start + member.size])
                yield [*_cells(faces, key_of(member.name)), path.name, start, member.size, crc]


def _lost(path: Path, rows: Sequence[int] | np.ndarray) -> list[int]:
    """Rows of a shard that is there which it lacks: their pictures could not be read."""
    with tarfile.open(path, mode="r:") as tar:
        held = {key_of(name) for name in tar.getnames()}
    return [int(row) for row in rows if int(row) not in held]
