"""Thresholds and packing, against numpy on the unpacked bits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from facerep.codes.binarize import binarize, share_of_ones
from facerep.errors import Mismatch, Usage
from facerep.files.features import Contract, Features


def features(values: np.ndarray, **contract: str) -> Features:
    n = len(values)
    return Features(
        names=np.array([f"p/{i}.png" for i in range(n)], dtype=object),
        people=np.array([""] * n, dtype=object),
        values=np.asarray(values, dtype=np.float32),
        contract=Contract(**contract),
    )


finite = st.floats(-1e6, 1e6, width=32)


@given(arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 20)), elements=finite), finite)
def test_a_bit_says_whether_the_value_is_above_the_threshold(values: np.ndarray, threshold: float) -> None:
    codes = binarize(features(values), threshold)
    bits = np.unpackbits(codes.packed, axis=1)[:, : codes.bits].astype(bool)
    assert bits.tolist() == [[value > np.float32(threshold) for value in row] for row in values]
    assert share_of_ones(codes) == pytest.approx(bits.mean())


def test_zero_itself_is_no_one() -> None:
    assert binarize(features(np.array([[0.0, -0.0, 1e-30]])), "zero").packed.tolist() == [[0b00100000]]


def test_medians_of_the_file_split_each_unit_in_half() -> None:
    values = np.random.default_rng(0).normal(3, 2, size=(100, 12))
    codes = binarize(features(values), "median")
    assert (np.unpackbits(codes.packed, axis=1)[:, :12].sum(axis=0) == 50).all()
    assert codes.chosen == "median"


def test_medians_may_come_from_another_file() -> None:
    here, there = np.zeros((3, 2)), np.array([[-1.0, 4.0], [-1.0, 4.0], [-2.0, 5.0]])
    codes = binarize(features(here), "median", features(there))
    assert codes.thresholds.tolist() == [-1.0, 4.0]
    assert (codes.packed == 0b10000000).all()


def test_medians_of_another_network_are_refused() -> None:
    rows = np.zeros((3, 2))
    with pytest.raises(Mismatch, match="network differs"):
        binarize(features(rows, network="a"), "median", features(rows, network="b"))
    with pytest.raises(Mismatch, match="dimension differs"):
        binarize(features(rows), "median", features(np.zeros((3, 4))))


@pytest.mark.parametrize("threshold", ["mean", float("nan"), float("inf"), 1e300])
@pytest.mark.filterwarnings("ignore:overflow")
def test_other_thresholds_are_usage_errors(threshold: object) -> None:
    with pytest.raises(Usage):
        binarize(features(np.zeros((2, 2))), threshold)
