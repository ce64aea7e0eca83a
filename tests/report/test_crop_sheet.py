"""The sheet of crops shows what the network sees, under the names of the faces."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from facerep.errors import BadInput
from facerep.faces.crops import PRESETS, Crop
from facerep.faces.decode import decode
from facerep.faces.patches import Patch
from facerep.faces.table import make_faces
from facerep.files import inputs
from facerep.readers.crop_samples import FACES, sample_crops
from facerep.report.contact_sheet import GAP, LINE, MARGIN
from facerep.report.crop_sheet import ACROSS, write_crops

TOP = MARGIN + 2 * LINE + GAP


def drawn(seed: int) -> bytes:
    stream = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (112, 112, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def faces_of(count: int):
    return make_faces("table", [f"{row}.png" for row in range(count)], ["ana"] * count, list(map(drawn, range(count))))


def test_each_tile_is_the_crop_enlarged(tmp_path):
    faces, crop = faces_of(12), Crop(PRESETS["aligned"], 55, 47)
    write_crops(tmp_path / "s.png", sample_crops(faces, [crop]))
    sheet = decode(tmp_path / "s.png")
    for row in (0, 9, 11):
        x, y = MARGIN + row % ACROSS * (94 + GAP), TOP + row // ACROSS * (110 + 2 * LINE + GAP)
        large = crop.cut(decode(faces.paths[row]), faces.marks[row]).repeat(2, axis=0).repeat(2, axis=1)
        np.testing.assert_array_equal(sheet[y : y + 110, x : x + 94], large)


def test_a_face_that_cannot_be_cut_is_an_empty_frame_and_every_patch_has_its_strip(tmp_path):
    faces = make_faces("table", ["a.png", "b.png"], ["", ""], [drawn(0), b"nothing"])
    patch = Patch("left-eye", 1.0, "grey")
    crops = [Crop(PRESETS["aligned"], 31, 31), Crop(PRESETS["aligned"], 31, 31, patch)]
    write_crops(tmp_path / "s.png", sample_crops(faces, crops))
    sheet = decode(tmp_path / "s.png")
    high = 2 * LINE + 93 + 2 * LINE + 2 * GAP
    for top in (TOP, TOP + high):
        inside = sheet[top + 2 : top + 90, MARGIN + 93 + GAP + 2 : MARGIN + 2 * 93 + GAP - 3]
        assert (inside == 255).all()
        assert sheet[top : top + 90, MARGIN : MARGIN + 90].std() > 20


def test_of_many_faces_some_are_shown_from_the_first_to_the_last(tmp_path):
    faces = faces_of(70)
    crop = Crop(PRESETS["aligned"], 55, 47)
    write_crops(tmp_path / "s.png", sample_crops(faces, [crop]))
    sheet = decode(tmp_path / "s.png")
    x, y = MARGIN + 9 * (94 + GAP), TOP + (FACES // ACROSS - 1) * (110 + 2 * LINE + GAP)
    last = crop.cut(decode(faces.paths[69]), faces.marks[69])
    np.testing.assert_array_equal(sheet[y : y + 110 : 2, x : x + 94 : 2], last)


def test_a_picture_of_the_set_is_never_replaced_by_the_sheet(tmp_path):
    (tmp_path / "a.png").write_bytes(drawn(0))
    faces = make_faces("table", ["a.png"], ["ana"], [tmp_path / "a.png"])
    with inputs.command():
        inputs.remember_pictures(faces.paths)
        with pytest.raises(BadInput, match="what is read cannot be replaced"):
            write_crops(tmp_path / "a.png", sample_crops(faces, [Crop(PRESETS["aligned"], 55, 47)]), overwrite=True)
    assert (tmp_path / "a.png").read_bytes() == drawn(0)
