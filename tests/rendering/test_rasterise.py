"""The z-buffer against a slow loop."""

from __future__ import annotations

import numpy as np

from facerep.rendering.rasterise import Cutout, DepthBuffer, blend, sample

SIDE = 24


def soup(seed: int, count: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Random triangles, some of them partly outside."""
    draw = np.random.default_rng(seed)
    return draw.uniform(-6, SIDE + 6, (count, 2)), draw.uniform(1, 9, count), draw.integers(0, count, (count, 3))


def slow(screen: np.ndarray, depth: np.ndarray, triangles: np.ndarray, front_only: bool = False) -> dict:
    """For each pixel: depth, triangle, barycentrics of what is nearest."""
    found: dict[int, tuple] = {}
    for number, corners in enumerate(triangles):
        matrix = np.vstack([screen[corners].T, np.ones(3)])
        area = np.linalg.det(matrix)
        if abs(area) < 1e-6 or (front_only and area > 0):
            continue
        for row in range(SIDE):
            for column in range(SIDE):
                inside = np.linalg.solve(matrix, [column + 0.5, row + 0.5, 1])
                if (inside >= 0).all():
                    z, pixel = float(inside @ depth[corners]), row * SIDE + column
                    if pixel not in found or z < found[pixel][0]:
                        found[pixel] = z, number, inside
    return found


def test_the_nearest_triangle_of_each_pixel_is_that_of_a_slow_loop():
    for seed in range(3):
        screen, depth, triangles = soup(seed)
        for front_only in (False, True):
            buffer = DepthBuffer(SIDE)
            hits = buffer.draw(screen, depth, triangles, front_only=front_only)
            wanted = slow(screen, depth, triangles, front_only)
            assert hits.pixels.tolist() == sorted(wanted)
            assert hits.triangles.tolist() == [wanted[pixel][1] for pixel in hits.pixels]
            np.testing.assert_allclose(hits.inside, [wanted[pixel][2] for pixel in hits.pixels], atol=1e-6)
            only_depth = DepthBuffer(SIDE)
            only_depth.lower(screen, depth, triangles, front_only=front_only)
            np.testing.assert_array_equal(only_depth.depth, buffer.depth)


def test_a_second_layer_shows_only_where_it_is_nearer():
    square = np.array([[0, 0], [SIDE, 0], [SIDE, SIDE], [0, SIDE]], np.float64)
    two = np.array([[0, 1, 2], [0, 2, 3]])
    buffer = DepthBuffer(SIDE)
    assert len(buffer.draw(square, np.full(4, 5.0), two).pixels) == SIDE * SIDE
    slope = np.array([4.0, 6.0, 6.0, 4.0])  # nearer than 5 on the left half
    shown = np.zeros(SIDE * SIDE, bool)
    shown[buffer.draw(square, slope, two).pixels] = True
    assert shown.reshape(SIDE, SIDE)[:, : SIDE // 2].all()
    assert not shown.reshape(SIDE, SIDE)[:, SIDE // 2 :].any()


def test_where_a_cutout_is_clear_there_is_nothing():
    square = np.array([[0, 0], [SIDE, 0], [SIDE, SIDE], [0, SIDE]], np.float64)
    two = np.array([[0, 1, 2], [0, 2, 3]])
    opacity = np.zeros((8, 8))
    opacity[:4] = 1  # the upper half
    cutout = Cutout(np.array([[0, 1], [1, 1], [1, 0], [0, 0]], np.float64), two, opacity, 0.5)
    pixels = DepthBuffer(SIDE).draw(square, np.ones(4), two, cutout=cutout).pixels
    assert pixels.tolist() == list(range(SIDE * SIDE // 2))


def test_a_texture_is_sampled_at_the_centres_of_its_texels():
    texture = np.arange(12, dtype=np.float64).reshape(3, 4, 1)
    u, v = np.meshgrid((np.arange(4) + 0.5) / 4, 1 - (np.arange(3) + 0.5) / 3)
    found = sample(texture, np.stack([u.ravel(), v.ravel()], axis=1))
    np.testing.assert_allclose(found[:, 0], np.arange(12), atol=0.02)
    assert sample(texture, np.array([[0.25, 1 - 0.5 / 3]]))[0, 0] == 0.5


def test_values_are_blended_by_place():
    values = np.array([[0.0, 1], [2, 1], [4, 1]])
    assert blend(values, np.array([[0, 1, 2]]), np.array([[0.5, 0.25, 0.25]])).tolist() == [[1.5, 1.0]]
