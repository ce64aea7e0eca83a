"""Pairs of labelled faces: all of them, or some of each kind drawn by a seed.

Rows in, rows out; no names and no pixels. Faces whose person is unknown ("") take part in no pair.
"""

from __future__ import annotations

import numpy as np

from facerep.errors import BadInput


def count_pairs(people: np.ndarray) -> tuple[int, int]:
    """How many genuine and impostor pairs the labelled faces make."""
    _, sizes = np.unique(people[people != ""].astype(str), return_counts=True)
    n = int(sizes.sum())
    genuine = int(np.sum(sizes * (sizes - 1) // 2))
    return genuine, n * (n - 1) // 2 - genuine


def draw_pairs(people: np.ndarray, each: int, *, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw up to `each` genuine and up to `each` impostor pairs, none twice.

    Args:
        people: labels, shape (n,).
        each: how many of each kind; where there are fewer, all of them are taken.
        seed: of the draw.

    Returns:
        (left, right, same): rows and kind, genuine pairs first, each kind in row order.

    Raises:
        BadInput: the labels make no genuine or no impostor pair.
    """
    genuine, impostor = count_pairs(people)
    if not genuine or not impostor:
        raise BadInput(f"labels make {genuine} genuine and {impostor} impostor pairs, both are needed")
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(people != "")
    codes = np.unique(people[rows].astype(str), return_inverse=True)[1]
    inside = _genuine(codes, np.sort(rng.choice(genuine, min(each, genuine), replace=False)))
    across = _impostor(codes, min(each, impostor), impostor, rng)
    left, right = np.concatenate([inside, across], axis=1)
    return rows[left], rows[right], np.arange(len(left)) < inside.shape[1]


def _genuine(codes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The genuine pairs at the places `wanted` of their list, person by person; shape (2, k)."""
    order = np.argsort(codes, kind="stable")
    sizes = np.bincount(codes)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    ends = np.cumsum(sizes * (sizes - 1) // 2)
    person = np.searchsorted(ends, wanted, side="right")
    within = wanted - (ends - sizes * (sizes - 1) // 2)[person]
    first, second = _from_linear(within)
    return np.stack([order[starts[person] + first], order[starts[person] + second]])


def _impostor(codes: np.ndarray, wanted: int, there_are: int, rng: np.random.Generator) -> np.ndarray:
    """Distinct impostor pairs drawn evenly: pairs within a person are thrown away; shape (2, k)."""
    total = len(codes) * (len(codes) - 1) // 2
    if total <= 4_000_000 or wanted * 4 > there_are:
        left, right = _from_linear(np.arange(total))
        apart = np.flatnonzero(codes[left] != codes[right])
        taken = np.sort(rng.choice(apart, wanted, replace=False))
        return np.stack([left[taken], right[taken]])
    places = np.empty(0, np.int64)
    while len(places) < wanted:
        drawn = rng.integers(total, size=2 * (wanted - len(places)) + 16)
        left, right = _from_linear(drawn)
        places = np.unique(np.concatenate([places, drawn[codes[left] != codes[right]]]))
    # unique() sorts, so what is too many is left out by chance and not from the end
    kept = np.sort(rng.choice(places, wanted, replace=False))
    return np.stack(_from_linear(kept))


def _from_linear(place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(i, j), i < j, of the pairs in the order (0,1), (0,2), (1,2), (0,3), …"""
    j = ((1 + np.sqrt(8.0 * place + 1)) / 2).astype(np.int64)
    j -= j * (j - 1) // 2 > place  # the root may round up or down by one
    j += j * (j + 1) // 2 <= place
    return place - j * (j - 1) // 2, j
