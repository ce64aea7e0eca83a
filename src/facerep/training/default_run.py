"""Which network is taken where none is named: the newest finished run that was not worse than the weights in the box.

A run of one epoch, or one that was stopped, is never taken so.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from facerep.errors import FacerepError
from facerep.files.provenance import file_sha256
from facerep.files.unfinished import visible
from facerep.networks import weights
from facerep.training.held_out import HeldOut, read_held_out
from facerep.training.run_folder import count_epochs, epochs_asked


@dataclass(frozen=True)
class Default:
    """The run that is taken, None for the weights in the box; and why, in words."""

    run: Path | None
    why: str


def default_run(root: Path = Path("runs")) -> Default:
    """The choice among the runs under `root`."""
    runs = visible(root.iterdir()) if root.is_dir() else []
    files = [run / "model.safetensors" for run in runs if (run / "model.safetensors").is_file()]
    newest_first = sorted(files, key=lambda path: path.stat().st_mtime, reverse=True)
    passed = ""
    for run in (path.parent for path in newest_first):
        held_out, epochs = _finished(run)
        if held_out is not None and held_out.metric == "pair":
            continue  # it has no features
        if held_out is not None:
            return _beside_the_box(run, held_out, epochs)
        passed = passed or f": {run} {epochs}; --model {run} takes it"
    return Default(None, f"the bundled weights{passed}")


def _beside_the_box(run: Path, held_out: HeldOut, epochs: str) -> Default:
    if held_out.bundled is None:
        if not weights.BUNDLED.exists():
            return Default(run, f"{run} ({epochs})")
        return Default(
            None, f"the bundled weights: {run} was not put beside them ({held_out.remark}); --model {run} takes it"
        )
    ours, theirs = (f"{100 * rate.value:.2f} %" for rate in (held_out.accuracy, held_out.bundled.accuracy))
    pairs = f"of {held_out.genuine + held_out.impostor:,} pairs of {held_out.people:,} held-out people"
    if held_out.not_worse:
        return Default(run, f"{run} ({epochs}): right in {ours} {pairs}, the bundled weights in {theirs}")
    return Default(
        None, f"the bundled weights: right in {theirs} {pairs} of {run}, that run in {ours}; --model {run} takes it"
    )


def _finished(run: Path) -> tuple[HeldOut | None, str]:
    """The accuracies of a finished run of several epochs, and its epochs in words; or None, and what it lacks."""
    try:
        done, wanted = count_epochs(run), epochs_asked(run)
        held_out = read_held_out(run)
        whole = held_out is not None and held_out.weights == file_sha256(run / "model.safetensors")
    except (FacerepError, OSError, ValueError, KeyError, TypeError):
        return None, "cannot be read whole"
    if held_out is None:
        return None, f"is not finished ({done or 0} of {wanted} epochs, and no held-out.json)"
    if not whole:
        return None, "has other weights than its held-out.json is about"
    if (done or 0) < 2:
        return None, "was trained for one epoch only"
    return held_out, f"{done} of {wanted} epochs"
