"""Ranks of probes in a gallery, for the closed and the open set.

Source: docs/numbers.md, rule 10 (ranks and the open set); Phillips, Grother, Micheals, Handbook of Face
Recognition (2011), chapter 21, for the terms.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from facerep.metrics.roc import Curve, descending, group_ends, sweep_sorted

NOBODY = -1
"""The person of a probe who is not in the gallery."""


@dataclass(frozen=True)
class Ranks:
    """Where each probe stands.

    Attributes:
        rank: 1 + the other gallery people whose score is at least that of the probe's own person: ties count
            against. 0 for an unknown probe. Shape (p,).
        first: the gallery person with the largest score; on a tie one that is wrong, and the first of those.
        top: that score.
        own: the score of the probe's own person, NaN for an unknown probe.
    """

    rank: np.ndarray
    first: np.ndarray
    top: np.ndarray
    own: np.ndarray


def ranks(scores: np.ndarray, person: np.ndarray) -> Ranks:
    """Rank probes.

    Args:
        scores: of each probe with each gallery person, larger is more alike, infinities are ordered, no NaN; float64,
            shape (p, people).
        person: the column of each probe's own person, NOBODY for an unknown probe; shape (p,).

    >>> ranked = ranks(np.array([[0.9, 0.2], [0.5, 0.5], [0.1, 0.3]]), np.array([0, 1, NOBODY]))
    >>> ranked.rank.tolist(), ranked.first.tolist(), ranked.top.tolist()
    ([1, 2, 0], [0, 0, 1], [0.9, 0.5, 0.3])
    """
    rows, known = np.arange(len(scores)), person != NOBODY
    own = np.where(known, scores[rows, np.maximum(person, 0)], np.nan)
    # NaN compares as False, so an unknown probe gets 0; a known one counts itself, which is the 1
    rank = np.count_nonzero(scores >= own[:, None], axis=1)
    top = scores.max(axis=1)
    leading = scores == top[:, None]
    beaten = known & (rank > 1)
    leading[rows[beaten], person[beaten]] = False
    return Ranks(rank, leading.argmax(axis=1), top, own)


def cmc(rank: np.ndarray, people: int) -> np.ndarray:
    """The cumulative match characteristic: known probes with a rank of at most k, for k = 1 ... people.

    Args:
        rank: of the known probes.
        people: how many there are in the gallery.

    >>> cmc(np.array([1, 1, 3]), 4).tolist()
    [2, 2, 3, 3]
    """
    return np.cumsum(np.bincount(rank, minlength=people + 1)[1:])


def open_set(rank: np.ndarray, own: np.ndarray, unknown: np.ndarray) -> Curve:
    """Detection and identification over false alarms, at every threshold that makes a difference.

    A known probe counts when its rank is 1 and its score is at least the threshold; a false alarm is an unknown probe
    whose best score is. `tar_at_far` of the curve is the detection and identification rate (DIR) at a false alarm
    rate, by the same rule as for pairs.

    Args:
        rank, own: of the known probes, from `ranks`.
        unknown: the best score of each unknown probe.

    Returns:
        A curve whose true accepts are the known probes that count, of all known ones (`genuine`), and whose false
        accepts are false alarms, of all unknown probes (`impostor`).

    >>> from facerep.metrics.operating_points import tar_at_far
    >>> curve = open_set(np.array([1, 1, 2]), np.array([0.9, 0.4, 0.8]), np.array([0.7, 0.5]))
    >>> tar_at_far(curve, 0.5).tar, tar_at_far(curve, 1.0).tar
    (0.3333333333333333, 0.6666666666666666)
    """
    scores = np.concatenate([own, unknown])
    order = descending(scores)
    curve = sweep_sorted(scores[order], order < len(own))
    counts = np.cumsum(np.concatenate([rank == 1, np.zeros(len(unknown), bool)])[order], dtype=np.int64)
    hits = counts[group_ends(scores[order])]
    # the curve has a row for +inf before those of the scores, unless a score is +inf
    return replace(curve, true_accepts=np.pad(hits, (len(curve.thresholds) - len(hits), 0)))
