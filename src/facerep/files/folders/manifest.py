"""The list of the files that are a result of ours, which lies hidden beside them."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

MANIFEST = ".facerep-files.json"

_MOST = 1 << 26
"""Bytes: what is longer is no list of ours."""


def listed(folder: Path) -> frozenset[str] | None:
    """Names of the files in a folder that are a result of ours; None where it does not say."""
    value = read_object(folder / MANIFEST)
    return None if value is None else frozenset(name for name in inside(value, "files") if "/" not in name)


def read_object(path: Path) -> dict[str, Any] | None:
    """An object that a JSON file of at most 64 MiB holds, None where there is none."""
    try:
        if not path.is_file() or path.stat().st_size > _MOST:
            return None
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def inside(value: dict[str, Any], key: str) -> list[str]:
    """Paths below the folder itself, whatever a stranger wrote there."""
    names = value.get(key)
    names = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    paths = [(name, PurePosixPath(name)) for name in names if "\0" not in name]
    return [name for name, path in paths if path.parts and not path.is_absolute() and ".." not in path.parts]
