"""Which views of a person are drawn: trained ones, or between two of them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facerep.errors import BadInput
from facerep.networks.view_card import ViewCard

FRONT = "0"
"""The view that is drawn where none is asked for, if the network knows it; else the middle one."""


@dataclass(frozen=True)
class AskedViews:
    """What is asked for.

    Attributes:
        views: by name, such as "30".
        every: all views that were trained.
        between: views that were not trained may be drawn between two that were; with `every` one in each gap.
    """

    views: tuple[str, ...] = ()
    every: bool = False
    between: bool = False


FRONTAL = AskedViews()
"""One view, see FRONT."""


@dataclass(frozen=True)
class Mixtures:
    """Views as mixtures of trained ones.

    Attributes:
        names: of the views, in order.
        weights: of the trained views in each, (views, classes); rows sum to 1.
    """

    names: tuple[str, ...]
    weights: np.ndarray

    @property
    def between(self) -> tuple[str, ...]:
        """The views that were not trained."""
        return tuple(name for name, row in zip(self.names, self.weights, strict=True) if row.max() < 1)


def mixtures(card: ViewCard, asked: AskedViews, where: str) -> Mixtures:
    """The views that are drawn.

    Args:
        card: what the network knows.
        asked: what is wanted.
        where: the weights, for messages.

    Raises:
        BadInput: a view that was not trained, and may not or cannot be drawn between others.
    """
    names, numbers = card.names, card.numbers
    if asked.between and numbers is None:
        raise BadInput(f"nothing lies between views by {', '.join(card.factors)}: they are no numbers", where)
    if asked.every:
        wanted: Sequence[str] = names
        if asked.between and numbers is not None:
            gaps = [f"{(low + high) / 2:g}" for low, high in itertools.pairwise(np.sort(numbers))]
            wanted = sorted((*names, *gaps), key=float)
    else:
        wanted = asked.views or (FRONT if FRONT in names else names[len(names) // 2],)
    return Mixtures(tuple(wanted), np.stack([_weights(name, card, asked, where) for name in wanted]))


def _weights(name: str, card: ViewCard, asked: AskedViews, where: str) -> np.ndarray:
    trained, numbers = card.names, card.numbers
    found = np.zeros(len(trained))
    if name in trained:
        found[trained.index(name)] = 1
        return found
    known = "trained: " + ", ".join(trained)
    try:
        value = float(name)
    except ValueError:
        value = np.nan
    if numbers is None or not np.isfinite(value):
        raise BadInput(f"view {name!r} was not trained", where, known)
    if not numbers.min() <= value <= numbers.max():
        outside = f"view {name} lies outside of what was trained, {numbers.min():g} to {numbers.max():g}"
        raise BadInput(outside, where, known)
    low, high = (numbers == numbers[numbers <= value].max()), (numbers == numbers[numbers >= value].min())
    if (low == high).all():
        return low.astype(float)
    if not asked.between:
        hint = f"--interpolate draws it between {numbers[low][0]:g} and {numbers[high][0]:g}; {known}"
        raise BadInput(f"view {name} was not trained", where, hint)
    share = (value - numbers[low][0]) / (numbers[high][0] - numbers[low][0])
    return (1 - share) * low + share * high
