"""ITQ: its closed properties, and FAISS's implementation as an oracle of how little it loses."""

from __future__ import annotations

import numpy as np
import pytest

from facerep.codes.rotation import itq
from facerep.errors import BadInput, Usage


def correlated(n: int, d: int, seed: int = 0) -> np.ndarray:
    """Rows of d units that hang together, with a mean that is not 0."""
    random = np.random.default_rng(seed)
    return (random.normal(size=(n, d)) @ random.normal(size=(d, d)) + 3).astype(np.float32)


def error(values: np.ndarray, mean: np.ndarray, directions: np.ndarray) -> float:
    """Mean squared distance of what is turned to its signs, by the definition."""
    turned = (values.astype(np.float64) - mean) @ directions.T.astype(np.float64)
    return float(((np.where(turned > 0, 1.0, -1.0) - turned) ** 2).sum(axis=1).mean())


@pytest.mark.parametrize(("d", "bits"), [(12, 12), (20, 8), (5, 1)])
def test_directions_are_orthonormal_and_span_the_principal_ones(d: int, bits: int) -> None:
    values = correlated(400, d)
    found = itq(values, bits)
    np.testing.assert_allclose(found.directions @ found.directions.T, np.eye(bits), atol=1e-5)
    np.testing.assert_allclose(found.mean, values.mean(axis=0), rtol=1e-5)
    principal = np.linalg.svd(values - values.mean(axis=0, dtype=np.float64), full_matrices=False)[2][:bits]
    np.testing.assert_allclose(
        found.directions.T @ found.directions, principal.T @ principal, atol=1e-4
    )  # the same projector, whatever was turned


def test_the_error_never_rises_and_is_the_one_of_the_definition() -> None:
    values = correlated(500, 24)
    found = itq(values, 16)
    assert len(found.errors) > 3
    assert all(
        after <= before + 1e-5 * abs(before) for before, after in zip(found.errors, found.errors[1:], strict=False)
    )
    assert found.errors[-1] == pytest.approx(error(values, found.mean, found.directions), rel=1e-4)


def test_signs_that_a_rotation_can_reach_exactly_are_found() -> None:
    """Corners of a cube, turned away from it: the rotation back loses nothing."""
    random = np.random.default_rng(3)
    corners = np.where(random.random((2000, 6)) < 0.5, -1.0, 1.0)
    away = np.linalg.qr(random.normal(size=(6, 6)))[0]
    best = min(itq((corners @ away).astype(np.float32), 6, seed=seed).errors[-1] for seed in range(5))
    assert best < 0.05  # 6 would be no better than a constant


def test_it_loses_no_more_than_the_one_of_faiss() -> None:
    faiss = pytest.importorskip("faiss", reason="faiss is not installed")
    values = correlated(3000, 32, seed=1)
    theirs = faiss.ITQTransform(32, 16, True)
    theirs.train(values)
    turned = theirs.apply(values).astype(np.float64)
    # theirs brings rows to length 1 in between: lengths are made equal before errors are compared
    found = itq(values, 16)
    ours = (values - found.mean) @ found.directions.T
    loss = [
        1 - np.abs(rows).sum(axis=1) / (np.linalg.norm(rows, axis=1) * np.sqrt(16)) for rows in (turned, ours)
    ]  # one less the cosine between a row and its signs
    assert loss[1].mean() <= loss[0].mean() + 0.005


def test_the_same_seed_gives_the_same_rotation_and_many_faces_are_drawn_from(monkeypatch) -> None:
    values = correlated(300, 10)
    again = [itq(values, 10, seed=4).directions for _ in range(2)]
    assert (again[0] == again[1]).all()
    assert (itq(values, 10, seed=5).directions != again[0]).any()
    monkeypatch.setattr("facerep.codes.rotation.MOST_FACES", 100)
    some = itq(values, 10, seed=4)
    assert not np.allclose(some.mean, values.mean(axis=0))
    np.testing.assert_allclose(some.directions @ some.directions.T, np.eye(10), atol=1e-5)


def test_more_bits_than_directions_are_refused() -> None:
    values = correlated(50, 4)
    flat = np.hstack([values, values])
    with pytest.raises(BadInput, match="4 directions only, 5 bits"):
        itq(flat, 5)
    with pytest.raises(BadInput, match="0 directions only"):
        itq(np.ones((9, 3), np.float32), 1)
    for bits in (0, 9):
        with pytest.raises(Usage, match=f"{bits} bits of 8 units"):
            itq(flat, bits)
