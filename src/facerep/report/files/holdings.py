"""What `data inspect` says of a file or run of facerep's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from facerep.console import console
from facerep.results.to_json import to_json

if TYPE_CHECKING:
    from facerep.studies.files.holdings import Holdings


def show(found: Holdings, *, json: bool) -> None:
    """Print the facts one a line, or as JSON."""
    if json:
        console.json(to_json(found))
    else:
        console.facts([["kind", found.kind], *([name, _words(value)] for name, value in found.facts.items())])


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {number:,}" for name, number in value.items())
    if isinstance(value, float):
        return f"{value:.4f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
