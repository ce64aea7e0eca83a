"""Projections of a chain: PCA, LDA, lengths of 1. Fitted by scikit-learn or by sums over blocks; applied by numpy."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from facerep.codes.projection import project
from facerep.errors import BadInput
from facerep.scorers.chain_text import ALL, Number
from facerep.scorers.fitting_rows import FittingRows
from facerep.scorers.pca_dimensions import PcaDimensions

LONGEST, MOST_OF_LONG = 4096, 512
"""Longer vectors have their first directions found only, by a randomised solver; and how many."""


@dataclass(frozen=True, kw_only=True)
class Projection:
    """PCA or LDA, once fitted: directions (x - mean).

    Attributes:
        name: "pca" or "lda".
        mean: shape (d,).
        directions: shape (k, d).
        why: how many of PCA's directions are kept, and why; None where it was read from a file.
    """

    name: str
    mean: np.ndarray
    directions: np.ndarray
    why: PcaDimensions | None = None

    def prepare(self, values: np.ndarray) -> np.ndarray:
        """Rows (n, d) to rows (n, k), float64."""
        return project(values, self.mean, self.directions)


@dataclass(frozen=True)
class LengthOne:
    """Length normalisation: x / |x|; an all-zero row stays as it is."""

    name: str = "l2"

    def prepare(self, values: np.ndarray) -> np.ndarray:
        """Rows (n, d) of length 1, float64."""
        rows = np.ascontiguousarray(values, dtype=np.float64)
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        return rows / np.where(lengths > 0, lengths, 1.0)[:, None]


def fit_pca(rows: FittingRows, number: Number, room: int, seed: int) -> Projection:
    """As many principal directions as are asked for; where no number is, all that there are.

    Of more faces than dimensions the covariance is summed block by block; fewer, or very long vectors, are held.
    """
    n, d = len(rows), rows.dimension
    most, long = min(n - 1, d), d > LONGEST
    asked = number if isinstance(number, int) else min(most, MOST_OF_LONG) if long else most
    if not 1 <= asked <= most:
        raise BadInput(
            f"pca cannot keep {max(asked, 1)} dimensions of {n} faces with {d} dimensions",
            hint=f"ask for {most} or less",
        )
    mean, components, variances, whole = _summed(rows) if n > d and not long else _held(rows.all(), asked, long, seed)
    variances = variances[:asked]
    rank = int((variances > 1e-10 * max(variances[0], 0.0)).sum())
    if rank == 0 or (isinstance(number, int) and rank < asked):
        raise BadInput(f"features vary in {rank} dimensions only, pca was asked for {asked}", hint="ask for fewer")
    shares = np.cumsum(variances / whole)[:rank]
    kept = min(rank, max(room, 1)) if number == ALL else rank
    directions = components[:kept]
    return Projection(name="pca", mean=mean, directions=directions, why=PcaDimensions(kept, shares[:kept]))


_Found = tuple[np.ndarray, np.ndarray, np.ndarray, float]
"""Mean (d,), directions (k, d), the variance along each, and that along all that there are."""


def _held(values: np.ndarray, asked: int, long: bool, seed: int) -> _Found:
    """Principal directions of rows in memory."""
    from sklearn.decomposition import PCA

    mean = values.mean(axis=0, dtype=np.float64)
    # centred before scikit-learn sees it: it would lose digits to a large mean
    centred = values - (mean.astype(np.float32) if long else mean)
    found = PCA(n_components=asked, svd_solver="randomized" if long else "full", random_state=seed).fit(centred)
    variances, directions = found.explained_variance_, np.asarray(found.components_, np.float64)
    share = float(found.explained_variance_ratio_[0])
    return mean, directions, variances, float(variances[0]) / share if share else 1.0


def _summed(rows: FittingRows) -> _Found:
    """The same by the covariance, as scikit-learn's "covariance_eigh" has it, summed in one pass over the rows."""
    centre = scatter = moved = np.zeros(0)
    for place, (_, values) in enumerate(rows.blocks()):
        if not place:  # near the mean, so that no digits are lost to a large one
            d, centre = values.shape[1], values.mean(axis=0, dtype=np.float64)
            scatter, moved = np.zeros((d, d)), np.zeros(d)
        centred = values - centre
        scatter += centred.T @ centred
        moved += centred.sum(axis=0)
    moved /= len(rows)
    scatter -= len(rows) * np.outer(moved, moved)
    variances, axes = np.linalg.eigh(scatter / (len(rows) - 1))
    variances, directions = np.maximum(variances[::-1], 0), np.ascontiguousarray(axes.T[::-1])
    # of both signs the one by which the largest coordinate is positive
    largest = directions[np.arange(len(directions)), np.abs(directions).argmax(axis=1)]
    return centre + moved, directions * np.sign(largest)[:, None], variances, float(variances.sum()) or 1.0


def fit_lda(values: np.ndarray, people: np.ndarray, number: int | None) -> Projection:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    labels = people.astype(str)
    classes = len(np.unique(labels))
    most = min(classes - 1, values.shape[1])
    asked = number or most
    if classes < 2 or classes >= len(values) or asked > most:
        what = f"lda cannot keep {asked or 1} dimensions of {len(values)} faces of {classes} people"
        raise BadInput(what, hint=f"at most {max(most, 0)}; some people need two faces")
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message="Variables are collinear"
        )  # those directions are left out, as they should
        found = LinearDiscriminantAnalysis(solver="svd").fit(np.asarray(values, np.float64), labels)
    directions = np.asarray(found.scalings_).T[:asked]
    return Projection(name="lda", mean=found.xbar_, directions=np.ascontiguousarray(directions))
