"""What attributes give back: accuracy and balanced accuracy of each and their means, with intervals by person.

Balanced accuracy is the mean of the two shares of right answers, among faces with and among faces without the
attribute. The mean over attributes and the differences between systems take all answers about one person together.
Source: docs/numbers.md, rule 7 (intervals), whose variance is computed with each face's influence on the figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from facerep.metrics.clusters import Clusters, least_worth, worth
from facerep.metrics.influence import difference, group_means, measure
from facerep.metrics.intervals import rate
from facerep.results.figures import Measure, Rate
from facerep.results.kinds import ATTRIBUTES
from facerep.studies.attributes.labelling import Labelling
from facerep.studies.attributes.splits import SeenPeople

LABEL = "label:"
"""Before the name of an attribute: the column of its labels in predictions.csv."""


@dataclass(frozen=True)
class AttributeAnswers:
    """The test faces with their scores, for predictions.csv.

    Attributes:
        faces, people: (n,).
        attributes: (k,).
        scores: float64 (n, k), above 0 is yes.
        labels: int8 (n, k), 0 is unknown.
    """

    faces: np.ndarray
    people: np.ndarray
    attributes: tuple[str, ...]
    scores: np.ndarray
    labels: np.ndarray

    @property
    def hits(self) -> np.ndarray:
        """Right answers, bool (n, k); False where the label is unknown."""
        return np.where(self.scores > 0, 1, -1) == self.labels

    @property
    def clusters(self) -> Clusters:
        """Whose answers depend on each other: people's, or each face's alone where people are unknown."""
        known = bool((self.people != "").all())
        codes = np.unique((self.people if known else self.faces).astype(str), return_inverse=True)[1]
        return Clusters(codes, codes, "people" if known else "faces")


@dataclass(frozen=True)
class AttributeRow:
    """One attribute on the test faces.

    Attributes:
        name: what it is called.
        cost: the C that validation chose; 0 where it is no SVM.
        train_yes, train_no: answers that it was learned from.
        accuracy: share of right answers.
        balanced: mean of `yes` and `no`.
        yes, no: share of right answers among faces with and without the attribute.
        majority: accuracy of giving everybody the more frequent answer of the training faces.
        guess: that answer, "yes" or "no".
    """

    JSON: ClassVar = (
        "name", "cost", "train_yes", "train_no", "accuracy", "balanced", "yes", "no", "majority", "guess",
    )  # fmt: skip

    name: str
    cost: float
    train_yes: int
    train_no: int
    accuracy: Rate
    balanced: Measure
    yes: Rate
    no: Rate
    majority: Rate
    guess: str


@dataclass(frozen=True, kw_only=True)
class AttributeResult:
    """All attributes of one system; `answers` are for predictions.csv and stay out of the JSON.

    Attributes:
        kind: "features", "hog", "scratch", "fine-tuned", "joint".
        system: what it is, in words.
        features: the contract of its features.
        labelling: labels and splits.
        seen: test people whom the recognition network was trained on.
        rows: the attributes.
        accuracy, balanced: means over the attributes.
        majority: mean accuracy of the majority guess.
        gain: `accuracy` minus `majority`.
        warnings: what should be looked at.
    """

    KIND: ClassVar = ATTRIBUTES
    JSON: ClassVar = (
        "kind", "system", "features", "*labelling", "seen_by_network=seen", "mean.accuracy=accuracy",
        "mean.balanced=balanced", "mean.majority=majority", "mean.gain=gain", "attributes=rows", "warnings",
    )  # fmt: skip

    kind: str
    system: str
    features: dict[str, Any]
    labelling: Labelling
    seen: SeenPeople
    rows: tuple[AttributeRow, ...]
    accuracy: Measure
    balanced: Measure
    majority: Measure
    gain: Measure
    warnings: tuple[str, ...]
    answers: AttributeAnswers = field(repr=False, compare=False)


def judge(
    answers: AttributeAnswers,
    labelling: Labelling,
    costs: Sequence[float],
    *,
    kind: str,
    system: str,
    features: dict[str, Any],
    seen: SeenPeople,
    warnings: Sequence[str] = (),
) -> AttributeResult:
    """Judge a system on the test faces.

    Args:
        answers: its scores on them.
        labelling: labels and splits of all faces.
        costs: C of each attribute, 0 where there is none.
        kind, system, features, seen, warnings: see AttributeResult.
    """
    train = labelling.answers[labelling.splits.train]
    yes, no = (train == 1).sum(axis=0), (train == -1).sum(axis=0)
    guesses = np.where(yes > no, 1, -1)
    guessed = guesses == answers.labels
    of, hits = answers.clusters, answers.hits
    rows = []
    for place, name in enumerate(labelling.names):
        labels, right = answers.labels[:, place], hits[:, place]
        rows.append(AttributeRow(
            name, float(costs[place]), int(yes[place]), int(no[place]),
            accuracy=_rate(right, labels != 0, of), balanced=_balanced(right, labels, of),
            yes=_rate(right, labels == 1, of), no=_rate(right, labels == -1, of),
            majority=_rate(guessed[:, place], labels != 0, of), guess="yes" if guesses[place] > 0 else "no",
        ))  # fmt: skip
    accuracy, balanced = means(hits, answers.labels, of)
    return AttributeResult(
        kind=kind, system=system, features=features, labelling=labelling, seen=seen, rows=tuple(rows),
        accuracy=accuracy, balanced=balanced, majority=means(guessed, answers.labels, of)[0],
        gain=difference(guessed, hits, groups_of(answers.labels), of),
        warnings=(*labelling.notes, *warnings), answers=answers,
    )  # fmt: skip


def means(hits: np.ndarray, labels: np.ndarray, of: Clusters) -> tuple[Measure, Measure]:
    """Mean accuracy and mean balanced accuracy over the attributes.

    Args:
        hits: right answers, bool (n, k).
        labels: int8 (n, k), 0 unknown.
        of: the people of the faces.
    """

    def mean(balanced: bool) -> Measure:
        each, influence = group_means(hits.astype(np.float64), groups_of(labels, balanced=balanced))
        return measure(float(each.mean()), influence.mean(axis=1), of, lambda: worth(of))

    return mean(False), mean(True)


def groups_of(labels: np.ndarray, *, balanced: bool = False) -> list[np.ndarray]:
    """The faces whose means make an accuracy, see `group_means`: all whose label is known, or those of each answer."""
    return [labels == 1, labels == -1] if balanced else [labels != 0]


def _rate(right: np.ndarray, among: np.ndarray, of: Clusters) -> Rate:
    return rate(right[among], of.take(among))


def _balanced(right: np.ndarray, labels: np.ndarray, of: Clusters) -> Measure:
    known = labels != 0
    right, labels, of = right[known, None], labels[known, None], of.take(known)
    each, influence = group_means(right.astype(np.float64), groups_of(labels, balanced=True))
    return measure(float(each[0]), influence[:, 0], of, lambda: least_worth(labels[:, 0] == 1, of))
