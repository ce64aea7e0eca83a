"""Imported vectors as a report."""

from __future__ import annotations

from pathlib import Path

from facerep.files.rows import Features
from facerep.report.report import Facts, Report


def report_of(features: Features, output: Path) -> Report:
    """The imported vectors, one fact a line."""
    people, network = len(set(features.people) - {""}), features.contract.network
    facts = Facts([
        ["features", str(output)],
        ["faces", f"{len(features):,}"],
        ["people", f"{people:,}" if people else "unknown"],
        ["dimension", f"{features.dimension:,}"],
        ["network", network or "unknown"],
        ["labels", ", ".join(features.labels) or "none"],
    ])  # fmt: skip
    counts = {"features": output, "faces": len(features), "people": people, "dimension": features.dimension}
    return Report(result={**counts, "network": network or None, "labels": list(features.labels)}, shown=[facts])
