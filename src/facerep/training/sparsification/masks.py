"""Masks: which connections of a layer stay, chosen for each unit on its own.

Source of the rule: arXiv 1512.01891, section 4. Where the paper is silent: a unit keeps round(share x inputs), parted
by largest remainder over its four groups; a group that holds too few gives the rest to the other half of its sign;
connections without correlation count as the weakest positive ones, equal ones are ordered at random.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

Rule = Literal["correlation", "random", "strongest", "magnitude"]
"""correlation: the paper's. random: any. strongest: those with the largest |r|. magnitude: the largest weights."""

RULES: tuple[str, ...] = get_args(Rule)
STRONG = 0.75
_ROWS = 2_000_000  # connections looked at together


def choose(
    correlations: np.ndarray,
    weights: np.ndarray,
    allowed: np.ndarray,
    kept: int,
    *,
    rule: str,
    strong: float,
    draw: np.random.Generator,
) -> np.ndarray:
    """Which connections stay: bool (units, inputs), `kept` a unit.

    Args:
        correlations: (units, inputs), see correlation.py.
        weights: of the same shape.
        allowed: bool, the connections there are; every unit has at least `kept`.
        kept: how many stay.
        rule: see Rule.
        strong: lambda, the share of them that is drawn from the stronger half (rule "correlation").
        draw: decides what is left to chance.
    """
    chosen = np.zeros(allowed.shape, bool)
    step = max(1, _ROWS // allowed.shape[1])
    for start in range(0, len(allowed), step):
        part = slice(start, start + step)
        chance = draw.random(allowed[part].shape)
        if rule == "correlation":
            chosen[part] = _halves(correlations[part], allowed[part], kept, strong, chance)
        else:
            values = {"random": chance, "strongest": correlations[part], "magnitude": weights[part]}[rule]
            chosen[part] = _largest(np.abs(values), allowed[part], kept, chance)
    return chosen


def _largest(values: np.ndarray, allowed: np.ndarray, kept: int, chance: np.ndarray) -> np.ndarray:
    return _ranks(np.where(allowed, -values, np.inf), chance) < kept


def _halves(values: np.ndarray, allowed: np.ndarray, kept: int, strong: float, chance: np.ndarray) -> np.ndarray:
    """`kept` of each row: by sign, a share `strong` of them from the stronger half; at random within a group."""
    groups = np.full(values.shape, 4)
    for sign, wanted in enumerate((allowed & (values >= 0), allowed & (values < 0))):
        rank = _ranks(np.where(wanted, -np.abs(values), np.inf), chance)
        size = wanted.sum(axis=1, keepdims=True)
        groups[wanted] = 2 * sign + (rank >= (size + 1) // 2)[wanted]
    sizes = np.stack([(groups == group).sum(axis=1) for group in range(4)], axis=1)
    quotas = _quotas(sizes, kept, strong)
    first = np.cumsum(sizes, axis=1) - sizes
    within = _ranks(groups, chance) - np.take_along_axis(first, np.minimum(groups, 3), axis=1)
    return (groups < 4) & (within < np.take_along_axis(quotas, np.minimum(groups, 3), axis=1))


def _quotas(sizes: np.ndarray, kept: int, strong: float) -> np.ndarray:
    """How many of each group stay, int (units, 4); groups: strong and weak of positive, strong and weak of negative."""
    signs = sizes.reshape(-1, 2, 2)
    wanted = kept * signs.sum(axis=2) / np.maximum(1, sizes.sum(axis=1))[:, None]
    upper = np.minimum(strong * wanted, signs[:, :, 0])
    lower = np.minimum(wanted - upper, signs[:, :, 1])
    shares = np.stack([wanted - lower, lower], axis=2).reshape(-1, 4)
    quotas = np.floor(shares + 1e-9).astype(int)
    remainders = np.where(quotas < sizes, shares - quotas, -1.0)
    order = np.argsort(-remainders, axis=1, kind="stable")
    missing = kept - quotas.sum(axis=1)
    np.put_along_axis(
        quotas, order, np.take_along_axis(quotas, order, axis=1) + (np.arange(4) < missing[:, None]), axis=1
    )
    return quotas


def _ranks(keys: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Place of each entry in its row sorted by key, equal keys by chance."""
    order = np.lexsort((chance, keys), axis=1)
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.broadcast_to(np.arange(keys.shape[1]), keys.shape), axis=1)
    return ranks
