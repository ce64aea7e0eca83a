"""What a folder of shards holds: tar files in WebDataset's layout, `faces.csv` that lists all faces, `shards.json`.

A face is two members with one key: its picture's bytes as they were, and what is known of it as JSON. `shards.json` is
there from the beginning; `complete` in it is true once all is there, and so is `faces.csv`. Of aligned faces it says
how they were found, and `failures.csv` lists the photographs without a face, each with the shard that it would be in.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field

from facerep.files.json_file import Count, Form

ABOUT, INDEX, FAILURES = "shards.json", "faces.csv", "failures.csv"
FORMAT, VERSION = "facerep/shards", 1
PLACE = ("shard", "start", "bytes", "crc32")
"""Columns of faces.csv that say where a picture's bytes are; those before them are a table's (readers/table.py)."""
POINTS = tuple(f"{part}_{axis}" for part in ("le", "re", "nose", "lm", "rm") for axis in "xy")
BOX = ("x1", "y1", "x2", "y2")
TAKEN = frozenset(("name", "person", *POINTS, *BOX, *PLACE))
"""Columns that mean something: no label is called so."""


class Shard(Form):
    """A shard that is whole."""

    faces: Count
    bytes: Count
    sha256: str


class About(Form):
    """shards.json."""

    format: Literal["facerep/shards"]
    version: Count
    complete: bool
    kind: str
    fingerprint: str
    size: Count
    shards: dict[str, Shard]
    failures: list[Annotated[list[str], Field(min_length=2, max_length=2)]] = Field(default=[])


class Source(Form):
    """The shard that aligned faces are of, and what became of its photographs."""

    source: str
    source_sha256: str
    failures: Count
    photographs: Count
    several: Count


class AlignedShard(Shard, Source):
    """A shard of aligned faces that is whole."""


class AboutAligned(About):
    """shards.json of aligned faces: `how` they were found, and the shards without a face, which have no file."""

    how: dict[str, Any]
    shards: dict[str, AlignedShard]  # pyright: ignore[reportIncompatibleVariableOverride]
    empty: dict[str, Source]


def shard_name(number: int) -> str:
    """The file of a shard.

    >>> shard_name(7)
    'shard-000007.tar'
    """
    return f"shard-{number:06d}.tar"


def is_shard(name: str) -> bool:
    """Whether a file is called as a shard."""
    return re.fullmatch(r"shard-\d{6,}\.tar", name) is not None


def is_ours(name: str) -> bool:
    """Whether a file of a folder of shards is called as those that are written here."""
    return name in (ABOUT, INDEX, FAILURES) or is_shard(name)
