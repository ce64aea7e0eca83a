"""Results as other commands read them: what a result.json says, once it is sure that it is one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from facerep.errors import BadInput
from facerep.files.outputs import finish
from facerep.files.text import MOST_SETTINGS, read_bytes

_VERSIONS = {"facerep/claims": 2}
"""Kinds whose version is not 1."""


def read_result(path: Path, *, kind: str = "", by: str = "", version: int = 1) -> dict[str, Any]:
    """Read a result.json.

    Args:
        path: the file.
        kind: its format, such as "facerep/verification"; "" takes any of facerep's.
        by: the command that makes this kind.
        version: of this kind.

    Raises:
        BadInput: absent, not JSON, of another kind or version.
    """
    finish(path.parent)
    try:
        found = json.loads(read_bytes(path, MOST_SETTINGS))
    except BadInput as error:
        raise BadInput(error.what, path, error.hint or "name the folder that --output wrote") from error
    except (ValueError, RecursionError) as error:
        raise BadInput("not a JSON file", path) from error
    told = str(found.get("format", "")) if isinstance(found, dict) else ""
    if not told.startswith("facerep/"):
        raise BadInput(f"not a result of {f'`facerep {by}`' if by else 'facerep'}", path)
    if kind and told != kind:
        raise BadInput(f"not a result of `facerep {by}` but {told.removeprefix('facerep/')}", path)
    wanted = version if kind else _VERSIONS.get(told, 1)
    if found.get("version", None if kind else wanted) != wanted:
        again = f"run facerep {by} again" if by else "make it again with this version"
        raise BadInput(f"version is {found.get('version')}, {wanted} is read", path, again)
    return found
