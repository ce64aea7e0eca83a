"""All pairs scored block by block give what all pairs in memory give."""

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from facerep.errors import BadInput
from facerep.files.rows import Codes, Features
from facerep.pairs import all_pairs
from facerep.pairs import choice as chosen_pairs
from facerep.pairs.blocks import score_blocks
from facerep.results.figures import Rate
from facerep.results.to_json import to_json
from facerep.scorers.hamming import Hamming
from facerep.studies.verification.verify import verify

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "result.schema.json").read_text(encoding="utf-8"))


class Dot:
    """Scores of small whole numbers: exact, whatever the block."""

    name = "dot"

    def score(self, a, b):
        return (a.astype(np.float64) * b).sum(1)

    def matrix(self, a, b):
        return a.astype(np.float64) @ b.T.astype(np.float64)


def made(seed=0, persons=12, most=9, wide=6, *, unknown=0):
    """People with 1 to `most` faces, in mixed order, some of them unknown."""
    rng = np.random.default_rng(seed)
    faces = rng.integers(1, most + 1, persons)
    faces[0] = most
    person = rng.permutation(np.repeat(np.arange(persons), faces))
    centres = rng.normal(0, 2, size=(persons, wide))
    values = np.round(centres[person] + rng.normal(0, 2, size=(len(person), wide))).astype(np.float32)
    people = np.array([f"p{number}" for number in person], dtype=object)
    people[:unknown] = ""
    names = np.array([f"{k}.png" for k in range(len(person))], dtype=object)
    labels = {"view": np.array(["left", "right", "front"])[rng.integers(0, 3, len(person))]}
    return Features(values=values, names=names, people=people, labels=labels)


def both(monkeypatch, features, block=None, scorer=None, **options):
    """The result of a list and that of blocks."""
    scorer = scorer or Dot()
    listed = verify(features, "all", scorer=scorer, metric="euclidean", **options)
    monkeypatch.setattr(chosen_pairs, "MOST_LISTED", 0)
    if block:
        monkeypatch.setattr(score_blocks, "BLOCK_BYTES", 8 * len(features) * block)
    streamed = verify(features, "all", scorer=scorer, metric="euclidean", **options)
    assert listed.scores is not None
    assert streamed.scores is None
    return listed, streamed


def same_rate(one: Rate, other: Rate):
    assert (one.value, one.count, one.of, one.interval) == (other.value, other.count, other.of, other.interval)
    assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_blocks_give_the_figures_and_intervals_of_all_pairs_in_memory(monkeypatch, seed):
    features = made(seed, persons=4 + seed, unknown=seed % 3)
    options = {"far": [0.3, 0.1, 0.02, 0.5], "group": "view"}
    listed, streamed = both(monkeypatch, features, block=1 + seed % 5, **options)
    assert listed.eer.rate.value == streamed.eer.rate.value
    assert (listed.eer.threshold, listed.eer.far, listed.eer.frr) == (
        streamed.eer.threshold, streamed.eer.far, streamed.eer.frr,
    )  # fmt: skip
    same_rate(listed.accuracy, streamed.accuracy)
    same_rate(listed.auc, streamed.auc)
    assert listed.threshold.value == streamed.threshold.value
    same_rate(listed.threshold.tar, streamed.threshold.tar)
    same_rate(listed.threshold.far, streamed.threshold.far)
    for one, other in zip(listed.tar_at_far, streamed.tar_at_far, strict=True):
        assert (one.far, one.threshold, one.flag, one.needed) == (other.far, other.threshold, other.flag, other.needed)
        if one.rate is not None:
            same_rate(one.rate, other.rate)
            same_rate(one.obtained, other.obtained)
    assert listed.groups.across == streamed.groups.across
    for one, other in zip(listed.groups.each, streamed.groups.each, strict=True):
        assert (one.name, one.faces, one.people) == (other.name, other.faces, other.people)
        if one.fmr is not None:
            same_rate(one.fmr, other.fmr)
        if one.fnmr is not None:
            same_rate(one.fnmr, other.fnmr)
    jsonschema.validate(json.loads(json.dumps(to_json(streamed), allow_nan=False)), SCHEMA)


