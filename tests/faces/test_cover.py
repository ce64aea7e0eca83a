"""A cover hides the same part of the face in every patch and its mirror."""

import numpy as np
import pytest

from facerep.faces.alignment import TEMPLATE, similarity
from facerep.faces.cover import HEIGHT, LEFT, TOP, WIDTH, Cover, covered, cut_to_cover, place_of
from facerep.faces.crops import Crop, cut_for, preset
from facerep.faces.patches import Patch

CROP = preset("points")
WHOLE = Crop(CROP, 112, 96)
SMALL = Crop(CROP, 55, 47)
EYE = Crop(CROP, 31, 31, Patch("left-eye", 1.25, "grey"))
POINTS = TEMPLATE @ np.array([[1.1, 0.2], [-0.2, 1.1]]) + [30, 25]
MIDDLE = np.array([[0.5, 0.5]])


@pytest.fixture(autouse=True)
def _pictures_of_one_shade_are_cut(monkeypatch):
    """Areas are measured on them."""
    monkeypatch.setattr("facerep.faces.crops.ONE_SHADE", 0)


def bright(crops, mirror="none", points=POINTS, picture=None):
    picture = np.full((200, 220, 3), 200, np.uint8) if picture is None else picture
    return cut_to_cover(crops, mirror, picture, points)[None]


@pytest.mark.parametrize("share", [0.1, 0.35, 0.7])
def test_a_band_takes_its_share_of_the_area_from_the_bottom(share):
    for crop in (WHOLE, SMALL):
        faces = covered(bright((crop,)), (crop,), "none", Cover("bottom", share), MIDDLE)
        rows = faces.reshape(crop.height, crop.width, 3).mean(axis=(1, 2)) / 200
        assert 1 - rows.mean() == pytest.approx(share, abs=2e-3)
        assert (np.diff(rows) <= 1e-9).all()
        assert rows[0] == 1
        assert rows[-1] == 0


@pytest.mark.parametrize("place", [(0.0, 0.0), (1.0, 1.0), (0.3, 0.8)])
def test_a_block_lies_inside_the_face_and_has_its_area(place):
    faces = covered(bright((WHOLE,)), (WHOLE,), "none", Cover("block", 40), np.array([place]))
    dark = 1 - faces.reshape(112, 96, 3)[:, :, 0] / 200
    assert dark.sum() == pytest.approx(1600, rel=0.01)
    rows, columns = np.nonzero(dark > 0.5)
    wanted = place[1] * (HEIGHT - 40), place[0] * (WIDTH - 40)
    assert (rows.min(), columns.min()) == (pytest.approx(wanted[0], abs=1), pytest.approx(wanted[1], abs=1))


def test_nothing_is_changed_without_a_cover():
    picture = np.random.default_rng(0).integers(0, 255, (200, 220, 3)).astype(np.uint8)
    flat = bright((SMALL, EYE), "mean", picture=picture)
    faces = covered(flat, (SMALL, EYE), "mean", Cover(), MIDDLE)
    assert (faces[0] == cut_for((SMALL, EYE), "mean", picture, POINTS)).all()
    assert (covered(flat, (SMALL, EYE), "mean", Cover("bottom", 0.0), MIDDLE) == faces).all()


@pytest.mark.parametrize("crop", [WHOLE, SMALL, EYE, Crop(CROP, 31, 31, Patch("upper"))], ids=str)
def test_every_patch_and_its_mirror_sees_the_block_where_it_lies_on_the_face(crop):
    """A black block painted on the picture, seen by the crop, equals the cover of the crop but for blurred edges."""
    rectangle = Cover("block", 30).rectangle(np.array([[0.15, 0.35]]))[0]
    frame = similarity(POINTS, TEMPLATE)
    y, x = np.mgrid[:200, :220]
    u, v = frame[:, :2] @ np.stack([x.ravel(), y.ravel()]) + frame[:, 2:]
    inside = (u >= rectangle[0]) & (u <= rectangle[2]) & (v >= rectangle[1]) & (v <= rectangle[3])
    painted = np.full((200 * 220, 3), 200, np.uint8)
    painted[inside] = 0
    seen = cut_for((crop,), "mean", painted.reshape(200, 220, 3), POINTS).astype(float)
    made = covered(bright((crop,), "mean"), (crop,), "mean", Cover("block", 30), np.array([[0.15, 0.35]]))[0]
    assert (seen < 100).mean() > 0.03
    assert np.abs(seen - made).mean() < 4
    assert (np.abs(seen - made) > 150).mean() < 0.005


def test_the_rectangle_of_a_block_of_the_whole_width_is_the_face_itself():
    found = Cover("block", 96).rectangle(MIDDLE)[0]
    assert found.tolist() == [LEFT, TOP + 8, LEFT + 96, TOP + 104]


def test_a_place_depends_on_name_and_seed_alone_and_fills_the_square():
    places = np.array([place_of(f"face {number}", 0) for number in range(2000)])
    assert place_of("face 7", 0) == tuple(places[7])
    assert place_of("face 7", 1) != tuple(places[7])
    assert np.abs(places.mean(axis=0) - 0.5).max() < 0.03
    assert np.abs(places.std(axis=0) - np.sqrt(1 / 12)).max() < 0.02
