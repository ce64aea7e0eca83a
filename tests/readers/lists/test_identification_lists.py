"""Lists of gallery and probe faces, and the BLUFR lists."""

from __future__ import annotations

from unicodedata import normalize

import numpy as np
import pytest

from facerep.errors import BadInput
from facerep.readers.lists.blufr import read_blufr
from facerep.readers.lists.identification_lists import KNOWN, UNKNOWN, UNSTATED, read_lists

NAMES = ["ana/1.png", "ana/2.png", "bo/1.png", "bo/2.png", "cy/1.png"]
BLUFR = "file,label,dev,trials\nana/1.png,1,-,GT\nana/2.png,1,T,PT\nbo/1.png,2,E,PG\nbo/2.png,2,-,TP\ncy/1.png,3,-,TP\n"


def write(tmp_path, text):
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return path


def read(tmp_path, text):
    return read_lists(write(tmp_path, text), NAMES)


def test_each_column_of_roles_is_a_list(tmp_path):
    rows = ("ana/1.png,gallery,gallery,x", "ana/2.png,probe,genuine,y", "bo/1.png,,impostor,", "cy/1.png,-,unknown,z")
    one, two = read(tmp_path, "file,first,Second,remark\n" + "\n".join(rows) + "\n")
    assert (one.file, one.name, one.trial, one.title) == ("mine.csv", "first", 0, "'first'")
    assert one.gallery.tolist() == ["ana/1.png"]
    assert one.probes.tolist() == ["ana/2.png"]
    assert one.known.tolist() == [UNSTATED]
    assert set(one.gallery_people) == {""}
    assert two.name == "second"
    assert two.probes.tolist() == ["ana/2.png", "bo/1.png", "cy/1.png"]
    assert two.known.tolist() == [KNOWN, UNKNOWN, UNKNOWN]


@pytest.mark.parametrize("column", ["person", "identity"])
def test_a_list_may_say_who_is_who_and_names_are_found_as_in_pair_lists(tmp_path, column):
    text = f"{column};path;set\nA;ANA/1;Gallery\nA;sets/ana/2.jpg;probe\nC;gone/9.png;probe\n"
    (found,) = read(tmp_path, text)
    assert found.gallery.tolist() == ["ana/1.png"]
    assert found.probes.tolist() == ["ana/2.png", "gone/9.png"]
    assert found.probe_people.tolist() == ["A", "C"]


def test_a_closed_and_an_open_set_make_a_third_list_with_several_pictures_a_person(tmp_path):
    rows = [
        "ana/1.png,gallery,gallery",
        "ana/2.png,probe,genuine",
        "ana/3.png,probe,",
        "bo/1.png,gallery,impostor",
        "cy/1.png,,impostor",
    ]
    closed, opened, multi = read(tmp_path, "file,closed,open\n" + "\n".join(rows) + "\n")
    assert (closed.name, opened.name, multi.name) == ("closed", "open", "open-multi-image")
    assert multi.gallery.tolist() == ["ana/2.png", "ana/3.png"]
    assert multi.probes.tolist() == ["ana/1.png", "bo/1.png", "cy/1.png"]
    assert multi.known.tolist() == [KNOWN, UNKNOWN, UNKNOWN]
    assert "gallery: the probes of `closed`" in multi.note


def test_blufr_lists_give_one_list_a_trial_with_the_people_of_the_list(tmp_path):
    first, second = read(tmp_path, BLUFR)
    assert (first.name, first.trial, first.title) == ("mine", 1, "'mine', trial 1")
    assert first.gallery.tolist() == ["ana/1.png"]
    assert first.gallery_people.tolist() == ["1"]
    assert first.probes.tolist() == ["ana/2.png", "bo/1.png"]
    assert first.known.tolist() == [KNOWN, UNKNOWN]
    assert second.trial == 2
    assert second.probes.tolist() == ["bo/2.png", "cy/1.png"]
    assert second.known.tolist() == [KNOWN, UNKNOWN]


