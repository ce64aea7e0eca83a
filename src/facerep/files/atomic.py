"""Whole or absent: a file is written under a temporary name in its own folder, synced, then renamed."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from facerep.errors import BadInput, OutputExists


def refuse_existing(path: Path, *, overwrite: bool, reads: Iterable[Path] = ()) -> None:
    """Raise before any work is done, where `path` is taken and may not be replaced.

    Args:
        path: what is to be written.
        overwrite: it may be replaced.
        reads: files that are read to make it, which are never replaced.

    Raises:
        OutputExists: it is there.
        BadInput: it is a folder, or one of `reads`.
    """
    if path.is_dir():
        raise BadInput("output is a folder, a file is written here", path, "name a file with --output")
    if path.exists() and any(source.exists() and path.samefile(source) for source in reads):
        raise BadInput("the file that is read cannot be replaced", path, "give another --output")
    if path.exists() and not overwrite:
        raise OutputExists(path)


@contextmanager
def replacing(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary path to write to; on success it becomes `path`, on any error nothing is left.

    Raises:
        OutputExists: `path` exists and `overwrite` is False.
        BadInput: the folder does not exist and cannot be made, or the disk refused the bytes.
    """
    path = Path(path)
    refuse_existing(path, overwrite=overwrite)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
    except OSError as error:
        raise BadInput(f"cannot write ({error.strerror})", path) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        _sync(temporary)
        os.replace(temporary, path)
    except OSError as error:
        raise BadInput(f"cannot write ({error.strerror or error})", path, "nothing was left behind") from error
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str, *, overwrite: bool = False) -> None:
    """Write a UTF-8 file, whole or absent."""
    with replacing(path, overwrite=overwrite) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, value: Any, *, overwrite: bool = False) -> None:
    """Write JSON, two spaces deep; NaN and infinity are not JSON and are refused."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n", overwrite=overwrite)


def remove_tree(path: Path) -> None:
    """Remove a folder that we made ourselves."""
    shutil.rmtree(path, ignore_errors=True)


def _sync(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