def test_a_person_with_more_faces_than_a_block_is_counted_once(monkeypatch):
    features = made(1, persons=5, most=30)
    listed, streamed = both(monkeypatch, features, block=4)
    same_rate(listed.threshold.far, streamed.threshold.far)
    same_rate(listed.auc, streamed.auc)


def test_codes_are_judged_by_their_histogram_and_give_the_same(monkeypatch):
    rng = np.random.default_rng(3)
    features = made(3)
    packed = rng.integers(0, 256, (len(features), 3), dtype=np.uint8) & np.uint8(15)
    codes = Codes(
        packed=packed, bits=24, thresholds=np.zeros(24, np.float32), names=features.names, people=features.people
    )
    listed = verify(codes, "all")
    monkeypatch.setattr(chosen_pairs, "MOST_LISTED", 0)
    streamed = verify(codes, "all")
    np.testing.assert_array_equal(listed.curve.thresholds, streamed.curve.thresholds)
    np.testing.assert_array_equal(listed.curve.true_accepts, streamed.curve.true_accepts)
    np.testing.assert_array_equal(listed.curve.false_accepts, streamed.curve.false_accepts)
    same_rate(listed.auc, streamed.auc)
    same_rate(listed.accuracy, streamed.accuracy)
    assert Hamming.name == streamed.metric


def test_the_bootstrap_of_blocks_says_on_how_many_pairs_it_is(monkeypatch):
    features = made(2)
    monkeypatch.setattr(all_pairs, "MOST", 100)
    listed, streamed = both(monkeypatch, features)
    assert streamed.eer.rate.interval.endswith("on 100 of the pairs")
    assert streamed.eer.rate.low <= streamed.eer.rate.value <= streamed.eer.rate.high
    assert to_json(streamed) == to_json(verify(features, "all", scorer=Dot(), metric="euclidean"))
    assert listed.eer.rate.interval.startswith("bootstrap over people")


def test_a_nan_between_two_people_names_both_faces_and_one_within_a_person_too(monkeypatch):
    class Broken(Dot):
        def __init__(self, rows):
            self.rows = rows

        def matrix(self, a, b):
            scores = super().matrix(a, b)
            wrong = [(a == row).all(1) for row in self.rows], [(b == row).all(1) for row in self.rows]
            scores[np.outer(wrong[0][0], wrong[1][1]) | np.outer(wrong[0][1], wrong[1][0])] = np.nan
            return scores

        def score(self, a, b):
            scores = super().score(a, b)
            scores[((a == self.rows[0]) & (b == self.rows[1])).all(1)] = np.nan
            return scores

    monkeypatch.setattr(chosen_pairs, "MOST_LISTED", 0)
    features = made(4)
    values = features.values + np.arange(len(features), dtype=np.float32)[:, None] * 100  # all rows differ
    features = Features(values=values, names=features.names, people=features.people)
    mine = np.flatnonzero(features.people == features.people[0])
    other = int(np.flatnonzero(features.people != features.people[0])[0])
    for pair in ((int(mine[0]), int(mine[1])), (int(mine[0]), other)):
        with pytest.raises(BadInput, match="NaN") as failure:
            verify(features, "all", scorer=Broken(values[list(pair)]), metric="euclidean")
        assert set(str(failure.value).split(": ")[1].split(", ")) == set(features.names[list(pair)])


def test_memory_is_bounded_by_the_block_and_not_by_the_pairs(monkeypatch):
    monkeypatch.setattr(chosen_pairs, "MOST_LISTED", 0)
    sizes = []

    class Watched(Dot):
        def matrix(self, a, b):
            sizes.append(len(a) * len(b))
            return super().matrix(a, b)

    monkeypatch.setattr(score_blocks, "BLOCK_BYTES", 8000)
    verify(made(5, persons=40), "all", scorer=Watched(), metric="euclidean")
    assert max(sizes) <= 1000
