"""Read shards: those of `facerep data shard` by their table, and tar files of others in WebDataset's layout.

Pictures stay where they are: a face knows its file, its first byte and how many there are.
"""

from __future__ import annotations

import csv
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from facerep.console import counted
from facerep.errors import BadInput
from facerep.faces.decode import SUFFIXES
from facerep.faces.table import Faces, make_faces
from facerep.files.csv_file import plain_cell
from facerep.files.inputs import remember
from facerep.files.json_file import parse, read_json
from facerep.files.picture_source import FileSpans
from facerep.files.unfinished import visible
from facerep.readers.shards.layout import ABOUT, BOX, INDEX, PLACE, POINTS, TAKEN, VERSION, About
from facerep.readers.table import column_of

_REMEDY = "write the shards again"
_NAMES = ("name", "path", "file")
_PEOPLE = ("person", "people", "identity", "label", "cls")
"""What JSON of others may call them."""
_MOST = 1 << 20
"""Bytes of the JSON or text of one face."""
_BLOCK = 512
"""Bytes that a tar file is made of."""
_Row = tuple[str, FileSpans, dict[str, Any]]
"""Name, place and what is known of a face."""


def is_shards(root: Path) -> bool:
    """True for a folder that `facerep data shard` wrote."""
    return (root / ABOUT).is_file()


def is_tars(root: Path) -> bool:
    """True for a folder of which all visible files are tar files."""
    there = visible(root.iterdir())
    return bool(there) and all(path.suffix == ".tar" and path.is_file() for path in there)


def stated(root: Path) -> dict[str, Any]:
    """What `shards.json` says of shards that were written here and are complete.

    Raises:
        BadInput: it is damaged or of another version, or they are not complete.
    """
    about = read_json(root / ABOUT, About, _REMEDY)
    if about["version"] != VERSION:
        raise BadInput(f"shards are of version {about['version']}, this facerep takes {VERSION}", root, _REMEDY)
    about.setdefault("failures", [])
    if about["complete"] and not about["shards"]:
        raise BadInput("index of shards names none", root / ABOUT, _REMEDY)
    if not about["complete"]:
        raise BadInput(
            f"shards are not complete, {counted(len(about['shards']), 'file')} so far",
            root,
            "give the command that wrote them --resume",
        )
    return about


def shards(root: Path) -> Faces:
    """Faces of shards that were written here.

    Raises:
        BadInput: they are not complete, a file is absent or has another size, or the table is damaged.
    """
    about = stated(root)
    for name, shard in about["shards"].items():
        path = root / name
        if not path.is_file():
            raise BadInput("a shard is absent", path, f"{_REMEDY}, with --resume")
        if (found := path.stat().st_size) != shard["bytes"]:
            raise BadInput(f"shard was changed: {found:,} bytes, {shard['bytes']:,} were written", path, _REMEDY)
    index = root / INDEX
    remember(root / ABOUT, index)
    columns = _table(index)
    try:
        starts, sizes, sums = (list(map(int, columns[name])) for name in PLACE[1:])
        limits = {name: shard["bytes"] for name, shard in about["shards"].items()}
        files = {name: root / name for name in limits}  # one object a file: there may be millions of faces
        places = [
            FileSpans(files[name], ((start, length),), crc)
            for name, start, length, crc in zip(columns["shard"], starts, sizes, sums, strict=True)
        ]
        if len(places) != sum(shard["faces"] for shard in about["shards"].values()):
            raise ValueError(f"{len(places):,} lines")
        if any(
            start < 0 or length < 0 or start + length > limits[name]
            for name, start, length in zip(columns["shard"], starts, sizes, strict=True)
        ):
            raise ValueError("a picture lies outside its file")
        points, boxes = _numbers(columns, POINTS), _numbers(columns, BOX)
    except (KeyError, ValueError, OverflowError) as error:
        raise BadInput(f"table of shards is damaged ({error})", index, _REMEDY) from error
    labels = {name: column_of(cells) for name, cells in columns.items() if name not in TAKEN}
    return make_faces(  # of the kind that they were: they are cut as they would have been
        about["kind"], columns["name"], columns["person"], places, root=root, points=points.reshape(-1, 5, 2),
        boxes=boxes, labels=labels, failures=[(name, reason) for name, reason in about["failures"]],
    )  # fmt: skip


def _table(path: Path) -> dict[str, list[str]]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            header, *cells = (list(map(plain_cell, line)) for line in csv.reader(stream))
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        raise BadInput("table of shards cannot be read", path, _REMEDY) from error
    lacks = TAKEN - set(header)
    if lacks or not cells or any(len(line) != len(header) for line in cells):
        raise BadInput("table of shards is damaged (columns)", path, _REMEDY)
    return dict(zip(header, map(list, zip(*cells, strict=True)), strict=True))


def _numbers(columns: dict[str, list[str]], names: tuple[str, ...]) -> np.ndarray:
    """float32 (n, len(names)); NaN where a cell is empty."""
    values = [[float(cell) if cell else np.nan for cell in columns[name]] for name in names]
    return np.array(values, np.float32).T


