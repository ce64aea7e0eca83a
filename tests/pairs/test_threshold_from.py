"""A threshold chosen on one set and applied to another, with the rates that it then really gives."""

import json
from dataclasses import replace

import numpy as np
import pytest

from facerep.errors import BadInput, Mismatch, TooFewPairs, Usage
from facerep.files.contract import Contract
from facerep.files.rows import Codes, Features
from facerep.results.to_json import to_json
from facerep.studies.verification.verify import verify


def made(seed, persons=8, **contract):
    rng = np.random.default_rng(seed)
    people = np.repeat([f"p{k}" for k in range(persons)], 5).astype(object)
    names = np.array([f"{k}.png" for k in range(len(people))], dtype=object)
    values = np.repeat(rng.normal(size=(persons, 16)), 5, axis=0) + 1.2 * rng.normal(size=(len(people), 16))
    held = Contract(**{"network": "deepid2", "crop": "points@55x47/1", **contract})
    return Features(values=values.astype(np.float32), names=names, people=people, contract=held)


@pytest.fixture
def dev(tmp_path):
    """The result of the development set, and its file."""
    result = verify(made(1, persons=12), far=[0.1, 0.02])
    path = tmp_path / "dev" / "result.json"
    path.parent.mkdir()
    path.write_text(json.dumps(to_json(result)))
    return result, path


def test_the_most_accurate_threshold_of_the_other_set_is_applied_as_it_is(dev):
    chosen, path = dev
    result = verify(made(2), threshold_from=path)
    assert result.threshold.value == chosen.threshold.value
    accepted = result.scores.value >= chosen.threshold.value
    assert result.threshold.far.count == np.sum(accepted & ~result.scores.same)
    assert result.accuracy.count == np.sum(accepted == result.scores.same)
    assert result.threshold.source["far"] == to_json(chosen.threshold.far)
    assert result.threshold.chosen == f"taken from {path} (all pairs): most accurate there"
    assert to_json(verify(made(2), threshold_from=path.parent)) == to_json(result)


def test_the_rate_obtained_here_stands_beside_the_one_that_was_asked_for_there(dev):
    chosen, path = dev
    result = verify(made(2), threshold_from=path, at_far=0.02)
    told = to_json(result)["threshold"]
    assert told["value"] == chosen.tar_at_far[1].threshold
    assert told["source"]["target"] == 0.02
    assert told["source"]["far"]["value"] <= 0.02
    assert told["far"]["value"] == np.mean(result.scores.value[~result.scores.same] >= told["value"])


def test_without_another_set_the_threshold_at_a_rate_is_that_of_these_pairs():
    result = verify(made(2), far=[0.1], at_far=0.05)
    point = verify(made(2), far=[0.05]).tar_at_far[0]
    assert result.threshold.value == point.threshold
    assert (result.threshold.tar, result.threshold.far) == (point.rate, point.obtained)
    assert result.threshold.chosen == "FAR at most 0.05 on these pairs"
    assert [found.far for found in result.tar_at_far] == [0.1]
    with pytest.raises(TooFewPairs, match="0.0001: 700, at least 10000"):
        verify(made(2), at_far=0.0001)


def test_another_metric_network_or_crop_is_a_mismatch(dev):
    _, path = dev
    with pytest.raises(Mismatch, match="metric differs"):
        verify(made(2), metric="euclidean", threshold_from=path)
    with pytest.raises(Mismatch, match="network differs"):
        verify(made(2, network="deepid"), threshold_from=path)
    with pytest.raises(Mismatch, match="crop differs"):
        verify(made(2, crop="lfw@55x47/1"), threshold_from=path)


def test_codes_by_another_rule_are_a_mismatch(tmp_path):
    rng = np.random.default_rng(0)
    features = made(1)
    rows = {"names": features.names, "people": features.people, "contract": features.contract}
    codes = Codes(packed=rng.integers(0, 256, (40, 2), np.uint8), bits=16, thresholds=np.zeros(16, np.float32), **rows)
    (tmp_path / "result.json").write_text(json.dumps(to_json(verify(codes))))
    assert verify(codes, threshold_from=tmp_path).threshold.source["metric"] == "hamming"
    other = replace(codes, thresholds=np.ones(16, np.float32))
    with pytest.raises(Mismatch, match="rule of the bits differs"):
        verify(other, threshold_from=tmp_path)


def test_a_rate_that_the_other_result_does_not_have_is_named_with_those_that_it_has(dev):
    _, path = dev
    with pytest.raises(BadInput, match=r"it has 0.1, 0.02"):
        verify(made(2), threshold_from=path, at_far=0.03)
    with pytest.raises(Usage, match="excludes"):
        verify(made(2), threshold=0.5, threshold_from=path)
    with pytest.raises(Usage, match="excludes"):
        verify(made(2), threshold=0.5, at_far=0.1)


def test_folds_do_not_take_the_place_of_a_threshold_that_was_taken(dev):
    _, path = dev
    features = made(2)
    from facerep.files.pairs import PairList

    rng = np.random.default_rng(0)
    left, right = rng.integers(0, 40, (2, 80))
    apart = left != right
    left, right = left[apart], right[apart]
    same = features.people[left] == features.people[right]
    pairs = PairList(
        name="two", left=features.names[left], right=features.names[right], same=same, fold=np.arange(len(left)) % 2
    )
    result = verify(features, pairs, threshold_from=path)
    assert result.protocol["folds"] == 1
    assert result.protocol["fold_rule"] == "none"
    assert verify(features, pairs).protocol["fold_rule"].startswith("each fold by")
