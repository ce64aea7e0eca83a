"""The cascade starts at the typical places, does not mind gain and offset, and comes back from its file."""

from __future__ import annotations

import pytest
import torch

from facerep.detection.cascade import refined
from facerep.errors import BadInput, Usage
from facerep.faces.alignment import SWAPPED
from facerep.faces.crops import parse_crop
from facerep.networks.build import build
from facerep.networks.catalog import row
from facerep.networks.pointing.cascade import PointCascade
from facerep.networks.pointing.frames import PLACES, box_frames, placed
from facerep.networks.weights import BUNDLED, load_cascade, load_model, save_model
from facerep.training.lessons.points.changes import look


@pytest.fixture(scope="module")
def network() -> PointCascade:
    torch.manual_seed(0)
    network = build(row("five-points"), normalise=True)
    assert isinstance(network, PointCascade)
    return network.eval()


def test_a_network_that_learned_nothing_gives_about_the_typical_places(network):
    seen = torch.rand(4, 1, 48, 48) * 2 - 1
    fresh = build(row("five-points"), normalise=True).train()
    assert float((fresh.positions(1, seen).detach() - PLACES).abs().max()) < 0.3
    assert network(seen).shape == (4, 10)


def test_gain_and_offset_of_the_picture_change_little(network):
    seen = torch.rand(4, 1, 48, 48) * 2 - 1
    torch.testing.assert_close(network.positions(0, seen), network.positions(0, 0.5 * seen + 0.3), rtol=0, atol=0.02)


def test_the_mirrored_picture_has_the_mirrored_points(network):
    picture = torch.rand(1, 60, 80) * 255
    boxes = torch.tensor([[20.0, 10.0, 30.0, 40.0]])
    found = refined(network, boxes, lambda frames: look(picture, frames, 48) / 127.5 - 1)
    other = torch.tensor([[80 - 20.0 - 30, 10.0, 30.0, 40.0]])
    turned = refined(network, other, lambda frames: look(picture.flip(2), frames, 48) / 127.5 - 1)
    back = turned[:, SWAPPED] * torch.tensor([-1.0, 1.0]) + torch.tensor([79.0, 0.0])
    torch.testing.assert_close(found, back, rtol=0, atol=1e-2)


def test_each_stage_sees_what_the_one_before_it_found(network):
    shown = []

    def keep(frames: torch.Tensor) -> torch.Tensor:
        shown.append(frames)
        return torch.zeros(1, 1, 48, 48)

    found = refined(network, torch.tensor([[20.0, 10.0, 30.0, 40.0]]), keep)
    assert len(shown) == 3
    torch.testing.assert_close(shown[0], box_frames(torch.tensor([[20.0, 10.0, 30.0, 40.0]])))
    assert not torch.allclose(shown[1], shown[0])
    inside = placed(shown[2], torch.tensor([[[-1.0, -1.0], [1.0, 1.0]]]))[0]
    assert ((found[0] > inside[0]) & (found[0] < inside[1])).all()


def test_a_cascade_comes_back_from_its_file_and_is_no_source_of_features(network, tmp_path):
    path = tmp_path / "points.safetensors"
    save_model(path, network, crop=parse_crop("box@48x48/face*1/grey/1"), normalise=True, dropout=0.2, card={})
    seen = torch.rand(2, 1, 48, 48)
    torch.testing.assert_close(load_cascade(path).positions(1, seen), network.positions(1, seen))
    with pytest.raises(Usage, match="finds five points, it has no features; give it to `facerep align"):
        load_model(path)
    with pytest.raises(Usage, match="finds no five points, it is no run of --loss points"):
        load_cascade(BUNDLED)
    with pytest.raises(BadInput, match="no such run or weights file"):
        load_cascade(tmp_path / "absent")
