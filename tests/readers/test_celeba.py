"""CelebA's lists in the forms that are passed around."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from facerep.errors import BadInput
from facerep.readers.hash_splits import by_share
from facerep.readers.load import load

PEOPLE = {"000001": "2880", "000002": "17", "000003": "2880"}


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "celeba"
    (root / "img_align_celeba").mkdir(parents=True)
    for name in PEOPLE:
        Image.new("RGB", (89, 109)).save(root / "img_align_celeba" / f"{name}.jpg")
    lines = [f"{name}.jpg {person}" for name, person in {**PEOPLE, "000009": "5"}.items()]
    (root / "identity_CelebA.txt").write_text("\n".join(lines) + "\n")
    return root


def test_people_partition_and_split(root):
    (root / "list_eval_partition.txt").write_text("000001.jpg 0\r\n000002.jpg 1\r\n000003.jpg 2\r\n")
    faces = load(root)
    assert faces.kind == "celeba"
    assert faces.names.tolist() == [f"img_align_celeba/{name}.jpg" for name in PEOPLE]
    assert faces.people.tolist() == ["celeba:2880", "celeba:17", "celeba:2880"]
    assert faces.labels["partition"].tolist() == ["train", "validation", "test"]
    assert faces.labels["split"].tolist() == [by_share(person) for person in faces.people]
    assert any("1 listed pictures are not on disk" in note for note in faces.notes)


HEADER = "Bald Male"
ROWS = [("000001", -1, 1), ("000002", 1, -1), ("000003", -1, -1)]


@pytest.mark.parametrize(
    "text",
    [
        "3\n" + HEADER + " \n" + "".join(f"{name}.jpg  {a}  {b}\n" for name, a, b in ROWS),
        ("3\n" + HEADER + "\n" + "".join(f"{name}.jpg {a:2d} {b:2d}\n" for name, a, b in ROWS)).replace("\n", "\r\n"),
        "image_id,Bald,Male\n" + "".join(f"{name}.jpg,{a},{b}\n" for name, a, b in ROWS),
    ],
)
def test_attributes_in_every_form(root, text):
    suffix = "csv" if "," in text else "txt"
    (root / f"list_attr_celeba.{suffix}").write_bytes(text.encode())
    labels = load(root).labels
    assert labels["Bald"].dtype == np.int8
    assert labels["Bald"].tolist() == [-1, 1, -1]
    assert labels["Male"].tolist() == [1, -1, -1]


def test_attributes_without_a_header_have_celebas_own_names_and_unlisted_ones_are_unknown(root):
    (root / "list_attr_celeba.txt").write_text("000001.jpg" + " -1" * 39 + " 1\n")
    labels = load(root).labels
    assert labels["Young"].tolist() == [1, 0, 0]
    assert labels["5_o_Clock_Shadow"].tolist() == [-1, 0, 0]


def test_points_are_taken_unless_they_are_for_pictures_of_another_size(root):
    def write(scale):
        rows = [
            f"{name}.jpg " + " ".join(str(scale * v) for v in (34, 56, 54, 56, 44, 68, 36, 76, 53, 76))
            for name in PEOPLE
        ]
        parts = ("lefteye", "righteye", "nose", "leftmouth", "rightmouth")
        header = " ".join(f"{part}_{axis}" for part in parts for axis in "xy")
        (root / "list_landmarks_align_celeba.txt").write_text("\n".join(["3", header, *rows]))

    write(1)
    assert load(root).points[2].tolist() == [[34, 56], [54, 56], [44, 68], [36, 76], [53, 76]]
    write(2)
    faces = load(root)
    assert np.isnan(faces.points).all()
    assert any("another size" in note for note in faces.notes)


def test_boxes_are_corners_and_belong_to_the_uncropped_pictures(root):
    (root / "list_bbox_celeba.txt").write_text("3\nimage_id x_1 y_1 width height\n000001.jpg 95 71 226 313\n")
    assert np.isnan(load(root).boxes).all()
    (root / "img_align_celeba").rename(root / "img_celeba")
    assert load(root).boxes[0].tolist() == [95, 71, 321, 384]


def test_a_table_beside_the_folder_does_not_change_who_trains_and_who_is_tested(root):
    alone = load(root).labels["split"].tolist()
    lines = "".join(f"a.png,celeba:{number},dev\n" for number in PEOPLE.values())
    (root.parent / "faces.csv").write_text("path,person,split\n" + lines)
    assert load(root).labels["split"].tolist() == alone


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [
        ("identity_CelebA.txt", "000001.jpg 2880\n000002.jpg x\n", "line 2 is not a picture and a whole number"),
        ("identity_CelebA.txt", "000001.jpg 2880\n000002.jpg\n", "line 2 has 1 columns"),
        ("list_attr_celeba.txt", "1\nBald Male\n000001.jpg 1 7\n", "line 3 does not hold 2 attributes"),
        ("list_eval_partition.txt", "000001.jpg 4\n", "partition 4"),
        ("list_landmarks_align_celeba.txt", "000001.jpg 1 2 3\n", "line 1 does not hold 10 numbers"),
    ],
)
def test_a_malformed_list_names_file_and_line(root, file, text, line):
    (root / file).write_text(text)
    with pytest.raises(BadInput, match=line) as caught:
        load(root)
    assert file in str(caught.value)


def test_shares_of_people_are_60_20_20_and_do_not_depend_on_the_set():
    sides = [by_share(f"celeba:{number}") for number in range(10_000)]
    for side, share in (("train", 0.6), ("validation", 0.2), ("test", 0.2)):
        assert abs(sides.count(side) / 10_000 - share) < 0.02  # four standard errors
    # worked by hand: sha256("celeba:2880") begins with the bytes below
    import hashlib

    first = hashlib.sha256(b"celeba:2880").digest()[0]
    assert by_share("celeba:2880") == ("train" if first < 153 else "validation" if first < 204 else "test")


def test_the_real_celeba_and_the_training_table_agree_about_every_person(data_root):
    one, other = load(data_root / "celeba"), load(data_root / "train_faces.csv")
    assert (len(one), one.people_count) == (10_016, 5336)
    assert int((one.labels["Male"] == 1).sum()) == 4200
    assert int(np.isfinite(one.points).all(axis=(1, 2)).sum()) == 10_008
    here = dict(zip(one.people, one.labels["split"], strict=True))
    there = dict(zip(other.people, other.labels["split"], strict=True))
    both = here.keys() & there.keys()
    assert len(both) > 100
    # whom the table itself holds out stays held out; all others are on one side everywhere
    assert {there[person] for person in both if here[person] != there[person]} <= {"validation"}
    assert sum(here[person] != there[person] for person in both) < 10
