"""`facerep binarize` as a user runs it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facerep.files.features import Features, read_codes, write_features


@pytest.fixture
def values(tmp_path: Path) -> np.ndarray:
    values = np.random.default_rng(0).normal(1, 1, size=(40, 10)).astype(np.float32)
    names = np.array([f"{i}.png" for i in range(40)], dtype=object)
    for name, rows in (("feats.h5", values), ("train.h5", values + 3)):
        write_features(Features(names=names, people=names, values=rows), tmp_path / name)
    return values


def test_binarize_by_the_medians_of_another_file(facerep, tmp_path: Path, values: np.ndarray) -> None:
    arguments = ("feats.h5", "-o", "codes.h5", "--threshold", "median", "--from", "train.h5")
    run = facerep("binarize", *arguments, "--json")
    assert run.code == 0, run.stderr
    bits = values > np.median(values + 3, axis=0)
    assert run.json["bits"] == 10
    assert run.json["share_of_ones"] == pytest.approx(bits.mean())
    codes = read_codes(tmp_path / "codes.h5")
    assert (codes.packed == np.packbits(bits, axis=1)).all()
    assert codes.chosen == "median"
    again = facerep("binarize", *arguments)
    assert (again.code, again.stdout) == (1, "")
    assert "output exists: codes.h5" in again.stderr


def test_binarize_by_a_negative_number_prints_bits_and_share(facerep, values: np.ndarray) -> None:
    run = facerep("binarize", "feats.h5", "--threshold", "-0.5")
    assert run.code == 0, run.stderr
    assert "bits" in run.stdout
    assert f"{100 * (values > -0.5).mean():.2f} %" in run.stdout


@pytest.mark.usefixtures("values")
def test_a_threshold_that_is_none_is_a_usage_error(facerep) -> None:
    run = facerep("binarize", "feats.h5", "--threshold", "mean")
    assert (run.code, run.stdout) == (2, "")
    assert run.stderr == "error: no threshold 'mean'; give zero, median or a number\n"