def test_the_rows_of_a_blufr_trial_are_its_test_set_unless_roles_are_named(tmp_path):
    lists = read_blufr(write(tmp_path, BLUFR), NAMES)
    assert lists.trials == 2
    assert lists.people.tolist() == ["1", "1", "2", "2", "3"]
    assert lists.dev.tolist() == ["-", "T", "E", "-", "-"]
    assert lists.rows(0).tolist() == [0, 1, 2]
    assert lists.rows(1, "T").tolist() == [0, 1]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "the first line is not a header"),
        ("file,role\n", "list has a header and no rows"),
        ("file,role,role\na,gallery,\n", "the first line is not a header"),
        ("file,role\na,gallery,1\n", "line 2 has 3 cells, the header has 2"),
        ("picture,role\na,gallery\n", "list has no column file, it has picture, role"),
        ("file,role\n,gallery\n", "line 2 names no file"),
        ("file,role\nana/1.png,gallery\nana/1.jpg,probe\n", "face 'ana/1.png' stands in line 2 and again in line 3"),
        ("file,role\nana/1.png,gallery\nbo/1.png,prob\n", "line 3: 'prob' in column role is not gallery, probe"),
        ("file,age\nana/1.png,3\n", "no column says who is gallery and who is probe"),
        ("file,role\nana/1.png,gallery\n", "list 'role' has 1 gallery faces and 0 probes"),
        ("file,role\nana/1.png,genuine\n", "list 'role' has 0 gallery faces and 1 probes"),
        ("file,label,trials\na,1,G\n", "BLUFR list lacks the column dev"),
        (BLUFR.replace("ana/2.png,1,T,PT", "ana/2.png,,T,PT"), "line 3 has no label"),
        (BLUFR.replace("ana/2.png,1,T,PT", "ana/2.png,1,X,PT"), "line 3: dev is 'X', wanted T, E or -"),
        (BLUFR.replace("ana/2.png,1,T,PT", "ana/2.png,1,T,P"), "line 3 has 1 trials, the first has 2"),
        (BLUFR.replace("ana/2.png,1,T,PT", "ana/2.png,1,T,Pt"), "line 3: 't' is no role in a trial"),
        (BLUFR.replace("GT", "PT"), "trial 1 has no face with role G"),
    ],
)
def test_what_is_wrong_with_a_list_is_said_in_one_line_with_its_place(tmp_path, text, line):
    with pytest.raises(BadInput) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(line)
    assert "mine.csv" in str(caught.value)


def test_the_real_lists_of_lfw_have_the_published_sizes(data_root):
    names = [str(path.relative_to(data_root / "lfw")) for path in (data_root / "lfw").glob("*/*.jpg")]
    closed, opened, multi = read_lists(data_root / "lfw" / "identification_constructed.csv", names)
    assert (len(closed.gallery), len(closed.probes)) == (4249, 3143)
    assert (len(opened.gallery), np.sum(opened.known == KNOWN), np.sum(opened.known == UNKNOWN)) == (596, 596, 9494)
    assert (len(multi.gallery), np.sum(multi.known == KNOWN), np.sum(multi.known == UNKNOWN)) == (3143, 596, 9494)
    trials = read_lists(data_root / "lfw" / "blufr.csv", names)
    assert [trial.trial for trial in trials] == list(range(1, 11))
    assert {len(trial.gallery) for trial in trials} == {1000}
    assert round(np.mean([len(trial.gallery) + len(trial.probes) for trial in trials])) == 9708
    assert {name for trial in trials for name in trial.probes} <= set(names)


def test_a_person_written_in_two_unicode_forms_is_one(tmp_path):
    text = f"person,file,set\n{normalize('NFD', 'José')},ana/1,gallery\n{normalize('NFC', 'José')},ana/2,probe\n"
    (found,) = read(tmp_path, text)
    assert found.gallery_people.tolist() == found.probe_people.tolist() == ["José"]
