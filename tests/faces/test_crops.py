"""Crops: the five points land on the template, whatever the picture; the mirrored twin is what DeepID says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from facerep.errors import BadInput, Mismatch, Usage
from facerep.faces.alignment import TEMPLATE, similarity, warp
from facerep.faces.crops import PRESETS, CannotCrop, Crop, choose_preset, cut_for, length_of, parse_crop, preset
from facerep.faces.moves import Move, moves
from facerep.faces.patches import LOCAL, Patch, all_patches, parse_patch

UNKNOWN = np.full((5, 2), np.nan)


def dotted(points, size):
    """A black picture with a white blob on each of the points."""
    picture = Image.new("RGB", size)
    draw = ImageDraw.Draw(picture)
    for x, y in points:
        draw.ellipse((x - 3, y - 3, x + 3, y + 3), fill="white")
    return np.asarray(picture)


def brightest(crop):
    rows, columns = np.nonzero(crop[:, :, 0] > 0.6 * crop[:, :, 0].max())
    return columns.mean(), rows.mean()


@pytest.mark.parametrize("turn", [0.0, 0.4, -1.0])
@pytest.mark.parametrize("scale", [1.5, 2.0, 5.0])
def test_each_of_the_five_points_lands_on_the_template(turn, scale):
    rotate = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    points = (TEMPLATE - 56) @ rotate.T + 300
    crop = Crop(PRESETS["points"], 112, 112)
    for number in range(5):
        # the eyes of the template are not quite level: the whole set is aligned, one point is looked at
        x, y = brightest(crop.cut(dotted(points[number : number + 1], (600, 600)), points))
        assert (x, y) == pytest.approx(tuple(TEMPLATE[number]), abs=0.8)


@given(turn=st.floats(-3, 3), scale=st.floats(0.1, 10), shift=st.floats(-500, 500))
@settings(max_examples=40, deadline=None)
def test_the_similarity_of_moved_points_is_the_move(turn, scale, shift):
    rotate = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    moved = TEMPLATE @ rotate.T + shift
    found = similarity(TEMPLATE, moved)
    np.testing.assert_allclose(found[:, :2], rotate, atol=1e-9 * max(1, abs(shift)))
    np.testing.assert_allclose(TEMPLATE @ found[:, :2].T + found[:, 2], moved, atol=1e-6)


def test_the_identity_leaves_pixels_as_they_are():
    picture = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    np.testing.assert_allclose(
        warp(picture, np.eye(2, 3), 20, 30).astype(int)[2:-2, 2:-2], _blurred(picture)[2:-2, 2:-2], atol=2
    )


def _blurred(picture):
    """What sampling at twice the size and averaging by two does: weights 1/8, 3/4, 1/8 along each axis."""
    values = picture.astype(float)
    for axis in (0, 1):
        values = 0.75 * values + 0.125 * (np.roll(values, 1, axis) + np.roll(values, -1, axis))
    return values


def test_outside_the_picture_its_edge_is_repeated():
    picture = np.full((50, 50, 3), 200, np.uint8)
    picture[:30] = 90
    points = TEMPLATE * 0.3 + [22, 22]
    crop = Crop(PRESETS["points"], 55, 47).cut(picture, points)
    assert (crop[18:] == 200).all()


def test_presets_put_a_face_at_the_same_place():
    lfw, celeba = PRESETS["lfw"], PRESETS["celeba"]
    small = lfw.locate(np.zeros((176, 176, 3)), UNKNOWN)
    large = lfw.locate(np.zeros((250, 250, 3)), UNKNOWN)
    np.testing.assert_allclose(large - small, 32)
    half = celeba.locate(np.zeros((109, 89, 3)), UNKNOWN)
    whole = celeba.locate(np.zeros((218, 178, 3)), UNKNOWN)
    np.testing.assert_allclose((whole + 0.5) / 2, half + 0.5)


def test_a_preset_refuses_a_size_that_it_does_not_know_and_says_which_it_knows():
    with pytest.raises(CannotCrop, match=r"300x200, crop preset lfw takes 250x250 or 176x176"):
        Crop(PRESETS["lfw"], 55, 47).cut(np.zeros((200, 300, 3), np.uint8), UNKNOWN)


def test_unknown_points_and_absurd_points_are_failures():
    crop, picture = Crop(PRESETS["points"], 55, 47), np.zeros((50, 50, 3), np.uint8)
    with pytest.raises(CannotCrop, match="not known"):
        crop.cut(picture, UNKNOWN)
    with pytest.raises(CannotCrop, match="not those of a face"):
        crop.cut(picture, np.zeros((5, 2)))
    with pytest.raises(CannotCrop, match="outside the picture of 50x50"):
        crop.cut(picture, TEMPLATE * 1e7)


def test_loose_takes_any_size():
    for size in ((64, 64), (200, 100), (37, 91)):
        picture = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
        assert Crop(PRESETS["loose"], 55, 47).cut(picture, UNKNOWN).shape == (55, 47, 3)


def test_whole_is_the_centred_square_as_it_is():
    picture = np.random.default_rng(0).integers(0, 256, (64, 90, 3), dtype=np.uint8)
    square = picture[:, 13:77]
    whole = PRESETS["whole"]
    np.testing.assert_array_equal(Crop(whole, 64, 64).cut(picture, UNKNOWN), square)
    np.testing.assert_array_equal(Crop(whole, 64, 64).cut(picture, UNKNOWN, mirrored=True), square[:, ::-1])
    halves = square.reshape(32, 2, 32, 2, 3).mean(axis=(1, 3))
    assert np.abs(Crop(whole, 32, 32).cut(picture, UNKNOWN) - halves).max() < 2
    # where pixels must be computed they stay in place: a ramp is a ramp
    ramp = np.broadcast_to(np.arange(64, dtype=np.uint8)[None, :, None] * 3, (64, 64, 3))
    middle = Crop(whole, 48, 48).cut(ramp, UNKNOWN)[:, 1:-1, 0].astype(float)
    assert np.abs(middle - (np.arange(1, 47) * 64 / 48 + 1 / 6) * 3).max() <= 1


def test_the_mirrored_left_eye_patch_is_the_mirror_of_the_right_eye_patch():
    points = TEMPLATE * 2 + [20, 30]
    picture = np.random.default_rng(0).integers(0, 256, (300, 280, 3), dtype=np.uint8)
    # smooth, so that half a pixel does not matter
    picture = np.asarray(Image.fromarray(picture).resize((40, 40)).resize((280, 300), Image.Resampling.BICUBIC))
    for left, right in (("left-eye", "right-eye"), ("left-mouth", "right-mouth"), ("nose", "nose")):
        twin = Crop(PRESETS["points"], 31, 31, Patch(left)).cut(picture, points, mirrored=True)
        other = Crop(PRESETS["points"], 31, 31, Patch(right)).cut(picture, points)[:, ::-1]
        assert np.abs(twin.astype(int) - other.astype(int)).mean() < 6


def test_local_patches_follow_their_point_and_global_ones_do_not():
    points = TEMPLATE * 2 + [20, 30]
    moved = points.copy()
    moved[2] += [15, 0]
    for region, number in LOCAL.items():
        x, y = brightest(Crop(PRESETS["points"], 31, 31, Patch(region)).cut(dotted([moved[number]], (300, 300)), moved))
        assert (x, y) == pytest.approx((15, 15), abs=0.8)


def test_there_are_sixty_patches_and_all_can_be_cut():
    picture = np.random.default_rng(0).integers(0, 256, (112, 112, 3), dtype=np.uint8)
    patches = all_patches()
    assert len(set(map(str, patches))) == 60
    for patch in patches:
        crop = Crop(PRESETS["aligned"], 31, 31, patch)
        assert crop.cut(picture, UNKNOWN).shape == (31, 31, 3 if patch.colour == "rgb" else 1)
        assert parse_crop(str(crop)) == crop


def test_a_contract_survives_its_text_form():
    for text in ("points@55x47/1", "lfw@39x31/left-eye*1.25/grey/1", "orl@31x31/1"):
        assert str(parse_crop(text)) == text
    for text in ("points", "nosuch@55x47/1"):
        with pytest.raises(BadInput, match="not a crop contract"):
            parse_crop(text)


def test_the_preset_follows_the_points_then_the_data_set():
    known = np.zeros((3, 5, 2))
    unknown = np.full((3, 5, 2), np.nan)
    assert choose_preset("lfw", known).name == "points"
    assert choose_preset("lfw", unknown).name == "lfw"
    assert choose_preset("folders", unknown).name == "loose"
    assert choose_preset("lfw+celeba", unknown).name == "loose"
    for kind in ("insightface-bin", "insightface-rec", "insightface-bin+insightface-rec"):
        assert choose_preset(kind, unknown).name == "aligned"
    for kind in ("rendered", "multipie", "multipie+rendered"):
        assert choose_preset(kind, known).name == "whole"
    assert choose_preset("rendered+lfw", known).name == "points"
    with pytest.raises(Usage, match="there are: points, box, lfw"):
        preset("nosuch")


def test_the_older_narrow_crop_is_the_middle_of_the_square_one():
    square = np.random.default_rng(0).integers(0, 256, (112, 112, 3), dtype=np.uint8)
    crop = Crop(PRESETS["aligned"], 55, 47, Patch("nose"))
    np.testing.assert_array_equal(crop.cut(square[:, 8:104], UNKNOWN), crop.cut(square, UNKNOWN))


def test_a_recipe_names_a_patch_by_region_and_scale():
    assert parse_patch("face", "rgb") == Patch()
    assert parse_patch("left-eye*1.25", "grey") == Patch("left-eye", 1.25, "grey")
    for text in ("eye", "nose*", "nose*big", "nose*0", "nose*-1", "nose*inf", ""):
        with pytest.raises(BadInput, match="no patch"):
            parse_patch(text, "rgb")


def test_training_sees_two_views_where_a_mirrored_crop_is_not_the_twin():
    picture = np.random.default_rng(0).integers(0, 255, (150, 150, 3)).astype(np.uint8)
    points = TEMPLATE + 15
    for region, views in (("face", 1), ("nose", 1), ("left-eye", 2), ("right-mouth", 2)):
        crop = Crop(PRESETS["points"], 31, 31, Patch(region))
        assert crop.views == views
        both = crop.cut_both(picture, points)
        np.testing.assert_array_equal(both[0], crop.cut(picture, points))
        np.testing.assert_array_equal(both[1], crop.cut(picture, points, mirrored=True))


def test_a_crop_of_another_version_of_its_preset_is_refused():
    with pytest.raises(Mismatch, match="crop points@55x47/7 is of another version, preset points is at 1"):
        parse_crop("points@55x47/7")


@pytest.mark.parametrize(("move", "x", "y"), [(Move(x=3, y=-2), 3, -2), (Move(zoom=1.1), 0, 0)])
def test_a_moved_crop_shows_the_face_beside_its_place_or_larger(move, x, y):
    points = TEMPLATE + 40
    crop, picture = Crop(PRESETS["points"], 112, 112), dotted(points[2:3], (200, 200))
    middle = np.array([55.5, 55.5])
    for mirrored in (False, True):
        there = np.array(brightest(crop.cut(picture, points, mirrored=mirrored)))
        found = brightest(crop.cut(picture, points, mirrored=mirrored, move=move))
        wanted = middle + (there - middle) * move.zoom + [-x if mirrored else x, y]
        assert found == pytest.approx(tuple(wanted), abs=0.5)


def test_a_crop_of_several_moves_says_so_and_is_read_again():
    crop = Crop(PRESETS["points"], 55, 47, parse_patch("inner", "grey"), moved=5)
    assert str(crop) == "points@55x47/inner*1/grey/moved*5/1"
    assert parse_crop(str(crop)) == crop
    flat = cut_for((crop,), "mean", dotted(TEMPLATE + 40, (200, 200)), TEMPLATE + 40)
    assert len(flat) == length_of(crop, "mean") == 2 * 5 * 55 * 47
    with pytest.raises(Usage, match=r"8 moved crops are asked for; there are 1 to 7"):
        moves(8)
