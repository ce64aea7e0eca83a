"""What `binarize` says at its end."""

from __future__ import annotations

import json as text
from pathlib import Path

from facerep.console import console
from facerep.files.features import Codes


def show(codes: Codes, ones: float, output: Path, source: Path | None, *, json: bool) -> None:
    """Print the codes' size and balance, one fact a line, or as JSON.

    Args:
        codes: what was written to `output`.
        ones: share of bits that are 1.
        output: the code file.
        source: the file whose medians were taken, None for the features' own.
        json: as JSON.
    """
    if json:
        shown = {"codes": str(output), "faces": len(codes), "bits": codes.bits, "threshold": codes.chosen}
        shown |= {"medians_from": str(source) if source else None, "share_of_ones": ones}
        console.result(text.dumps(shown, indent=2))
        return
    rows = [
        ["codes", str(output)],
        ["faces", f"{len(codes):,}"],
        ["bits", f"{codes.bits:,}"],
        ["threshold", codes.chosen if source is None else f"{codes.chosen} of {source}"],
        ["share of ones", f"{100 * ones:.2f} %"],
    ]
    console.facts(rows)
