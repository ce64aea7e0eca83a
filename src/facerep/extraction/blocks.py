"""Blocks: the unfinished part of a feature file, under `NAME.part/`, each block whole or absent."""

from __future__ import annotations

import re
import zipfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from facerep.errors import BadInput
from facerep.extraction.resume import require_same
from facerep.faces.table import Faces
from facerep.files.atomic import refuse_existing, replacing
from facerep.files.contract import Contract
from facerep.files.folders.manifest import read_object
from facerep.files.locks import unlock, work_alone
from facerep.files.rows import Features
from facerep.files.unfinished import clear, is_left_over

_BLOCK = re.compile(r"block-\d{6,}\.npz")
FACES = 1024
"""Faces in a block where nothing else is asked: what a kill costs at most."""


def part_of(output: Path) -> Path:
    """Where the blocks of an output are."""
    return output.with_name(output.name + ".part")


class Blocks:
    """The part folder of one output.

    Args:
        output: the feature file that is being made.
        contract: what its vectors will be; a folder of another contract is never gone on from.
        how: what else belongs to the contract, such as the batch size: sums in other batches may round otherwise.
        resume: go on with a folder that is there.
        overwrite: replace the output, and remove a folder that is there.
        faces: faces in a block.

    Raises:
        OutputExists, BadInput: see extract.
    """

    def __init__(
        self, output: Path, contract: Contract, how: dict[str, Any], *, resume: bool, overwrite: bool, faces: int
    ) -> None:
        self.faces = faces
        refuse_existing(output, overwrite=overwrite)
        self.folder = part_of(output)
        self.contract = self.folder / "contract.json"
        self.lock = work_alone(self.contract, self.folder)
        try:
            self._begin({**asdict(contract), **how, "block": faces}, resume=resume, overwrite=overwrite)
        except BaseException:
            self.close()
            raise

    def _begin(self, how: dict[str, Any], *, resume: bool, overwrite: bool) -> None:
        if self.folder.exists() and not resume and (overwrite or not self._made()):
            self.remove()
        if self.folder.exists() and not resume:
            raise BadInput("unfinished extraction", self.folder, "give --resume to go on, --overwrite to start again")
        require_same(self.contract, how, begun=bool(self._made()))
        if self.lock is None:
            self.lock = work_alone(self.contract, self.folder)

    def _made(self) -> list[Path]:
        """The blocks in the folder, in their order.

        Raises:
            BadInput: something else is in it: it is not ours to go on with, or to remove.
        """
        inside = sorted(self.folder.iterdir()) if self.folder.is_dir() else []
        there = [path for path in inside if not is_left_over(path)]
        made = [path for path in there if _BLOCK.fullmatch(path.name) and path.is_file()]
        others = [path for path in there if path not in made]
        how = read_object(self.contract) or {}
        if others == [self.contract] and (made or {"network", "block"} <= how.keys()):
            return made
        if others:
            what = "folder holds what no unfinished extraction does, it is not removed"
            raise BadInput(what, others[0], "move it, or give another --output")
        return made

    def agree(self, features: Features, faces: Faces) -> bool:
        """Whether what blocks are here hold rows of these features."""
        place = {name: row for row, name in enumerate(features.names)}
        for path in self._made():
            rows, values, _ = _read(path)
            places = [place.get(name, -1) for name in faces.names[rows]]
            if -1 in places or (places and not np.array_equal(features.values[places], values)):
                return False
        return True

    def missing(self, faces: int) -> list[tuple[int, int]]:
        """First and last + 1 row of each block that is not on disk."""
        starts = range(0, faces, self.faces)
        return [(start, min(start + self.faces, faces)) for start in starts if not self._path(start).exists()]

    def write(self, start: int, rows: list[int], values: list[np.ndarray], failures: list[tuple[int, str]]) -> None:
        """Write the block that begins at row `start`."""
        with replacing(self._path(start)) as temporary, temporary.open("wb") as stream:
            np.savez(
                stream,
                rows=np.array(rows, np.int64),
                values=np.concatenate(values) if values else np.zeros((0, 0), np.float32),
                failed=np.array([row for row, _ in failures], np.int64),
                reasons=np.array([reason for _, reason in failures], dtype=np.str_),
            )

    def gather(self, faces: int) -> tuple[np.ndarray, np.ndarray, list[tuple[int, str]]]:
        """All blocks put together: rows (n,), values (n, d), failures."""
        rows, values, failures = [], [], []
        for start in range(0, faces, self.faces):
            some, vectors, failed = _read(self._path(start))
            rows.append(some)
            if len(some):
                values.append(vectors)
            failures += failed
        joined = np.concatenate(values) if values else np.zeros((0, 0), np.float32)
        return np.concatenate(rows) if rows else np.zeros(0, np.int64), joined, failures

    def remove(self) -> None:
        """Remove the folder, file by file: the output is whole."""
        for path in (*self._made(), self.contract):  # which says whose the blocks are
            clear(self.folder, path.name)
            path.unlink(missing_ok=True)
        with suppress(OSError):
            self.folder.rmdir()
        self.close()

    def close(self) -> None:
        """Let other processes have the folder."""
        unlock(self.lock)
        self.lock = None

    def _path(self, start: int) -> Path:
        return self.folder / f"block-{start // self.faces:06d}.npz"


def _read(path: Path) -> tuple[np.ndarray, np.ndarray, list[tuple[int, str]]]:
    """Rows, values and failures of a block."""
    try:
        with np.load(path, allow_pickle=False) as block:
            failures = list(zip(map(int, block["failed"]), map(str, block["reasons"]), strict=True))
            return block["rows"], block["values"], failures
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise BadInput("block is damaged", path, "remove it and give --resume") from error
