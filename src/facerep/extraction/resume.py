"""Resume: what `--resume` checks of unfinished work, which is gone on with only where all is as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from facerep.errors import BadInput
from facerep.files.atomic import write_text
from facerep.files.json_file import parse
from facerep.files.text import MOST_SETTINGS, read_text


def require_same(place: Path, how: dict[str, Any], *, begun: bool, what: str = "extraction") -> None:
    """Compare how blocks are made with what the file beside them says; it is written where there are none yet.

    Args:
        place: of that file.
        how: all that the blocks hang on.
        begun: there are blocks.
        what: is unfinished, for messages.

    Raises:
        BadInput: they were made otherwise, with the first thing that differs; or the file is missing.
    """
    text = json.dumps(how, indent=2) + "\n"
    if not place.exists() and begun:
        raise BadInput(f"unfinished {what} does not say how it was made", place.parent, "give --overwrite")
    if not place.exists():
        write_text(place, text)
    elif read_text(place, MOST_SETTINGS) != text:
        hint = f"{_difference(place, json.loads(text))}; give --overwrite to start again"
        raise BadInput(f"unfinished {what} was made otherwise", place.parent, hint)


def _difference(place: Path, now: dict[str, Any]) -> str:
    try:
        before = parse(read_text(place, MOST_SETTINGS))
        if not isinstance(before, dict):
            raise ValueError("no object")
    except (ValueError, BadInput):
        return "its contract cannot be read"
    return difference(before, now)


def difference(before: dict[str, Any], now: dict[str, Any]) -> str:
    """The first thing that is not as it was, in words."""
    name = next((name for name in now if before.get(name) != now[name]), "contract")
    return f"{name} was {str(before.get(name))[:40]!r}, now {str(now.get(name))[:40]!r}"
