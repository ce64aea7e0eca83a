"""Rendered sets are read as they were written; what is wrong with one is one line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from facerep.errors import BadInput, Mismatch
from facerep.faces.crops import Crop, choose_preset
from facerep.faces.decode import decode
from facerep.readers.decode_many import pictures
from facerep.readers.load import kind_of_data_set, load
from facerep.rendering.assets import read_assets, write_assets
from facerep.rendering.render import render_set
from facerep.rendering.set_files import COLUMNS
from facerep.rendering.shard import render
from tiny_head import tiny_head


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """A set of two people; not to be changed."""
    place = tmp_path_factory.mktemp("set")
    write_assets(place / "head.npz", tiny_head())
    render_set(place / "rendered", place / "head.npz", people=2, seed=0, size=32, workers=0)
    return place / "rendered"


@pytest.fixture
def folder(whole, tmp_path) -> Path:
    """The test's own copy of it."""
    return Path(shutil.copytree(whole, tmp_path / "rendered"))


def test_all_that_was_rendered_is_there(whole):
    faces = load(whole)
    head = read_assets(whole.parent / "head.npz")
    assert (faces.kind, len(faces), faces.people_count) == ("rendered", 720, 2)
    for row, (line, picture) in enumerate(render(head, 0, 1, 32)):
        told = dict(zip(COLUMNS, map(str, line), strict=True))
        assert (faces.names[row], faces.people[row]) == (told["name"], told["person"])
        for label in ("split", "view", "light", "expression", "sex", "age", "skin"):
            assert faces.labels[label][row] == told[label]
        np.testing.assert_allclose(faces.points[row].ravel(), [float(cell) for cell in line[9:19]], atol=1e-4)
        np.testing.assert_allclose(faces.boxes[row], [float(cell) for cell in line[19:]], atol=1e-4)
        np.testing.assert_array_equal(decode(faces.paths[row])[:, :, 0], picture)


def test_labels_are_text_and_choose_rows(whole):
    faces = load(whole)
    frontal = faces.where("view=0").where("light=7").where("expression=neutral")
    assert frontal.names.tolist() == ["001_01_01_051_07", "002_01_01_051_07"]
    assert set(faces.labels["view"]) == {str(view) for view in range(-60, 61, 15)}


def test_the_picture_is_the_crop(whole):
    faces = load(whole)
    preset = choose_preset(faces.kind, faces.marks)
    assert preset.name == "whole"
    few = faces.take(np.arange(0, 720, 90))
    for row, crop in pictures(few, Crop(preset, 32, 32).cut, workers=0):
        np.testing.assert_array_equal(crop, decode(few.paths[row]))


def test_points_fit_the_preset_of_points(whole):
    faces = load(whole).where("view=0")
    crops = [answer for _, answer in pictures(faces, Crop(choose_preset("table", faces.marks), 32, 32).cut, workers=0)]
    assert not [answer for answer in crops if isinstance(answer, str)]


def edit(folder: Path, **changes: object) -> None:
    about = json.loads((folder / "rendered.json").read_text())
    (folder / "rendered.json").write_text(json.dumps({**about, **changes}))


def test_an_incomplete_set_says_how_far_it_is(folder):
    edit(folder, complete=False)
    (folder / "002.tar").unlink()
    with pytest.raises(BadInput, match=r"not complete: 1 of 2 people: .*; give the same command with --resume"):
        load(folder)


@pytest.mark.parametrize("changes", [{"recipe": 99}, {"version": 2}])
def test_a_set_of_another_version_is_refused(folder, changes):
    edit(folder, **changes)
    with pytest.raises(Mismatch, match=r"of version .*, this facerep takes 1\.1: .*; render it again"):
        load(folder)


def test_an_absent_or_changed_shard_is_named(folder):
    shard = folder / "002.tar"
    held = shard.read_bytes()
    shard.write_bytes(held + b"more")
    with pytest.raises(BadInput, match=r"was changed: .* bytes, .* were written: .*002.tar; .*--resume"):
        load(folder)
    shard.unlink()
    with pytest.raises(BadInput, match=r"lacks a file: .*002.tar; .*--resume"):
        load(folder)


def test_a_picture_that_was_changed_in_place_cannot_be_read(folder):
    faces = load(folder)
    place = faces.paths[500]
    (start, size) = place.spans[0]
    held = bytearray(place.file.read_bytes())
    held[start + size // 2] ^= 255
    place.file.write_bytes(held)
    answers = dict(pictures(load(folder), Crop(choose_preset("rendered", faces.marks), 32, 32).cut, workers=0))
    assert {row: answer for row, answer in answers.items() if isinstance(answer, str)} == {
        500: "cannot be read (bytes were changed)"
    }


@pytest.mark.parametrize("damage", ["header", "short line", "no number", "outside", "fewer", "another shard", "bytes"])
def test_a_damaged_table_is_one_line(folder, damage):
    index = folder / "faces.csv"
    lines = index.read_text().splitlines(keepends=True)
    last = lines[-1].rstrip("\n").split(",")
    edited = {
        "header": [lines[0].replace("view", "angle"), *lines[1:]],
        "short line": [*lines[:-1], ",".join(last[:-1]) + "\n"],
        "no number": [*lines[:-1], ",".join([*last[:9], "far", *last[10:]]) + "\n"],
        "outside": [*lines[:-1], ",".join([*last[:-2], "99999999", last[-1]]) + "\n"],
        "fewer": lines[:-1],
        "another shard": [*lines[:-1], ",".join([*last[:-4], "003.tar", *last[-3:]]) + "\n"],
    }
    if damage == "bytes":
        index.write_bytes(b"\xff\xfe" + index.read_bytes())
    else:
        index.write_text("".join(edited[damage]))
    with pytest.raises(BadInput, match=r"table of a rendered set .*faces.csv; .*--resume"):
        load(folder)


def test_what_is_no_rendered_set_is_refused(folder):
    (folder / "rendered.json").write_text("{}")
    with pytest.raises(BadInput, match=r"rendered.json; render the set again"):
        load(folder)
    assert kind_of_data_set(folder) == "rendered"
