"""A rendered set on disk: a tar file a person, `faces.csv`, `rendered.json`, `NOTICE.md`.

`rendered.json` is there from the beginning and says what is being made; `complete` in it is true once all is there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from facerep.errors import BadInput, Mismatch
from facerep.files.atomic import write_json
from facerep.files.json_file import Count, Form, read_json
from facerep.rendering.names import EXPRESSIONS, LIGHTS

ABOUT, INDEX, NOTICE = "rendered.json", "faces.csv", "NOTICE.md"
FORMAT, VERSION = "facerep/rendered", 1
RECIPE = 1
"""Counted up when the same person would look otherwise, or the same picture have another name."""

VIEWS = tuple(range(-60, 61, 15))
RECORDINGS = {"01": EXPRESSIONS["01", "01"], "02": EXPRESSIONS["01", "02"]}
"""The expressions of the only session, by recording."""
PICTURES = len(VIEWS) * LIGHTS * len(RECORDINGS)
"""Pictures of one person."""

POINTS = tuple(f"{part}_{axis}" for part in ("le", "re", "nose", "lm", "rm") for axis in "xy")
BOX = ("x1", "y1", "x2", "y2")
LABELS = ("split", "view", "light", "expression", "sex", "age", "skin")
COLUMNS = ("name", "person", *LABELS, *POINTS, *BOX)
"""Of a shard's own table; faces.csv has PLACE behind them."""
PLACE = ("shard", "start", "bytes", "crc32")

_RESUME = "give the same command with --resume"


class _Shard(Form):
    bytes: Count
    sha256: str


class _About(Form):
    format: Literal["facerep/rendered"]
    version: Count
    complete: bool
    recipe: Count
    people: Count
    seed: Count
    size: Count
    assets: str
    numpy: str
    shards: dict[str, _Shard]


@dataclass(frozen=True)
class Plan:
    """What a set is made of: two sets of one plan have the same bytes.

    Attributes:
        people: how many.
        seed: of all random choices.
        size: of a picture in pixels.
        assets: fingerprint of the head.
        numpy: version of numpy, whose rounding and random numbers are in the pictures.
        recipe: version of the rules.
    """

    people: int
    seed: int
    size: int
    assets: str
    numpy: str = np.__version__
    recipe: int = RECIPE

    def require(self, found: dict[str, Any], path: Path) -> None:
        """Refuse to go on with a set of another plan.

        Raises:
            Mismatch: it is; the message shows both sides.
        """
        for name, mine in vars(self).items():
            theirs = found[name]
            if theirs != mine:
                here, asked = (str(value)[:12] for value in (theirs, mine))
                what = f"rendered set is of another plan: {name} is {here} there, {asked} here"
                raise Mismatch(what, path, "give the same options, or --overwrite to start again")


def shard_name(person: int) -> str:
    """The file of a person.

    >>> shard_name(7)
    '007.tar'
    """
    return f"{person:03d}.tar"


def is_ours(name: str) -> bool:
    """Whether a file of a set's folder is called as those of a rendered set are."""
    return name in (ABOUT, INDEX, NOTICE) or re.fullmatch(r"\d{3,}\.tar", name) is not None


def write_about(folder: Path, plan: Plan, shards: dict[str, dict[str, Any]] | None, sources: dict[str, str]) -> None:
    """Write `rendered.json`; without shards the set is not complete."""
    about = {
        "format": FORMAT, "version": VERSION, "complete": shards is not None, **vars(plan), "sources": sources,
        "views": list(VIEWS), "lights": LIGHTS, "expressions": list(RECORDINGS.values()), "shards": shards or {},
    }  # fmt: skip
    write_json(folder / ABOUT, about, overwrite=True)


def read_about(folder: Path) -> dict[str, Any]:
    """What `rendered.json` says.

    Raises:
        BadInput: it is not that of a rendered set.
    """
    return read_json(folder / ABOUT, _About, "render the set again: facerep data render")


def complete_about(folder: Path) -> dict[str, Any]:
    """What `rendered.json` says of a set that is whole.

    Raises:
        BadInput: it is not, or a shard is absent or was changed.
        Mismatch: it is of another recipe.
    """
    about = read_about(folder)
    if (about["version"], about["recipe"]) != (VERSION, RECIPE):
        has, takes = f"{about['version']}.{about['recipe']}", f"{VERSION}.{RECIPE}"
        raise Mismatch(f"rendered set is of version {has}, this facerep takes {takes}", folder, "render it again")
    if not about["complete"]:
        there = sum((folder / shard_name(person)).exists() for person in range(1, about["people"] + 1))
        raise BadInput(f"rendered set is not complete: {there} of {about['people']} people", folder, _RESUME)
    for name, shard in about["shards"].items():
        path = folder / name
        if not path.is_file():
            raise BadInput("rendered set lacks a file", path, f"{_RESUME}: it is rendered again")
        if (size := path.stat().st_size) != shard["bytes"]:
            what = f"file of a rendered set was changed: {size:,} bytes, {shard['bytes']:,} were written"
            raise BadInput(what, path, f"{_RESUME}: it is rendered again")
    return about
