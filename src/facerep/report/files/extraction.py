"""What `extract` says at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facerep.console import console
from facerep.report.failures import tell
from facerep.results.to_json import to_json

if TYPE_CHECKING:
    from facerep.extraction.extract import Extracted


def show(result: Extracted, *, json: bool) -> None:
    """Print the counts of an extraction one fact a line, or as JSON; the first failures go to stderr."""
    if json:
        console.json(to_json(result))
        return
    contract = result.contract
    rows = [
        ["features", str(result.output)],
        ["faces", f"{result.faces:,}"],
        ["failed", f"{len(result.failures):,}"],
        ["dimension", f"{result.dimension:,}"],
        ["network", contract.network],
        ["layer", contract.layer],
        ["crop", contract.crop],
        ["mirrored face", contract.mirror],
    ]
    console.facts(rows)
    tell(result.failures, f"{result.output}:/failures")
