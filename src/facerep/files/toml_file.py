"""TOML that somebody has written or changed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from facerep.errors import BadInput, first_line
from facerep.files import text


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """Read a TOML file.

    Args:
        path: the file.
        what: what it should be, for messages, such as "recipe".

    Raises:
        BadInput: it cannot be read, or is no TOML.
    """
    try:
        return tomllib.loads(text.read_text(path, text.MOST_SETTINGS))
    except RecursionError as error:
        raise BadInput(f"{what} is not TOML (lists are nested too deeply)", path) from error
    except ValueError as error:  # whole numbers of thousands of digits are no TOMLDecodeError
        raise BadInput(f"{what} is not TOML ({first_line(error)})", path) from error
