"""Which network a command takes: the one that is named, or where none is, the best at hand."""

from __future__ import annotations

from pathlib import Path


def default_model() -> Path | None:
    """A run under `runs/`, or None for the bundled weights; which and why stands on stderr, under -q too."""
    from facerep.console import console
    from facerep.training.default_run import default_run

    chosen = default_run()
    console.tell(f"model: {chosen.why}")
    return chosen.run


def require_known(network: str) -> None:
    """Refuse a name that is no row of the catalog: a fault of the option that gave it, not of a recipe.

    Raises:
        Usage: with the nearest row.
    """
    from facerep.errors import BadInput, Usage
    from facerep.networks.catalog import row

    try:
        row(network)
    except BadInput as unknown:
        raise Usage(unknown.what, hint=unknown.hint) from unknown
