"""The benches run and give finite rows; how fast anything is, is not a test's matter."""

import importlib
import math
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parent.parent / "bench"


@pytest.fixture
def bench(monkeypatch):
    """Import a bench by name, as run.py does."""
    monkeypatch.syspath_prepend(BENCH)
    return importlib.import_module


def shown(run, rows, capsys) -> str:
    rows = [run.as_row(row) for row in rows]
    assert rows
    for row in rows:
        assert all(math.isfinite(figure) for figure in (row.ratio, row.low, row.high, row.peak_mb)), row
        assert 0 < row.low <= row.ratio <= row.high, row
        assert row.peak_mb > 1, row
    run.show(rows)
    return capsys.readouterr().out


@pytest.mark.slow
def test_training_and_the_bare_loop_come_to_the_same_weights(bench, capsys):
    rows = bench("training").measure(people=24, pictures=8, rounds=1)
    assert "training: facerep / bare loop" in shown(bench("run"), rows, capsys)


@pytest.mark.slow
def test_extraction_is_measured_against_its_bound(bench, capsys):
    rows = bench("extraction").measure(faces=150, rounds=1)
    assert ">= 0.85" in shown(bench("run"), rows, capsys)


@pytest.mark.slow
def test_evaluation_agrees_with_roc_curve_and_is_measured_against_both_rivals(bench, capsys):
    rows = bench("evaluation").measure(sizes=(200, 400), rounds=2, repeats=1, thresholds=50)
    text = shown(bench("run"), rows, capsys)
    assert "evaluation of 400 pairs: roc_curve a fold / ours" in text
    assert "evaluation of 200 pairs: 50 thresholds a fold / ours" in text


@pytest.mark.slow
def test_joint_bayesian_agrees_with_its_rivals(bench, capsys, monkeypatch):
    small = {"PEOPLE": 60, "DIMENSION": 24, "REPEATS": 1, "ROUNDS": 2, "CLOSED_SAMPLE": 20}
    for name, value in small.items():
        monkeypatch.setattr(bench("joint_bayesian"), name, value)
    assert "joint bayesian" in shown(bench("run"), bench("joint_bayesian").measure(), capsys)


@pytest.mark.slow
def test_the_table_is_printed_by_name_and_an_unknown_name_is_a_usage_error():
    done = subprocess.run(
        [sys.executable, BENCH / "run.py", "speed"], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 2
    assert done.stderr == "error: no bench 'speed'; there are: training, extraction, evaluation, joint_bayesian\n"
    assert done.stdout == ""
