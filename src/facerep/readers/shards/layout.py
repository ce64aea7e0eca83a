"""What a folder of shards holds: tar files in WebDataset's layout, `faces.csv` that lists all faces, `shards.json`.

A face is two members with one key: its picture's bytes as they were, and what is known of it as JSON. `shards.json` is
there from the beginning; `complete` in it is true once all is there, and so is `faces.csv`.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from facerep.files.json_file import Count, Form

ABOUT, INDEX = "shards.json", "faces.csv"
FORMAT, VERSION = "facerep/shards", 1
PLACE = ("shard", "start", "bytes", "crc32")
"""Columns of faces.csv that say where a picture's bytes are; those before them are a table's (readers/table.py)."""
POINTS = tuple(f"{part}_{axis}" for part in ("le", "re", "nose", "lm", "rm") for axis in "xy")
BOX = ("x1", "y1", "x2", "y2")


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


def shard_name(number: int) -> str:
    """The file of a shard.

    >>> shard_name(7)
    'shard-000007.tar'
    """
    return f"shard-{number:06d}.tar"


def is_ours(name: str) -> bool:
    """Whether a file of a folder of shards is called as those that are written here."""
    return name in (ABOUT, INDEX) or re.fullmatch(r"shard-\d{6,}\.tar", name) is not None
