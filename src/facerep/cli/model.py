"""Which network a command takes where none is named."""

from __future__ import annotations

from pathlib import Path


def newest_model() -> Path | None:
    """The newest run under `runs/`, None for the bundled weights; named on stderr, as it may still be training."""
    from facerep.console import console
    from facerep.training.run_folder import epochs_done, newest_run

    newest = newest_run()
    console.note(f"model: {newest}{epochs_done(newest)}" if newest else "model: the bundled weights")
    return newest
