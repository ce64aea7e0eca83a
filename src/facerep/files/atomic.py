"""Whole or absent: a file is made in a hidden folder beside its place, synced, then renamed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from facerep.errors import BadInput, OutputExists
from facerep.files.inputs import refuse_read
from facerep.files.unfinished import is_unfinished, workplace


def refuse_existing(path: Path, *, overwrite: bool) -> None:
    """Raise before any work is done, where `path` is taken and may not be replaced.

    Args:
        path: what is to be written.
        overwrite: it may be replaced.

    Raises:
        OutputExists: it is there.
        BadInput: it is a folder or a device; or it is read.
    """
    if path.is_dir():
        raise BadInput("output is a folder, a file is written here", path, "name a file with --output")
    if path.exists() and not path.is_file():
        raise BadInput("output is a device, a file is written here", path, "name a file with --output")
    refuse_read(path)
    if path.exists() and not overwrite:
        raise OutputExists(path)


_HALVES = re.compile("[\ud800-\udfff]")


@contextmanager
def replacing(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary path to write to; on success it becomes `path`, on any error nothing is left.

    Raises:
        OutputExists: `path` exists and `overwrite` is False; also where it came meanwhile.
        BadInput: the folder does not exist and cannot be made, or the disk refused the bytes.
    """
    path = place = Path(path)
    refuse_existing(path, overwrite=overwrite)
    try:
        if is_unfinished(path.parent):  # all that is there becomes whole together
            path = path.parent.parent / path.name
            yield place
            _sync(place)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with workplace(path.parent, path.name) as place:
            temporary = place / path.name
            yield temporary
            _sync(temporary)
            refuse_read(path)
            _put(temporary, path, overwrite=overwrite)
    except OSError as error:
        raise BadInput(f"cannot write ({error.strerror or error})", path, "nothing was left behind") from error


def write_text(path: Path, text: str, *, overwrite: bool = False) -> None:
    """Write a UTF-8 file, whole or absent."""
    with replacing(path, overwrite=overwrite) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, value: Any, *, overwrite: bool = False) -> None:
    """Write JSON, two spaces deep; NaN and infinity are not JSON and are refused."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    # bytes of a path that are no UTF-8 are half characters to Python, which only an escape can write
    write_text(path, _HALVES.sub(lambda half: f"\\u{ord(half[0]):04x}", text) + "\n", overwrite=overwrite)


def _put(temporary: Path, path: Path, *, overwrite: bool) -> None:
    if not overwrite:
        try:
            os.link(temporary, path)  # unlike a renaming, it fails where another process was faster
            return
        except FileExistsError as error:
            raise OutputExists(path) from error
        except OSError:  # no links on this file system
            refuse_existing(path, overwrite=False)
    os.replace(temporary, path)


def _sync(path: Path) -> None:
    path.chmod(0o600)  # faces are biometric data
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
