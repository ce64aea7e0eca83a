"""Rates of attributes: counts by hand, intervals that see who is whose, and paired differences."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from facerep.metrics.clusters import Clusters
from facerep.metrics.influence import difference
from facerep.studies.attributes.labelling import Labelling
from facerep.studies.attributes.result import AttributeAnswers, AttributeResult, groups_of, judge, means
from facerep.studies.attributes.splits import SeenPeople, Splits


def judged(
    scores: np.ndarray, labels: np.ndarray, people: np.ndarray, train: np.ndarray | None = None
) -> AttributeResult:
    """The test faces judged; `train` are the answers of the training faces, by default those of the test faces."""
    train = labels if train is None else train
    n, attributes = len(labels), tuple(f"a{place}" for place in range(labels.shape[1]))
    rows = np.arange(len(train)), np.zeros(0, int), np.arange(len(train), len(train) + n)
    splits = Splits(*rows, "a test", {"train": 0, "validation": 0, "test": 0}, 0)
    labelling = Labelling(attributes, np.concatenate([train, labels]), splits, (), "a test", ())
    faces = np.array([f"{row}.png" for row in range(n)], object)
    answers = AttributeAnswers(faces, people, attributes, scores, labels)
    seen = SeenPeople("", None)
    return judge(answers, labelling, [0.1] * len(attributes), kind="features", system="s", features={}, seen=seen)


def drawn(people: int, pictures: int, attributes: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores, labels and people; hits are alike within a person."""
    draw = np.random.default_rng(seed)
    labels = np.where(draw.random((people * pictures, attributes)) < 0.4, 1, -1).astype(np.int8)
    good = np.repeat(draw.random((people, attributes)) < 0.8, pictures, axis=0)
    who = np.repeat([f"p{person}" for person in range(people)], pictures).astype(object)
    return np.where(good, labels, -labels).astype(float), labels, who


def test_counts_are_those_of_a_hand() -> None:
    labels = np.array([[1, 1], [1, -1], [-1, -1], [-1, 0], [-1, 1]], np.int8)
    scores = np.array([[2.0, -1.0], [-1.0, -1.0], [-1.0, -2.0], [1.0, 9.0], [0.0, 1.0]])
    people = np.array(["a", "b", "c", "d", "e"], object)
    first, second = judged(scores, labels, people).rows
    assert (first.accuracy.count, first.accuracy.of) == (3, 5)
    assert (first.yes.count, first.yes.of, first.no.count, first.no.of) == (1, 2, 2, 3)
    assert first.balanced.value == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert (second.accuracy.count, second.accuracy.of) == (3, 4)  # one label is unknown
    assert (first.guess, first.majority.count) == ("no", 3)
    assert first.accuracy.interval == "Clopper-Pearson"


def test_the_majority_guess_is_that_of_the_training_faces() -> None:
    labels = np.array([[1], [1], [-1]], np.int8)
    found = judged(
        labels.astype(float), labels, np.array(list("abc"), object), train=np.array([[-1], [-1], [1]], np.int8)
    )
    assert (found.rows[0].guess, found.rows[0].majority.count) == ("no", 1)
    assert found.gain.value == pytest.approx(1 - 1 / 3)


def test_means_are_those_of_scikit_learn_and_of_a_loop() -> None:
    scores, labels, people = drawn(40, 3, 6, seed=1)
    found = judged(scores, labels, people)
    balanced = [balanced_accuracy_score(labels[:, k], np.where(scores[:, k] > 0, 1, -1)) for k in range(6)]
    assert [row.balanced.value for row in found.rows] == pytest.approx(balanced)
    assert found.balanced.value == pytest.approx(np.mean(balanced))
    assert found.accuracy.value == pytest.approx(np.mean([row.accuracy.value for row in found.rows]))


def test_intervals_widen_where_one_person_has_many_faces() -> None:
    scores, labels, people = drawn(60, 5, 4, seed=2)
    together, apart = (
        judged(scores, labels, people),
        judged(scores, labels, np.array([f"{i}" for i in range(300)], object)),
    )
    assert together.accuracy.value == apart.accuracy.value
    for of_people, of_faces in ((together.accuracy, apart.accuracy), (together.balanced, apart.balanced)):
        assert of_people.high - of_people.low > 1.5 * (of_faces.high - of_faces.low)
    assert "shared people" in together.accuracy.interval


def test_the_interval_of_a_mean_holds_the_truth_as_often_as_it_says() -> None:
    held = 0
    for seed in range(300):
        scores, labels, people = drawn(60, 3, 4, seed)
        hits = np.where(scores > 0, 1, -1) == labels
        codes = np.unique(people.astype(str), return_inverse=True)[1]
        accuracy, _ = means(hits, labels, Clusters(codes, codes, "people"))
        held += accuracy.low <= 0.8 <= accuracy.high
    assert 0.91 <= held / 300 <= 0.985


def test_a_difference_is_paired_by_person() -> None:
    scores, labels, people = drawn(80, 3, 5, seed=3)
    codes = np.unique(people.astype(str), return_inverse=True)[1]
    of = Clusters(codes, codes, "people")
    hits = np.where(scores > 0, 1, -1) == labels
    better = hits | (np.random.default_rng(0).random(hits.shape) < 0.1)
    found = difference(hits, better, groups_of(labels), of)
    assert found.value == pytest.approx(better.mean() - hits.mean())
    assert found.significant
    first, second = means(hits, labels, of)[0], means(better, labels, of)[0]
    assert found.high - found.low < (first.high - first.low + second.high - second.low) / 2
    none = difference(hits, hits, groups_of(labels), of)
    assert (none.value, none.low, none.high, none.significant) == (0, 0, 0, False)


def test_everything_right_has_an_interval_below_one() -> None:
    _, labels, people = drawn(30, 2, 3, seed=4)
    found = judged(labels.astype(float), labels, people)
    assert found.accuracy.value == found.balanced.value == found.rows[0].balanced.value == 1
    assert max(found.accuracy.low, found.balanced.low, found.rows[0].balanced.low) < 1


def test_unknown_people_make_every_face_its_own_unit() -> None:
    scores, labels, people = drawn(20, 3, 2, seed=5)
    people[0] = ""
    assert judged(scores, labels, people).rows[0].accuracy.interval == "Clopper-Pearson"
