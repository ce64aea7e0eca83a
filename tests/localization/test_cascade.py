"""The cascade on a network whose response is brightness: it must find bright squares, and bounded strips agree."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from facerep.errors import NotAvailable
from facerep.localization import pyramid
from facerep.localization.cascade import Localizer, Search, apart, box_sums, cut_square, find
from facerep.localization.pyramid import respond, scales
from facerep.metrics.boxes.overlap import iou
from facerep.networks.catalog import row
from facerep.networks.localizing.calibration import Calibration
from facerep.networks.localizing.lnet import LNet

CPU = torch.device("cpu")


def bright() -> LNet:
    """An LNet whose response is how much a pixel is brighter than grey."""
    network = LNet(replace(row("lnet"), maps=(1, 1, 1, 1, 1), feature=1, classes=2)).eval()
    with torch.no_grad():
        for weight in network.parameters():
            weight.zero_()
        for number in range(2):
            stage = network.stage(number)
            stage.trunk.conv1.weight.fill_(1 / 48)
            for convolution in (stage.trunk.conv2, stage.trunk.conv3, stage.conv4, stage.conv5):
                convolution.weight[0, 0, 1, 1] = 1
            stage.answers.weight[1] = 2
            stage.answers.bias[:] = torch.tensor([-1.0, -0.5])
    return network


def localizer(threshold: float = 0.5) -> Localizer:
    """It, ready to be used."""
    calibration = Calibration(0.0, 0.0, 1.0, threshold)
    return Localizer(bright(), (calibration, calibration), ("Dull", "Bright"), CPU)


def scene(height: int, width: int, squares: list[tuple[int, int, int]]) -> np.ndarray:
    """White squares on black."""
    picture = np.zeros((height, width, 3), np.uint8)
    for left, top, side in squares:
        picture[top : top + side, left : left + side] = 255
    return picture


def test_squares_of_several_sizes_are_found_where_they_are():
    squares = [(30, 40, 24), (150, 30, 60), (60, 150, 90), (220, 160, 40)]
    found = find(scene(280, 300, squares), localizer(), Search(least=16))
    truth = np.array([[left, top, side, side] for left, top, side in squares], float)
    best = iou(truth[:, None], found.boxes[None]).max(axis=1)
    assert best.min() > 0.5, best
    assert (np.diff(found.scores) <= 0).all()
    alone = find(scene(280, 300, squares), localizer(), Search(least=16, stages=1))
    inside = (alone.boxes[:, None, :2] + alone.boxes[:, None, 2:] / 2 - truth[:, :2]) / truth[:, 2:]
    assert ((inside > 0) & (inside < 1)).all(axis=2).any(axis=0).all()  # each square has a middle of a box in it


def test_a_square_at_the_border_gives_a_box_inside_the_picture():
    found = find(scene(120, 160, [(0, 0, 40), (130, 90, 60)]), localizer(), Search(least=16))
    assert len(found.boxes) >= 2
    assert (found.boxes[:, :2] >= 0).all()
    assert ((found.boxes[:, :2] + found.boxes[:, 2:]) <= [160, 120]).all()


def test_a_picture_without_anything_gives_nothing_even_where_all_scores_are_taken():
    for threshold in (None, -np.inf):
        found = find(scene(90, 130, []), localizer(), Search(threshold=threshold))
        assert found.boxes.shape == (0, 4)
        assert len(found.scores) == 0


@pytest.mark.parametrize("shape", [(24, 24), (24, 400), (2000, 30)])
def test_pictures_of_odd_shapes_are_looked_at(shape):
    side = min(shape) - 4
    assert len(find(scene(*shape, [(2, 2, side)]), localizer(0.1), Search(least=12)).boxes) >= 1


def test_strips_of_a_large_picture_give_the_response_of_the_whole(monkeypatch):
    picture = np.random.default_rng(0).integers(0, 255, (1400, 60, 3)).astype(np.uint8)
    torch.manual_seed(0)
    stage = LNet(row("lnet"), normalise=True).eval().stage(0)
    with torch.inference_mode():
        whole = respond(stage, picture, CPU)
        monkeypatch.setattr(pyramid, "LARGEST", 60 * 600)
        strips = respond(stage, picture, CPU)
    assert whole.shape == (350, 15)
    np.testing.assert_allclose(strips, whole, atol=1e-5)


def test_the_map_of_an_answer_is_its_score_place_by_place():
    by = localizer()
    picture = scene(48, 48, [(16, 16, 16)])
    with torch.inference_mode():
        dull, light = (respond(by.network.stage(0), picture, CPU, answer) for answer in range(2))
        response = respond(by.network.stage(0), picture, CPU)
    np.testing.assert_allclose(dull, -1)
    np.testing.assert_allclose(light, 2 * response - 0.5, atol=1e-6)


def test_sizes_go_from_the_smallest_face_to_the_largest_and_stay_bounded():
    wanted = scales(600, 600, face=15, least=15, most=600)
    assert wanted[0] == pytest.approx(1)
    assert 15 / wanted[-1] >= 600 / 2
    assert max(scales(9000, 9000, face=15, least=10, most=9000)) * 9000 <= 2 * pyramid.LARGEST**0.5 + 1


def test_sums_in_squares_are_those_of_a_loop():
    response = np.random.default_rng(0).random((6, 7))
    for places in (1, 2, 3, 5):
        summed = box_sums(response, places)
        before = places // 2
        for y, x in ((0, 0), (2, 3), (5, 6)):
            inside = response[max(0, y - before) : y - before + places, max(0, x - before) : x - before + places]
            assert summed[y, x] == pytest.approx(inside.sum())


def test_of_boxes_that_overlap_the_surest_stays():
    boxes = np.array([[0, 0, 10, 10], [1, 1, 10, 10], [30, 30, 10, 10]], float)
    assert apart(boxes, np.array([1.0, 2.0, 0.5]), 0.3).tolist() == [1, 2]
    inside = np.array([[0, 0, 30, 30], [5, 5, 8, 8], [26, 10, 8, 8]], float)
    assert apart(inside, np.array([3.0, 2.0, 1.0]), 0.3).tolist() == [0, 1, 2]
    assert apart(inside, np.array([3.0, 2.0, 1.0]), 0.3, nested=0.6).tolist() == [0, 2]


def test_a_square_that_reaches_out_of_the_picture_repeats_its_edge():
    picture = np.full((20, 20, 3), 200, np.uint8)
    assert cut_square(picture, np.array([-10.0, 5.5, 30.0, 30.0]), 16).min() == 200


def test_windows_of_edge_boxes_lead_to_the_same_squares():
    pytest.importorskip("cv2.ximgproc", reason="OpenCV is not installed")
    squares = [(30, 40, 40), (150, 120, 60)]
    found = find(scene(220, 260, squares), localizer(), Search(least=16, windows="edge-boxes"))
    truth = np.array([[left, top, side, side] for left, top, side in squares], float)
    assert iou(truth[:, None], found.boxes[None]).max(axis=1).min() > 0.5
    assert len(find(np.zeros((60, 60, 3), np.uint8), localizer(), Search(windows="edge-boxes")).boxes) == 0


def test_without_opencv_one_line_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(NotAvailable, match="EdgeBoxes is not here"):
        find(scene(60, 60, [(10, 10, 30)]), localizer(), Search(windows="edge-boxes"))
