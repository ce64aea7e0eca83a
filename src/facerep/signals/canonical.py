"""Canonical view: the squared error of a picture that is to be a person's canonical one, and which one that may be.

Source: FIP, ICCV 2013, section 3 (the error); arXiv 1404.3543, section 3 (the measure).
"""

from __future__ import annotations

import numpy as np
from torch import Tensor

RANK_WEIGHT = 0.03
"""Lambda of the measure, ours: chosen on rendered faces (docs/canonical.md, section 2); the paper states none."""


def squared_error(pictures: Tensor, wanted: Tensor, known: Tensor) -> Tensor:
    """The mean over the pixels and over the pictures that are known: the paper's error by the number of pixels.

    Args:
        pictures, wanted: float (n, views, height, width).
        known: bool (n, views); False where a person has no picture of a view.

    Returns:
        A scalar; 0 where nothing is known.
    """
    each = (pictures.float() - wanted).square().mean(dim=(2, 3))
    return (each * known).sum() / known.sum().clamp(min=1)


def canonical_measure(pictures: np.ndarray, rank_weight: float = RANK_WEIGHT) -> np.ndarray:
    """How little a picture looks like a canonical one: asymmetry less sharpness, the smallest is best.

        M(Y) = ||Y P - Y Q||_F^2 - lambda ||Y||_*

    P picks the left half and Q the right half, mirrored. The nuclear norm, the sum of the singular values, is large for
    a sharp and well lit face. So that pictures of all sizes have the same lambda, grey values are divided by 255, the
    first term by the number of pixels in a half, the second by the root of the number of pixels.

    Args:
        pictures: grey, uint8 (n, height, width).
        rank_weight: lambda.

    Returns:
        float64 (n,).
    """
    grey = np.asarray(pictures, np.float64) / 255
    height, width = grey.shape[1:]
    half = width // 2
    asymmetry = ((grey[:, :, :half] - grey[:, :, ::-1][:, :, :half]) ** 2).mean(axis=(1, 2))
    return asymmetry - rank_weight * np.linalg.svd(grey, compute_uv=False).sum(axis=1) / np.sqrt(height * width)
