"""LFW trees: lists beside, above and inside; other endings; a picture missing."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from facerep.errors import BadInput
from facerep.readers.load import load

PEOPLE = {"Ana_Lee": 3, "Bo_Van-Dam": 2, "Cy": 1}
PAIRS = "1\t2\nAna_Lee\t1\t2\nBo_Van-Dam\t1\t2\nAna_Lee\t1\tCy\t1\nAna_Lee\t3\tBo_Van-Dam\t2\n"


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "top" / "lfw"
    for person, count in PEOPLE.items():
        (root / person).mkdir(parents=True)
        for number in range(1, count + 1):
            Image.new("RGB", (20, 20)).save(root / person / f"{person}_{number:04d}.png")
    return root


@pytest.mark.parametrize("place", [".", "..", "lists"])
def test_protocols_are_found_in_the_root_above_it_and_inside(tree, place):
    (tree / place).mkdir(exist_ok=True)
    (tree / place / "pairs.txt").write_text(PAIRS)
    (tree / place / "pairsDevTest.txt").write_text("1\nAna_Lee\t1\t3\nAna_Lee\t2\tCy\t1\n")
    faces = load(tree)
    assert faces.kind == "lfw"
    assert len(faces) == 6
    assert set(faces.protocols) == {"view2", "view1-test"}
    pairs = faces.protocols["view2"]
    assert pairs.name == "view2"
    assert pairs.left.tolist() == [
        "Ana_Lee/Ana_Lee_0001.png",
        "Bo_Van-Dam/Bo_Van-Dam_0001.png",
        "Ana_Lee/Ana_Lee_0001.png",
        "Ana_Lee/Ana_Lee_0003.png",
    ]
    assert pairs.right[3] == "Bo_Van-Dam/Bo_Van-Dam_0002.png"
    assert pairs.same.tolist() == [True, True, False, False]


def test_points_come_from_the_table_beside_whatever_the_ending(tree):
    header = "file," + ",".join(f"{axis}{number}" for number in range(1, 6) for axis in "xy") + ",source"
    (tree / "lfw_points.csv").write_text(f"{header}\nCy/Cy_0001.jpg,1,2,3,4,5,6,7,8,9,10,m\n")
    faces = load(tree)
    row = faces.names.tolist().index("Cy/Cy_0001.png")
    assert faces.points[row].tolist() == [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10]]
    assert np.isnan(faces.points[0]).all()


def test_a_folder_of_such_names_without_lists_or_lfw_sizes_is_just_folders(tree):
    assert load(tree).kind == "folders"
    assert load(tree, kind="lfw").kind == "lfw"


def test_lfw_is_known_by_its_size_where_there_are_no_lists(tree):
    Image.new("RGB", (250, 250)).save(tree / "Ana_Lee" / "Ana_Lee_0001.png")
    assert load(tree).kind == "lfw"


def test_a_list_whose_count_is_wrong_is_an_error(tree):
    (tree / "pairs.txt").write_text(PAIRS.replace("1\t2\n", "1\t3\n", 1))
    with pytest.raises(BadInput, match="has 4 pairs, its header says 1 x 3"):
        load(tree)


def test_the_real_lfw_has_all_its_pictures_points_and_pairs(data_root):
    faces = load(data_root / "lfw")
    assert (len(faces), faces.people_count) == (13_233, 5749)
    assert np.isfinite(faces.points).all()
    names = set(faces.names)
    sizes = {name: (len(pairs), int(pairs.same.sum()), pairs.folds) for name, pairs in faces.protocols.items()}
    assert sizes == {"view2": (6000, 3000, 10), "view1-train": (2200, 1100, 1), "view1-test": (1000, 500, 1)}
    for pairs in faces.protocols.values():
        assert names.issuperset(pairs.left)
        assert names.issuperset(pairs.right)
    view2 = faces.protocols["view2"]
    person = dict(zip(faces.names, faces.people, strict=True))
    assert all((person[a] == person[b]) == same for a, b, same in zip(view2.left, view2.right, view2.same, strict=True))
    assert [int(view2.same[view2.fold == fold].sum()) for fold in range(10)] == [300] * 10
