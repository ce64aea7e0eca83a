"""A threshold comes out of a result as it was written, or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facerep.errors import BadInput, Mismatch
from facerep.files.contract import Contract
from facerep.files.rows import Features
from facerep.pairs.threshold import chosen_threshold
from facerep.results.to_json import to_json
from facerep.scorers.fit_chain import fit_chain
from facerep.scorers.scorer_file import write_scorer
from facerep.studies.verification.verify import verify

CONTRACT = Contract(
    network="deepid2", weights="a" * 64, layer="feature", rule="> 0", crop="points@55x47/1", mirror="mean"
)


def features(seed: int = 0) -> Features:
    rng = np.random.default_rng(seed)
    people = np.repeat([f"p{k}" for k in range(10)], 4).astype(object)
    names = np.array([f"{person}/{k}.png" for k, person in enumerate(people)], dtype=object)
    values = np.repeat(rng.normal(size=(10, 8)), 4, axis=0) + 0.6 * rng.normal(size=(40, 8))
    return Features(values=values.astype(np.float32), names=names, people=people, contract=CONTRACT)


@pytest.fixture
def told(tmp_path) -> Path:
    """The result.json of all pairs of some features."""
    result = verify(features(), "all", far=(0.1, 0.01, 0.0001))
    (tmp_path / "result.json").write_text(json.dumps(to_json(result)))
    return tmp_path / "result.json"


def change(path: Path, **values: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_without_a_target_it_is_the_threshold_of_the_result(told):
    result = verify(features(), "all")
    for path in (told, told.parent):
        chosen = chosen_threshold(path)
        assert (chosen.threshold, chosen.rule, chosen.target) == (
            result.threshold.value, "most accurate on these pairs", None,
        )  # fmt: skip
        assert (chosen.far, chosen.tar, chosen.flag) == (result.threshold.far, result.threshold.tar, None)
        assert (chosen.metric, chosen.scorer, chosen.contract) == ("cosine", "", CONTRACT)
        assert (chosen.pairs, chosen.source) == ("all pairs", str(told))


def test_with_a_target_it_is_the_threshold_of_that_target_with_the_rates_really_obtained(told):
    point = next(point for point in verify(features(), "all").tar_at_far if point.far == 0.01)
    chosen = chosen_threshold(told, 0.01)
    assert (chosen.threshold, chosen.far, chosen.tar) == (point.threshold, point.obtained, point.rate)
    assert (chosen.rule, chosen.target, chosen.flag) == ("FAR at most 0.01", 0.01, "few impostors")
    assert json.loads(json.dumps(to_json(chosen), allow_nan=False))["far"] == to_json(chosen.far)


def test_a_result_of_an_earlier_version_says_nothing_of_the_input_of_an_onnx_network(told):
    held = json.loads(told.read_text())["features"]
    change(told, features={name: value for name, value in held.items() if name != "input"})
    assert chosen_threshold(told).contract == CONTRACT


def test_an_endless_threshold_survives_json(told):
    threshold = json.loads(told.read_text())["threshold"]
    change(told, threshold={**threshold, "value": "inf"})
    chosen = chosen_threshold(told)
    assert chosen.threshold == np.inf
    assert to_json(chosen)["threshold"] == "inf"


def test_a_target_that_is_not_there_or_was_refused_is_told_with_what_there_is(told):
    with pytest.raises(BadInput, match=r"no threshold for a false accept rate of 0.5: .*; it has 0.1, 0.01, 0.0001"):
        chosen_threshold(told, 0.5)
    with pytest.raises(BadInput, match=r"cannot resolve a false accept rate of 0.0001 \(720 impostor pairs, 10000 are"):
        chosen_threshold(told, 0.0001)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("{", "not a JSON file"),
        ("[" * 100_000, "not a JSON file"),
        ("\xff", "not a JSON file"),
        ("[]", "not a result of `facerep verify`"),
        ('{"format": "facerep/comparison"}', "not a result of `facerep verify`"),
        ('{"format": "facerep/verification", "version": 2}', "version is 2, 1 is read"),
        ('{"format": "facerep/verification", "version": 1}', "damaged"),
    ],
)
def test_what_is_no_result_is_refused_in_one_line(tmp_path, content, line):
    (tmp_path / "r.json").write_text(content, encoding="latin1")
    with pytest.raises(BadInput, match=line) as error:
        chosen_threshold(tmp_path / "r.json")
    assert str(tmp_path / "r.json") in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "spoiled",
    [
        {"threshold": None},
        {"threshold": {"value": 0.5}},
        {"threshold": {"value": float("nan"), "chosen": "", "far": {}, "tar": {}}},
        {"features": {}},
        {"scorer": "cosine"},
        {"protocol": []},
    ],
)
def test_a_result_that_lacks_a_part_is_refused_in_one_line(told, spoiled):
    change(told, **spoiled)
    with pytest.raises(BadInput, match="damaged|not a JSON file"):
        chosen_threshold(told)


@pytest.mark.parametrize("value", [-0.1, 1.5, float("nan"), "much"])
def test_a_rate_that_is_none_is_refused(told, value):
    threshold = json.loads(told.read_text())["threshold"]
    change(told, threshold={**threshold, "far": {**threshold["far"], "high": value}})
    with pytest.raises(BadInput, match="damaged|not a JSON file"):
        chosen_threshold(told)


def test_an_absent_file_is_told(tmp_path):
    with pytest.raises(BadInput, match="no such result"):
        chosen_threshold(tmp_path / "absent.json")
    with pytest.raises(BadInput, match="result.json"):
        chosen_threshold(tmp_path)


@pytest.mark.parametrize("name", ["network", "weights", "layer", "crop", "mirror"])
def test_scores_of_another_contract_are_not_held_against_it(told, name):
    chosen = chosen_threshold(told)
    chosen.require("cosine", CONTRACT, "mine.h5")
    chosen.require("cosine", replace(CONTRACT, dataset="lfw", fingerprint="0"), "mine.h5")
    with pytest.raises(Mismatch, match=f"{name} differs: .*result.json has .*, mine.h5 has other"):
        chosen.require("cosine", replace(CONTRACT, **{name: "other"}), "mine.h5")


def test_scores_of_another_metric_are_not_held_against_it(told):
    with pytest.raises(Mismatch, match=r"metric differs: .*result.json has cosine, mine.h5 is judged by hamming"):
        chosen_threshold(told).require("hamming", CONTRACT, "mine.h5")


def test_a_scorer_is_known_by_what_it_holds_whatever_it_is_called(tmp_path):
    for seed, name in ((0, "jb.h5"), (1, "other.h5")):
        write_scorer(fit_chain([features(seed)], "pca:4+joint-bayesian", rounds=5), tmp_path / name)
    result = verify(features(), "all", metric="joint-bayesian", scorer=tmp_path / "jb.h5")
    (tmp_path / "result.json").write_text(json.dumps(to_json(result)))
    chosen = chosen_threshold(tmp_path)
    assert chosen.scorer == "jb.h5"
    (tmp_path / "jb.h5").rename(tmp_path / "renamed.h5")
    chosen.require("joint-bayesian", CONTRACT, "mine.h5", tmp_path / "renamed.h5")
    (tmp_path / "other.h5").rename(tmp_path / "jb.h5")
    with pytest.raises(Mismatch, match="scorer differs: .* has jb.h5, mine.h5 is judged by .*jb.h5"):
        chosen.require("joint-bayesian", CONTRACT, "mine.h5", tmp_path / "jb.h5")
    with pytest.raises(Mismatch, match="scorer differs: .* has jb.h5, mine.h5 is judged by none"):
        chosen.require("joint-bayesian", CONTRACT, "mine.h5")
