"""Particles about a box, and sums of a map in boxes against counting cells."""

import numpy as np

from facerep.metrics.boxes.overlap import sums
from facerep.tracking.particles import likeness, scatter
from facerep.tracking.selection import heat_map


def test_particles_keep_the_boxs_shape_and_spread_by_its_diagonal():
    boxes = scatter(np.array([10.0, 20, 30, 40]), 4000, 0.1, 0.05, np.random.default_rng(0))
    assert np.allclose(boxes[0], [10, 20, 30, 40])
    assert np.allclose(boxes[:, 2] / boxes[:, 3], 0.75)
    centres = boxes[:, :2] + boxes[:, 2:] / 2
    assert np.allclose(centres.mean(axis=0), [25, 40], atol=0.3)
    assert np.allclose(centres.std(axis=0), 5, atol=0.3)
    assert np.isclose(np.log(boxes[:, 2] / 30).std(), 0.05, atol=0.003)


def test_sums_of_whole_cells_are_their_sums_and_of_parts_in_proportion():
    heat = np.random.default_rng(0).random((7, 7))
    boxes = np.array([[1, 2, 3, 4], [0, 0, 7, 7], [2.5, 3, 1, 1], [2.25, 1.5, 0.5, 0.25]])
    expected = [
        heat[2:6, 1:4].sum(), heat.sum(), (heat[3, 2] + heat[3, 3]) / 2, heat[1, 2] * 0.5 * 0.25,
    ]  # fmt: skip
    assert np.allclose(sums(heat, boxes), expected)


def test_outside_the_grid_is_nothing():
    heat = np.ones((4, 4))
    assert np.allclose(sums(heat, np.array([[-3.0, -3, 5, 5], [9, 9, 2, 2], [-5, 1, 2, 2]])), [4, 0, 0])


def test_the_gaussian_of_the_right_place_and_size_fits_a_map_best():
    heat = heat_map(17, (8.0, 7.0), (1.5, 2.0)).numpy()
    sides = np.array([6.0, 8.0])
    boxes = [[8.5 - x / 2, 7.5 - y / 2, x, y] for x, y in (sides * 0.8, sides, sides * 1.25)]
    boxes.append([6.0, 3.5, *sides])
    fits = likeness(heat, np.array(boxes), 0.25)
    assert np.argmax(fits) == 1
    assert np.isclose(fits[1], np.sqrt((heat.astype(float) ** 2).sum()))  # Cauchy and Schwarz: no map fits better
