"""Tasks and lines: what is sent to who does a shard, and what comes back.

A worker writes the part itself, and beside it the line as a hidden file: so work that was done is known, whatever
became of the worker or of who sent it. Workers and sender see the same folder.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from facerep.errors import BadInput
from facerep.files.atomic import write_json
from facerep.files.json_file import Count, Form, read_json
from facerep.readers.shards.pieces import Shard

LINE = ".line.json"
"""Ending of the hidden file beside a part."""


@dataclass(frozen=True)
class Task:
    """A shard and the name of its part; `before` is the line that an earlier run wrote of the source, if one did."""

    name: str
    shard: Shard
    before: Line | None = None


@dataclass(frozen=True)
class Line:
    """What became of a shard.

    Attributes:
        source: which shard.
        name: of the part.
        part: rows, bytes, SHA-256, failures, source and what else the index says of it; empty where the shard could not
            be done.
        dataset, fingerprint: of the part's faces; "" where the index has none.
        error: why it could not be done, on one line; "" where it was.
        warnings: what the user should look at.
        reason: why no face gave a row; "" where some did.
    """

    source: str
    name: str
    part: dict[str, Any] = field(default_factory=dict)
    dataset: str = ""
    fingerprint: str = ""
    error: str = ""
    warnings: tuple[str, ...] = ()
    reason: str = ""


class Kept(Form):
    """A line as it stands beside its part."""

    source: str
    part: dict[str, str | Count]
    dataset: str
    fingerprint: str
    reason: str


def line_file(folder: Path, name: str) -> Path:
    """Where the line of a part stands until the index has it."""
    return folder / f".{name}{LINE}"


def read_line(folder: Path, name: str) -> Line | None:
    """The line that was written of a part, as it was begun or when it was done; None where there is none."""
    place = line_file(folder, name)
    if not place.is_file():
        return None
    try:
        value = read_json(place, Kept, "")
    except BadInput:
        return None
    return Line(name=name, **{key: value[key] for key in Kept.model_fields})


def keep_line(folder: Path, line: Line) -> None:
    """Write a line beside its part: first from which source it will be, so that a part that is there is known."""
    kept = {key: getattr(line, key) for key in Kept.model_fields}
    write_json(line_file(folder, line.name), kept, overwrite=True)


def is_there(folder: Path, line: Line) -> bool:
    """Whether a part is done, and its file as the line says; of a shard without a row there is none."""
    path = folder / line.name
    if "rows" not in line.part:
        return False
    if line.part["rows"] == 0:
        return not path.exists()
    return path.is_file() and path.stat().st_size == line.part["bytes"]
