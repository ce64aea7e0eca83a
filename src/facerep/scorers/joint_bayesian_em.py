"""EM of Joint Bayesian on sums over people, in float64 on any torch device.

A round costs O(r d^2) with r at most the number of people and at most d for each distinct number of faces: faces
enter once, as their scatter R = sum x x' and the sum s of each person's faces. Of people with m faces only
T_m = sum s s' matters; where they are more than d, their sums are replaced by d rows of the same T_m.
Source: Chen et al., ECCV 2012, section 3.2; with the covariance of mu kept in the M-step, which makes it EM, and with
the map of Liu, Rubin and Wu, Biometrika 85 (1998), 755: the same maximum in a fraction of the rounds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from facerep.errors import BadInput
from facerep.scorers.fitting_rows import FittingRows, HeldRows

_STILL = 1e-10
"""A direction in which people vary less than this share of what their pictures do says nothing in float64."""


@dataclass(frozen=True)
class Sums:
    """What EM needs to know of the faces.

    Attributes:
        mean: shape (d,).
        scatter: R = sum of x x' over all faces, x centred, shape (d, d).
        rows: sums of people, or fewer rows with the same squares, shape (r, d).
        faces_of_row: m of each row, shape (r, 1).
        m: the distinct numbers of faces a person has, shape (M,).
        people_with: how many people have m faces, shape (M,).
    """

    mean: torch.Tensor
    scatter: torch.Tensor
    rows: torch.Tensor
    faces_of_row: torch.Tensor
    m: torch.Tensor
    people_with: torch.Tensor

    @property
    def people(self) -> float:
        """I, how many people there are."""
        return float(self.people_with.sum())

    @property
    def faces(self) -> float:
        """N, how many faces there are."""
        return float((self.m * self.people_with).sum())


@dataclass(frozen=True)
class Covariances:
    """The model: S_mu of people and S_eps of pictures, each (d, d)."""

    between: torch.Tensor
    within: torch.Tensor


@dataclass(frozen=True)
class Diagonal:
    """The same model where it is diagonal: V' within V = I, V' between V = diag(ratios).

    Attributes:
        directions: V, shape (d, d).
        back: V'^-1, from y back to x, shape (d, d).
        ratios: at least 0, shape (d,).
        log_within: log |within|.
    """

    directions: torch.Tensor
    back: torch.Tensor
    ratios: torch.Tensor
    log_within: float


@dataclass(frozen=True)
class Totals:
    """What is summed of the faces in one pass, whatever their order and wherever a person's faces are.

    Attributes:
        mean: shape (d,).
        scatter: R, as in `Sums`.
        people: sum of the centred faces of each person, shape (P, d): 8 bytes a person and dimension.
        counts: how many faces each has, shape (P,).
    """

    mean: torch.Tensor
    scatter: torch.Tensor
    people: torch.Tensor
    counts: np.ndarray

    def first(self, number: int) -> Totals:
        """The same of the first coordinates of the faces."""
        return Totals(self.mean[:number], self.scatter[:number, :number], self.people[:, :number], self.counts)

    def sums(self) -> Sums:
        """What EM needs of it."""
        rows, faces_of_row = [], []
        number = {"dtype": torch.float64, "device": self.mean.device}
        distinct, people_with = np.unique(self.counts, return_counts=True)
        for m in distinct:
            of_these = self.people[torch.as_tensor(self.counts == m, device=self.mean.device)]
            if len(of_these) > len(self.mean):
                of_these = torch.linalg.qr(of_these, mode="r").R  # R'R is the same sum of s s'
            rows.append(of_these)
            faces_of_row.append(torch.full((len(of_these), 1), float(m), **number))
        return Sums(
            self.mean, self.scatter, torch.cat(rows), torch.cat(faces_of_row),
            torch.as_tensor(distinct, **number), torch.as_tensor(people_with, **number),
        )  # fmt: skip


def total(rows: FittingRows, device: Any = "cpu") -> Totals:
    """Go through faces of known people once."""
    counts, number = np.bincount(rows.groups), {"dtype": torch.float64, "device": device}
    centre = scatter = moved = people = torch.zeros(0)
    for place, (groups, values) in enumerate(rows.blocks()):
        values = torch.as_tensor(values, device=device).to(torch.float64)
        if not place:  # near the mean, so that no digits are lost to a large one
            d, centre = values.shape[1], values.mean(dim=0)
            scatter, people, moved = (torch.zeros(size, **number) for size in ((d, d), (len(counts), d), d))
        centred = values - centre
        scatter += centred.T @ centred
        moved += centred.sum(dim=0)
        people.index_add_(0, torch.as_tensor(groups, device=device), centred)
    moved /= len(rows)
    scatter -= len(rows) * torch.outer(moved, moved)
    people -= torch.as_tensor(counts, **number)[:, None] * moved
    return Totals(centre + moved, scatter, people, counts)


def collect(values: np.ndarray, groups: np.ndarray, counts: np.ndarray, device: Any = "cpu") -> Sums:
    """Sums of features (n, d), where groups[i] is the person of row i and counts[p] the faces of person p."""
    return total(HeldRows(values, groups, np.arange(len(counts)).astype(object)), device).sums()


def start(sums: Sums) -> Covariances:
    """Covariance of the people's means, and of faces about the mean of their person.

    Raises:
        BadInput: the faces of a person do not differ in some direction.
    """
    means = sums.rows / sums.faces_of_row
    about = sums.scatter - sums.rows.T @ means
    model = Covariances(means.T @ means / sums.people, _symmetric(about) / (sums.faces - sums.people))
    spread = model.within.diagonal().clamp_min(0).sqrt()
    still = int((spread <= 1e-9 * sums.scatter.diagonal().max().sqrt() / math.sqrt(sums.faces)).sum())
    hint = "put pca before joint-bayesian in the chain"
    if still:
        raise BadInput(f"{still} of {len(spread)} units never differ between faces of one person", hint=hint)
    smallest = torch.linalg.eigvalsh(model.within / spread / spread[:, None])
    rank = int((smallest > 1e-11 * smallest[-1]).sum())
    if rank < len(spread):
        raise BadInput(f"faces of one person differ in {rank} of {len(spread)} dimensions only", hint=hint)
    return model


def diagonalise(model: Covariances) -> Diagonal:
    """Solve between V = within V diag(ratios)."""
    try:
        lower = torch.linalg.cholesky(model.within)
    except torch.linalg.LinAlgError as error:
        hint = "keep fewer dimensions with pca:NUMBER in the chain"
        raise BadInput("covariance within people is singular", hint=hint) from error
    half = torch.linalg.solve_triangular(lower, model.between, upper=False)
    white = torch.linalg.solve_triangular(lower, half.T, upper=False)
    ratios, axes = torch.linalg.eigh(_symmetric(white))
    directions = torch.linalg.solve_triangular(lower.T, axes, upper=True)
    log_within = 2 * float(lower.diagonal().log().sum())
    return Diagonal(directions, lower @ axes, ratios.clamp_min(0), log_within)


def likelihood(diagonal: Diagonal, sums: Sums) -> float:
    """Log-likelihood of all faces, in nats.

    Of one person: -1/2 [ m d log 2 pi + (m - 1) log|within| + log|within + m between| + sum x'F x + s'G_m s ],
    F = within^-1, G_m = -(m between + within)^-1 between within^-1.
    """
    ratios, n, d = diagonal.ratios, sums.faces, len(diagonal.ratios)
    y = sums.rows @ diagonal.directions
    determinants = n * diagonal.log_within + float(sums.people_with @ torch.log1p(sums.m[:, None] * ratios).sum(dim=1))
    own = float(((diagonal.directions.T @ sums.scatter) * diagonal.directions.T).sum())
    shared = float((_shrink(ratios, sums.faces_of_row) * y * y).sum())
    return -0.5 * (n * d * math.log(2 * math.pi) + determinants + own - shared)


def maximise(diagonal: Diagonal, sums: Sums, *, certain: bool = False) -> Covariances:
    """One round: the expectations under `diagonal`, and the covariances that fit them best.

    EM of x = mean + A mu + eps, where A is I before the round and fitted in it:

        A       = sum_ij x E[mu]' ( sum_ij E[mu] E[mu]' + C_m )^-1
        between = A 1/I sum_i ( E[mu] E[mu]' + C_m ) A'
        within  = 1/N sum_ij ( x x' - A E[mu] x' ),   C_m = between - m between (m between + within)^-1 between

    Without A, which plain EM lacks, a direction in which people vary little shrinks by a hair a round. All sums are
    taken where the model is diagonal: there E[mu] = r / (1 + m r) s and C_m = diag(r / (1 + m r)).

    Args:
        diagonal: the model before the round.
        sums: of the faces.
        certain: leave C_m and A out, as the paper's M-step does.
    """
    y = sums.rows @ diagonal.directions
    expected = _shrink(diagonal.ratios, sums.faces_of_row) * y
    of_people = expected.T @ expected
    crossed = expected.T @ y
    repeated = (sums.faces_of_row * expected).T @ expected
    of_faces = diagonal.directions.T @ sums.scatter @ diagonal.directions
    if certain:
        of_faces = of_faces - crossed - crossed.T + repeated
    else:
        unsure = _shrink(diagonal.ratios, sums.m[:, None])
        of_people.diagonal().add_(sums.people_with @ unsure)
        repeated.diagonal().add_((sums.m * sums.people_with) @ unsure)
        varies = diagonal.ratios > _STILL
        crossed = crossed[varies]
        stretch = _solve(repeated[varies][:, varies], crossed)
        of_people = stretch.T @ of_people[varies][:, varies] @ stretch
        of_faces = of_faces - stretch.T @ crossed
    between, within = (_symmetric(diagonal.back @ each @ diagonal.back.T) for each in (of_people, of_faces))
    return Covariances(between / sums.people, within / sums.faces)


def _solve(squares: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """squares^-1 right, of a positive definite matrix whose rows may be of very different size."""
    size = squares.diagonal().sqrt()[:, None]
    return torch.cholesky_solve(right / size, torch.linalg.cholesky(squares / size / size.T)) / size


def to_numpy(sums: Sums, model: Covariances, diagonal: Diagonal) -> dict[str, np.ndarray]:
    """The arrays that a scorer keeps."""
    kept = {
        "mean": sums.mean,
        "between": model.between,
        "within": model.within,
        "directions": diagonal.directions.T.contiguous(),
        "ratios": diagonal.ratios,
    }
    return {name: tensor.cpu().numpy() for name, tensor in kept.items()}


def _shrink(ratios: torch.Tensor, m: torch.Tensor) -> torch.Tensor:
    return ratios / (1 + m * ratios)


def _symmetric(matrix: torch.Tensor) -> torch.Tensor:
    return (matrix + matrix.T) / 2
