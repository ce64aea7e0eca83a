"""Read-outs: fitted on some faces, asked about others. Linear ones, and support vectors for degrees."""

from __future__ import annotations

import numpy as np

MOST_SUPPORT = 2000
"""Support-vector regression takes time with the square of its faces: it is fitted on so many at most."""


def classify(fit: np.ndarray, labels: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Labels by linear discriminant analysis: one covariance for all, shrunk a little, after standardisation.

    Args:
        fit: float (n, d).
        labels: int (n,), each of 0..most at least once.
        asked: float (m, d).
    """
    mean, deviation = fit.mean(axis=0), fit.std(axis=0)
    scale = np.where(deviation > 1e-6, 1 / np.maximum(deviation, 1e-6), 0)
    one, other = ((rows - mean) * scale for rows in (fit, asked))
    counts = np.bincount(labels)
    centres = np.stack([one[labels == label].mean(axis=0) for label in range(len(counts))])
    rest = one - centres[labels]
    within = (rest.T @ rest).astype(np.float64) / len(rest)
    within[np.diag_indices_from(within)] += 0.01 * np.trace(within) / len(within) + 1e-6
    slopes = np.linalg.solve(within, centres.T.astype(np.float64))
    offsets = np.log(counts / len(labels)) - 0.5 * (centres.T * slopes).sum(axis=0)
    return (other @ slopes + offsets).argmax(axis=1)


def linear_regression(fit: np.ndarray, numbers: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Numbers by ridge regression on pixels; its strength is chosen by leaving one face out."""
    from sklearn.linear_model import RidgeCV

    return RidgeCV(alphas=np.logspace(-1, 4, 6)).fit(fit, numbers).predict(asked)


def support_vectors(fit: np.ndarray, numbers: np.ndarray, asked: np.ndarray, seed: int) -> tuple[np.ndarray, int]:
    """Numbers by support-vector regression with Gaussian kernels, and how many faces it was fitted on."""
    from sklearn.svm import SVR

    rows = np.random.default_rng(seed).permutation(len(fit))[:MOST_SUPPORT]
    centre, spread = numbers.mean(), max(float(numbers.std()), 1e-12)
    machine = SVR(C=10.0, epsilon=0.05, gamma="scale").fit(fit[rows], (numbers[rows] - centre) / spread)
    return machine.predict(asked) * spread + centre, len(rows)
