"""Rendered sets of `facerep data render`: pictures inside tar files, which `faces.csv` lists with all labels."""

from __future__ import annotations

import csv
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sys import intern
from typing import Any

import numpy as np

from facerep.errors import BadInput
from facerep.faces.table import Faces, make_faces
from facerep.files.inputs import remember
from facerep.files.picture_source import FileSpans
from facerep.rendering.set_files import (
    ABOUT,
    BOX,
    COLUMNS,
    INDEX,
    LABELS,
    PICTURES,
    PLACE,
    POINTS,
    complete_about,
)  # fmt: skip

_REMEDY = "give the same `facerep data render` with --resume: it is written again"


def is_rendered(root: Path) -> bool:
    """True where `rendered.json` lies in the folder."""
    return (root / ABOUT).is_file()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Leave out the collector of cycles: it would go over the millions of cells, which have none, again and again."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def rendered(root: Path) -> Faces:
    """Faces of a rendered set.

    Raises:
        BadInput: it is not complete, a shard is absent or was changed, or its table is damaged.
        Mismatch: it is of another version or recipe.
    """
    with _uncollected():
        return _read(root, complete_about(root))


def _read(root: Path, about: dict[str, Any]) -> Faces:
    """The faces that the table lists."""
    index = root / INDEX
    remember(root / ABOUT, index)
    columns = _columns(index)
    if len(columns["name"]) != about["people"] * PICTURES or set(columns["shard"]) != set(about["shards"]):
        raise BadInput(f"table of a rendered set has {len(columns['name']):,} lines, others are wanted", index, _REMEDY)
    try:
        points, boxes = _numbers(columns, POINTS), _numbers(columns, BOX)
        starts, sizes, sums = (list(map(int, columns[name])) for name in ("start", "bytes", "crc32"))
        limits = {name: shard["bytes"] for name, shard in about["shards"].items()}
        if any(
            start < 0 or size < 0 or start + size > limits[name]
            for name, start, size in zip(columns["shard"], starts, sizes, strict=True)
        ):
            raise ValueError("a picture lies outside its file")
    except (ValueError, OverflowError) as error:
        raise BadInput(f"table of a rendered set is damaged ({error})", index, _REMEDY) from error
    files = {name: root / name for name in about["shards"]}
    places = [
        FileSpans(files[name], ((start, size),), crc)
        for name, start, size, crc in zip(columns["shard"], starts, sizes, sums, strict=True)
    ]
    labels = {name: np.array(list(map(intern, columns[name])), dtype=object) for name in LABELS}
    return make_faces(
        "rendered", columns["name"], list(map(intern, columns["person"])), places, root=root,
        points=points.reshape(-1, 5, 2), boxes=boxes, labels=labels,
    )  # fmt: skip


def _columns(path: Path) -> dict[str, list[str]]:
    wanted = [*COLUMNS, *PLACE]
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            lines = csv.reader(stream)
            header = next(lines, [])
            cells = list(lines)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput("table of a rendered set cannot be read", path, _REMEDY) from error
    if header != wanted or any(len(line) != len(wanted) for line in cells) or not cells:
        raise BadInput("table of a rendered set is damaged (columns)", path, _REMEDY)
    return dict(zip(wanted, map(list, zip(*cells, strict=True)), strict=True))


def _numbers(columns: dict[str, list[str]], names: tuple[str, ...]) -> np.ndarray:
    values = np.array([list(map(float, columns[name])) for name in names], np.float32).T
    if not np.isfinite(values).all():
        raise ValueError("a number is not finite")
    return values
