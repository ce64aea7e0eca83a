"""Attributes straight from features: one linear SVM each, fitted on train, C by validation, judged on test.

Source: Liu, Luo, Wang, Tang, ICCV 2015, section 4 (an SVM an attribute on the features of the last layer).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from facerep.files.features import Features
from facerep.progress import progress
from facerep.studies.attributes.labelling import AttributeChoice, Labelling, label_faces
from facerep.studies.attributes.linear_svm import TOLERANCE, solve_path
from facerep.studies.attributes.model_file import AttributeModel
from facerep.studies.attributes.result import AttributeAnswers, AttributeResult, judge
from facerep.studies.attributes.splits import SeenPeople, seen_by_network

COSTS = tuple(10.0**power for power in np.arange(-5, -0.9, 0.5).tolist())
"""The Cs that are tried: 0.00001 to 0.1 in steps of the root of ten."""


def fit_attributes(
    features: Features,
    choice: AttributeChoice,
    *,
    costs: Sequence[float] = COSTS,
    balanced: bool = False,
    run: Path | None = None,
    device: str = "cpu",
    kind: str = "features",
) -> tuple[AttributeModel, AttributeResult]:
    """Fit and judge linear SVMs.

    Args:
        features: of all three splits.
        choice: labels and splits.
        costs: the Cs to choose from, for each attribute its own, by the accuracy on the validation part; equally good
            ones: the smallest.
        balanced: weight both answers alike, and choose by balanced accuracy.
        run: the folder of the recognition network's training, or a list of its people, where the features do not tell
            whom it has seen: has it seen test people?
        device: where the SVMs are solved, as torch names it.
        kind: of the system, see AttributeResult.

    Raises:
        BadInput: see label_faces.
    """
    labelling = label_faces(features, choice, features.where)
    model, warnings = _fit(features, labelling, sorted(costs), balanced, device)
    test = labelling.splits.test
    answers = AttributeAnswers(
        features.names[test], features.people[test], labelling.names, model.scores(features.values[test]),
        labelling.answers[test],
    )  # fmt: skip
    if kind in ("hog", "scratch"):
        seen = SeenPeople("no recognition network", 0)
    else:
        seen = seen_by_network(answers.people, features.trained_people, run)
    file = features.path.name if features.path else ""
    result = judge(
        answers, labelling, model.cost.tolist(), kind=kind, system=f"{_named(features)}, {model.how}",
        features={"file": file, "rows": len(features), **asdict(features.contract)},
        seen=seen, warnings=[*warnings, *_said_of(seen)],
    )  # fmt: skip
    return model, result


def _fit(
    features: Features, labelling: Labelling, costs: Sequence[float], balanced: bool, device: str
) -> tuple[AttributeModel, list[str]]:
    train, validation = labelling.splits.train, labelling.splits.validation
    mean = features.values[train].mean(axis=0, dtype=np.float64)
    scale = features.values[train].std(axis=0, dtype=np.float64)
    scale[scale == 0] = 1  # a unit that never moves
    best = np.full(len(labelling.names), -1.0)
    weights, bias = np.zeros((len(best), len(mean))), np.zeros(len(best))
    chosen, left = np.zeros(len(best)), 0.0
    standard = (features.values[train] - mean) / scale
    held, labels = (features.values[validation] - mean) / scale, labelling.answers[validation]
    with progress("fit SVMs", len(costs), "values of C") as advance:
        for solution in solve_path(standard, labelling.answers[train], costs, balanced=balanced, device=device):
            right = np.where(held @ solution.weights.T + solution.bias > 0, 1, -1) == labels
            quality = _quality(right, labels, balanced)
            better = quality > best
            best, chosen = np.where(better, quality, best), np.where(better, solution.cost, chosen)
            weights[better], bias[better] = solution.weights[better], solution.bias[better]
            left = max(left, solution.gradient)
            advance(1)
    warnings = []
    if left > TOLERANCE:
        warnings.append(f"the SVMs are not solved to the end: {left:.1e} of the gradient is left")
    if at_end := int(np.sum(chosen == costs[-1])) if len(costs) > 1 else 0:
        warnings.append(f"{at_end} attributes took the largest C, {costs[-1]:g}: larger ones may be better")
    how = "linear SVM" + (", both answers weighted alike" if balanced else "")
    model = AttributeModel(
        names=labelling.names, mean=mean, scale=scale, weights=weights, bias=bias, cost=chosen, how=how,
        contract=features.contract,
    )  # fmt: skip
    return model, warnings


def _quality(right: np.ndarray, labels: np.ndarray, balanced: bool) -> np.ndarray:
    """Accuracy, or balanced accuracy, of each attribute; (k,)."""
    groups = [labels == 1, labels == -1] if balanced else [labels != 0]
    return np.mean([(right & group).sum(axis=0) / group.sum(axis=0) for group in groups], axis=0)


def _named(features: Features) -> str:
    contract = features.contract
    return f"{contract.network or 'unknown network'} {contract.layer}".strip()


def _said_of(seen: SeenPeople) -> list[str]:
    if seen.people is None:
        return ["whether the network was trained on test people is not known: name its run with --run"]
    if seen.people:
        return [f"{seen.people:,} test people were seen by the network in training ({seen.by})"]
    return []
