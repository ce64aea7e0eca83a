"""Cosine, Euclidean, Hamming: what every scorer promises about a pair's number."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from facerep.errors import BadInput
from facerep.scorers.cosine import Cosine
from facerep.scorers.euclidean import Euclidean
from facerep.scorers.hamming import Hamming

BATCHES = (1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 64, 100, 199)


def assert_same_number(scorer, a: np.ndarray, b: np.ndarray) -> None:
    """A pair's score is the same to the last bit in any batch, at any place in it, and either way round."""
    whole = scorer.score(a, b)
    assert whole.dtype == np.float64
    assert np.array_equal(whole, scorer.score(b, a))
    for size in BATCHES:
        parts = [
            scorer.score(a[start : start + size].copy(), b[start : start + size]) for start in range(0, len(a), size)
        ]
        assert np.array_equal(whole, np.concatenate(parts)), size
    order = np.random.default_rng(0).permutation(len(a))
    assert np.array_equal(whole[order], scorer.score(a[order], b[order]))
    np.testing.assert_allclose(scorer.matrix(a, b).diagonal(), whole, atol=1e-6)


@pytest.mark.parametrize("dimension", [1, 2, 3, 8, 31, 160, 513])
@pytest.mark.parametrize("scorer", [Cosine(), Euclidean()])
def test_the_number_of_a_pair_depends_on_the_pair_alone(scorer, dimension: int) -> None:
    random = np.random.default_rng(dimension)
    a, b = random.normal(size=(2, 200, dimension)).astype(np.float32)
    assert_same_number(scorer, a, b)


def test_the_number_of_a_pair_of_codes_depends_on_the_pair_alone() -> None:
    a, b = np.random.default_rng(0).integers(0, 256, (2, 200, 20), dtype=np.uint8)
    assert_same_number(Hamming(), a, b)
    assert Hamming().score(a, a).tolist() == [0.0] * 200


def test_cosine_of_identical_rows_is_exactly_one() -> None:
    rows = np.random.default_rng(1).normal(size=(2000, 160)).astype(np.float32) * np.logspace(-20, 20, 2000)[:, None]
    assert (Cosine().score(rows, rows) == 1.0).all()
    assert (Cosine().score(rows, -rows) == -1.0).all()


def test_cosine_does_not_see_a_scale_of_eight() -> None:
    a, b = np.random.default_rng(2).normal(size=(2, 300, 160)).astype(np.float32)
    assert np.array_equal(Cosine().score(a, b), Cosine().score(8 * a, 8 * b))
    assert np.array_equal(Cosine().score(a, b), Cosine().score(8 * a, b))


def test_cosine_and_distance_agree_with_scipy() -> None:
    a, b = np.random.default_rng(3).normal(size=(2, 40, 30))
    np.testing.assert_allclose(Cosine().matrix(a, b), 1 - cdist(a, b, "cosine"), atol=1e-12)
    np.testing.assert_allclose(Euclidean().matrix(a, b), -cdist(a, b), atol=1e-12)


def test_distances_of_nearly_equal_rows_keep_their_digits() -> None:
    a = 1000 * np.random.default_rng(4).normal(size=(50, 160))
    b = a + 1e-7
    np.testing.assert_allclose(Euclidean().matrix(a, b), -cdist(a, b), atol=1e-9)
    assert (Euclidean().matrix(a, a).diagonal() == 0).all()


def test_cosine_names_the_face_that_has_no_direction() -> None:
    rows = np.ones((3, 4), np.float32)
    rows[1] = 0
    with pytest.raises(BadInput, match="'ana/2.jpg'.*f.h5"):
        Cosine(["ana/2.jpg"], "f.h5").score(rows, rows)
    with pytest.raises(BadInput, match="row 1"):
        Cosine().matrix(rows, rows)


def test_cosine_of_an_all_zero_row_is_0_where_it_is_allowed_and_all_else_is_the_same() -> None:
    a, b = np.random.default_rng(4).normal(size=(2, 20, 30)).astype(np.float32)
    a[3] = b[5] = a[7] = b[7] = 0
    allowed, others = Cosine(allow_zero=True), np.ones(20, bool)
    others[[3, 5, 7]] = False
    assert allowed.score(a, b)[~others].tolist() == [0.0] * 3
    assert np.array_equal(allowed.score(a, b)[others], Cosine().score(a[others], b[others]))
    np.testing.assert_allclose(allowed.matrix(a, b).diagonal(), allowed.score(a, b), atol=1e-12)
    with pytest.raises(BadInput, match="no cosine"):
        Cosine().score(a, b)
