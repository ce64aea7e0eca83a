"""What `binarize` says at its end."""

from __future__ import annotations

from pathlib import Path

from facerep.console import console
from facerep.files.features import Codes


def show(codes: Codes, ones: float, output: Path, source: Path | None, *, json: bool) -> None:
    """Print the codes' size, rule and balance, one fact a line, or as JSON.

    Args:
        codes: what was written to `output`.
        ones: share of bits that are 1.
        output: the code file.
        source: the file that the rule was taken from, None for the features' own or none.
        json: as JSON.
    """
    if json:
        shown = {"codes": str(output), "faces": len(codes), "bits": codes.bits, "bytes_a_face": codes.packed.shape[1]}
        shown |= {"units": codes.takes, "threshold": codes.chosen, "rotation": codes.rotated or None}
        shown |= {"units_chosen_by": codes.selected or None, "rule_from": str(source) if source else None}
        console.json({**shown, "rule": codes.rule, "share_of_ones": ones})
        return
    rows = [
        ["codes", str(output)],
        ["faces", f"{len(codes):,}"],
        ["bits", f"{codes.bits:,} of {codes.takes:,} units" + (f", by {codes.selected}" if codes.selected else "")],
        ["bytes a face", f"{codes.packed.shape[1]:,}"],
        ["threshold", codes.chosen],
        ["rotation", codes.rotated or "none"],
        ["share of ones", f"{100 * ones:.2f} %"],
    ]
    if source is not None:
        rows.insert(-1, ["rule from", str(source)])
    console.facts(rows)
