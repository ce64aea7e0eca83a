"""Data sets put together say which set a face is of."""

import numpy as np

from facerep.faces.table import concatenate, make_faces


def some(root: str, *names: str, **labels):
    return make_faces("folders", names, ["p"] * len(names), list(names), root=root, labels=labels)


def test_faces_of_several_data_sets_know_theirs_by_place_and_name():
    both = concatenate([some("one/lfw", "a", "b"), some("two/lfw", "c")])
    assert both.labels["set"].tolist() == ["1:lfw", "1:lfw", "2:lfw"]
    assert "set" not in concatenate([some("lfw", "a")]).labels


def test_a_column_set_of_one_of_them_is_left_as_it_is():
    told = some("x", "a", set=np.array(["pins"], dtype=object))
    assert concatenate([told, some("y", "b")]).labels["set"].tolist() == ["pins", ""]
