"""Groups: what is joined, in which order they are numbered, and where the threshold is from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from facerep.codes.binarize import binarize
from facerep.errors import BadInput, Usage
from facerep.files.contract import Contract
from facerep.files.rows import Features
from facerep.pairs.decision_rule import DecisionRule
from facerep.results.to_json import to_json
from facerep.scorers.cosine import Cosine
from facerep.studies.grouping import group as module
from facerep.studies.grouping.group import group
from facerep.studies.verification.verify import verify

CONTRACT = Contract(network="n", weights="a" * 64, layer="feature", rule="> 0", crop="c", mirror="mean")


def features(counts: tuple[int, ...] = (5, 3, 3, 1), seed: int = 0, noise: float = 0.2) -> Features:
    draw = np.random.default_rng(seed)
    people = np.repeat([f"p{number}" for number in range(len(counts))], counts).astype(object)
    centres = draw.normal(size=(len(counts), 16))[np.repeat(np.arange(len(counts)), counts)]
    values = (centres + noise * draw.normal(size=centres.shape)).astype(np.float32)
    names = np.array([f"{number}.png" for number in range(len(people))], dtype=object)
    order = draw.permutation(len(people))
    return Features(names=names, people=people, values=values, contract=CONTRACT).take(order)


def test_people_who_are_far_apart_are_the_groups_the_largest_first():
    held = features()
    found = group(held, DecisionRule(), threshold=0.6)
    assert found.sizes.tolist() == [5, 3, 3, 1]
    assert (found.groups, found.alone, found.larger) == (3, 1, [5, 3, 3])
    for number in range(4):
        assert len(set(held.people[found.group == number])) == 1
    second, third = (np.flatnonzero(found.group == number)[0] for number in (1, 2))
    assert second < third
    assert found.figures is not None
    assert found.figures.bcubed.f.value == 1
    own = Cosine().matrix(held.values[found.group == 0], held.values[found.group == 0])
    expected = (own.sum(axis=1) - own.diagonal()) / 4
    assert found.likeness[found.group == 0] == pytest.approx(expected)
    assert np.isnan(found.likeness[found.group == 3]).all()


def mean_linkage(scores: np.ndarray, threshold: float) -> set[frozenset[int]]:
    """The rule as it is told, by loops: join the two groups of the highest mean score while it meets the threshold."""
    groups = [frozenset([face]) for face in range(len(scores))]
    while len(groups) > 1:
        pairs = [(a, b) for place, a in enumerate(groups) for b in groups[:place]]
        best, a, b = max(((scores[np.ix_([*a], [*b])].mean(), a, b) for a, b in pairs), key=lambda each: each[0])
        if best < threshold:
            break
        groups = [each for each in groups if each not in (a, b)] + [a | b]
    return set(groups)


@pytest.mark.parametrize(("seed", "threshold"), [(0, 0.1), (1, 0.3), (2, 0.5), (3, 0.8), (4, -1.0), (5, 1.1)])
def test_groups_are_joined_by_their_mean_score(seed, threshold):
    held = features((6, 6, 6), seed, noise=1.0)
    found = group(held, DecisionRule(), threshold=threshold)
    ours = {frozenset(np.flatnonzero(found.group == number).tolist()) for number in range(len(found.sizes))}
    assert ours == mean_linkage(Cosine().matrix(held.values, held.values), threshold)


def test_two_faces_whose_score_is_the_threshold_are_joined():
    held = features((1, 1))
    score = float(Cosine().score(held.values[:1], held.values[1:])[0])
    assert group(held, DecisionRule(), threshold=score).groups == 1
    assert group(held, DecisionRule(), threshold=score + 1e-6).groups == 0


def test_codes_are_joined_by_hamming_distance_and_blocks_do_not_matter(monkeypatch):
    held = binarize(features((8, 7, 6)))
    whole = group(held, DecisionRule(), threshold=-4)
    monkeypatch.setattr(module, "BLOCK_BYTES", 8 * 21 * 2)
    assert group(held, DecisionRule(), threshold=-4).group.tolist() == whole.group.tolist()
    assert whole.metric == "hamming"
    assert whole.groups == 3


def test_a_threshold_of_a_verification_is_taken_with_its_source(tmp_path: Path):
    held = features((4, 4, 4, 4))
    result = tmp_path / "result.json"
    result.write_text(json.dumps(to_json(verify(held))))
    found = group(held, DecisionRule(threshold_from=result))
    assert found.chosen is not None
    assert (found.threshold, found.chosen.source) == (found.chosen.threshold, str(result))
    with pytest.raises(Usage, match="--threshold is a score: leave"):
        group(held, DecisionRule(threshold_from=result), threshold=0.5)


def test_what_cannot_be_grouped_is_told(monkeypatch):
    held = features()
    with pytest.raises(Usage, match="no threshold is known for this network and scorer; give --threshold-from RESULT"):
        group(held, DecisionRule())
    zero = Features(names=held.names, people=held.people, values=np.zeros_like(held.values))
    with pytest.raises(BadInput, match="12 faces have an all-zero vector"):
        group(zero, DecisionRule(), threshold=0.5)
    monkeypatch.setattr(module, "MOST", 11)
    with pytest.raises(BadInput, match="12 faces have 66 scores, 11 faces can be grouped"):
        group(held, DecisionRule(), threshold=0.5)
    assert group(held.take(np.array([0])), DecisionRule(), threshold=0.5).alone == 1
