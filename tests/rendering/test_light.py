"""Lights: where they are, and what stands in their way."""

from __future__ import annotations

import numpy as np
import pytest

from facerep.rendering.camera import Camera, look
from facerep.rendering.light import FLASHES, SKY, direction, lighting, shadow_maps
from facerep.rendering.mesh import SKIN, Head, build, turn
from facerep.rendering.names import FRONTAL_LIGHT, LIGHTS
from facerep.rendering.person import sample_person
from facerep.rendering.picture import Relit
from facerep.rendering.texture import paint
from tiny_head import tiny_head

CAMERA = Camera(0, 48, 0)


@pytest.fixture(scope="module")
def scene() -> tuple[Head, Relit]:
    """A head, and what the frontal camera sees of it."""
    assets = tiny_head()
    person = sample_person(assets, 0, 2)
    painted = paint(assets, person)
    head = build(assets, person, painted, "neutral")
    lit = lighting(head, 96)
    return head, Relit(look(head, painted, person, lit, CAMERA), lit, person)


def test_there_are_18_flashes_and_the_seventh_is_in_front():
    assert len(FLASHES) == LIGHTS - 2
    assert FLASHES[FRONTAL_LIGHT - 1].tolist() == [0, 0]
    assert sorted(FLASHES[:13, 0]) == list(range(-90, 91, 15))


def test_directions_are_unit_vectors_with_the_front_at_z():
    np.testing.assert_allclose(direction(0, 0), [0, 0, 1])
    np.testing.assert_allclose(direction(90, 0), [1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(direction(0, 90), [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(SKY, axis=1), 1)


def test_a_turned_camera_stands_where_its_view_says():
    for view in (-60, 0, 45):
        np.testing.assert_allclose(turn(view) @ [0, 0, 1], direction(view, 0), atol=1e-12)


def test_a_flash_from_the_side_lights_that_side(scene):
    _, relit = scene
    half = CAMERA.side // 2
    for number in range(1, 7):
        left, right = relit.light(number), relit.light(14 - number)
        assert left[:, :half].mean() > 1.1 * left[:, half:].mean()
        assert right[:, half:].mean() > 1.1 * right[:, :half].mean()
    front = relit.light(FRONTAL_LIGHT)
    assert front[:, :half].mean() == pytest.approx(front[:, half:].mean(), rel=0.1)


def test_the_room_is_darker_than_a_flash_and_none_is_darkest(scene):
    _, relit = scene
    shown = np.zeros(CAMERA.side**2, bool)
    shown[relit.sight.points] = True
    shown = shown.reshape(CAMERA.side, CAMERA.side)
    flash, room, none = (relit.light(number)[shown].mean() for number in (FRONTAL_LIGHT, 0, 19))
    assert flash > room > none > 0


def test_a_far_light_reaches_the_side_that_faces_it_and_not_the_other(scene):
    head, _ = scene
    skin = head.layers[0]
    assert skin.kind == SKIN
    for towards in (direction(0, 0), direction(-45, 35)):
        (shadows,) = shadow_maps(head, towards[None], 128)
        free = shadows.sees(skin.places, skin.normals, 0.05)
        cosine = skin.normals @ towards
        assert free[cosine > 0.6].mean() > 0.9
        assert free[cosine < -0.3].mean() < 0.05


def test_a_nose_throws_its_shadow_away_from_the_light(scene):
    """Beside the nose, on the far side, it is darker than on the near side."""
    head, relit = scene
    left = relit.light(3)
    nose = CAMERA.project(head.points[2:3], head.drop)[0][0].astype(int)
    row, column = nose[1], nose[0]
    assert left[row, column - 12 : column - 5].mean() > 1.5 * left[row, column + 5 : column + 12].mean()
