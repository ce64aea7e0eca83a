"""Accuracy of scored pairs, by folds or not; what pairs share: people, faces or nothing."""

import numpy as np
import pytest

from facerep.errors import BadInput
from facerep.metrics.clusters import clusters
from facerep.pairs.accuracy import accuracy_of_pairs
from facerep.pairs.clusters import pair_clusters
from facerep.results.figures import FoldMean, Rate

SAME = np.array([True, True, False, False] * 3)
SCORES = np.array([9.0, 4, 3, 1, 8, 7, 6, 2, 5, 5, 4, 0])


def alone(pairs):
    return clusters(np.arange(0, 2 * pairs, 2), np.arange(1, 2 * pairs, 2), "people")


def test_each_fold_is_judged_by_the_threshold_of_the_others():
    fold = np.repeat([3, 1, 7], 4)
    accuracy, thresholds = accuracy_of_pairs(SCORES, SAME, fold, alone(12))
    assert isinstance(accuracy, FoldMean)
    for number in (1, 3, 7):
        mine = fold == number
        _, of_others = accuracy_of_pairs(SCORES[~mine], SAME[~mine], np.zeros(8), alone(8))
        assert set(thresholds[mine]) == set(of_others)
    right = (thresholds <= SCORES) == SAME
    assert accuracy.pooled.count == right.sum()
    assert accuracy.mean == pytest.approx(np.mean([right[fold == number].mean() for number in (1, 3, 7)]))


def test_without_folds_one_threshold_is_the_most_accurate():
    accuracy, thresholds = accuracy_of_pairs(SCORES, SAME, np.full(12, 5), alone(12))
    assert isinstance(accuracy, Rate)
    best = max(((threshold <= SCORES) == SAME).sum() for threshold in [*SCORES, np.inf])
    assert (accuracy.count, len(set(thresholds))) == (best, 1)
    assert ((thresholds <= SCORES) == SAME).sum() == best


def test_a_fold_of_one_kind_is_refused():
    with pytest.raises(BadInput, match="fold 1 has 2 genuine and 0 impostor pairs"):
        accuracy_of_pairs(SCORES[:6], SAME[:6], np.array([0, 0, 0, 0, 1, 1]), alone(6))


def test_pairs_share_people_where_all_of_them_are_known_else_faces():
    people = np.array(["b", "b", "a", "c", ""], dtype=object)
    known = pair_clusters(np.array([0, 0, 2]), np.array([1, 2, 3]), people)
    assert (known.word, known.left.tolist(), known.right.tolist()) == ("people", [1, 1, 0], [1, 0, 2])
    unknown = pair_clusters(np.array([0, 0, 2]), np.array([1, 2, 4]), people)
    assert (unknown.word, unknown.left.tolist(), unknown.right.tolist()) == ("faces", [0, 0, 2], [1, 2, 3])


def test_one_face_under_two_numbers_is_one_by_its_name():
    nobody = np.full(6, "", dtype=object)
    names = np.array(["x", "y", "x", "z", "x", "y"])
    of = pair_clusters(np.array([0, 2, 4]), np.array([1, 3, 5]), nobody, names)
    assert (of.word, of.left.tolist(), of.right.tolist()) == ("faces", [0, 0, 0], [1, 2, 1])


def test_pairs_of_which_nothing_recurs_stand_alone():
    people = np.array(["a", "b", "c", "d"], dtype=object)
    of = pair_clusters(np.array([0, 2]), np.array([1, 3]), people)
    assert (of.word, of.recur, of.count) == ("pairs", False, 2)
