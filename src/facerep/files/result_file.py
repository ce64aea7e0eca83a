"""Results as other commands read them: what a result.json says, once it is sure that it is one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from facerep.errors import BadInput, first_line
from facerep.files import json_file, text
from facerep.files.outputs import finish
from facerep.files.result_forms import FORMS, faults

_VERSIONS = {"facerep/claims": 2}
"""Kinds whose version is not 1."""


def read_result(path: Path, *, kind: str = "", by: str = "", version: int = 1) -> dict[str, Any]:
    """Read a result.json.

    Args:
        path: the file.
        kind: its format, such as "facerep/verification", whose form it then has; "" takes any of facerep's.
        by: the command that makes this kind.
        version: of this kind.

    Raises:
        BadInput: absent, not JSON, of another kind or version, or with numbers that cannot be.
    """
    finish(path.parent)
    if not path.exists():
        raise BadInput("no such result", path, "name the folder that --output wrote")
    try:
        found = json_file.parse(text.read_bytes(path, text.MOST_SETTINGS))
    except ValueError as error:
        raise BadInput(f"not a JSON file ({first_line(error)})", path) from error
    told = str(found.get("format", "")) if isinstance(found, dict) else ""
    if not told.startswith("facerep/"):
        raise BadInput(f"not a result of {f'`facerep {by}`' if by else 'facerep'}", path)
    if kind and told != kind:
        raise BadInput(f"not a result of `facerep {by}` but {told.removeprefix('facerep/')[:40]}", path)
    wanted = version if kind else _VERSIONS.get(told, 1)
    if found.get("version", None if kind else wanted) != wanted:
        again = f"run facerep {by} again" if by else "make it again with this version"
        raise BadInput(f"version is {str(found.get('version'))[:40]}, {wanted} is read", path, again)
    again = f"run facerep {by} again" if by else "make it again"
    for fault in faults(found):
        raise BadInput(f"damaged ({fault})", path, again)
    return json_file.of_form(found, FORMS.get(kind, json_file.Form), path, again)
