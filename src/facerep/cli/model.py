"""Which network a command takes: the one that is named, or where none is, the newest."""

from __future__ import annotations

from pathlib import Path


def newest_model() -> Path | None:
    """The newest run under `runs/`, None for the bundled weights; named on stderr, as it may still be training."""
    from facerep.console import console
    from facerep.training.run_folder import epochs_done, newest_run

    newest = newest_run()
    console.note(f"model: {newest}{epochs_done(newest)}" if newest else "model: the bundled weights")
    return newest


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
