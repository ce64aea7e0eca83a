"""The multi-view perceptron: its layers, what depends on what, and which view a picture is drawn in."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from facerep.networks.build import build
from facerep.networks.catalog import row
from facerep.networks.mvp import MVP, SAMPLES
from facerep.networks.weights import load_model, save_model

ROWS = ("mvp-32", "mvp-32-conv")


def network(name: str = "mvp-32", **options: bool) -> MVP:
    torch.manual_seed(0)
    built = build(row(name), **options)
    assert isinstance(built, MVP)
    return built.eval()


@pytest.fixture
def faces() -> torch.Tensor:
    return torch.rand(3, 1, 32, 32, generator=torch.Generator().manual_seed(1)) * 2 - 1


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("normalise", [False, True])
def test_layers_have_the_lengths_of_the_row_and_are_not_negative(name, normalise, faces):
    mvp = network(name, normalise=normalise)
    found = dict(zip(mvp.row.layers, mvp.layers(faces, mvp.row.layers), strict=True))
    first = 1024 if name == "mvp-32" else 96 * 4 * 4
    assert {layer: values.shape for layer, values in found.items()} == {
        "h1_id": (3, first), "h2_id": (3, 512), "h3_r": (3, 512), "h4_r": (3, 512),
    }  # fmt: skip
    assert all((values >= 0).all() for values in found.values())


@pytest.mark.parametrize("name", ROWS)
def test_a_row_has_between_two_and_four_million_weights_in_all(name):
    count = sum(weight.numel() for weight in network(name, normalise=True).parameters())
    assert 1.8e6 < count < 4e6


def test_the_feature_is_h2_id(faces):
    mvp = network()
    feature, identity = mvp.layers(faces, ("feature", "h2_id"))
    torch.testing.assert_close(feature, mvp(faces))
    torch.testing.assert_close(identity, mvp(faces))


def test_drawn_pictures_are_those_of_the_layers_one_sample_at_a_time(faces):
    mvp = network()
    identity, samples = mvp(faces), torch.rand(3, 5, 2)
    third, fourth, drawn = mvp.draw(identity, samples)
    for i in range(3):
        for s in range(5):
            one = functional.relu(mvp.third(identity[i]) + mvp.turn.weight @ (samples[i, s] - 0.5))
            two = functional.relu(mvp.fourth(one))
            torch.testing.assert_close(third[i, s], one)
            torch.testing.assert_close(fourth[i, s], two)
            torch.testing.assert_close(drawn[i, s], mvp.picture(two))
            logits = mvp.view_of_picture(drawn[i, s]) + mvp.view_of_units.weight @ (samples[i, s] - 0.5)
            torch.testing.assert_close(mvp.log_views(drawn, samples)[i, s], logits.log_softmax(0))


def test_one_set_of_samples_serves_all_faces(faces):
    mvp = network()
    samples = torch.rand(1, 5, 2)
    torch.testing.assert_close(mvp.draw(mvp(faces), samples)[2], mvp.draw(mvp(faces), samples.expand(3, 5, 2))[2])


def test_identity_layers_do_not_depend_on_view_units_and_the_others_do(faces):
    mvp = network()
    before = mvp.layers(faces, mvp.row.layers)
    torch.nn.init.uniform_(mvp.turn.weight, 3, 4)
    after = dict(zip(mvp.row.layers, zip(before, mvp.layers(faces, mvp.row.layers), strict=True), strict=True))
    assert [name for name, (old, new) in after.items() if torch.equal(old, new)] == ["h1_id", "h2_id"]


def test_a_picture_that_was_drawn_from_a_fixed_sample_finds_that_sample_whatever_its_contrast(faces):
    mvp = network()
    identity = mvp(faces)
    drawn = mvp.draw(identity, mvp.fixed[None])[2]
    for place in (0, 17, SAMPLES - 1):
        pictures = (0.3 * drawn[:, place] + 0.1).reshape(3, 1, 32, 32)
        torch.testing.assert_close(mvp.own_samples(pictures, identity), mvp.fixed[[place] * 3])


def test_upper_layers_are_those_of_the_own_sample(faces):
    mvp = network()
    third, fourth, _ = mvp.draw(mvp(faces), mvp.own_samples(faces, mvp(faces))[:, None])
    found = mvp.layers(faces, ("h3_r", "h4_r"))
    torch.testing.assert_close(found, [third[:, 0], fourth[:, 0]])
    torch.testing.assert_close(mvp.layers(faces, ("h4_r",))[0], fourth[:, 0])


def test_fixed_samples_are_the_same_in_every_network_and_not_part_of_its_weights():
    one, other = network(), network("mvp-32-conv")
    assert torch.equal(one.fixed, other.fixed)
    assert ((one.fixed >= 0) & (one.fixed < 1)).all()
    assert "fixed" not in one.state_dict()


def test_a_file_keeps_how_many_view_units_and_views_there_are(tmp_path, faces):
    torch.manual_seed(0)
    mvp = build(replace(row("mvp-32"), random_units=7, classes=20)).eval()
    from facerep.faces.crops import parse_crop

    save_model(
        tmp_path / "model.safetensors", mvp, crop=parse_crop("aligned@32x32/face*1/grey/1"), normalise=False,
        dropout=0.0, card={"trained_people": ""},
    )  # fmt: skip
    model = load_model(tmp_path / "model.safetensors")
    assert model.row == mvp.row
    torch.testing.assert_close(model.network.layers(faces, mvp.row.layers), mvp.layers(faces, mvp.row.layers))  # pyright: ignore
