"""A feature folder: feature or code files that are read as one, and the index that says which they are.

    part-000000.h5 ...   whole files, one a shard of the source, in the order of the shards
    features.json        the index: there from the beginning, with `complete` true once all is there

A folder without an index, of which all visible files are `.h5`, is read too, in the order of the names.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from facerep.console import counted
from facerep.errors import BadInput
from facerep.files.atomic import write_json
from facerep.files.inputs import remember, remember_whole
from facerep.files.json_file import Count, Form, of_form, read_json
from facerep.files.provenance import file_sha256
from facerep.files.unfinished import visible

INDEX = "features.json"
FORMAT, VERSION = "facerep/feature-folder", 1
ENDINGS = (".h5", ".hdf5")
_REMEDY = "make the folder again with the command that wrote it"


class Part(Form):
    """What the index says of a part; of a shard that gave no vector `rows` is 0, `sha256` "", and there is no file."""

    rows: Count
    failures: Count
    bytes: Count
    sha256: str
    source: str
    source_sha256: str


class Stated(Form):
    """What an index of any version says."""

    format: Literal["facerep/feature-folder"]
    version: Count


class Index(Stated):
    """features.json: `contract` is that of the whole, `how` what must be the same to go on with it."""

    complete: bool
    kind: Literal["facerep/features", "facerep/codes"]
    contract: dict[str, str]
    how: dict[str, Any]
    parts: dict[str, Part]


def part_name(number: int) -> str:
    """The file of a part.

    >>> part_name(7)
    'part-000007.h5'
    """
    return f"part-{number:06d}.h5"


def is_part(name: str) -> bool:
    """Whether a file is called as a part."""
    return re.fullmatch(r"part-\d{6,}\.h5", name) is not None


def is_ours(name: str) -> bool:
    """Whether a file of a feature folder is called as those that are written here."""
    return name == INDEX or is_part(name)


def names_folder(output: Path) -> bool:
    """Whether an output is to be a feature folder, and no file: by its name, which has no ending, or by its index.

    >>> names_folder(Path("feats/")), names_folder(Path("feats.h5"))
    (True, False)
    """
    return output.suffix == "" or (output / INDEX).is_file()


def is_feature_folder(path: Path) -> bool:
    """Whether a path is a folder with an index, or one of which all visible files are `.h5`."""
    path = Path(path)
    if not path.is_dir():
        return False
    if (path / INDEX).is_file():
        return True
    found = False
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if not entry.name.endswith(ENDINGS) or not entry.is_file():
                    return False
                found = True
    except OSError:
        return False
    return found


def read_as_folder(path: Path) -> bool:
    """Whether a path that is to hold features or codes is a feature folder; else it is a file.

    Raises:
        BadInput: a folder that is none.
    """
    path = Path(path)
    if is_feature_folder(path):
        return True
    if path.is_dir():
        what = f"a folder without {INDEX}, and not of .h5 files alone; feature or code files are wanted"
        raise BadInput(what, path, "name a file, or a folder of such files")
    return False


def part_of(path: Path, *, rows: int, failures: int, source: str = "", source_sha256: str = "") -> dict[str, Any]:
    """What the index says of a part that is whole.

    Args:
        path: its file.
        rows, failures: how many faces have a vector in it, and how many do not.
        source, source_sha256: the shard that it was made of; "" where it was none.
    """
    return Part(
        rows=rows, failures=failures, bytes=path.stat().st_size, sha256=file_sha256(path), source=source,
        source_sha256=source_sha256,
    ).model_dump()  # fmt: skip


def no_part(*, failures: int, source: str, source_sha256: str = "") -> dict[str, Any]:
    """What the index says of a shard of which no face gave a vector."""
    part = Part(rows=0, failures=failures, bytes=0, sha256="", source=source, source_sha256=source_sha256)
    return part.model_dump()


def write_index(
    folder: Path,
    parts: dict[str, dict[str, Any]],
    *,
    kind: str,
    contract: dict[str, str],
    how: dict[str, Any],
    complete: bool,
) -> None:
    """Write the index, whole or absent; the one that is there is replaced.

    Args:
        folder: of the parts.
        parts: by name, in order, each as `part_of` or `no_part` gives it.
        kind: "facerep/features" or "facerep/codes".
        contract: of the whole, by the names of its fields.
        how: what must be the same to go on.
        complete: no part is to come.
    """
    value = {
        "format": FORMAT, "version": VERSION, "complete": complete, "kind": kind, "contract": contract, "how": how,
        "parts": parts,
    }  # fmt: skip
    write_json(folder / INDEX, of_form(value, Index, folder / INDEX, _REMEDY), overwrite=True)


def read_index(folder: Path) -> dict[str, Any]:
    """The index of a feature folder, whether it is complete or not.

    Raises:
        BadInput: absent, no JSON, of a later version, damaged, or it names what is no part.
    """
    path = Path(folder) / INDEX
    value = read_json(path, Stated, _REMEDY)
    if value["version"] != VERSION:
        raise BadInput(f"index is of version {value['version']}, this facerep takes {VERSION}", path, _REMEDY)
    of_form(value, Index, path, _REMEDY)
    if bad := [name for name in value["parts"] if not is_part(name)]:
        raise BadInput(f"index names {bad[0][:60]!r}, which is no file of a folder", path, _REMEDY)
    return value


def parts(folder: Path) -> tuple[Path, ...]:
    """The files of a feature folder, in order, all of which are there.

    Raises:
        BadInput: the folder is not complete, empty, lacks a part or has one that the index does not name, or a part
            has another size than was written; without an index, it holds more than `.h5` files.
    """
    folder = Path(folder)
    remember_whole(folder)
    if not (folder / INDEX).is_file():
        return tuple(_without_index(folder))
    remember(folder / INDEX)
    index = read_index(folder)
    if not index["complete"]:
        so_far = counted(sum(part["rows"] > 0 for part in index["parts"].values()), "file")
        raise BadInput(f"feature folder is not complete, {so_far} so far", folder, "go on with --resume")
    held = {name: part for name, part in index["parts"].items() if part["rows"]}
    for name, part in held.items():
        if not (folder / name).is_file():
            raise BadInput("a file that the index names is absent", folder / name, _REMEDY)
        if (size := (folder / name).stat().st_size) != part["bytes"]:
            raise BadInput(f"file was changed: {size:,} bytes, {part['bytes']:,} were written", folder / name, _REMEDY)
    if strange := [path for path in visible(folder.iterdir()) if is_part(path.name) and path.name not in held]:
        raise BadInput("a file that the index does not name", strange[0], "move it away, or make the folder again")
    if not held:
        raise BadInput("feature folder has no rows", folder)
    return tuple(folder / name for name in held)


def _without_index(folder: Path) -> Iterator[Path]:
    there = visible(folder.iterdir())
    if not there:
        raise BadInput("folder is empty, feature or code files are wanted", folder)
    for path in there:
        if path.suffix not in ENDINGS or not path.is_file():
            what = f"folder has no {INDEX} and holds more than feature or code files"
            raise BadInput(what, path, "name one file, or move what is none away")
        yield path
