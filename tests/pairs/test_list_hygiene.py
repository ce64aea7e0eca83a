"""Pairs that should not stand in a list, impostors of several sets, and accuracy that one answer would have."""

import json
from dataclasses import replace

import numpy as np
import pytest

from facerep.files.pairs import PairList
from facerep.files.rows import Features
from facerep.metrics.intervals import balanced, clopper_pearson
from facerep.pairs.impostor_sets import impostor_sets, warn_of_sets
from facerep.pairs.threshold import chosen_threshold
from facerep.results.figures import Rate
from facerep.results.to_json import to_json
from facerep.studies.verification.verify import verify


def features(sets: bool = False) -> Features:
    """Six people of five faces; p0, p1 and p2 are of the set `a`, the others of `b`."""
    rng = np.random.default_rng(0)
    people = np.repeat([f"p{k}" for k in range(6)], 5).astype(object)
    values = np.repeat(rng.normal(size=(6, 8)), 5, axis=0) + 0.8 * rng.normal(size=(30, 8))
    return Features(
        values=values.astype(np.float32), people=people, names=np.array([f"f{k}" for k in range(30)], dtype=object),
        labels={"set": np.where(people < "p3", "a", "b").astype(object)} if sets else {},
    )  # fmt: skip


def listed(*pairs: tuple[int, int, bool]) -> PairList:
    left, right, same = zip(*pairs, strict=True)
    names = features().names
    return PairList(
        name="list", left=names[list(left)], right=names[list(right)], same=np.array(same),
        fold=np.zeros(len(same), np.int64),
    )  # fmt: skip


def test_pairs_that_come_again_or_reversed_or_of_a_face_with_itself_are_counted_and_said():
    pairs = [
        (0, 1, True),
        (0, 5, False),
        (1, 0, True),
        (0, 1, True),
        (5, 0, False),
        (7, 7, True),
        (9, 9, True),
        (2, 3, True),
    ]
    result = verify(features(), listed(*pairs))
    assert to_json(result)["counts"]["recurring"] == {"again": 3, "reversed": 2, "itself": 2}
    assert result.warnings[:2] == (
        "3 pairs of 'list' stand there before, 2 with the sides exchanged; each time counts",
        "2 pairs of 'list' are of a face with itself, which tells nothing",
    )
    assert (result.genuine, result.impostor) == (6, 2)  # as the list has them


def test_a_clean_list_and_all_pairs_have_nothing_of_the_kind():
    for pairs in (listed((0, 1, True), (0, 5, False)), "all"):
        result = verify(features(), pairs)
        assert result.recurring == {"again": 0, "reversed": 0, "itself": 0}
        assert not any("stand" in said or "itself" in said for said in result.warnings)


def test_the_balanced_accuracy_counts_each_kind_as_much_as_the_other():
    tar, far = (
        Rate(count / of, *clopper_pearson(count, of), count, of, "a method") for count, of in ((6, 10), (30, 1000))
    )
    found = balanced(tar, far)
    assert found.value == pytest.approx((0.6 + 0.97) / 2)
    assert found.value == found.count / found.of
    assert (found.low, found.high) == pytest.approx(((tar.low + 1 - far.high) / 2, (tar.high + 1 - far.low) / 2))
    result = verify(features(), "all")
    at = result.threshold
    assert result.balanced_accuracy.value == pytest.approx((at.tar.value + 1 - at.far.value) / 2)


@pytest.mark.parametrize("pairs", ["all", "list"])
def test_impostors_within_and_across_sets_are_counted_as_a_slow_loop_does(pairs, monkeypatch):
    held = features(sets=True)
    sides = [(i, j) for i in range(30) for j in range(i)]
    apart = [(i, j) for i, j in sides if held.people[i] != held.people[j]]
    within = sum(held.labels["set"][i] == held.labels["set"][j] for i, j in apart)
    given = "all" if pairs == "all" else listed(*((i, j, held.people[i] == held.people[j]) for i, j in sides))
    expected = {"sets": 2, "within": within, "across": len(apart) - within}
    result = verify(held, given)
    assert result.impostor_sets == expected
    assert result.warnings[0] == (
        "60 % of the impostor pairs here lie across 2 sets, where framing alone tells strangers apart: the false "
        "accept rate within one set is higher, see --group set"
    )
    if pairs == "all":
        from facerep.pairs import choice as chosen_pairs

        monkeypatch.setattr(chosen_pairs, "MOST_LISTED", 10)
        assert verify(held, "all").impostor_sets == expected


def test_one_set_and_files_that_do_not_say_are_not_warned_about():
    held = features(sets=True)
    one = replace(held, labels={"set": np.full(30, "a", dtype=object)})
    assert verify(one, "all").impostor_sets == {"sets": 1, "within": 375, "across": 0}
    assert verify(features(), "all").impostor_sets is None
    assert warn_of_sets(verify(one, "all").impostor_sets, "") == warn_of_sets(None, "") == []


def test_a_threshold_says_from_how_many_sets_its_impostors_came(tmp_path):
    path = tmp_path / "result.json"
    path.write_text(json.dumps(to_json(verify(features(sets=True), "all"))))
    assert chosen_threshold(path).impostor_sets == {"sets": 2, "within": 150, "across": 225}
    result = verify(features(), "all", threshold_from=path)
    assert result.warnings[0].startswith("60 % of the impostor pairs behind the threshold lie across 2 sets")


def test_the_faces_of_drawn_pairs_alone_count_as_sets():
    from facerep.pairs.choice import choose

    held = features(sets=True)
    chosen = choose(held, listed((0, 1, True), (0, 5, False), (0, 6, False)), None, "stop", 0)
    assert impostor_sets(held, chosen) == {"sets": 1, "within": 2, "across": 0}
