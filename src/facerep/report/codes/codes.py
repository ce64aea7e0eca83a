"""What `binarize` made, as a report: the codes' size, rule and balance."""

from __future__ import annotations

from pathlib import Path

from facerep.files.features import Codes
from facerep.report.report import Facts, Report


def report_of(codes: Codes, ones: float, output: Path, source: Path | None) -> Report:
    """New codes as a report.

    Args:
        codes: what was written to `output`.
        ones: share of bits that are 1.
        output: the code file.
        source: the file that the rule was taken from, None for the features' own or none.
    """
    result = {
        "codes": output, "faces": len(codes), "bits": codes.bits, "bytes_a_face": codes.packed.shape[1],
        "units": codes.takes, "threshold": codes.chosen, "rotation": codes.rotated or None,
        "units_chosen_by": codes.selected or None, "rule_from": source, "rule": codes.rule, "share_of_ones": ones,
    }  # fmt: skip
    rows = [
        ["codes", str(output)],
        ["faces", f"{len(codes):,}"],
        ["bits", f"{codes.bits:,} of {codes.takes:,} units" + (f", by {codes.selected}" if codes.selected else "")],
        ["bytes a face", f"{codes.packed.shape[1]:,}"],
        ["threshold", codes.chosen],
        ["rotation", codes.rotated or "none"],
        *([["rule from", str(source)]] if source else []),
        ["share of ones", f"{100 * ones:.2f} %"],
    ]
    return Report(result=result, shown=[Facts(rows)])
