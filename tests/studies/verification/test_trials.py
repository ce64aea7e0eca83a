"""Verification over trials, against a slow loop and against `verify` on each trial's own faces."""

import json
from itertools import combinations
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from facerep.errors import BadInput, TooFewPairs
from facerep.files.rows import Features
from facerep.results.to_json import to_json
from facerep.studies.verification.blufr import holds_trials, verify_trials
from facerep.studies.verification.verify import verify

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "trials.schema.json").read_text(encoding="utf-8"))


class Dot:
    name = "dot"

    def score(self, a, b):
        return (a.astype(np.float64) * b).sum(1)

    def matrix(self, a, b):
        return a.astype(np.float64) @ b.T.astype(np.float64)


def made(persons=12, each=4):
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(persons), each)
    values = np.round(2 * rng.normal(size=(persons, 6))[person] + rng.normal(size=(len(person), 6)))
    names = np.array([f"p{number}/{k}.jpg" for k, number in enumerate(person)], dtype=object)
    people = np.array([f"p{number}" for number in person], dtype=object)
    return Features(values=values.astype(np.float32), names=names, people=people)


def listed(path, features, trials=3, seed=1):
    """A list in which each trial trains on a third of the people."""
    rng = np.random.default_rng(seed)
    people = np.unique(features.people.astype(str))
    roles = np.full((len(features), trials), "P")
    for trial in range(trials):
        roles[np.isin(features.people, rng.choice(people, len(people) // 3, replace=False)), trial] = "T"
        roles[rng.choice(np.flatnonzero(roles[:, trial] == "P"), 5, replace=False), trial] = "G"
    lines = [
        f"{name},{person[1:]},-,{''.join(mine)}"
        for name, person, mine in zip(features.names, features.people, roles, strict=True)
    ]
    order = rng.permutation(len(lines))
    path.write_text("\n".join(["file,label,dev,trials", *(lines[k] for k in order)]) + "\n")
    return roles


def judge(features, path, **options):
    return verify_trials(features, path, scorer=Dot(), metric="euclidean", **options)


def test_each_trial_is_all_pairs_of_its_gallery_and_probes(tmp_path):
    features = made()
    roles = listed(tmp_path / "blufr.csv", features)
    result = judge(features, tmp_path / "blufr.csv", far=[0.1, 0.02])
    assert [trial.number for trial in result.trials] == [1, 2, 3]
    for k, trial in enumerate(result.trials):
        mine = np.flatnonzero(roles[:, k] != "T")
        pairs = list(combinations(mine, 2))
        same = np.array([features.people[i] == features.people[j] for i, j in pairs])
        scores = np.array([features.values[i].astype(float) @ features.values[j] for i, j in pairs])
        assert (trial.faces, trial.genuine, trial.impostor) == (len(mine), same.sum(), (~same).sum())
        alone = verify(features.take(mine), "all", scorer=Dot(), metric="euclidean", far=[0.1, 0.02])
        for point, own in zip(trial.tar_at_far, alone.tar_at_far, strict=True):
            assert np.mean(scores[~same] >= point.threshold) <= point.far
            assert np.mean(scores[~same] >= np.nextafter(point.threshold, -np.inf)) == point.obtained.value
            assert point.rate.count == np.sum(scores[same] >= point.threshold)
            assert (point.threshold, point.rate.value) == (own.threshold, own.rate.value)
            assert (point.rate.low, point.obtained.high) == pytest.approx((own.rate.low, own.obtained.high))


def test_the_mean_minus_the_deviation_over_trials_is_reported(tmp_path):
    features = made()
    listed(tmp_path / "blufr.csv", features)
    told = to_json(judge(features, tmp_path / "blufr.csv", far=[0.1, 0.001]))
    jsonschema.validate(json.loads(json.dumps(told, allow_nan=False)), SCHEMA)
    values = [trial["tar_at_far"][0]["tar"]["value"] for trial in told["trials"]]
    (over,) = told["over"]  # no trial resolves a thousandth
    assert over["far"] == 0.1
    assert over["mean"] == pytest.approx(np.mean(values))
    assert over["mean_minus_deviation"] == pytest.approx(np.mean(values) - np.std(values, ddof=1))
    assert [trial["tar_at_far"][1]["flag"] for trial in told["trials"]] == ["refused"] * 3


def test_absent_faces_stop_or_are_counted(tmp_path):
    features = made()
    listed(tmp_path / "blufr.csv", features)
    fewer = features.take(np.arange(len(features)) > 1)
    with pytest.raises(BadInput, match=r"2 faces of 'blufr' not in the file \(p0/"):
        judge(fewer, tmp_path / "blufr.csv", far=[0.1])
    result = judge(fewer, tmp_path / "blufr.csv", far=[0.1], missing="count")
    assert result.missing == 2
    assert result.warnings


def test_rates_that_no_trial_resolves_are_an_error(tmp_path):
    features = made()
    listed(tmp_path / "blufr.csv", features)
    with pytest.raises(TooFewPairs, match="trial 1 resolves none"):
        judge(features, tmp_path / "blufr.csv", far=[1e-6])


def test_a_list_of_trials_is_told_from_a_pair_list(tmp_path):
    listed(tmp_path / "blufr.csv", made())
    (tmp_path / "pairs.csv").write_text("a,b,same\nx,y,1\n")
    assert holds_trials(str(tmp_path / "blufr.csv"))
    assert not holds_trials(tmp_path / "pairs.csv")
    assert not holds_trials("view2")
    assert not holds_trials(None)
    assert not holds_trials(tmp_path)
