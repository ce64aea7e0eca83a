"""Thresholds and packing, against numpy on the unpacked bits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from facerep.codes.binarize import binarize, bits_of, count_ones, like
from facerep.errors import BadInput, Mismatch, Usage
from facerep.files.contract import Contract
from facerep.files.rows import Features


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
    assert count_ones(codes) == bits.sum()


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


@given(st.integers(1, 70), st.integers(1, 5), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_bits_come_back_from_their_packing(bits: int, n: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(n, bits))
    codes = binarize(features(values))
    assert codes.packed.shape == (n, -(-bits // 8))
    assert bits_of(codes).tolist() == (values.astype(np.float32) > 0).astype(float).tolist()
    codes.check()


RULES = [
    {"threshold": "median"},
    {"threshold": 0.25, "bits": 5},
    {"bits": 5, "select": "entropy"},
    {"bits": 7, "select": "random"},
    {"rotation": "itq"},
    {"rotation": "itq", "bits": 4, "threshold": "median"},
]


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_rule_of_other_rows_is_that_of_their_codes_applied(rule) -> None:
    random = np.random.default_rng(0)
    train, new = (features(random.normal(size=(n, 9)) @ random.normal(size=(9, 9))) for n in (60, 20))
    learned = binarize(train, **rule)
    applied = like(new, learned)
    assert (applied.bits, applied.rule) == (learned.bits, learned.rule)
    assert applied.names is new.names
    assert (like(train, learned).packed == learned.packed).all()
    if rule.get("select") != "random":
        assert (binarize(new, fitted_on=train, **rule).packed == applied.packed).all()
    assert [like(new.take(np.array([row])), learned).packed[0].tolist() for row in range(20)] == applied.packed.tolist()


def test_bits_of_chosen_units_are_those_of_all_units() -> None:
    values = np.random.default_rng(1).normal(size=(50, 12)) * np.arange(12)
    codes = binarize(features(values), bits=5, select="variance")
    assert codes.units.tolist() == np.argsort(-values.astype(np.float32).var(axis=0, dtype=float))[:5].tolist()
    assert (bits_of(codes) == bits_of(binarize(features(values)))[:, codes.units]).all()


def test_all_units_are_one_rule_however_it_is_written() -> None:
    rows = features(np.random.default_rng(2).normal(size=(30, 6)))
    plain = binarize(rows)
    named = replace(plain, units=np.arange(6), selected="variance", dimension=6)
    assert named.rule == plain.rule == binarize(rows, bits=6).rule
    others = [binarize(rows, 0.5), binarize(rows, bits=5), binarize(rows, rotation="itq"), replace(plain, dimension=7)]
    assert len({codes.rule for codes in [plain, *others]}) == 5


def test_codes_of_another_rule_or_network_are_told_apart() -> None:
    rows = features(np.random.default_rng(2).normal(size=(30, 6)), network="a")
    binarize(rows).require(binarize(rows))
    with pytest.raises(Mismatch, match="rule of the bits differs.*--like"):
        binarize(rows).require(binarize(rows, "median"))
    with pytest.raises(Mismatch, match="network differs"):
        binarize(rows).require(binarize(replace(rows, contract=Contract(network="b"))))
    with pytest.raises(Mismatch, match="network differs"):
        like(replace(rows, contract=Contract(network="b")), binarize(rows))
    with pytest.raises(Mismatch, match="takes 6, .* has 4"):
        like(features(np.zeros((3, 4)), network="a"), binarize(rows, bits=5))


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"bits": 7}, "has 6 units, 7 bits"),
        ({"bits": 0}, "0 bits"),
        ({"select": "entropy"}, "give --bits"),
        ({"rotation": "itq", "bits": 3, "select": "variance"}, "leave --select out"),
        ({"fitted_on": True, "bits": 6}, "nothing is fitted"),
        ({"fitted_on": True, "bits": 3, "select": "random"}, "nothing is fitted"),
        ({"fitted_on": True, "threshold": 1.0}, "nothing is fitted"),
    ],
)
def test_choices_that_contradict_each_other_are_usage_errors(choices, said: str) -> None:
    rows = features(np.random.default_rng(2).normal(size=(30, 6)))
    choices = {**choices, **({"fitted_on": rows} if choices.get("fitted_on") else {})}
    with pytest.raises(Usage, match=said):
        binarize(rows, **choices)


def test_a_rotation_that_cannot_be_learned_names_the_file() -> None:
    rows = replace(features(np.ones((9, 3))), path=Path("train.h5"))
    with pytest.raises(BadInput, match=r"0 directions only.*train\.h5"):
        binarize(rows, rotation="itq")
