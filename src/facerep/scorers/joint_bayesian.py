"""Joint Bayesian: two features are of one person or of two, as a log-likelihood ratio.

    x = mean + mu + eps,   mu ~ N(0, between) of the person,   eps ~ N(0, within) of the picture

Fitting is EM on sums over people (joint_bayesian_em.py); no dimension reduction here (projections.py).
Source: Chen, Cao, Wang, Wen, Sun, ECCV 2012, sections 3.1 and 3.2; the diagonal form is a generalised eigenproblem.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from facerep.codes.projection import project
from facerep.errors import BadInput
from facerep.progress import progress
from facerep.scorers.fitting_rows import FittingRows, held_rows

if TYPE_CHECKING:
    from facerep.scorers.joint_bayesian_em import Totals

ROUNDS, TOLERANCE = 500, 1e-4


@dataclass(frozen=True, kw_only=True)
class JointBayesian:
    """A fitted Joint Bayesian model in its diagonal form.

    With V the directions as columns: V' within V = I and V' between V = diag(ratios), so that in y = V'(x - mean)
    every coordinate stands alone and

        score = 1/2 sum_k { -r^2 / ((1 + r)(1 + 2r)) (y1^2 + y2^2) + 2r / (1 + 2r) y1 y2
                            + log[(1 + r)^2 / (1 + 2r)] },   r = ratios[k]

    0 is the natural threshold: above it the pair is more likely of one person.

    Attributes:
        mean: of the faces it was fitted on, shape (d,).
        between: covariance of people, shape (d, d).
        within: covariance of the pictures of one person, shape (d, d).
        directions: V', shape (d, d).
        ratios: variance between people over variance within, per direction; at least 0; shape (d,).
        likelihoods: log-likelihood of the start and after each round of EM.
        converged: True where the last round gained less than the tolerance's share of what all rounds gained.
    """

    JSON: ClassVar = ("rounds", "converged", "rounds_that_fell=falls", "log_likelihood")

    mean: np.ndarray
    between: np.ndarray
    within: np.ndarray
    directions: np.ndarray
    ratios: np.ndarray
    likelihoods: list[float]
    converged: bool

    name = "joint-bayesian"

    @property
    def rounds(self) -> int:
        """How many rounds of EM were done."""
        return len(self.likelihoods) - 1

    @property
    def log_likelihood(self) -> dict[str, float]:
        """Of all faces, at the start and at the end."""
        return {"first": self.likelihoods[0], "last": self.likelihoods[-1]}

    @property
    def gain(self) -> float:
        """What the last round added to the log-likelihood; NaN without rounds."""
        return self.likelihoods[-1] - self.likelihoods[-2] if self.rounds else np.nan

    @property
    def falls(self) -> int:
        """How many rounds lowered the likelihood; 0 with the exact M-step."""
        return int((np.diff(self.likelihoods) < -rounding(self.likelihoods[0])).sum())

    @property
    def constant(self) -> float:
        """The score of two faces that both lie at the mean."""
        return float(0.5 * np.log1p(self.ratios**2 / (1 + 2 * self.ratios)).sum())

    def prepare(self, values: np.ndarray) -> np.ndarray:
        """What `score` and `matrix` take: z = sqrt(r / (1 + 2r)) y, and last the half of a face's own quadratic term.

        Args:
            values: features, shape (n, d).

        Returns:
            float64, shape (n, d + 1).
        """
        y = project(values, self.mean, self.directions)
        own = self.ratios**2 / ((1 + self.ratios) * (1 + 2 * self.ratios))
        rows = np.empty((len(values), len(self.ratios) + 1))
        rows[:, :-1] = np.sqrt(self.ratios / (1 + 2 * self.ratios)) * y
        rows[:, -1] = 0.5 * np.einsum("nk,k->n", np.square(y), own)
        return rows

    def score(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Log-likelihood ratios of aligned prepared rows, in nats; float64, shape (p,)."""
        together = np.einsum("ij,ij->i", a[:, :-1], b[:, :-1])
        return together - (a[:, -1] + b[:, -1]) + self.constant

    def matrix(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Log-likelihood ratios of every prepared row of `a` with every one of `b`; float64, shape (na, nb)."""
        return a[:, :-1] @ b[:, :-1].T - (a[:, -1:] + b[:, -1]) + self.constant


def rounding(likelihood: float) -> float:
    """How far a likelihood can move by rounding alone."""
    return 1e-10 * (1 + abs(likelihood))


def fit_joint_bayesian(
    values: np.ndarray,
    people: np.ndarray,
    *,
    rounds: int = ROUNDS,
    tolerance: float = TOLERANCE,
    m_step: Literal["exact", "published"] = "exact",
    device: object = "cpu",
) -> JointBayesian:
    """Fit by EM.

    Args:
        values: features, shape (n, d).
        people: labels, shape (n,). People with one face are welcome: they say how people differ.
        rounds: at most so many rounds.
        tolerance: stop when a round gains less than this share of what all rounds gained: it depends neither on the
            number of faces nor on the units of the features.
        m_step: "exact" is EM, its likelihood never falls; "published" takes the means as if they were certain, as
            the paper prints it.
        device: torch device of the arithmetic, float64.

    Raises:
        BadInput: fewer than two people with two faces; more dimensions than the faces can fill; a likelihood that
            falls, which means that the arithmetic has run out of digits.
    """
    return fit_rows(
        held_rows(values, people), rounds=rounds, tolerance=tolerance, m_step=m_step, device=device
    )  # fmt: skip


def fit_rows(
    rows: FittingRows,
    *,
    rounds: int = ROUNDS,
    tolerance: float = TOLERANCE,
    m_step: Literal["exact", "published"] = "exact",
    device: object = "cpu",
) -> JointBayesian:
    """The same of rows of known people, which may be on disk: they are gone through once."""
    from facerep.scorers import joint_bayesian_em as em

    refuse_few(np.bincount(rows.groups), rows.dimension)
    return fit_totals(em.total(rows, device), rounds=rounds, tolerance=tolerance, m_step=m_step)


def fit_totals(
    totals: Totals, *, rounds: int, tolerance: float, m_step: Literal["exact", "published"]
) -> JointBayesian:
    """The same of what was summed of the rows."""
    from facerep.scorers import joint_bayesian_em as em

    refuse_few(totals.counts, len(totals.mean))
    sums = totals.sums()
    model = em.start(sums)
    likelihoods, converged = [], False
    with progress("Joint Bayesian, at most", rounds, "rounds") as advance:
        while True:
            diagonal = em.diagonalise(model)
            likelihoods.append(em.likelihood(diagonal, sums))
            gain = likelihoods[-1] - likelihoods[-2] if len(likelihoods) > 1 else np.inf
            lost = rounding(likelihoods[0])
            if m_step == "exact" and gain < -lost:
                what = f"log-likelihood fell by {-gain:g} in round {len(likelihoods) - 1}"
                hint = "keep fewer dimensions with pca:NUMBER in the chain"
                raise BadInput(f"{what}: the features are ill-conditioned", hint=hint)
            converged = abs(gain) < max(tolerance * abs(likelihoods[-1] - likelihoods[0]), lost)
            if converged or len(likelihoods) > rounds:
                break
            model = em.maximise(diagonal, sums, certain=m_step == "published")
            advance(1)
    arrays = em.to_numpy(sums, model, diagonal)
    return JointBayesian(likelihoods=likelihoods, converged=converged, **arrays)


def refuse_few(counts: np.ndarray, dimension: int) -> None:
    """Refuse faces that cannot carry a model; `counts` says how many each person has.

    Raises:
        BadInput: too few people with two faces, or more dimensions than faces can fill.
    """
    several = int((counts >= 2).sum())
    if several < 2:
        raise BadInput(
            f"Joint Bayesian wants at least 2 people with 2 faces each, {several} of {len(counts)} people have"
        )
    free = int(counts.sum()) - len(counts)
    if dimension > free:
        what = f"{dimension} dimensions are more than {counts.sum()} faces of {len(counts)} people can fill"
        raise BadInput(what, hint=f"put pca:{free} or less before joint-bayesian in the chain")
