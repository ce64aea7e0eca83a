"""Who trains and who validates, and on which pairs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facerep.errors import BadInput
from facerep.faces.crops import parse_crop
from facerep.faces.table import concatenate, make_faces
from facerep.files.pairs import PairList
from facerep.readers.cache import CutFaces
from facerep.training.lessons.recognition import Recognition
from facerep.training.people_split import Split, doubts, split_people
from facerep.training.recipe import DataChoice, Recipe


def table(people, split=None):
    names = [f"{number}.png" for number in range(len(people))]
    labels = {} if split is None else {"split": np.array(split, dtype=object)}
    return make_faces("folders", names, people, [Path(name) for name in names], labels=labels)


def test_no_person_trains_and_validates():
    faces = table([f"p{number // 5}" for number in range(100)])
    split = split_people(faces, DataChoice(), seed=0)
    assert not set(faces.people[split.train]) & set(faces.people[split.validation])
    assert len(split.train) + len(split.validation) == 100


def test_the_split_column_is_followed_and_the_rest_is_left_out():
    faces = table(["a", "a", "b", "b", "c", "c", "d", "d", "e"], ["train"] * 4 + ["dev"] * 4 + ["test"])
    split = split_people(faces, DataChoice(), seed=0)
    assert list(split.train) == [0, 1, 2, 3]
    assert list(split.validation) == [4, 5, 6, 7]


def test_a_split_column_without_people_to_validate_on_has_some_of_its_train_people_held_out():
    faces = table([f"p{number // 2}" for number in range(60)], ["train"] * 40 + ["test"] * 20)
    split = split_people(faces, DataChoice(), seed=0)
    assert split.by == "2 people held out by seed 0, of those whose split is train"
    assert sorted([*split.train, *split.validation]) == list(range(40))
    assert not set(faces.people[split.train]) & set(faces.people[split.validation])


def test_so_many_people_as_are_asked_for_train_and_fewer_are_part_of_more():
    faces = table([f"p{number // 3}" for number in range(90)] + ["v", "v", "w"], ["train"] * 90 + ["dev"] * 3)
    trained = {
        count: set(faces.people[split_people(faces, DataChoice(people=count), seed=0).train]) for count in (5, 12, 30)
    }
    assert {count: len(people) for count, people in trained.items()} == {5: 5, 12: 12, 30: 30}
    assert trained[5] < trained[12] < trained[30]
    assert trained[5] != set(faces.people[split_people(faces, DataChoice(people=5), seed=1).train])
    with pytest.raises(BadInput, match=r"31 people are asked for by data.people, 30 can be trained on"):
        split_people(faces, DataChoice(people=31), seed=0)


def test_people_with_too_few_pictures_do_not_train():
    faces = table(["a", "a", "b", "c", "c", "v", "v", "w"], ["train"] * 5 + ["validation"] * 3)
    assert list(split_people(faces, DataChoice(), seed=0).train) == [0, 1, 3, 4]


@pytest.mark.parametrize(
    ("people", "message"),
    [
        (["", ""], "no face has a known person"),
        (["a", "a", "a", "a"], "too few people: there is 1 person with 4 pictures"),
        (["a", "a", "b", "b", "c", ""], "too few people: there are 3 people with 5 pictures"),
        (["a", "b", "c", "d", "e", "f"], "too few people to train on: of 6 people, 0 have 2 pictures or more"),
        (["a", "a", "c", "d", "e", "f"], "too few people to train on: of 5 people, 1 has 2 pictures or more"),
    ],
)
def test_too_few_people_are_refused_with_the_counts_of_the_whole_set(people, message):
    with pytest.raises(BadInput, match=message):
        split_people(table(people), DataChoice(), seed=0)


def test_too_few_people_on_a_side_of_the_split_column_are_refused_with_what_the_column_gives():
    faces = table(["a", "a", "b", "b", "c", "c"], ["train"] * 2 + ["dev"] * 4)
    with pytest.raises(BadInput, match="too few people to train on by the data set's split column: 1 person of the 3"):
        split_people(faces, DataChoice(), seed=0)


def test_few_held_out_people_are_said_and_many_are_not():
    faces = table([f"p{number // 2}" for number in range(100)])
    ten, twenty = (Split(np.arange(60), np.arange(60, end), "by hand") for end in (80, 100))
    assert doubts(faces, ten) == ["the best epoch is chosen by only 10 held-out people: their accuracy says little"]
    assert doubts(faces, twenty) == []


def test_validation_needs_a_person_with_two_pictures():
    faces = table(["a", "a", "b", "b", "v", "w"], ["train"] * 4 + ["dev"] * 2)
    with pytest.raises(BadInput, match="no validation person has two pictures"):
        split_people(faces, DataChoice(), seed=0)


def test_validation_pairs_are_fixed_by_the_seed_and_half_of_them_genuine():
    faces = table([f"p{number // 10}" for number in range(200)])
    cut = CutFaces(faces, np.zeros((200, 1, 31, 31, 3), np.uint8), ())
    split = Split(np.arange(100), np.arange(100, 200), "by hand")
    held = CutFaces(faces.take(split.validation), np.zeros((100, 2, 31, 31, 3), np.uint8), ())
    recipes = [Recipe(data=DataChoice(validation_pairs=400), seed=seed) for seed in (1, 1, 2)]
    lessons = [Recognition(recipe, parse_crop("loose@31x31/1"), cut, held, split) for recipe in recipes]
    one, again, other = (lesson.judging.pairs for lesson in lessons)
    left, right, same = one
    people = faces.people[100:]
    assert (same.sum(), len(same)) == (200, 400)
    assert ((people[left] == people[right]) == same).all()
    assert (again[0] == left).all()
    assert not (other[0] == left).all()


def test_people_on_both_sides_and_faces_that_no_part_names_are_told():
    faces = table([*"aabbccdd", "a", "e"], ["train"] * 4 + ["dev"] * 4 + ["dev", ""])
    split = split_people(faces, DataChoice(), seed=0)
    few = "the best epoch is chosen by only {} held-out people: their accuracy says little"
    assert doubts(faces, split) == [
        "1 people both train and validate, such as a: held-out accuracy is too high",
        "1 faces of known people have no split: they are not used",
        few.format(3),
    ]
    sound = faces.take(np.arange(8))
    assert doubts(sound, split_people(sound, DataChoice(), seed=0)) == [few.format(2)]


def test_sets_put_together_keep_their_pair_lists_and_leave_unknown_what_is_unknown():
    first, second = (table(["a", "b"]), table(["c", "d"]))
    left, right = np.array(["0.png"], object), np.array(["1.png"], object)
    pairs = PairList(name="mine", left=left, right=right, same=np.array([False]), fold=np.zeros(1, int))
    first = replace(first, protocols={"mine": pairs}, labels={"yaw": np.array([0.5, 1.0])})
    second = replace(second, protocols={"other": pairs}, labels={"view": np.array(["left", "right"], object)})
    both = concatenate([first, second])
    assert list(both.names) == ["0.png", "1.png", "2:0.png", "2:1.png"]
    assert list(both.protocols) == ["mine"]
    assert np.isnan(both.labels["yaw"][2:]).all()
    assert list(both.labels["view"]) == ["", "", "left", "right"]


def test_columns_that_two_sets_read_as_different_kinds_become_text_and_a_name_made_twice_is_refused():
    first, second = table(["a", "b"]), table(["c", "d"])
    first = replace(first, labels={"age": np.array(["23", "31"], object), "Young": np.array([1, -1], np.int8)})
    second = replace(second, labels={"age": np.array([23.5, np.nan]), "Young": np.array(["1", "0"], object)})
    both = concatenate([first, second, table(["e"])])
    assert both.labels["age"].tolist() == ["23", "31", "23.5", "", ""]
    assert both.labels["Young"].tolist() == ["1", "-1", "1", "0", ""]
    assert list(both.where("age=23.5").names) == ["2:0.png"]
    assert list(replace(second, labels={"age": np.array([40.0, np.nan])}).where("age=40").names) == ["0.png"]
    named = make_faces("folders", ["0.png", "2:0.png"], ["a", "b"], [Path("0.png"), Path("2.png")])
    with pytest.raises(BadInput, match="face name '2:0.png' stands twice"):
        concatenate([named, table(["c"])])
