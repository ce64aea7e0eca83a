"""How well groups of faces agree with people: of pairs of faces, and BCubed, face by face.

Source: Amigó, Gonzalo, Artiles and Verdejo, Information Retrieval 12, 2009, section 3 (BCubed); docs/numbers.md, rule 7
(intervals).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facerep.console import counted
from facerep.metrics.bootstrap import drawn_means, middle
from facerep.metrics.clusters import clusters
from facerep.results.figures import Measure


@dataclass(frozen=True)
class Agreement:
    """How pure groups are (precision), how whole people are (recall), and the harmonic mean of the two (f)."""

    precision: Measure
    recall: Measure
    f: Measure


@dataclass(frozen=True)
class GroupFigures:
    """Groups beside people.

    Attributes:
        faces, people: with a known person.
        pairs: of all pairs within a group the share of one person; of all pairs of a person the share in one group.
        bcubed: the mean over faces of the share of the face's group that is its person, and of the share of its person
            that is in its group; the face itself counts.
    """

    faces: int
    people: int
    pairs: Agreement
    bcubed: Agreement


def group_figures(groups: np.ndarray, people: np.ndarray, *, seed: int = 0) -> GroupFigures | None:
    """Compare groups with people; intervals are a bootstrap over people.

    Args:
        groups: of each face, int (n,).
        people: labels, (n,); faces of "" are left out.
        seed: of the bootstrap.

    Returns:
        None where fewer than two people are known.
    """
    known = people != ""
    whose, group = people[known].astype(str), groups[known]
    names, person = np.unique(whose, return_inverse=True)
    if len(names) < 2:
        return None
    _, group = np.unique(group, return_inverse=True)
    _, cell, together = np.unique(group * len(names) + person, return_inverse=True, return_counts=True)
    both = together[cell].astype(np.float64)
    in_group, of_person = (np.bincount(each)[each].astype(np.float64) for each in (group, person))
    columns = np.stack([both / in_group, both / of_person, both - 1, in_group - 1, of_person - 1], axis=1)
    drawn = drawn_means(columns, clusters(whose, whose, "people"), seed=seed)
    how = f"bootstrap over {counted(len(names), 'person', 'people')}"
    means = columns.mean(axis=0)
    return GroupFigures(
        len(whose), len(names), pairs=_agreement(_shares(means[None]), _shares(drawn), how),
        bcubed=_agreement(means[None, :2], drawn[:, :2], how),
    )  # fmt: skip


def _shares(means: np.ndarray) -> np.ndarray:
    """Precision and recall of pairs, (draws, 2): where there is no pair, nothing is wrong."""
    both, in_group, of_person = means[:, 2:].T
    shares = [np.divide(both, of, out=np.ones_like(both), where=of > 0) for of in (in_group, of_person)]
    return np.stack(shares, axis=1)


def _agreement(values: np.ndarray, drawn: np.ndarray, how: str) -> Agreement:
    """Of precision and recall, (1, 2), and of those that were drawn, (draws, 2)."""
    found = [
        Measure(float(value[0]), *middle(some), how)
        for value, some in zip(_with_f(values).T, _with_f(drawn).T, strict=True)
    ]
    return Agreement(*found)


def _with_f(shares: np.ndarray) -> np.ndarray:
    total = shares.sum(axis=1)
    f = np.divide(2 * shares.prod(axis=1), total, out=np.zeros_like(total), where=total > 0)
    return np.column_stack([shares, f])
