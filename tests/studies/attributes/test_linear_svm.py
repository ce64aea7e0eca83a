"""All SVMs at once give what scikit-learn's LinearSVC gives for each."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.svm import LinearSVC

from facerep.studies.attributes.linear_svm import solve_path

TIGHT = 1e-9


def made(faces: int, length: int, attributes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Faces whose attributes depend on them with noise; the last attribute is rare."""
    draw = np.random.default_rng(seed)
    values = draw.normal(size=(faces, length)) @ draw.normal(size=(length, length)) / np.sqrt(length)
    scores = values @ draw.normal(size=(length, attributes)) + draw.normal(size=(faces, attributes))
    scores[:, -1] -= 2.5
    return values, np.where(scores > 0, 1, -1).astype(np.int8)


def reference(values: np.ndarray, labels: np.ndarray, cost: float, **options) -> tuple[np.ndarray, np.ndarray]:
    fitted = [
        LinearSVC(C=cost, tol=1e-10, max_iter=100_000, dual=False, **options).fit(values, column) for column in labels.T
    ]
    return np.concatenate([one.coef_ for one in fitted]), np.concatenate([one.intercept_ for one in fitted])


@pytest.mark.parametrize("cost", [1e-3, 0.1, 10.0])
@pytest.mark.parametrize("shape", [(300, 12), (40, 60)], ids=["more faces", "more units"])
def test_weights_are_those_of_linear_svc(shape: tuple[int, int], cost: float) -> None:
    values, labels = made(*shape, attributes=5)
    found = next(solve_path(values, labels, [cost], tolerance=TIGHT))
    weights, bias = reference(values, labels, cost)
    np.testing.assert_allclose(found.weights, weights, atol=1e-6)
    np.testing.assert_allclose(found.bias, bias, atol=1e-6)


def test_balanced_weights_are_those_of_linear_svc() -> None:
    values, labels = made(300, 12, attributes=5)
    found = next(solve_path(values, labels, [0.1], balanced=True, tolerance=TIGHT))
    weights, bias = reference(values, labels, 0.1, class_weight="balanced")
    np.testing.assert_allclose(found.weights, weights, atol=1e-6)
    np.testing.assert_allclose(found.bias, bias, atol=1e-6)


def test_at_the_tolerance_that_both_have_as_they_come_scores_agree_as_well_as_linear_svc_with_itself() -> None:
    values, labels = made(500, 20, attributes=4)
    found = next(solve_path(values, labels, [1.0]))
    exact, offset = reference(values, labels, 1.0)
    true = values @ exact.T + offset
    loose = np.stack(
        [LinearSVC(C=1.0, dual=False).fit(values, column).decision_function(values) for column in labels.T]
    )
    ours = np.abs(values @ found.weights.T + found.bias - true).max()
    assert ours <= max(np.abs(loose.T - true).max(), 1e-3)
    assert found.gradient <= 1e-4


def test_unknown_labels_take_no_part() -> None:
    values, labels = made(200, 8, attributes=3)
    labels[50:, 1] = 0
    found = next(solve_path(values, labels, [0.5], tolerance=TIGHT))
    alone, offset = reference(values[:50], labels[:50, 1:2], 0.5)
    np.testing.assert_allclose(found.weights[1], alone[0], atol=1e-6)
    np.testing.assert_allclose(found.bias[1], offset[0], atol=1e-6)


def test_a_path_ends_where_each_of_its_costs_alone_does() -> None:
    values, labels = made(150, 10, attributes=3)
    costs = [0.01, 1.0, 0.1]
    path = list(solve_path(values, labels, costs, tolerance=TIGHT))
    assert [one.cost for one in path] == costs
    for one in path:
        alone = next(solve_path(values, labels, [one.cost], tolerance=TIGHT))
        np.testing.assert_allclose(one.weights, alone.weights, atol=1e-6)


def test_faces_that_are_all_the_same_have_an_answer() -> None:
    labels = np.array([[1], [1], [-1]], np.int8)
    found = next(solve_path(np.ones((3, 2)), labels, [1.0], tolerance=TIGHT))
    weights, bias = reference(np.ones((3, 2)), labels, 1.0)
    np.testing.assert_allclose(found.weights, weights, atol=1e-6)
    np.testing.assert_allclose(found.bias, bias, atol=1e-6)
