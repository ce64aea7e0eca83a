"""Learned weights of bits, against scikit-learn and against a slow loop over bits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from facerep.codes import hamming
from facerep.errors import BadInput
from facerep.metrics.pair_draws import draw_pairs
from facerep.scorers import weighted_hamming
from facerep.scorers.weighted_hamming import WeightedHamming, fit_weighted_hamming

# a person's bits flip in their pictures with these chances: the first tell people apart, the last are coins
FLIPS = np.array([0.02, 0.05, 0.1, 0.1, 0.2, 0.2, 0.3, 0.3, 0.4, 0.4, 0.5, 0.5])


def people_with_bits(people: int = 60, faces: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    own = np.repeat(random.random((people, len(FLIPS))) < 0.5, faces, axis=0)
    bits = own ^ (random.random(own.shape) < FLIPS)
    return bits.astype(np.float32), np.repeat([f"p{i}" for i in range(people)], faces).astype(object)


def weighted(weights: np.ndarray) -> WeightedHamming:
    return WeightedHamming(weights=np.asarray(weights, float), genuine=1, impostor=1)


@given(st.integers(1, 40), st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_scores_are_those_of_a_loop_over_bits(bits: int, na: int, nb: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    a, b = (np.packbits(random.random((n, bits)) < 0.5, axis=1) for n in (na, nb))
    judge = weighted(random.random(bits))
    apart = [np.unpackbits(x ^ y, count=bits) for x in a for y in b]
    wanted = np.array([-sum(judge.weights[k] for k in range(bits) if x[k]) for x in apart]).reshape(na, nb)
    np.testing.assert_allclose(judge.matrix(a, b), wanted, atol=1e-12)
    np.testing.assert_allclose(judge.score(np.repeat(a, nb, axis=0), np.tile(b, (na, 1))), wanted.ravel(), atol=1e-12)


def test_weights_of_one_are_plain_hamming() -> None:
    a, b = np.random.default_rng(0).integers(0, 256, (2, 50, 4), dtype=np.uint8)
    assert weighted(np.ones(32)).score(a, b).tolist() == (-hamming.distances(a, b)).tolist()


def test_bits_that_tell_people_apart_weigh_more() -> None:
    bits, people = people_with_bits()
    found = fit_weighted_hamming(bits, people, shrinkage=1e-4)
    assert found.weights.mean() == pytest.approx(1)
    assert found.weights.min() >= 0
    assert found.weights[:2].min() > 2 * found.weights[4:6].max() > 2 * found.weights[-2:].max()
    assert (found.genuine, found.impostor) == (60 * 15, 20_000)


def test_where_no_weight_is_held_at_zero_they_are_those_of_scikit_learn(monkeypatch) -> None:
    bits, people = people_with_bits(seed=1)
    bits = bits[:, :8]
    monkeypatch.setattr(weighted_hamming, "MOST_PAIRS", 900)  # as many of the one kind as of the other
    left, right, same = draw_pairs(people, 900, seed=0)
    wanted = LogisticRegression(C=1e6, tol=1e-8, max_iter=1000).fit(bits[left] != bits[right], ~same).coef_[0]
    assert wanted.min() > 0
    found = fit_weighted_hamming(bits, people, shrinkage=0.0)
    np.testing.assert_allclose(found.weights, wanted / wanted.mean(), rtol=0.02)


def test_strong_shrinkage_ends_at_plain_hamming() -> None:
    bits, people = people_with_bits()
    np.testing.assert_allclose(fit_weighted_hamming(bits, people, shrinkage=1e4).weights, 1, atol=1e-3)


def test_a_bit_that_agrees_more_often_between_people_weighs_nothing() -> None:
    bits, people = people_with_bits()
    alternating = np.tile([0, 1], len(bits) // 2)[:, None]  # differs within every person, rarely more between them
    alternating[::12] = 1 - alternating[::12]
    found = fit_weighted_hamming(np.hstack([bits, alternating]).astype(np.float32), people, shrinkage=1e-5)
    assert found.weights[-1] == 0


def test_without_both_kinds_of_pairs_nothing_is_learned() -> None:
    bits, people = people_with_bits()
    for labels in (np.full(len(people), "", dtype=object), np.full(len(people), "a", dtype=object)):
        with pytest.raises(BadInput, match="weights need both"):
            fit_weighted_hamming(bits, labels)
    with pytest.raises(BadInput, match="no bit differs more often"):
        fit_weighted_hamming(np.tile([0.0, 1.0], len(people) // 2)[:, None], people)


def test_preparing_packs_and_the_number_of_a_pair_is_its_own() -> None:
    bits, people = people_with_bits(10)
    judge = fit_weighted_hamming(bits, people)
    packed = judge.prepare(bits)
    assert (packed == np.packbits(bits.astype(bool), axis=1)).all()
    a, b = packed[:30], packed[30:]
    whole = judge.score(a, b)
    assert np.array_equal(whole, judge.score(b, a))
    assert np.array_equal(whole, np.concatenate([judge.score(a[i : i + 1], b[i : i + 1]) for i in range(30)]))
    np.testing.assert_allclose(judge.matrix(a, b).diagonal(), whole, atol=1e-6)
