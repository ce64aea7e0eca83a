"""A folder of aligned faces while it is made: `NAME.part/`, in blocks of photographs that are each whole or absent.

What becomes the folder grows in `NAME.part/faces/`, and stands in its place by one renaming. A block's list is written
behind its pictures: what a kill leaves without a list is made again.
"""

from __future__ import annotations

import io
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from PIL import Image

from facerep.errors import BadInput, OutputExists, Usage
from facerep.extraction.resume import require_same
from facerep.files.atomic import write_json
from facerep.files.csv_file import read_rows, write_csv
from facerep.files.folders.manifest import inside
from facerep.files.inputs import refuse_read
from facerep.files.json_file import parse
from facerep.files.locks import unlock, work_alone
from facerep.files.text import MOST_SETTINGS, read_text
from facerep.files.unfinished import is_left_over, visible
from facerep.readers.table import ABOUT, FAILURES, INDEX, is_aligned, read_about

FORMATS = ("png", "jpg")
"""Of the pictures: without loss; or JPEG of quality 95, about a third of the bytes."""

_SAVED: dict[str, dict[str, Any]] = {
    "png": {"format": "PNG", "compress_level": 1},
    "jpg": {"format": "JPEG", "quality": 95, "subsampling": 0},
}
_BLOCK = re.compile(r"block-\d{6,}\.json")

Failure = tuple[str, str]


def require_format(picture_format: str) -> None:
    """Refuse what is not one of FORMATS.

    Raises:
        Usage: it is not.
    """
    if picture_format not in FORMATS:
        raise Usage(f"no format {picture_format!r} of pictures", hint=f"there are: {', '.join(FORMATS)}")


def encoded(pixels: np.ndarray, picture_format: str) -> bytes:
    """The bytes of an aligned face in one of FORMATS; `pixels` uint8 (h, w, 3)."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, **_SAVED[picture_format])
    return stream.getvalue()


class AlignedFolder:
    """The folder that is being made.

    Args:
        output: where it will be.
        how: all that its content hangs on; what was begun with another is never gone on with.
        resume: go on with what is there.
        overwrite: replace aligned faces that stand in its place.

    Raises:
        OutputExists: aligned faces are there.
        BadInput: something else is there; or unfinished work is, and neither `resume` nor `overwrite` was given.
    """

    def __init__(self, output: Path, how: dict[str, Any], *, resume: bool, overwrite: bool) -> None:
        self.output, self.overwrite = output, overwrite
        self.part = output.with_name(output.name + ".part")
        self.inside, self.contract = self.part / "faces", self.part / "contract.json"
        self.lock = work_alone(self.contract, self.contract.parent)
        try:
            if not (resume and self._was_put_in_place()):
                self._refuse()
                self._begin(how, resume=resume)
        except BaseException:
            self.close()
            raise

    def missing(self, photographs: int, size: int) -> list[tuple[int, int]]:
        """First and last + 1 photograph of each block that is not there."""
        starts = range(0, photographs, size)
        return [
            (start, min(start + size, photographs))
            for number, start in enumerate(starts)
            if not self._path(number).exists()
        ]

    def put(self, name: str, pixels: np.ndarray) -> None:
        """Write one picture, uint8 (h, w, 3); `name` is its path in the folder, whose ending says the format."""
        path = self.inside / name
        with _told(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encoded(pixels, name.rpartition(".")[2]))
            path.chmod(0o600)  # faces are biometric data

    def close_block(self, number: int, rows: Sequence[Sequence[object]], failures: Sequence[Failure]) -> None:
        """Say that all pictures of a block are there."""
        write_json(self._path(number), {"rows": [list(row) for row in rows], "failures": list(failures)})

    def rows(self) -> Iterator[list[Any]]:
        """The rows of all blocks, in their order; one block at a time is in memory."""
        for path in self._blocks():
            yield from _read(path)["rows"]

    def failures(self) -> list[Failure]:
        """Those of all blocks."""
        return [(str(name), str(reason)) for path in self._blocks() for name, reason in _read(path)["failures"]]

    def finish(self, columns: Sequence[str], failures: Sequence[Failure], about: dict[str, Any]) -> None:
        """Write the lists, and put the folder in its place.

        Args:
            columns: of the rows.
            failures: of all photographs.
            about: what `aligned.json` says.
        """
        self.inside.mkdir(exist_ok=True)
        for name in (INDEX, FAILURES, ABOUT):
            (self.inside / name).unlink(missing_ok=True)
        write_csv(self.inside / INDEX, columns, self.rows())
        write_csv(self.inside / FAILURES, ("name", "reason"), failures)
        write_json(self.inside / ABOUT, about)
        self._refuse()
        with _told(self.output):
            if self.output.is_dir():
                _remove(self.output)
            os.rename(self.inside, self.output)
        self._tidy()

    def discard(self) -> None:
        """Remove all that was made: there is nothing to go on with."""
        self._tidy(all_of_it=True)

    def close(self) -> None:
        """Let other processes have it."""
        unlock(self.lock)
        self.lock = None

    def _was_put_in_place(self) -> bool:
        """Tidy up where a kill came behind the renaming; whether that was so.

        Raises:
            OutputExists: all is there and nothing is left to do.
        """
        if not is_aligned(self.output) or self.inside.exists() or self.overwrite:
            return False
        if self.part.is_dir():
            self._tidy()
        raise OutputExists(self.output)

    def _refuse(self) -> None:
        """Raise where something stands in the folder's place that may not be replaced."""
        if self.output.exists() and not self.output.is_dir():
            raise BadInput("output is a file, a folder is written here", self.output, "name a folder with --output")
        if not self.output.is_dir() or not any(self.output.iterdir()):
            return
        refuse_read(self.output)
        if not is_aligned(self.output):
            what = "output is a folder that holds what `align` did not write, it is not replaced"
            raise BadInput(what, self.output, "name another --output")
        if not self.overwrite:
            raise OutputExists(self.output)
        read_about(self.output)

    def _begin(self, how: dict[str, Any], *, resume: bool) -> None:
        begun = self._made()
        if begun and not resume and not self.overwrite:
            raise BadInput("unfinished work", self.part, "give --resume to go on, --overwrite to start again")
        if begun and not resume:
            self._tidy(all_of_it=True)
        with _told(self.part):
            self.part.mkdir(parents=True, exist_ok=True)
        require_same(self.contract, how, begun=bool(self._blocks()), what="alignment")
        if self.lock is None:
            self.lock = work_alone(self.contract, self.contract.parent)

    def _made(self) -> bool:
        """Whether work was begun here.

        Raises:
            BadInput: something else is in the folder: it is not ours to go on with, or to remove.
        """
        there = visible(self.part.iterdir()) if self.part.is_dir() else []
        for path in there:
            if path not in (self.inside, self.contract) and not _BLOCK.fullmatch(path.name):
                what = "folder holds what no unfinished alignment does, it is not removed"
                raise BadInput(what, path, "move it, or give another --output")
        return bool(there)

    def _tidy(self, *, all_of_it: bool = False) -> None:
        """Remove what the work needed; `all_of_it`: what it made as well."""
        if all_of_it and self.inside.is_dir():
            shutil.rmtree(self.inside)
        for path in (*self._blocks(), self.contract):
            path.unlink(missing_ok=True)
        for path in self.part.iterdir() if self.part.is_dir() else ():
            if is_left_over(path) and path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
        with suppress(OSError):
            self.part.rmdir()

    def _blocks(self) -> list[Path]:
        inside = sorted(self.part.iterdir()) if self.part.is_dir() else []
        return [path for path in inside if _BLOCK.fullmatch(path.name)]

    def _path(self, number: int) -> Path:
        return self.part / f"block-{number:06d}.json"


