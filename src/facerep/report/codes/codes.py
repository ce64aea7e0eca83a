"""What `binarize` made, as a report: the codes' size, rule and balance."""

from __future__ import annotations

from pathlib import Path

from facerep.codes.code_folder import Binarized
from facerep.report.report import Facts, Report


def report_of(made: Binarized, output: Path, source: Path | None) -> Report:
    """New codes as a report.

    Args:
        made: what was written to `output`.
        output: the code file or folder.
        source: the file that the rule was taken from, None for the features' own or none.
    """
    rule = made.rule
    result = {
        "codes": output, "faces": made.faces, "bits": rule.bits, "bytes_a_face": rule.packed.shape[1],
        "units": rule.takes, "threshold": rule.chosen, "rotation": rule.rotated or None,
        "units_chosen_by": rule.selected or None, "rule_from": source, "rule": rule.rule,
        "share_of_ones": made.share_of_ones,
    }  # fmt: skip
    rows = [
        ["codes", str(output)],
        *([["files", f"{made.files:,}, {made.written:,} of them now"]] if made.files else []),
        ["faces", f"{made.faces:,}"],
        ["bits", f"{rule.bits:,} of {rule.takes:,} units" + (f", by {rule.selected}" if rule.selected else "")],
        ["bytes a face", f"{rule.packed.shape[1]:,}"],
        ["threshold", rule.chosen],
        ["rotation", rule.rotated or "none"],
        *([["rule from", str(source)]] if source else []),
        ["share of ones", f"{100 * made.share_of_ones:.2f} %"],
    ]
    return Report(result=result, shown=[Facts(rows)])
