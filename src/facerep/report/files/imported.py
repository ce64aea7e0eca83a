"""What `import` says at its end."""

from __future__ import annotations

from pathlib import Path

from facerep.console import console
from facerep.files.features import Features


def show(features: Features, output: Path, *, json: bool) -> None:
    """Print what the vectors are and what of them is unknown, one fact a line, or as JSON."""
    known, network = len(set(features.people) - {""}), features.contract.network
    if json:
        shown = {"features": str(output), "faces": len(features), "people": known, "dimension": features.dimension}
        shown |= {"network": network or None, "labels": list(features.labels)}
        console.json(shown)
        return
    rows = [
        ["features", str(output)],
        ["faces", f"{len(features):,}"],
        ["people", f"{known:,}" if known else "unknown"],
        ["dimension", f"{features.dimension:,}"],
        ["network", network or "unknown"],
        ["labels", ", ".join(features.labels) or "none"],
    ]
    console.facts(rows)
