"""An export as a report: what is in the file, and how near it is to the network it was made from."""

from __future__ import annotations

from facerep.extraction.export import Exported
from facerep.report.report import Facts, Report


def report_of(result: Exported) -> Report:
    """An export as a report."""
    facts = Facts([
        ["ONNX file", str(result.output)],
        ["size", f"{result.size / 1e6:.2f} MB"],
        ["network", result.network],
        ["layer", result.layer],
        ["dimension", f"{result.dimension:,}"],
        ["input", result.input],
        ["compared on", f"{result.faces:,} faces of {result.compared_on}, cut by {result.crop}"],
        ["largest difference", f"{result.apart:.1e}, of values up to {result.largest:.3g}"],
    ])  # fmt: skip
    return Report(result=result, shown=[facts])
