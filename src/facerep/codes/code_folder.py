"""Codes of feature files, and of folders of them, file by file: a folder of features may be larger than memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from facerep.codes.binarize import binarize, count_ones, learns, like
from facerep.codes.unit_selection import Criterion
from facerep.errors import Mismatch
from facerep.files.atomic import refuse_existing
from facerep.files.features import CODES, read_codes, write_codes
from facerep.files.folders.feature_folder import INDEX, is_ours, is_part, part_name, part_of, read_index, write_index
from facerep.files.folders.joined import pieces
from facerep.files.folders.set_folder import begun, require_resume
from facerep.files.hdf5 import reading
from facerep.files.inputs import command, remember_whole
from facerep.files.provenance import file_sha256
from facerep.files.rows import Codes
from facerep.files.streams import MEMORY, open_features
from facerep.files.unfinished import clear
from facerep.progress import progress

_AT_ONCE = 1 << 14
"""Faces whose codes are made at once: a rotation makes a number of 8 bytes of each bit first."""


@dataclass(frozen=True)
class Binarized:
    """Codes that were written.

    Attributes:
        rule: codes of some face of them.
        faces: how many there are.
        ones: of all their bits.
        files: of a folder, 0 where they are one file.
        written: of these, now; the others were there.
    """

    rule: Codes
    faces: int
    ones: int
    files: int = 0
    written: int = 0

    @property
    def share_of_ones(self) -> float:
        """How many of all bits are 1, a fraction in [0, 1]. Half is what a code carries most with."""
        return self.ones / (self.faces * self.rule.bits)


def code_rule(
    features: Path,
    threshold: str | float = "zero",
    source: Path | None = None,
    *,
    like_codes: Path | None = None,
    rotation: Literal["itq"] | None = None,
    bits: int | None = None,
    select: Criterion | None = None,
    memory: int = MEMORY,
    seed: int = 0,
) -> Codes:
    """The rule by which a feature file or folder is binarized, as the codes of its first face.

    Args:
        features: file or folder.
        threshold, rotation, bits, select, seed: see `binarize.binarize`.
        source: file or folder that the rule is learned from; left out, `features`.
        like_codes: code file or folder whose rule is taken, instead of all these.
        memory: bytes that units may take which are read together.

    Raises:
        BadInput, Mismatch, Usage: see `binarize.binarize` and `binarize.like`.
    """
    held = open_features(features)
    if like_codes is not None:
        return like(held.head, read_codes(like_codes, reading.HEAD))
    fitted = None if source is None else open_features(source)
    if fitted is None and learns(threshold, rotation, bits, select, held.head.dimension):
        fitted = held
    return binarize(
        held.head, threshold, fitted, rotation=rotation, bits=bits, select=select, memory=memory, seed=seed
    )  # fmt: skip


def write_code_file(
    features: Path, learned: Callable[[], Codes], output: Path, *, overwrite: bool = False
) -> Binarized:
    """The codes of a feature file or folder as one file; a block of vectors is in memory at a time, and all codes.

    Args:
        features: the file or folder.
        learned: gives the rule, once it is known that there is room for the output.
        output: the code file.
        overwrite: replace it.

    Raises:
        OutputExists, BadInput: as `features.write_codes`.
    """
    refuse_existing(output, overwrite=overwrite)
    rule = learned()
    codes = _codes_of(features, rule)
    write_codes(codes, output, overwrite=overwrite)
    return Binarized(codes, len(codes), count_ones(codes))


def _codes_of(features: Path, rule: Codes) -> Codes:
    stream = open_features(features)
    bare, packed = stream.bare(), np.empty((len(stream), rule.packed.shape[1]), np.uint8)
    for start, block in stream.blocks():
        for first in range(0, len(block), _AT_ONCE):
            there = slice(start + first, start + min(first + _AT_ONCE, len(block)))
            some = replace(
                stream.head, values=block[first : first + _AT_ONCE], names=bare.names[there], people=bare.people[there],
                labels={},
            )  # fmt: skip
            packed[there] = like(some, rule).packed
    made = like(stream.head, rule)
    return replace(made, names=bare.names, people=bare.people, labels=bare.labels, packed=packed)


@command()
def write_code_folder(
    features: Path, learned: Callable[[], Codes], folder: Path, *, resume: bool = False, overwrite: bool = False
) -> Binarized:
    """The codes of a folder of features as a folder of code files, one of each; each is whole or absent.

    Args:
        features: the folder.
        learned: gives the rule, once it is known that there is room for the output; see `code_rule`.
        folder: of the codes.
        resume: go on with what was stopped; files are made anew whose features are no longer those that they were
            made of.
        overwrite: remove the codes that are there and begin again.

    Raises:
        OutputExists: whole codes are there.
        BadInput: the folder holds something else, or cannot be written.
        Mismatch: the codes that are there are of another rule.
    """
    remember_whole(features)
    begun_before = _begin(folder, resume=resume, overwrite=overwrite)
    rule, files, stated = learned(), pieces(features), _stated(features)
    how = {"rule": rule.rule, "features": str(rule.contract.fingerprint)}
    told = {"kind": CODES, "contract": asdict(rule.contract), "how": how}
    known = _require_same(folder, how) if begun_before else {}
    write_index(folder, known, **told, complete=False)
    about = {name: part for name, part in stated.items() if not part["rows"]}
    ones = written = 0
    with progress(f"binarize {features.name}", sum(piece.count for piece in files)) as advance:
        for number, piece in enumerate(files):
            path = folder / (piece.path.name if is_part(piece.path.name) else part_name(number))
            clear(folder, path.name)
            digest = file_sha256(piece.path)
            old = known.get(path.name)
            if old is not None and old["source_sha256"] == digest and _is_whole(path, old):
                about[path.name] = old
                ones += count_ones(read_codes(path))
            else:
                codes = _codes_of(piece.path, rule)
                write_codes(codes, path, overwrite=True)
                ones += count_ones(codes)
                written += 1
                about[path.name] = part_of(
                    path, rows=len(codes), failures=len(codes.failures), source=piece.path.name, source_sha256=digest
                )
                write_index(folder, dict(sorted({**known, **about}.items())), **told, complete=False)
            advance(piece.count)
    write_index(folder, dict(sorted(about.items())), **told, complete=True)
    return Binarized(rule, sum(piece.count for piece in files), ones, len(files), written)


def _stated(features: Path) -> dict[str, Any]:
    return read_index(features)["parts"] if (features / INDEX).is_file() else {}


def _begin(folder: Path, *, resume: bool, overwrite: bool) -> bool:
    """Whether there are codes to go on with."""
    if not begun(folder, INDEX, is_ours, "no code file", overwrite=overwrite):
        return False
    require_resume(folder, "unfinished codes", complete=read_index(folder)["complete"], resume=resume)
    return True


def _require_same(folder: Path, how: dict[str, Any]) -> dict[str, Any]:
    """The code files that are known to be whole, by name."""
    index = read_index(folder)
    for name, what in (("rule", "by another rule"), ("features", "of other features")):
        if index["how"].get(name) != how[name]:
            sides = f"{str(index['how'].get(name))[:12]} there, {how[name][:12]} here"
            raise Mismatch(f"codes are {what} ({sides})", folder, "give --overwrite to start again")
    return index["parts"]


def _is_whole(path: Path, part: dict[str, Any]) -> bool:
    return path.is_file() and path.stat().st_size == part["bytes"] and file_sha256(path) == part["sha256"]