def _read(path: Path) -> dict[str, Any]:
    try:
        block = parse(read_text(path, MOST_SETTINGS))
        if not isinstance(block, dict) or not {"rows", "failures"} <= block.keys():
            raise ValueError("not a block")
    except ValueError as error:
        raise BadInput("block is damaged", path, "remove it and give --resume") from error
    return block


def _remove(folder: Path) -> None:
    """Remove aligned faces, file by file: what their table names, the lists, and folders that are empty then.

    Raises:
        BadInput: something else is in the folder.
    """
    yourself = "remove the folder yourself"
    rows = read_rows(folder / INDEX, yourself)
    header = next(rows, [])
    cells = [cells for cells in rows if len(cells) == len(header)]  # pictures of others stand there as no one's
    if "path" not in header:
        raise BadInput("table of aligned faces is damaged (columns)", folder / INDEX, yourself)
    names = inside({"names": [row[header.index("path")] for row in cells]}, "names")
    wanted = {folder / name for name in (*names, INDEX, FAILURES, ABOUT)}
    for path in sorted(folder.rglob("*")):
        if not path.is_dir() and path not in wanted:
            raise BadInput("not a file of facerep's, it is not replaced", path, "move it, or give another --output")
    for path in wanted:
        path.unlink(missing_ok=True)
    for name in sorted({parent for path in names for parent in PurePosixPath(path).parents}, key=str, reverse=True):
        with suppress(OSError):
            (folder / name).rmdir()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What the disk refuses is one line; it can be gone on with."""
    try:
        yield
    except OSError as error:
        what = f"cannot write ({error.strerror or error})"
        raise BadInput(what, path, "make room on the disk and give --resume") from error
