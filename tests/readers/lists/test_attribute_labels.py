"""Labels of attributes from columns, CelebA's list and tables; and what cannot be read is one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facerep.errors import BadInput, Usage
from facerep.readers.lists.attribute_labels import AttributeLabels, own_labels
from facerep.readers.lists.attribute_labels import read_labels as read_labels_of

FACES = ["img_align_celeba/000001.jpg", "img_align_celeba/000002.jpg", "img_align_celeba/000003.jpg"]
CELEBA = "3\nMale Smiling\n000003.jpg -1  1\n000001.jpg  1 -1\n000002.jpg 1 1\n"


def written(folder: Path, text: str, name: str = "labels.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read_labels(path: Path, faces: list[str], asked: list[str] | None, missing: str) -> AttributeLabels:
    """Of faces whose people are called after the last digit of their name."""
    people = np.array([Path(face).stem[-1] for face in faces], object)
    return read_labels_of(path, np.array(faces, object), people, asked, missing)


def test_celebas_list_is_read_in_the_order_of_the_faces(tmp_path: Path) -> None:
    found = read_labels(written(tmp_path, CELEBA, "list_attr_celeba.txt"), FACES, None, "stop")
    assert found.names == ("Male", "Smiling")
    assert found.values.tolist() == [[1, -1], [1, 1], [-1, 1]]


def test_a_table_may_say_no_by_0_and_unknown_by_nothing(tmp_path: Path) -> None:
    path = written(
        tmp_path, "split,file,glasses,Young,x1\ntest,000001,1,-1,3.5\ntest,000002,0,1,4.5\ntest,000003,,0,1\n"
    )
    found = read_labels(path, FACES, None, "stop")
    assert found.names == ("glasses", "Young")
    assert found.values.tolist() == [[1, -1], [-1, 1], [0, 0]]
    assert found.known.tolist() == [True, True, False]


def test_a_value_of_a_column_is_an_attribute(tmp_path: Path) -> None:
    path = written(tmp_path, "file,gender,pose\n000001,1,3\n000002,2,1\n000003,,2\n")
    found = read_labels(path, FACES, ["gender=1", "pose=3"], "stop")
    assert found.names == ("gender=1", "pose=3")
    assert found.values.tolist() == [[1, 1], [-1, -1], [0, -1]]


def test_own_columns_of_minus_1_and_1_are_attributes_and_others_only_when_asked_for() -> None:
    columns = {
        "Male": np.array([1, -1, 0], np.int8), "split": np.array(["train", "test", ""], object),
        "grey": np.array(["0", "1", "0"], object), "all_no": np.array([-1, -1, 0], np.int8),
    }  # fmt: skip
    found = own_labels(columns, None, "feats.h5")
    assert found.names == ("Male", "all_no")
    assert found.values.tolist() == [[1, -1], [-1, -1], [0, 0]]
    asked = own_labels(columns, ["grey", "split=train"], "feats.h5")
    assert asked.values.tolist() == [[-1, 1], [1, -1], [-1, 0]]


def test_faces_that_the_labels_miss_are_told_or_unknown(tmp_path: Path) -> None:
    path = written(tmp_path, "file,Male\n000001,1\n000003,-1\n")
    with pytest.raises(BadInput, match=r"labels miss 1 of 3 faces \(img_align_celeba/000002.jpg\)"):
        read_labels(path, FACES, None, "stop")
    assert read_labels(path, FACES, None, "count").values.tolist() == [[1], [0], [-1]]
    with pytest.raises(BadInput, match="name none of the 1 faces"):
        read_labels(path, ["other.jpg"], None, "count")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["Smilling"], "no attribute 'Smilling'.*did you mean Smiling?"),
        (["zzz"], "no attribute 'zzz'.*there are: Male, Smiling"),
        (["Male=2"], "column 'Male' never has the value '2'.*it has: -1, 1"),
    ],
)
def test_attributes_that_are_not_there_are_told_with_those_that_are(tmp_path: Path, asked, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read_labels(written(tmp_path, CELEBA), FACES, asked, "stop")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "labels have no rows"),
        ("file,Male\n", "labels have no rows"),
        ("file,Male\n000001,1,1\n000002,1\n", "line 2 has 3 columns, the header has 2"),
        ("file,Male\n000001,1\n000002\n", "line 3 has 1 columns, the header has 2"),
        ("2\n000001.jpg 2880\n000002.jpg 2937\n", "line 2 names a picture, the names of the attributes are wanted"),
        ("file,Male,Male\n000001,1,1\n", "a column stands twice"),
        ("file,Male\n000001,1\n000001.jpg,1\n", "stands in line 2 and again in line 3"),
        ("file,colour\n000001,red\n000002,red\n000003,blue\n", "no column of -1 and 1"),
    ],
)
def test_malformed_labels_are_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read_labels(written(tmp_path, text), FACES, None, "stop")


def test_a_bare_name_that_two_folders_have_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "file,Male\n1.png,1\n")
    with pytest.raises(BadInput, match="name '1.png' fits 2 faces"):
        read_labels(path, ["a/1.png", "b/1.png"], None, "count")
    path = written(tmp_path, "file,Male\nset/a/1.jpg,1\nset/b/1.jpg,-1\n")
    assert read_labels(path, ["a/1.png", "b/1.png"], None, "stop").values.tolist() == [[1], [-1]]


def test_a_column_of_words_wants_a_value_and_no_attribute_twice() -> None:
    columns = {"sex": np.array(["f", "m"], object)}
    with pytest.raises(BadInput, match="'sex' is not one of -1 and 1.*--attributes sex=VALUE"):
        own_labels(columns, ["sex"], "feats.h5")
    with pytest.raises(Usage, match="'sex=f' is asked for twice"):
        own_labels(columns, ["sex=f", "sex=f"], "feats.h5")
    with pytest.raises(BadInput, match="no attributes among the labels of the faces.*--labels"):
        own_labels(columns, None, "feats.h5")


def test_a_table_of_people_answers_for_all_their_faces(tmp_path: Path) -> None:
    path = written(tmp_path, "person,images,gender\n1,9,f\n3,9,m\n")
    faces = ["a/1.png", "b/3.png", "c/1.png"]
    found = read_labels(path, faces, ["Gender=f"], "stop")
    assert (found.names, found.values.tolist()) == (("gender=f",), [[1], [-1], [1]])
    with pytest.raises(BadInput, match=r"labels miss the people of 1 of 2 faces \(b/2.png\)"):
        read_labels(path, ["a/1.png", "b/2.png"], ["gender=f"], "stop")
    assert read_labels(path, ["a/1.png", "b/2.png"], ["gender=f"], "count").values.tolist() == [[1], [0]]
