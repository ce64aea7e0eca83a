"""The canonical view's error and measure against slow loops and closed cases."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from facerep.signals.canonical import canonical_measure, squared_error


def test_the_error_is_the_mean_over_known_pictures_and_their_pixels() -> None:
    torch.manual_seed(0)
    drawn, wanted = torch.randn(4, 3, 5, 6), torch.randn(4, 3, 5, 6)
    known = torch.tensor([[1, 1, 0], [0, 0, 0], [1, 0, 1], [1, 1, 1]], dtype=torch.bool)
    errors = [
        float((drawn[face, view] - wanted[face, view]).square().sum()) / 30
        for face in range(4)
        for view in range(3)
        if known[face, view]
    ]
    assert float(squared_error(drawn, wanted, known)) == pytest.approx(np.mean(errors), rel=1e-5)


def test_pictures_of_views_that_a_person_lacks_teach_nothing() -> None:
    drawn = torch.randn(2, 2, 3, 3, requires_grad=True)
    known = torch.tensor([[True, False], [True, True]])
    squared_error(drawn, torch.zeros(2, 2, 3, 3), known).backward()
    assert drawn.grad is not None
    assert not drawn.grad[0, 1].any()
    assert drawn.grad[0, 0].all()
    assert float(squared_error(drawn.detach(), torch.zeros(2, 2, 3, 3), torch.zeros(2, 2, dtype=torch.bool))) == 0


def test_the_measure_is_asymmetry_less_the_sum_of_singular_values() -> None:
    draw = np.random.default_rng(0)
    picture = draw.integers(0, 256, (6, 5), dtype=np.uint8)
    grey = picture / 255
    pairs = [(grey[row, column] - grey[row, 4 - column]) ** 2 for row in range(6) for column in range(2)]
    nuclear = np.sqrt(np.maximum(np.linalg.eigvalsh(grey.T @ grey), 0)).sum()
    expected = np.mean(pairs) - 0.2 * nuclear / np.sqrt(30)
    assert canonical_measure(picture[None], 0.2)[0] == pytest.approx(expected, rel=1e-9)


def test_of_symmetric_pictures_the_sharper_one_is_preferred_and_of_equally_sharp_ones_the_symmetric_one() -> None:
    draw = np.random.default_rng(1)
    half = draw.integers(0, 256, (8, 4))
    symmetric = np.concatenate([half, half[:, ::-1]], axis=1)
    blurred = np.full((8, 8), half.mean())
    turned = np.roll(symmetric, 2, axis=1)  # the same columns, so the same singular values
    good, dull, askew = canonical_measure(np.stack([symmetric, blurred, turned]).astype(np.uint8))
    assert good < dull
    assert good < askew
