"""What a table says of points and boxes: the places where no face can be, and orders that no face has."""

from __future__ import annotations

import numpy as np
import pytest

from facerep.errors import BadInput
from facerep.faces.alignment import BOX_POINTS, SWAPPED, TEMPLATE, points_in
from facerep.faces.crops import PRESETS, CannotCrop, Crop, choose_preset
from facerep.faces.point_checks import oddities
from facerep.faces.table import make_faces

PICTURE = np.random.default_rng(0).integers(0, 256, (120, 120, 3), dtype=np.uint8)


def faces_of(count: int = 40, spread: float = 3.0) -> np.ndarray:
    """Faces of many turns, sizes and shapes, float64 (n, 5, 2)."""
    rng = np.random.default_rng(1)
    shapes = TEMPLATE - TEMPLATE.mean(axis=0) + rng.normal(0, spread, (count, 5, 2))
    angles = np.radians(rng.uniform(-40, 40, count))
    turns = np.stack([np.cos(angles), -np.sin(angles), np.sin(angles), np.cos(angles)], axis=1).reshape(-1, 2, 2)
    return np.einsum("nij,nkj->nki", turns, shapes) * rng.uniform(0.3, 4, (count, 1, 1)) + 300


def said(points: np.ndarray) -> dict[str, int]:
    return {words: len(rows) for words, rows in oddities(points)}


def test_points_of_faces_are_not_odd():
    assert said(faces_of()) == {}
    assert said(np.full((3, 5, 2), np.nan)) == {}


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("left and right are swapped", faces_of()[:, SWAPPED]),
        ("x and y are swapped", faces_of()[:, :, ::-1]),
        ("y counts from the bottom", faces_of() * [1, -1] + [0, 600]),
        ("another order", faces_of()[:, [0, 1, 3, 4, 2]]),
        ("upside down", 600 - faces_of()),
    ],
)
def test_what_is_wrong_with_points_is_named(words, wrong):
    (found,) = said(np.concatenate([faces_of(10), wrong])).items()
    assert found[0].startswith(words)
    assert found[1] >= 36  # of 40 faces, some of them turned by 40 degrees


def test_points_that_no_face_has_are_failures():
    crop = Crop(PRESETS["points"], 55, 47)
    inside = TEMPLATE.copy()
    assert crop.cut(PICTURE, inside).shape == (55, 47, 3)
    with pytest.raises(CannotCrop, match="outside the picture of 120x120"):
        crop.cut(PICTURE, inside + 500)
    with pytest.raises(CannotCrop, match="not those of a face"):
        crop.cut(PICTURE, inside / 112)


def test_a_face_that_the_picture_cuts_through_is_still_cut():
    assert Crop(PRESETS["points"], 55, 47).cut(PICTURE, TEMPLATE - [60, 0]).shape == (55, 47, 3)


def test_a_crop_of_one_shade_is_a_failure():
    shade = np.full((120, 120, 3), 90, np.uint8)
    for name, marks in (("loose", TEMPLATE), ("points", TEMPLATE)):
        with pytest.raises(CannotCrop, match="the crop is of one shade"):
            Crop(PRESETS[name], 55, 47).cut(shade, marks)


def marks_of(box: list[float]) -> np.ndarray:
    return np.concatenate([np.full((5, 2), np.nan), np.reshape(box, (2, 2))])


def test_a_box_is_cut_as_the_typical_points_in_it_are():
    box = [20.0, 30.0, 90.0, 100.0]
    by_box = Crop(PRESETS["box"], 55, 47).cut(PICTURE, marks_of(box))
    places = np.array(box[:2]) + BOX_POINTS * 70
    np.testing.assert_array_equal(by_box, Crop(PRESETS["points"], 55, 47).cut(PICTURE, places))
    np.testing.assert_allclose(points_in(np.array(box)), places)


def test_boxes_of_other_sizes_give_other_crops_and_the_contract_says_that_they_are_boxes():
    crop = Crop(PRESETS["box"], 55, 47)
    assert str(crop) == "box@55x47/1"
    wide, tight = crop.cut(PICTURE, marks_of([10, 10, 110, 110])), crop.cut(PICTURE, marks_of([30, 30, 80, 80]))
    assert np.abs(wide.astype(int) - tight).mean() > 10


@pytest.mark.parametrize(
    ("box", "reason"),
    [
        ([10, 10, 10, 60], "has no size"),
        ([60, 60, 10, 10], "has no size"),
        ([500, 500, 540, 540], "outside the picture of 120x120"),
        ([100, 100, 400, 400], "outside the picture"),
        ([np.nan] * 4, "no box is known"),
    ],
)
def test_boxes_of_no_size_and_boxes_outside_are_failures(box, reason):
    with pytest.raises(CannotCrop, match=reason):
        Crop(PRESETS["box"], 55, 47).cut(PICTURE, marks_of(box))


def test_a_box_that_leaves_the_picture_a_little_is_filled_up_at_the_border():
    assert Crop(PRESETS["box"], 55, 47).cut(PICTURE, marks_of([-8, 10, 60, 80])).shape == (55, 47, 3)


def test_points_come_before_boxes_and_boxes_before_the_middle_of_the_picture():
    points, boxes = np.stack([TEMPLATE] * 4), np.tile([[0.0, 0.0], [50.0, 50.0]], (4, 1, 1))
    both = np.concatenate([points, boxes], axis=1)
    assert choose_preset("table", both).name == "points"
    both[:3, :5] = np.nan
    assert choose_preset("table", both).name == "box"
    both[:3, 5:] = np.nan
    assert choose_preset("table", both).name == "loose"


def test_fractions_of_the_picture_are_refused_for_points_and_for_boxes():
    with pytest.raises(BadInput, match="points are fractions of the picture's sides"):
        make_faces("table", ["a"], ["p"], [b""], points=TEMPLATE[None] / 112)
    with pytest.raises(BadInput, match="boxes are fractions of the picture's sides"):
        make_faces("table", ["a"], ["p"], [b""], boxes=np.array([[0.1, 0.2, 0.8, 0.9]]))


def test_the_stamp_of_faces_depends_on_their_boxes():
    def stamp(x: float) -> str:
        return make_faces("table", ["a"], ["p"], [b"1"], boxes=np.array([[x, 0, 50, 50]])).stamp()

    assert stamp(5) != stamp(6)
