"""Positions of kept weights come back exactly, in the shorter of two forms, and damaged ones are refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerep.networks.sparsity.positions import pack, unpack


@given(size=st.integers(1, 3000), density=st.floats(0, 1), seed=st.integers(0, 99))
@settings(max_examples=150, deadline=None)
def test_a_mask_comes_back_exactly(size, density, seed):
    mask = np.random.default_rng(seed).random(size) < density
    kind, packed = pack(mask)
    assert packed.dtype == np.uint8
    assert (unpack(kind, packed, size) == mask).all()
    assert len(packed) <= -(-size // 8)


@pytest.mark.parametrize("gap", [0, 1, 254, 255, 256, 510, 511, 100_000])
def test_gaps_of_any_length_are_bridged(gap):
    mask = np.zeros(gap + 2_000_000, bool)
    mask[[gap, -1]] = True
    kind, packed = pack(mask)
    assert kind == "gaps"
    assert (unpack(kind, packed, len(mask)) == mask).all()


def test_the_shorter_form_is_taken():
    draw = np.random.default_rng(0)
    for density, kind in ((1 / 256, "gaps"), (1 / 16, "gaps"), (1 / 4, "bitmap"), (1.0, "bitmap")):
        assert pack(draw.random(100_000) < density)[0] == kind


@pytest.mark.parametrize(
    ("kind", "packed", "said"),
    [
        ("bitmap", np.zeros(2, np.uint8), "bitmap of 2 bytes for 20 weights"),
        ("gaps", np.array([10, 9], np.uint8), "gaps lead to weight 20 of 20"),
        ("gaps", np.array([255, 3], np.uint8), "gaps lead to weight 258 of 20"),
        ("runs", np.zeros(3, np.uint8), "as 'runs'"),
        ("bitmap", np.zeros(3, np.int16), "positions are int16"),
        ("gaps", np.zeros((3, 1), np.uint8), "positions are uint8"),
    ],
)
def test_damaged_positions_are_refused(kind, packed, said):
    with pytest.raises(ValueError, match=said):
        unpack(kind, packed, 20)
