"""How many principal directions are kept where nobody said: those that verify other people best.

People are drawn, PCA and what follows are fitted on the others, and the pairs of those drawn are judged, once for each
number of directions. PCA that has seen the people drawn would flatter few directions: they point at these people.
Where there are too few people for that, 95 % of the variance are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from facerep.errors import BadInput
from facerep.metrics.eer_auc import equal_error
from facerep.metrics.roc import sweep
from facerep.progress import progress
from facerep.scorers.fitting_rows import FittingRows

SHARES = (0.5, 0.65, 0.8, 0.9, 0.95, 0.98, 1.0)
"""Of the variance: each makes one number of directions that is tried."""
SHARE = 0.95
"""Of the variance, kept where held-out people cannot choose."""
EVEN, EVEN_BY = 1.05, 0.001
"""An error of so many times the smallest and so much more is even with it."""
LEAST_PEOPLE, MANY_PEOPLE = 30, 300
"""With two faces or more: fewer cannot choose; so many need to be drawn once and not three times."""
PARTS, MOST_FACES, MOST_OF_ONE = 3, 2000, 20
"""Parts that people are drawn into, of which one is held out; and the most faces that are judged, in all and of one."""

Fit = Callable[[FittingRows], Callable[[int], Callable[[np.ndarray], np.ndarray]]]
"""From features with their people, and then a number of directions, to what gives the scores of all pairs of other
features, shape (n, n)."""


@dataclass(frozen=True)
class PcaDimensions:
    """How many directions are kept, and why.

    Attributes:
        number: of directions.
        shares: of the variance of the faces, cumulated over the directions kept, shape (number,).
        people: how many people were held out in all; 0 where the share of the variance chose.
        errors: equal error rate on them by number of directions tried.
    """

    number: int
    shares: np.ndarray
    people: int = 0
    errors: dict[int, float] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """Of the variance, in all directions kept."""
        return float(self.shares[-1])


def by_variance(shares: np.ndarray, room: int) -> PcaDimensions:
    """As many as keep 95 % of the variance, and no more than `room`.

    `shares` are those of all directions that there are.
    """
    number = max(1, min(_number(shares, SHARE), room))
    return PcaDimensions(number, shares[:number])


def by_people(rows: FittingRows, shares: np.ndarray, room: int, fit: Fit, *, seed: int) -> PcaDimensions:
    """The number with the smallest equal error rate on people who were held out, or the largest that is even with it.

    To leave directions out must pay: all people together, who are more than those fitted on here, can fill more.

    Args:
        rows: features of known people.
        shares: of the variance, cumulated over the directions, shape (k,).
        room: at most so many can be fitted on all faces.
        fit: PCA and what follows in the chain.
        seed: of the draw of people.
    """
    groups, counts = rows.groups, np.bincount(rows.groups)
    order, ends = np.argsort(groups, kind="stable"), np.cumsum(counts)
    several = np.flatnonzero(counts > 1)
    if len(several) < LEAST_PEOPLE:
        return by_variance(shares, room)
    parts = np.array_split(np.random.default_rng(seed).permutation(several), PARTS)
    parts = parts[:1] if len(several) >= MANY_PEOPLE else parts
    free = min(_free(groups, np.isin(groups, part)) for part in parts)
    numbers = sorted({max(1, min(_number(shares, share), room, free)) for share in SHARES})
    found: dict[int, list[float]] = {number: [] for number in numbers}
    with progress("choose dimensions on held-out people", len(parts) * len(numbers), "fits") as advance:
        for part in parts:
            out = np.isin(groups, part)
            some = part[:MOST_FACES]
            judged = [order[ends[person] - counts[person] : ends[person]][:MOST_OF_ONE] for person in some]
            judged = np.concatenate(judged)[:MOST_FACES]
            upper = np.triu_indices(len(judged), 1)
            same = (groups[judged][:, None] == groups[judged])[upper]
            fitted, held_out = fit(rows.where(~out)), rows.take(judged)
            for number in numbers:
                try:
                    scores = fitted(number)(held_out)[upper]
                    found[number].append(equal_error(sweep(scores, same)).value)
                except BadInput:  # not to be fitted on these faces, so not chosen
                    found[number].append(np.inf)
                advance(1)
    errors = {number: float(np.mean(values)) for number, values in found.items() if np.isfinite(values).all()}
    if not errors:
        return by_variance(shares, room)
    least = min(errors.values())
    best = max(number for number, error in errors.items() if error <= EVEN * least + EVEN_BY)
    return PcaDimensions(best, shares[:best], sum(map(len, parts)), errors)


def _number(shares: np.ndarray, share: float) -> int:
    return int(np.searchsorted(shares, share * shares[-1] * (1 - 1e-12))) + 1


def _free(groups: np.ndarray, out: np.ndarray) -> int:
    """The dimensions within people that the faces of the others fill."""
    return int((~out).sum()) - len(np.unique(groups[~out]))
