"""What `doctor` says."""

from __future__ import annotations

from collections.abc import Mapping

from facerep.console import console


def show(found: Mapping[str, str], *, json: bool) -> None:
    """Print the facts, a line each, or as JSON."""
    if json:
        console.json(dict(found))
    else:
        console.facts(list(found.items()))
