"""Learned rotations: the principal directions of features, turned so that cutting at zero loses least (ITQ).

Thresholds and packing are in binarize.py. Source: Gong and Lazebnik, "Iterative Quantization: A Procrustean Approach to
Learning Binary Codes", CVPR 2011, sections 2 and 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facerep.errors import BadInput, Usage
from facerep.files.streams import FeatureStream

ROUNDS = 50
MOST_FACES = 50_000
"""Faces that a rotation is learned from, drawn by the seed where there are more: there are bits² numbers to find."""


@dataclass(frozen=True)
class Rotation:
    """A learned rotation: y = directions (x - mean), a bit is 1 where y > 0.

    Attributes:
        mean: float32, shape (d,).
        directions: orthonormal rows, float32, shape (bits, d).
        errors: mean squared distance of y to its signs (+1, -1), summed over bits, at the start and after each round;
            it never rises.
    """

    mean: np.ndarray
    directions: np.ndarray
    errors: tuple[float, ...]


def itq(values: np.ndarray | FeatureStream, bits: int, *, rounds: int = ROUNDS, seed: int = 0) -> Rotation:
    """Learn a rotation by iterated quantisation.

    Two steps take turns, each the exact minimum of |B - Y R|² over its own unknown: B = sign(Y R), and R by the
    singular vectors of Y' B (orthogonal Procrustes).

    Args:
        values: features, shape (n, d); of a stream only those are read that are learned from.
        bits: how many principal directions are kept and turned.
        rounds: at most so many rounds; fewer where one changes no sign.
        seed: of the first rotation, and of the faces drawn where there are very many.

    Raises:
        Usage: more bits than units.
        BadInput: features that vary in fewer directions than there are bits.
    """
    units = values.shape[1] if isinstance(values, np.ndarray) else values.head.dimension
    if not 1 <= bits <= units:
        raise Usage(f"{bits} bits of {units} units", hint=f"give 1 to {units}")
    rng, some = np.random.default_rng(seed), np.arange(len(values))
    if len(values) > MOST_FACES:
        some = np.sort(rng.choice(len(values), MOST_FACES, replace=False))
    values = values[some] if isinstance(values, np.ndarray) else values.take(some)
    mean = values.mean(axis=0, dtype=np.float64)
    principal = _principal(values - mean, bits)
    rows = ((values - mean) @ principal).astype(np.float32)
    turn = np.linalg.qr(rng.normal(size=(bits, bits)))[0].astype(np.float32)
    length = float(np.einsum("nk,nk->", rows, rows, dtype=np.float64))
    turned, errors, before = rows @ turn, [], None
    for _ in range(rounds + 1):
        signs = turned > 0
        # |B - Y R|² = |B|² + |Y|² - 2 sum |Y R|, as turning keeps lengths
        errors.append(bits + (length - 2 * float(np.abs(turned).sum(dtype=np.float64))) / len(rows))
        if len(errors) > rounds or (before is not None and np.array_equal(signs, before)):
            break
        left, _, right = np.linalg.svd(rows.T @ np.where(signs, np.float32(1), np.float32(-1)))
        turn, before = left @ right, signs
        turned = rows @ turn
    directions = (principal @ turn).T
    return Rotation(mean.astype(np.float32), np.ascontiguousarray(directions, dtype=np.float32), tuple(errors))


def _principal(centred: np.ndarray, count: int) -> np.ndarray:
    """The directions of largest variance as columns, shape (d, count)."""
    variances, directions = np.linalg.eigh(centred.T @ centred / len(centred))
    rank = int((variances > 1e-10 * max(float(variances[-1]), 0.0)).sum())
    if rank < count:
        raise BadInput(f"features vary in {rank} directions only, {count} bits were asked for", hint="ask for fewer")
    return directions[:, ::-1][:, :count]
