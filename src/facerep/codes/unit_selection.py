"""Selection: which units keep their bit when fewer bits are wanted than there are units.

Each criterion gives a number a unit, larger is better; binarize.py takes the best.
"""

from __future__ import annotations

import warnings
from typing import Literal, get_args

import numpy as np

from facerep.errors import BadInput, Usage

Criterion = Literal["variance", "entropy", "discriminative", "random"]
CRITERIA: tuple[Criterion, ...] = get_args(Criterion)


def choose_units(
    values: np.ndarray, ones: np.ndarray, people: np.ndarray, count: int, criterion: Criterion, *, seed: int = 0
) -> np.ndarray:
    """The `count` best units, best first; of equals the one that comes first.

    Args:
        values: features, shape (n, d).
        ones: their bits, bool, shape (n, d).
        people: labels, shape (n,), "" where unknown.
        count: how many to take, 1 to d.
        criterion: "variance" of the values; "entropy" of the bit; "discriminative", the bit's variance between people
            over that within people; "random".
        seed: of "random".

    Returns:
        int64, shape (count,).

    Raises:
        Usage: no such criterion, more units than there are, or a criterion that finds no unit better than another.
        BadInput: "discriminative" without two people of whom one has two faces.
    """
    if not 1 <= count <= values.shape[1]:
        raise _too_many(count, values.shape[1])
    merit = None if criterion == "random" else merits(values, ones, people, criterion)
    return best_units(merit, values.shape[1], count, criterion, seed=seed)


def merits(values: np.ndarray, ones: np.ndarray, people: np.ndarray, criterion: Criterion) -> np.ndarray:
    """What each unit is worth by a criterion other than "random"; float64, shape (d,). See `choose_units`."""
    if criterion == "variance":
        return values.var(axis=0, dtype=np.float64)
    if criterion == "entropy":
        share = ones.mean(axis=0)
        return share * (1 - share)  # rises and falls with the entropy
    if criterion == "discriminative":
        return discriminative_power(ones, people)
    raise Usage(f"no criterion {criterion!r}", hint=f"there are: {', '.join(CRITERIA)}")


def best_units(merit: np.ndarray | None, units: int, count: int, criterion: Criterion, *, seed: int = 0) -> np.ndarray:
    """The `count` units of most merit, best first; without merits they are drawn. See `choose_units`."""
    if not 1 <= count <= units:
        raise _too_many(count, units)
    if merit is None:
        return np.random.default_rng(seed).permutation(units)[:count]
    if count < units and np.allclose(merit, merit[0], rtol=1e-9, atol=0):
        raise Usage(f"{criterion} is the same for all {units} units", hint="choose them by another --select")
    return np.argsort(-merit, kind="stable")[:count]


def _too_many(count: int, units: int) -> Usage:
    return Usage(f"{count} bits of {units} units", hint=f"give 1 to {units}")


def discriminative_power(ones: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Variance of each bit between people over its variance within people (the F of a one-way analysis of variance).

    Args:
        ones: bits, bool, shape (n, d).
        people: labels, shape (n,); faces of unknown people are left out.

    Returns:
        float64, shape (d,): 0 for a bit that never changes, infinite for one that changes between people only.

    Raises:
        BadInput: see power.
    """
    return power(ones, people)


def power(values: np.ndarray, people: np.ndarray) -> np.ndarray:
    """The same of the units themselves, or of whatever else has a column a unit; values are of shape (n, d).

    Raises:
        BadInput: there are no two people of whom one has two faces.
    """
    from sklearn.feature_selection import f_classif

    known = people != ""
    labels, columns = people[known].astype(str), values[known].astype(np.float64)
    count = len(np.unique(labels))
    if not 2 <= count < len(labels):
        what = f"{count} people of {len(labels)} faces do not show what tells people apart"
        raise BadInput(what, hint="two people are needed, one of them with two faces; or choose by another --select")
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore")  # what never changes is 0 / 0, and is worth nothing
        return np.nan_to_num(f_classif(columns, labels)[0], nan=0.0, posinf=np.inf)
