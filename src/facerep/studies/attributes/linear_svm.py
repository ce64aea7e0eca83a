"""Linear SVMs, one an attribute, all solved together: every step is one matrix product for all of them.

    minimise over w and b   1/2 (|w|² + b²) + C sum_i s_i max(0, 1 - y_i (w.x_i + b))²

This is the problem of scikit-learn's LinearSVC as it comes (squared hinge, a penalised intercept), with s_i = 1, or
as it is with class_weight="balanced". Newton's method on the primal with a line search, its linear systems solved by
conjugate gradients. Faces are first turned into their principal axes: the penalty is round, so the answer turns along,
and the diagonal of the Hessian becomes nearly all of it.
Source: Keerthi and DeCoste, JMLR 6 (2005), section 2; Fan et al., LIBLINEAR, JMLR 9 (2008).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

TOLERANCE = 1e-4
"""The gradient at the answer, as a share of the gradient at zero; LinearSVC's is the same."""

_MOST_STEPS = 200


@dataclass(frozen=True)
class SvmSolution:
    """The SVMs at one C; a face's score for attribute k is weights[k] . x + bias[k], and its sign decides.

    Attributes:
        cost: C.
        weights: float64 (k, d).
        bias: float64 (k,).
        gradient: largest share of the gradient at zero that is left, over the attributes.
    """

    cost: float
    weights: np.ndarray
    bias: np.ndarray
    gradient: float


def solve_path(
    values: np.ndarray,
    labels: np.ndarray,
    costs: Sequence[float],
    *,
    balanced: bool = False,
    tolerance: float = TOLERANCE,
    device: str = "cpu",
) -> Iterator[SvmSolution]:
    """The SVMs of all attributes at each C, each starting from the one before.

    Args:
        values: faces, shape (n, d).
        labels: shape (n, k): 1 yes, -1 no, 0 unknown: such a face takes no part for that attribute.
        costs: the Cs, best in rising order.
        balanced: weight both answers of an attribute alike: s_i = n / (2 n of the same answer).
        tolerance: how small the gradient must be, as a share of the gradient at zero.
        device: as torch names it.
    """
    place = torch.device(device)
    signs = torch.as_tensor(labels, dtype=torch.float64, device=place)
    shares = _shares(signs, balanced)
    faces = torch.as_tensor(values, dtype=torch.float64, device=place)
    faces = torch.cat([faces, faces.new_ones(len(faces), 1)], dim=1)
    axes = _axes(faces)
    turned = faces @ axes
    answer = turned.new_zeros(turned.shape[1], signs.shape[1])
    for cost in costs:
        answer, left = _newton(turned, signs, cost * shares, answer, tolerance)
        plain = (axes @ answer).T.cpu().numpy()
        yield SvmSolution(cost, plain[:, :-1], plain[:, -1], left)


def _shares(signs: Tensor, balanced: bool) -> Tensor:
    """s_i of each face and attribute; 0 where the label is unknown."""
    known = (signs != 0).double()
    if not balanced:
        return known
    yes, no = (signs > 0).double(), (signs < 0).double()
    half = known.sum(dim=0) / 2
    return yes * (half / yes.sum(dim=0).clamp(min=1)) + no * (half / no.sum(dim=0).clamp(min=1))


def _axes(faces: Tensor) -> Tensor:
    """Orthonormal columns that span the faces, along their principal axes; shape (d, min(n, d))."""
    if faces.shape[1] > len(faces):  # the answer lies in the span of the faces
        span = torch.linalg.qr(faces.T).Q
        return span @ _axes(faces @ span)
    return torch.linalg.eigh(faces.T @ faces).eigenvectors


def _newton(faces: Tensor, signs: Tensor, costs: Tensor, start: Tensor, tolerance: float) -> tuple[Tensor, float]:
    """Minimise for all attributes; those that are done are left alone.

    Args:
        faces: (n, d), in their principal axes.
        signs, costs: (n, k).
        start: (d, k).
        tolerance: see solve_path.
    """
    answer = start.clone()
    first = (2 * faces.T @ (costs * signs)).norm(dim=0).clamp(min=torch.finfo(torch.float64).tiny)
    squares = faces.square()
    left = torch.ones_like(first)
    for _ in range(_MOST_STEPS):
        short = (1 - signs * (faces @ answer)).clamp(min=0)
        gradient = answer - 2 * faces.T @ (costs * signs * short)
        left = gradient.norm(dim=0) / first
        todo = left > tolerance
        if not todo.any():
            break
        seen = costs[:, todo] * (short[:, todo] > 0)
        step = _conjugate(faces, squares, seen, -gradient[:, todo], left[todo].clamp(max=0.1))
        size = _line_search(faces, signs[:, todo], costs[:, todo], answer[:, todo], gradient[:, todo], step)
        answer[:, todo] += size * step
    return answer, float(left.max())


def _conjugate(faces: Tensor, squares: Tensor, seen: Tensor, target: Tensor, share: Tensor) -> Tensor:
    """Solve (I + 2 X' diag(seen) X) p = target for all columns, until `share` of the target is left."""
    diagonal = 1 + 2 * squares.T @ seen
    answer = torch.zeros_like(target)
    rest = target.clone()
    aim = share * target.norm(dim=0)
    tilted = rest / diagonal
    direction, energy = tilted.clone(), (rest * tilted).sum(dim=0)
    for _ in range(len(target)):
        if (rest.norm(dim=0) <= aim).all():
            break
        bent = direction + 2 * faces.T @ (seen * (faces @ direction))
        curve = (direction * bent).sum(dim=0)
        length = torch.where(curve > 0, energy / curve, 0.0)
        answer += length * direction
        rest -= length * bent
        tilted = rest / diagonal
        before, energy = energy, (rest * tilted).sum(dim=0)
        direction = tilted + torch.where(before > 0, energy / before, 0.0) * direction
    return answer


def _line_search(faces: Tensor, signs: Tensor, costs: Tensor, answer: Tensor, gradient: Tensor, step: Tensor) -> Tensor:
    """How much of each column's step is taken: 1, halved until it lowers what is minimised by enough."""
    scores, along = faces @ answer, faces @ step

    def height(size: Tensor) -> Tensor:
        short = (1 - signs * (scores + size * along)).clamp(min=0)
        return (answer + size * step).square().sum(dim=0) / 2 + (costs * short.square()).sum(dim=0)

    size = torch.ones(step.shape[1], dtype=step.dtype, device=step.device)
    start, slope = height(torch.zeros_like(size)), (gradient * step).sum(dim=0)
    for _ in range(40):
        # what rounding hides is no rise
        high = height(size) > start + 1e-4 * size * slope + 1e-12 * start.abs()
        if not high.any():
            break
        size = torch.where(high, size / 2, size)
    return size
