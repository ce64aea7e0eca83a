"""The faster decoder gives Pillow's pixels, and leaves to Pillow what is unusual; regions of a picture, cut fast."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facerep.faces import alignment, fast_jpeg
from facerep.faces.decode import UnreadablePicture, decode

pytest.importorskip("simplejpeg", reason="the extra `fast` is not installed")


def drawn(height: int, width: int) -> Image.Image:
    draw = np.random.default_rng(height * width)
    shapes = Image.fromarray(draw.integers(256, size=(9, 9, 3), dtype=np.uint8)).resize((width, height))
    return Image.fromarray(
        np.uint8(np.clip(np.asarray(shapes) + draw.normal(scale=9, size=(height, width, 3)), 0, 255))
    )


SAVED = [
    {"quality": 85}, {"quality": 30, "subsampling": 2}, {"quality": 95, "subsampling": 0}, {"subsampling": 1},
    {"progressive": True}, {"optimize": True}, {"restart_marker_rows": 1}, {"keep_rgb": True},
]  # fmt: skip


@pytest.mark.parametrize("saved", SAVED, ids=str)
@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("size", [(61, 47), (16, 16), (1, 3)])
def test_it_has_the_pixels_of_pillow(tmp_path: Path, monkeypatch, saved, mode, size):
    drawn(*size).convert(mode).save(tmp_path / "a.jpg", **saved)
    with Image.open(tmp_path / "a.jpg") as picture:
        found = fast_jpeg.pixels(picture, tmp_path / "a.jpg")
    assert found is not None
    monkeypatch.setattr(fast_jpeg, "decoder", lambda: None)
    assert np.array_equal(found, decode(tmp_path / "a.jpg"))


def test_cmyk_turned_and_damaged_files_are_as_without_it(tmp_path: Path, monkeypatch):
    drawn(40, 30).convert("CMYK").save(tmp_path / "cmyk.jpg")
    exif = Image.Exif()
    exif[0x0112] = 6
    drawn(40, 30).save(tmp_path / "turned.jpg", exif=exif)
    whole = io.BytesIO()
    drawn(64, 64).save(whole, "JPEG")
    (tmp_path / "short.jpg").write_bytes(whole.getvalue()[:-400])

    def told() -> list[object]:
        found: list[object] = [decode(tmp_path / name).tolist() for name in ("cmyk.jpg", "turned.jpg")]
        with pytest.raises(UnreadablePicture) as refused:
            decode(tmp_path / "short.jpg")
        return [*found, refused.value.reason]

    with_it = told()
    monkeypatch.setattr(fast_jpeg, "decoder", lambda: None)
    assert told() == with_it
    assert with_it[-1] == "file is cut short"


@pytest.mark.parametrize("place", [(2, 8, 1, 9), (-3, 5, 0, 9), (4, 30, -9, 40), (-20, -8, 2, 6), (18, 25, 20, 30)])
def test_a_region_repeats_the_border_beyond_it(place):
    picture = np.asarray(drawn(20, 17))
    top, bottom, left, right = place
    for seen in (picture, picture[:, ::-1]):
        expected = [
            [seen[min(max(row, 0), 19), min(max(column, 0), 16)] for column in range(left, right)]
            for row in range(top, bottom)
        ]
        found = alignment._region(seen, top, bottom, left, right)
        assert found.flags.c_contiguous
        assert np.array_equal(found, expected)
