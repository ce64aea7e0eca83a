"""What `train` says at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facerep.console import console
from facerep.report.failures import tell

if TYPE_CHECKING:
    from facerep.training.train import Trained


def show(result: Trained, *, json: bool) -> None:
    """Print a finished run one fact a line, or as JSON."""
    if json:
        console.json(result.to_dict())
        return
    rows = [
        ["run", str(result.folder)],
        ["network", result.network],
        ["training people", f"{result.people:,}"],
        ["training faces", f"{result.faces:,}"],
        ["faces that failed", f"{len(result.failures):,}"],
        ["epochs", f"{result.epochs}"],
        ["best epoch", f"{result.best_epoch}"],
        ["held-out people", f"{result.validation_people:,}"],
        ["held-out pairs", f"{result.validation_pairs:,}"],
        ["held-out accuracy", f"{100 * result.validation_accuracy:.2f} %"],
    ]
    # its threshold is chosen on the pairs it is measured on, and the epoch by it: a guide, not a result
    note = "held-out accuracy chose the epoch and its own threshold: use `facerep verify` for a figure to report"
    console.facts(rows, notes=[note])
    tell(result.failures, str(result.folder / "environment.json"))
