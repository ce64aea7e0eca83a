"""The localization lesson: what its pictures show, what is taught, and that a frozen trunk stays as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import made_up_faces
from facerep.faces.batches import normalise
from facerep.faces.table import Faces
from facerep.networks.localizing.lnet import LNet
from facerep.readers.load import load_all
from facerep.training.lessons.catalog import read_run_recipe
from facerep.training.lessons.localization import Localization
from facerep.training.lessons.localization_recipe import LocalizationRecipe
from facerep.training.lessons.made_up import squares

SETTINGS = {
    "signal.loss": "localization", "data.pictures": 24, "data.validation": 12, "data.backgrounds": 12,
    "data.batch_size": 8,
}  # fmt: skip


@pytest.fixture
def material(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Faces:
    monkeypatch.setenv("FACEREP_CACHE", str(tmp_path / "cache"))
    heads, photographs, _ = made_up_faces.write(tmp_path / "set", heads=24, photographs=6)
    return load_all([heads, photographs])


def recipe(**changes: object) -> LocalizationRecipe:
    chosen = read_run_recipe("modern", {**SETTINGS, **changes})
    assert isinstance(chosen, LocalizationRecipe)
    return chosen


def test_every_second_picture_has_a_face_and_those_without_have_no_attribute(material: Faces):
    lesson = Localization.prepare(material, recipe(), 0)
    assert lesson.cut.pixels.shape == (24, 2, 48, 48, 3)
    (answers,) = lesson.answers
    assert answers.shape == (24, 2)
    assert (answers[1::2] == -1).all()
    assert {1, -1} == set(answers[0::2].ravel().tolist())
    boxes = lesson.judging_pictures.boxes
    assert np.isfinite(boxes[0::2]).all()
    assert np.isnan(boxes[1::2]).all()
    sides = (boxes[0::2, :, 2] - boxes[0::2, :, 0]) / 48
    assert (sides[:, 0] < sides[:, 1]).all()  # head and shoulders, then face
    assert not set(lesson.people) & set(lesson.held_out)
    assert len(lesson.split["photographs"]) == 6


def test_the_same_seed_makes_the_same_pictures_and_another_others(material: Faces):
    first, again, other = (Localization.prepare(material, recipe(seed=seed), 0).cut.pixels for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).mean() > 0.5


def test_a_step_teaches_both_stages_by_answers_alone(material: Faces):
    lesson = Localization.prepare(material, recipe(), 0)
    torch.manual_seed(0)
    network = lesson.make_network().train()
    assert isinstance(network, LNet)
    noted: dict[str, torch.Tensor] = {}
    pixels, answers = torch.from_numpy(lesson.cut.pixels[:8]), [torch.from_numpy(lesson.answers[0][:8])]
    loss = lesson.step(network, pixels, answers, 0.0, noted.__setitem__, torch.Generator())
    loss.backward()
    assert set(noted) == {"attributes"}
    for number in range(2):
        for convolution in (network.stage(number).trunk.conv1, network.stage(number).conv5):
            assert convolution.weight.grad is not None
            assert float(convolution.weight.grad.abs().max()) > 0


def test_what_a_frozen_trunk_makes_of_the_pictures_is_computed_once(material: Faces):
    lesson = Localization.prepare(material, recipe(**{"network.start": "bundled", "network.frozen": True}), 0)
    assert lesson.frozen
    pixels = lesson.cut.pixels
    network = lesson.make_network()
    assert isinstance(network, LNet)
    lesson.begin(network, torch.device("cpu"))
    assert lesson.cut.pixels.dtype == np.float16
    trunk = network.stage(1).trunk.eval()
    with torch.inference_mode():
        maps = trunk(normalise(torch.from_numpy(pixels[:4, 1])))
    np.testing.assert_allclose(lesson.cut.pixels[:4, 1], maps.numpy(), atol=2e-3, rtol=2e-3)
    assert not any(weight.requires_grad for weight in trunk.parameters())
    for started in ("", "bundled"):  # unless it is asked for, what it starts from is taught on
        assert not Localization.prepare(material, recipe(**{"network.start": started}), 0).frozen


def test_backgrounds_are_drawn_where_no_photograph_can_be_read(material: Faces, capsys):
    photographs = material.take(np.array([name.startswith("photos") for name in material.names]))
    for path in photographs.paths:
        path.write_bytes(b"no picture")
    found = squares(photographs, 10, 1.0, (0,))
    assert found.shape == (10, 64, 64, 3)
    assert found.std() > 10
    assert "6 photographs could not be read" in capsys.readouterr().err
