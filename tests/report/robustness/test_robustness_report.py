"""Verification under covers for the eye: every figure leaves its numbers."""

import csv

from facerep.faces.cover import Cover
from facerep.pairs.people_overlap import Overlaps
from facerep.report.robustness.robustness import FILES, report_of
from facerep.report.target import Target
from facerep.results.figures import Difference, Fold, FoldMean, Measure, Rate
from facerep.studies.robustness.result import CoverPoint, Robustness, SystemUnderCovers
from facerep.studies.robustness.systems import CoveredSystem


def test_robustness_leaves_a_row_a_system_and_cover(tmp_path, capsys):
    rate = Rate(0.9, 0.88, 0.92, 540, 600, "Clopper-Pearson")
    mean = FoldMean(0.9, 0.01, 2, rate, (Fold(0.1, 270, 300), Fold(0.1, 270, 300)))
    step = Difference(-0.05, -0.06, -0.04, 30, 0, None, "paired bootstrap over people")
    left, more = Measure(0.875, 0.85, 0.9, "a test"), Measure(0.02, -0.01, 0.05, "a test")
    points = (
        CoverPoint(Cover(), mean, rate, None),
        CoverPoint(Cover("bottom", 0.4), mean, rate, step, left, more),
        CoverPoint(Cover("block", 20), mean, rate, step, None, None),
    )  # fmt: skip
    systems = [CoveredSystem(name, "feature", "cosine", "", None, (name,)) for name in ("bundled", "lbp")]
    judged = tuple(SystemUnderCovers(system, 160, points) for system in systems)
    result = Robustness(
        "lfw", "view2", 300, 300, 2, 500, "points", "mean", "both", "bundled, feature", judged, {}, 0, Overlaps(), ()
    )
    Target(tmp_path / "out", FILES).deliver(report_of(result))
    with (tmp_path / "out" / "covers.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["system"], row["cover"], float(row["amount"])) for row in rows[:3]] == [
        ("bundled", "none", 0), ("bundled", "bottom", 0.4), ("bundled", "block", 20),
    ]  # fmt: skip
    assert [row["difference_low"] for row in rows[:2]] == ["", "-0.06"]
    assert [row["left_above_one_answer"] for row in rows[:3]] == ["", "0.875", ""]
    assert [row["more_high"] for row in rows[:3]] == ["", "0.05", ""]
    told = capsys.readouterr().out
    assert "lfw, view2, both faces covered" in told
    assert "means of 2 folds" in told
    assert "| 5.0 [4.0, 6.0] | 88 [85, 90] |       +2.0 [-1.0, +5.0]" in told
    assert "reference: bundled, feature" in told
    assert (tmp_path / "out" / "robustness.png").exists()
