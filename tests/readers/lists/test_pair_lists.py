"""Forms of pair lists met in the wild."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from unicodedata import normalize

import pytest

from facerep.errors import BadInput
from facerep.readers.lists.pair_lists import read_pairs

NAMES = ["ana/1.png", "ana/2.png", "bo/1.png", "bo/x y.png"]


def read(tmp_path, text, names=NAMES):
    path = tmp_path / "mine.txt"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_pairs(path, names)


@pytest.mark.parametrize(
    "text",
    [
        "ana/1.png,ana/2.png,1\nana/1.png,bo/1.png,0\n",
        "left,right,same\nana/1.png,ana/2.png,True\nana/1.png,bo/1.png,False\n",
        "a\tb\tlabel\nana/1.png\tana/2.png\tsame\nana/1.png\tbo/1.png\tdifferent\n",
        "ana/1.png;ana/2.png;1\nana/1.png;bo/1.png;-1\n",
        "ana/1.png ana/2.png 1\nana/1.png bo/1.png 0\n",
        '\ufeff"ana/1.png","ana/2.png",1\r\n\r\nana/1.png,bo/1.png,0',
        "ana/1 ana/2.jpg 1\nANA/1.PNG sets/bo/1 0\n",
    ],
)
def test_plain_lists_with_any_delimiter_and_header(tmp_path, text):
    pairs = read(tmp_path, text)
    assert pairs.name == "mine"
    assert pairs.left.tolist() == ["ana/1.png", "ana/1.png"]
    assert pairs.right.tolist() == ["ana/2.png", "bo/1.png"]
    assert pairs.same.tolist() == [True, False]
    assert pairs.folds == 1


def test_a_fourth_column_is_the_fold_counted_from_the_smallest(tmp_path):
    pairs = read(tmp_path, "ana/1,ana/2,1,3\nana/1,bo/1,0,1\nana/2,bo/x y,0,3\n")
    assert pairs.fold.tolist() == [1, 0, 1]
    assert pairs.right[2] == "bo/x y.png"


def test_lfw_lines_without_a_header_are_told_from_plain_ones(tmp_path):
    names = ["Ana/Ana_0001.jpg", "Ana/Ana_0012.jpg", "Bo/Bo_0001.jpg"]
    pairs = read(tmp_path, "Ana\t1\t12\nAna\t12\tBo\t1\n", names)
    assert pairs.left.tolist() == ["Ana/Ana_0001.jpg", "Ana/Ana_0012.jpg"]
    assert pairs.right.tolist() == ["Ana/Ana_0012.jpg", "Bo/Bo_0001.jpg"]
    assert pairs.same.tolist() == [True, False]


def test_folds_follow_the_header_of_view_2(tmp_path):
    block = "Ana 1 2\nAna 1 Bo 1\n"
    assert read(tmp_path, "3 1\n" + 3 * block).fold.tolist() == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("listed", ["NFC", "NFD"])
@pytest.mark.parametrize("ending", [".png", ".JPG"])
def test_lfw_names_are_found_whatever_ending_and_unicode_form(tmp_path, listed, ending):
    names = [normalize("NFC", f"Zoë_Å/Zoë_Å_000{number}{ending}") for number in (1, 2)]
    pairs = read(tmp_path, normalize(listed, "1\nZoë_Å\t1\t2\nZoë_Å\t1\tBo\t7\n"), names)
    assert pairs.left.tolist() == [names[0]] * 2
    assert pairs.right.tolist() == [names[1], "Bo/Bo_0007.jpg"]  # absent: stays as written, for the study to count


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("ana/1,ana/2,1\nana/1,bo/1,perhaps\n", "line 2: 'perhaps'"),
        ("ana/1,ana/2,1\nana/1,bo/1\n", "line 2 has 2 columns"),
        ("ana/1,ana/2,1\nana/1,,0\n", "line 2 has an empty name"),
        ("ana/1,ana/2,1,0\nana/1,bo/1,0,x\n", "line 2: fold 'x'"),
        ("ana/1.png ana/2.png maybe\n", "line 1: 'maybe'"),
        ("2 1\nAna 1 2\nAna 1 Bo 1\nAna 1\nAna 1 Bo 1\n", "line 4 is neither"),
        ("2 2\nAna 1 2\nAna 1 Bo 1\n", "has 2 pairs, its header says 2 x 2"),
        ("", "no pairs"),
        ("left,right,same\n", "no pairs"),
        (b"ana\0", "zero bytes"),
        (b"\xff\xfe\x41", "not UTF-8"),
        ('ana/1,"ana/2,1\n', "malformed"),
    ],
)
def test_a_malformed_list_names_the_line(tmp_path, text, line):
    with pytest.raises(BadInput, match=line):
        read(tmp_path, text)


def test_a_name_that_fits_two_faces_is_refused(tmp_path):
    with pytest.raises(BadInput, match="'ana/1' fits 2 faces"):
        read(tmp_path, "ana/1,bo/1,0\n", ["ana/1.png", "ana/1.jpg", "bo/1.png"])


def test_the_same_name_twice_in_other_case_is_told_apart_by_case(tmp_path):
    pairs = read(tmp_path, "ana/1,Ana/1,0\n", ["ana/1.png", "Ana/1.png"])
    assert (pairs.left[0], pairs.right[0]) == ("ana/1.png", "Ana/1.png")


def test_faces_whose_names_are_numbers_are_not_taken_for_lfw(tmp_path):
    pairs = read(tmp_path, "17 23 1\n5 9 0\n", ["17.png", "23.png", "5.png", "9.png"])
    assert (pairs.left.tolist(), pairs.right.tolist()) == (["17.png", "5.png"], ["23.png", "9.png"])
    assert pairs.same.tolist() == [True, False]
    assert read(tmp_path, "17 23 1\n").left.tolist() == ["17/17_0023.jpg"]


def test_a_number_of_a_thousand_digits_is_no_number_of_a_picture(tmp_path):
    with pytest.raises(BadInput, match="line 1"):
        read(tmp_path, f"ana 1 {'9' * 5000}\n")


def test_a_name_is_looked_up_at_once_where_the_last_parts_of_all_names_are_alike(tmp_path):
    names = [f"person{face}/session/frontal/1.jpg" for face in range(20_000)]
    written = [f"person{face}/session/frontal/1" for face in range(20_000)]
    pairs = read(tmp_path, "".join(f"{left} sets/{left} 0\n" for left in written), names)
    assert pairs.left.tolist() == pairs.right.tolist() == names


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("s1/1", "train/s1/1.png"),
        ("all/train/s1/1.jpg", "train/s1/1.png"),
        ("test/s1/1", "test/s1/1"),  # other folders: another face
        ("1", "1"),  # one part alone is no name of a face in a folder
        ("solo", "solo.png"),
        ("x/solo", "x/solo"),
    ],
)
def test_one_side_may_have_folders_before_its_name_that_the_other_lacks(tmp_path, written, found):
    assert read(tmp_path, f"{written},solo,0\n", ["train/s1/1.png", "solo.png"]).left.tolist() == [found]


def test_a_list_comes_through_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "mine.txt")
    writer = threading.Thread(target=(tmp_path / "mine.txt").write_text, args=("3 4 1\n4 3 0\n",))
    writer.start()
    pairs = read_pairs(tmp_path / "mine.txt", ["3.png", "4.png"])
    writer.join()
    assert (pairs.left.tolist(), pairs.same.tolist()) == (["3.png", "4.png"], [True, False])


def test_a_device_is_no_list():
    with pytest.raises(BadInput, match="not an ordinary file: /dev/zero"):
        read_pairs(Path("/dev/zero"), NAMES)


def test_a_line_without_an_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("facerep.files.text.MOST_LINE", 64)
    with pytest.raises(BadInput, match="line 2 is longer than 64 bytes"):
        read(tmp_path, "ana/1 ana/2 1\n" + "a" * 100)


def test_lines_end_as_on_any_system(tmp_path):
    pairs = read(tmp_path, b"ana/1 ana/2 1\rana/1 bo/1 0\r\nana/2 bo/1 0")
    assert pairs.same.tolist() == [True, False, False]
