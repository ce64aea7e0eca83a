"""HOG and colour histograms of faces."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from facerep.errors import NotAvailable
from facerep.faces.crops import PRESETS
from facerep.faces.hog import HEIGHT, WIDTH, colours, hog_and_colour, hog_crop, require_hog
from facerep.studies.attributes.hog import hog_features

NOWHERE = np.full((5, 2), np.nan)


def test_colours_are_counted_as_a_slow_loop_counts_them() -> None:
    face = np.random.default_rng(0).integers(0, 256, (32, 48, 3), dtype=np.uint8)
    from PIL import Image

    hsv = np.asarray(Image.fromarray(face).convert("HSV"))
    expected = []
    for top in (0, 16):
        for left in (0, 16, 32):
            for channel, bins in enumerate((8, 4, 8)):
                cells = hsv[top : top + 16, left : left + 16, channel].ravel()
                expected += [np.mean([int(cell) * bins // 256 == place for cell in cells]) for place in range(bins)]
    np.testing.assert_allclose(colours(face), expected)


def test_a_vector_has_gradients_and_colours(monkeypatch) -> None:
    pytest.importorskip("skimage")
    monkeypatch.setattr("facerep.faces.crops.ONE_SHADE", 0)
    crop = hog_crop(PRESETS["loose"])
    grey = np.full((100, 100, 3), 128, np.uint8)
    flat = hog_and_colour(crop, grey, NOWHERE)
    assert flat.shape == (9 * 7 * 36 + 5 * 4 * 20,)
    assert flat.dtype == np.float32
    assert not flat[: 9 * 7 * 36].any()  # no gradient anywhere
    assert (crop.height, crop.width) == (HEIGHT, WIDTH)
    striped = grey.copy()
    striped[:, ::2] = 200
    lined = hog_and_colour(crop, striped, NOWHERE)
    assert lined[: 9 * 7 * 36].any()
    assert lined[9 * 7 * 36 :].sum() == pytest.approx(5 * 4 * 3)  # a share for each channel of each square


def test_faces_that_cannot_be_cut_are_failures(people_folder: Path) -> None:
    pytest.importorskip("skimage")
    from facerep.readers.load import load

    next(people_folder.rglob("*.png")).write_bytes(b"not a picture")
    features = hog_features(load(people_folder), workers=0)
    assert features.values.shape == (23, 2668)
    assert len(features.failures) == 1
    assert (features.contract.network, features.contract.crop) == ("hog+colour", "loose@80x64/1")


def test_without_scikit_image_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skimage.feature", None)
    with pytest.raises(NotAvailable, match=r"HOG needs scikit-image; pip install 'facerep\[hog\]'"):
        require_hog()