def tars(root: Path) -> Faces:
    """Faces of tar files in WebDataset's layout: members with one key are one face.

    Its picture is the member with a picture's ending; its JSON may have `person` (or `label`, `identity`), `name`, five
    points as le_x to rm_y, a box as x1, y1, x2, y2; a member `.cls` has a person. What else JSON has is a label.

    Args:
        root: one file, or a folder of them.

    Raises:
        BadInput: a file is no tar file or is cut short; no face; JSON that is none, with its member.
    """
    files = [root] if root.is_file() else sorted(visible(root.iterdir()))
    rows: list[_Row] = []
    for path in files:
        rows += _scan(path, "" if len(files) == 1 else path.stem)
    return _faces(rows, root, "webdataset", _NAMES, _PEOPLE)


def tar(path: Path, *, prefix: str, kind: str = "") -> Faces:
    """Faces of one tar file as those of the whole set that it is of.

    Args:
        path: the file.
        prefix: put before the names of members and a stroke, "" for none; names that JSON gives stay.
        kind: of the data set that `facerep data shard` made it of; "" where it is a file of others.

    Raises:
        BadInput: as `tars`.
    """
    rows = _scan(path, prefix)
    if kind:
        return _faces(rows, path, kind, ("name",), ("person",))
    return _faces(rows, path, "webdataset", _NAMES, _PEOPLE)


def _faces(rows: Sequence[_Row], root: Path, kind: str, names: tuple[str, ...], people: tuple[str, ...]) -> Faces:
    """The table; `names` and `people` are what JSON calls them, the first that is there is taken."""
    if not rows:
        raise BadInput("no member of the tar files is a picture", root, "WebDataset's layout has KEY.jpg and KEY.json")
    told = [known for _, _, known in rows]
    numbers = (*POINTS, *BOX)
    labels = sorted({name for known in told for name in known} - {*names, *people, *numbers})
    marks = np.array([[_number(known.get(name)) for name in numbers] for known in told], np.float32)
    return make_faces(
        kind, [_text(_first(known, names) or name) for name, _, known in rows],
        [_text(_first(known, people) or "") for known in told], [place for _, place, _ in rows], root=root,
        points=marks[:, : len(POINTS)].reshape(-1, 5, 2), boxes=marks[:, len(POINTS) :],
        labels={name: column_of([_cell(known.get(name)) for known in told]) for name in labels},
    )  # fmt: skip


def _scan(path: Path, prefix: str) -> list[_Row]:
    """The faces of a tar file; their names are the members', behind the prefix and a stroke where there is one."""
    pictures: dict[str, tuple[str, FileSpans]] = {}
    known: dict[str, dict[str, Any]] = {}
    try:
        with tarfile.open(path, mode="r:") as tar:
            for member in tar:
                folder, _, name = member.name.rpartition("/")
                stem, _, ending = name.partition(".")
                key, ending = f"{folder}/{stem}" if folder else stem, f".{ending.lower()}"
                if not member.isfile() or not stem:
                    continue
                if ending in SUFFIXES:
                    if key in pictures:
                        raise BadInput(f"key {key!r} has two pictures", path)
                    shown = f"{prefix}/{member.name}" if prefix else member.name
                    pictures[key] = shown, FileSpans(path, ((member.offset_data, member.size),))
                elif ending in (".json", ".cls") and member.size <= _MOST:
                    stream = tar.extractfile(member)
                    content = stream.read() if stream else b""
                    known.setdefault(key, {}).update(_told(content, ending, member.name, path))
        if not _ended(path):
            raise BadInput("tar file is cut short", path)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise BadInput("no tar file, or damaged", path, "name files in WebDataset's layout") from error
    return [(name, place, known.get(key, {})) for key, (name, place) in pictures.items()]


def _ended(path: Path) -> bool:
    """Whether a tar file ends with blocks of zeros, as all do: one that was cut between two members has none."""
    with path.open("rb") as stream:
        if stream.seek(0, 2) % _BLOCK:
            return False
        stream.seek(-_BLOCK, 2)
        return not any(stream.read(_BLOCK))


def _told(content: bytes, ending: str, member: str, path: Path) -> dict[str, Any]:
    try:
        if ending == ".cls":
            return {"cls": content.decode("utf-8").strip()}
        found = parse(content.decode("utf-8"))
    except ValueError as error:
        raise BadInput(f"member {member!r} is damaged ({type(error).__name__})", path) from error
    if not isinstance(found, dict):
        raise BadInput(f"member {member!r} is no JSON object", path)
    return {_text(name): value for name, value in found.items() if isinstance(value, str | int | float)}


def _first(known: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((known[name] for name in names if known.get(name) not in (None, "")), None)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")


def _cell(value: Any) -> str:
    return "" if value is None else _text(value)


def _text(value: Any) -> str:
    """Text that can be written: half a character, which names and JSON of others may hold, becomes its number."""
    return str(value).encode("utf-8", "backslashreplace").decode()
