"""Hamming distances against a slow loop over bits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerep.codes import hamming
from facerep.errors import Mismatch


def by_bits(a: np.ndarray, b: np.ndarray) -> int:
    return sum(bin(int(x) ^ int(y)).count("1") for x, y in zip(a, b, strict=True))


@given(st.integers(1, 40), st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1))
@settings(max_examples=60)
def test_distances_are_those_of_a_loop_over_bits(size: int, na: int, nb: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    a, b = (random.integers(0, 256, (n, size), dtype=np.uint8) for n in (na, nb))
    wanted = [[by_bits(x, y) for y in b] for x in a]
    assert hamming.matrix(a, b).tolist() == wanted
    assert hamming.distances(np.repeat(a, nb, axis=0), np.tile(b, (na, 1))).tolist() == np.ravel(wanted).tolist()


def test_blocks_meet_without_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    a, b = (random.integers(0, 256, (n, 20), dtype=np.uint8) for n in (37, 53))
    whole = hamming.matrix(a, b)
    monkeypatch.setattr(hamming, "BLOCK_BYTES", 8 * 10)
    assert (hamming.matrix(a, b) == whole).all()


def test_strided_codes_are_the_same_codes() -> None:
    codes = np.random.default_rng(2).integers(0, 256, (10, 32), dtype=np.uint8)
    half = codes[::2, :16]
    assert (hamming.distances(half, half[::-1]) == hamming.distances(half.copy(), half[::-1].copy())).all()


def test_codes_of_different_lengths_are_refused() -> None:
    with pytest.raises(Mismatch, match="2 and 3 bytes"):
        hamming.distances(np.zeros((1, 2), np.uint8), np.zeros((1, 3), np.uint8))
