"""How near points are: by detectors whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from facerep.detection.detectors import DETECTORS, DetectorRow, detector
from facerep.detection.found import Found, nothing
from facerep.errors import BadInput
from facerep.faces.alignment import BOX_POINTS
from facerep.faces.table import make_faces
from facerep.results.to_json import to_json
from facerep.studies.points.judge import judge
from photographs import save


@pytest.fixture
def photographs(tmp_path):
    """Twelve grey pictures with a white square of 60 pixels each, which is the face; the last cannot be read."""
    paths, boxes, points = [], [], []
    for number in range(12):
        picture = np.full((200, 200, 3), 60, np.uint8)
        left, top = 30 + 5 * number, 90 - 5 * number
        picture[top : top + 60, left : left + 60] = 255
        paths.append(save(tmp_path / f"{number:02}.png", picture))
        boxes.append([left - 0.5, top - 0.5, left + 59.5, top + 59.5])
        points.append(BOX_POINTS * 60 + [left - 0.5, top - 0.5])
    paths[-1].write_bytes(b"no picture")
    names = [path.name for path in paths]
    return make_faces("table", names, [""] * 12, paths, boxes=np.array(boxes), points=np.array(points), root=tmp_path)


def white(picture: np.ndarray) -> Found:
    """Boxes of the white squares, each with its points; mosaics have white squares of several sizes."""
    from scipy.ndimage import find_objects, label

    marks, _ = label(picture[:, :, 0] > 180)
    boxes = [
        [across.start, down.start, across.stop - across.start, down.stop - down.start]
        for down, across in find_objects(marks)
    ]
    if not boxes:
        return nothing()
    found = np.array(boxes, float)
    points = found[:, None, :2] + BOX_POINTS * found[:, None, 2:] - 0.5
    return Found(found, np.ones(len(found)), points)


def shifted(picture: np.ndarray) -> Found:
    found = white(picture)
    eyes = (BOX_POINTS[1, 0] - BOX_POINTS[0, 0]) * found.boxes[:, 2]
    return Found(found.boxes, found.scores, found.points + np.array([0.2, 0]) * eyes[:, None, None])


def half(picture: np.ndarray) -> Found:
    """Finds a face where the upper left of the picture is not even: some photographs only; its score is 0.4 or 1."""
    found = white(picture)
    return Found(found.boxes, np.where(found.boxes[:, 0] < 60, 1.0, 0.4), found.points)


@pytest.fixture(autouse=True)
def _known(monkeypatch):
    for made in (white, shifted, half):
        monkeypatch.setitem(DETECTORS, made.__name__, DetectorRow(made.__name__, "", lambda made=made: made, "", True))
    yield
    detector.cache_clear()


def test_points_that_are_right_have_no_error_and_those_that_are_moved_have_theirs(photographs):
    result = judge(["white", "shifted", "half"], photographs, mosaics=3)
    assert result.faces == {"photographs": 11, "mosaics": 11}  # one photograph is damaged
    assert result.failures == (("11.png", "not a picture"),)
    exact, moved, some = (system.by_kind["photographs"] for system in result.systems)
    assert (exact.recall.value, moved.recall.value, some.recall.value) == (1, 1, 6 / 11)
    assert exact.error.value == pytest.approx(0, abs=1e-4)  # eyes of the median face are not quite level
    assert moved.error.value == pytest.approx(0.2, rel=1e-3)
    assert (exact.far.value, moved.far.value) == (0, 1)
    assert exact.beside is None
    assert moved.beside.value == pytest.approx(0.2, rel=1e-3)
    assert moved.beside.significant
    assert some.beside.value == pytest.approx(0, abs=1e-9)
    assert not some.beside.significant
    # in mosaics faces are elsewhere and of other sizes, to the pixel; points go with them
    mosaics = result.systems[0].by_kind["mosaics"]
    assert mosaics.recall.value == 1
    assert mosaics.error.value < 0.04
    told = to_json(result)
    assert told["format"] == "facerep/point-figures"
    assert "pictures_per_second" not in told["systems"][0]["by_kind"]["photographs"]


def test_the_same_seed_gives_the_same_figures(photographs):
    first, again = (to_json(judge(["shifted"], photographs, mosaics=2, seed=4)) for _ in range(2))
    assert first == again


def test_a_score_below_the_least_counts_as_no_face(photographs):
    (system,) = judge(["half"], photographs, least_score=0.3).systems
    assert system.by_kind["photographs"].recall.value == 1


def test_photographs_without_marks_are_refused(photographs):
    bare = make_faces("table", ["a"], [""], [photographs.paths[0]])
    with pytest.raises(BadInput, match="0 photographs with a box and five points"):
        judge(["white"], bare)
