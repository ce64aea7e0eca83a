"""Splits by a column or by people, people that splits share, and attributes that cannot be judged."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from facerep.errors import BadInput
from facerep.files.people import hashes
from facerep.networks.weights import BUNDLED, load_model
from facerep.readers.hash_splits import by_share
from facerep.studies.attributes.labelling import AttributeChoice, label_faces
from facerep.studies.attributes.splits import seen_by_network, split_faces


def named(*people: str) -> tuple[np.ndarray, np.ndarray]:
    return np.array([f"{row}.png" for row in range(len(people))], object), np.array(people, object)


PEOPLE = [f"celeba:{number}" for number in range(200)]
CELEBA = [f"celeba:{number}" for number in range(1, 10_178)]
"""Everybody in CelebA."""


@dataclass
class Faces:
    names: np.ndarray
    people: np.ndarray
    labels: dict[str, np.ndarray] = field(default_factory=dict)


def test_people_are_split_by_their_hash_alone() -> None:
    names, people = named(*PEOPLE, *PEOPLE)
    found = split_faces(names, people, {}, np.ones(400, bool), None, "feats.h5")
    assert {by_share(person) for person in people[found.test]} == {"test"}
    assert {by_share(person) for person in people[found.validation]} == {"validation"}
    assert len(found.train) + len(found.validation) + len(found.test) == 400
    assert (found.shared, found.notes) == (0, ())
    assert 0.5 < found.people["train"] / 200 < 0.7


def test_a_column_splits_and_people_in_two_parts_are_counted() -> None:
    names, people = named("a", "b", "c", "a", "d", "c")
    column = np.array(["train", "train", "val", "test", "test", "other"], object)
    found = split_faces(names, people, {"fold": column}, np.ones(6, bool), "fold", "feats.h5")
    assert [found.train.tolist(), found.validation.tolist(), found.test.tolist()] == [[0, 1], [2], [3, 4]]
    assert found.shared == 1
    assert found.notes == ("1 of 2 test people are also in train or validation",)


def test_a_column_that_is_the_hash_of_the_person_is_told_to_be_it() -> None:
    names, people = named(*PEOPLE)
    column = np.array([by_share(person) for person in PEOPLE], object)
    found = split_faces(names, people, {"split": column}, np.ones(200, bool), None, "feats.h5")
    assert found.by == "the column split (a hash of the person, 60/20/20)"
    column[0] = "test" if column[0] == "train" else "train"
    found = split_faces(names, people, {"split": column}, np.ones(200, bool), None, "feats.h5")
    assert found.by == "the column split"


def test_without_a_validation_part_a_fifth_of_the_training_people_validates() -> None:
    names, people = named(*PEOPLE[:100], *PEOPLE[:100], "x", "y")
    column = np.array(["train"] * 200 + ["test"] * 2, object)
    found = split_faces(names, people, {"split": column}, np.ones(202, bool), None, "feats.h5")
    assert (len(found.train), len(found.validation)) == (160, 40)
    assert not set(people[found.train]) & set(people[found.validation])
    assert "a fifth of train validates" in found.by
    unknown = split_faces(names, np.full(202, "", object), {"split": column}, np.ones(202, bool), None, "feats.h5")
    assert (len(unknown.train), len(unknown.validation)) == (160, 40)
    assert "people of some faces are unknown" in unknown.notes[0]


@pytest.mark.parametrize(
    ("split_by", "said"),
    [
        ("people", "no face has a known person.*--split-by"),
        (None, "no face has a known person"),
        ("view", "no column 'view' to split by.*there are: people, side"),
        ("side", r"column 'side' has no train or no test \(left, right\).*--split-by people"),
    ],
)
def test_features_that_cannot_be_split_are_one_line(split_by: str | None, said: str) -> None:
    names, people = named("", "", "", "")
    columns = {"side": np.array(["left", "right", "left", "right"], object)}
    with pytest.raises(BadInput, match=said):
        split_faces(names, people, columns, np.ones(4, bool), split_by, "feats.h5")


def test_too_few_people_leave_a_part_empty() -> None:
    names, people = named("celeba:1", "celeba:1")
    with pytest.raises(BadInput, match="no labelled face is in the part"):
        split_faces(names, people, {}, np.ones(2, bool), None, "feats.h5")


def test_attributes_with_one_answer_in_a_part_are_left_out_by_name() -> None:
    names, people = named(*"abcdef")
    labels = {
        "split": np.array(["train", "train", "val", "val", "test", "test"], object),
        "good": np.array([1, -1, 1, -1, 1, -1], np.int8),
        "never": np.array([-1, -1, -1, -1, -1, -1], np.int8),
        "not_in_test": np.array([1, -1, 1, -1, -1, -1], np.int8),
    }
    found = label_faces(Faces(names, people, labels), AttributeChoice(), "feats.h5")
    assert found.names == ("good",)
    assert found.left_out == (("never", "no yes in train"), ("not_in_test", "no yes in test"))
    assert found.notes == (
        "2 of 3 attributes are left out: never (no yes in train); not_in_test (no yes in test)",
    )  # fmt: skip
    with pytest.raises(BadInput, match=r"no attribute has both answers in each part \(never: no yes in train\)"):
        label_faces(Faces(names, people, labels), AttributeChoice(attributes=("never",)), "feats.h5")


def test_faces_without_a_label_take_no_part_and_are_counted() -> None:
    names, people = named(*"abcdefg")
    labels = {
        "split": np.array(["train", "train", "val", "val", "test", "test", "test"], object),
        "good": np.array([1, -1, 1, -1, 1, -1, 0], np.int8),
    }
    found = label_faces(Faces(names, people, labels), AttributeChoice(), "feats.h5")
    assert found.splits.test.tolist() == [4, 5]
    assert found.notes == ("1 of 7 faces have no label and take no part",)


def test_test_people_that_the_network_saw_are_counted(tmp_path) -> None:
    (tmp_path / "people.txt").write_text("ana\nbo\n", encoding="utf-8")
    people = np.array(["ana", "ana", "cy", ""], object)
    assert seen_by_network(people, None, tmp_path).people == 1
    assert seen_by_network(people, hashes(["cy", "dee"]), tmp_path / "people.txt").people == 1
    assert seen_by_network(people, hashes(["cy", "dee", "ana"]), None).people == 2
    assert seen_by_network(people, None, None).people is None
    with pytest.raises(BadInput, match="list of training people cannot be read"):
        seen_by_network(people, None, tmp_path / "absent")


@pytest.mark.skipif(not BUNDLED.exists(), reason="this build has no bundled weights")
def test_the_bundled_network_knows_its_people_and_saw_none_of_celebas_but_those_who_train() -> None:
    known = load_model(None).trained_people
    assert known is not None
    assert len(known) == load_model(None).card["people"] == 1156
    held_out = np.array([person for person in CELEBA if by_share(person) != "train"], object)
    found = seen_by_network(held_out, known, None).people
    assert found == 0
    assert seen_by_network(np.array(["bolly:aftab_shivdasani", "somebody else"], object), known, None).people == 1
