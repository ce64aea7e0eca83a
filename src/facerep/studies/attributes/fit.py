"""Attributes straight from features: one linear SVM each, fitted on train, C by validation, judged on test.

Source: Liu, Luo, Wang, Tang, ICCV 2015, section 4 (an SVM an attribute on the features of the last layer).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from facerep.errors import Usage, refuse_meaningless
from facerep.files.rows import Features
from facerep.networks.device import device as pick_device
from facerep.progress import progress
from facerep.studies.attributes.labelling import AttributeChoice, Labelling, label_faces
from facerep.studies.attributes.linear_svm import TOLERANCE, solve_path
from facerep.studies.attributes.model_file import AttributeModel
from facerep.studies.attributes.result import AttributeAnswers, AttributeResult, judge
from facerep.studies.attributes.splits import SeenPeople, seen_by_network

COSTS = tuple(10.0**power for power in np.arange(-5, -0.9, 0.5).tolist())
"""The Cs that are tried: 0.00001 to 0.1 in steps of the root of ten."""


@dataclass(frozen=True)
class SvmChoice:
    """How the SVMs are fitted.

    Attributes:
        costs: the Cs to choose from, for each attribute its own, by the accuracy on the validation split; equally good
            ones: the smallest.
        balanced: weight both answers alike, and choose by balanced accuracy.

    Raises:
        Usage: no C, or one that is no number above 0.
    """

    costs: Sequence[float] = COSTS
    balanced: bool = False

    def __post_init__(self) -> None:
        if not self.costs or not all(0 < cost < np.inf for cost in self.costs):
            got = ",".join(f"{cost:g}" for cost in self.costs)
            raise Usage(f"--cost wants numbers above 0 with commas between, got {got!r}")


DEFAULT = SvmChoice()
_SAW_NOBODY = ("hog", "scratch")
"""Kinds of systems without a recognition network."""


def fit_attributes(
    features: Features,
    choice: AttributeChoice,
    *,
    svms: SvmChoice = DEFAULT,
    run: Path | None = None,
    device: str = "cpu",
    kind: str = "features",
) -> tuple[AttributeModel, AttributeResult]:
    """Fit and judge linear SVMs.

    Args:
        features: of all three splits.
        choice: labels and splits.
        svms: how they are fitted.
        run: the folder of the recognition network's training, or a list of its people, where the features do not tell
            whom it has seen: has it seen test people?
        device: where the SVMs are solved: auto, cpu, cuda or cuda:INDEX.
        kind: of the system, see AttributeResult.

    Raises:
        Usage: `run` of what is no recognition network.
        NotAvailable: the device is not here.
        BadInput: see label_faces.
    """
    refuse_run(kind, run)
    place = str(pick_device(device))
    labelling = label_faces(features, choice, features.where)
    model, warnings = _fit(features, labelling, svms, place)
    test = labelling.splits.test
    answers = AttributeAnswers(
        features.names[test], features.people[test], labelling.names, model.scores(features.values[test]),
        labelling.answers[test],
    )  # fmt: skip
    if kind in _SAW_NOBODY:
        seen = SeenPeople("no recognition network", 0)
    else:
        seen = seen_by_network(answers.people, features.trained_people, run)
    file = features.path.name if features.path else ""
    result = judge(
        answers, labelling, model.cost.tolist(), kind=kind, system=f"{_network_of(features)}, {model.how}",
        features={"file": file, "rows": len(features), **asdict(features.contract)},
        seen=seen, warnings=[*warnings, *_warnings_of(seen)],
    )  # fmt: skip
    return model, result


def refuse_run(kind: str, run: Path | None) -> None:
    """Refuse a recognition network's run beside a system that knows none.

    Raises:
        Usage: it was given.
    """
    if kind in _SAW_NOBODY:
        refuse_meaningless({"--run": run}, f"beside --{kind}, which has seen nobody before")


def _fit(features: Features, labelling: Labelling, svms: SvmChoice, device: str) -> tuple[AttributeModel, list[str]]:
    costs, balanced = sorted(svms.costs), svms.balanced
    train, validation = labelling.splits.train, labelling.splits.validation
    mean = features.values[train].mean(axis=0, dtype=np.float64)
    scale = features.values[train].std(axis=0, dtype=np.float64)
    scale[scale == 0] = 1  # a unit that never moves
    best = np.full(len(labelling.names), -1.0)
    weights, bias = np.zeros((len(best), len(mean))), np.zeros(len(best))
    chosen, left = np.zeros(len(best)), 0.0
    standard = (features.values[train] - mean) / scale
    validating, labels = (features.values[validation] - mean) / scale, labelling.answers[validation]
    with progress("fit SVMs", len(costs), "values of C") as advance:
        for solution in solve_path(standard, labelling.answers[train], costs, balanced=balanced, device=device):
            right = np.where(validating @ solution.weights.T + solution.bias > 0, 1, -1) == labels
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


def _network_of(features: Features) -> str:
    contract = features.contract
    return f"{contract.network or 'unknown network'} {contract.layer}".strip()


def _warnings_of(seen: SeenPeople) -> list[str]:
    if seen.people is None:
        return ["whether the network was trained on test people is not known: name its run with --run"]
    if seen.people:
        return [f"{seen.people:,} test people were seen by the network in training ({seen.by})"]
    return []
