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
    first = 1024 if name == "mvp-32" else 128 * 4 * 4
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


def test_a_picture_that_was_drawn_from_a_fixed_sample_finds_that_sample_whatever_its_contrast_and_shading(faces):
    mvp = network()
    identity = mvp(faces)
    drawn = mvp.draw(identity, mvp.fixed[None])[2]
    for place in (0, 17, SAMPLES - 1):
        shading = torch.linspace(-0.3, 0.3, 32)[:, None] * torch.ones(32)
        pictures = (0.3 * drawn[:, place] + 0.1).reshape(3, 1, 32, 32) + 0.01 * shading
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


def test_likeness_is_the_squared_error_that_gain_and_offset_leave_of_the_details(faces):
    mvp = network()
    drawn = mvp.draw(mvp(faces), torch.rand(3, 4, 2))[2]
    found = mvp.log_likeness(faces, drawn, 0.5)

    def details(picture: torch.Tensor) -> torch.Tensor:
        left = picture.reshape(32, 32).double()
        slow = torch.zeros_like(left)
        for y in range(32):
            for x in range(32):
                slow[y, x] = left[max(0, y - 4) : y + 5, max(0, x - 4) : x + 5].mean()
        return (left - slow).flatten()

    for i in range(3):
        for s in range(4):
            seen, line = details(faces[i]), torch.stack([details(drawn[i, s].detach()), torch.ones(1024)], dim=1)
            fit = torch.linalg.lstsq(line, seen[:, None]).solution
            fit[0].clamp_(min=0)  # a negative of the face is no face
            error = (seen - seen.mean() - fit[0] * (line[:, 0] - line[:, 0].mean())).square().sum()
            torch.testing.assert_close(found[i, s].double(), -error / (2 * 0.5**2), rtol=1e-3, atol=1e-3)


def test_the_posterior_is_that_of_the_samples_by_their_likelihood(faces):
    mvp = network()
    samples = torch.rand(1, 6, 2)
    own, posterior = mvp.read(faces, mvp(faces), samples, 0.7)
    drawn = mvp.draw(mvp(faces), samples)[2]
    likely = mvp.log_likeness(faces, drawn, 0.7)
    chances = mvp.log_views(drawn, samples).exp()
    for i in range(3):
        weights = likely[i].exp() / likely[i].exp().sum() if likely[i].exp().sum() > 0 else likely[i].softmax(0)
        torch.testing.assert_close(posterior[i], (weights[:, None] * chances[i]).sum(0), rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(own[i], samples[0, likely[i].argmax()])
    torch.testing.assert_close(posterior.sum(1), torch.ones(3))


def test_a_view_more_costs_few_weights_and_a_multi_task_network_a_layer_of_pictures():
    """The counts of docs/multiview.md, section 6."""

    def weights(name: str, **changes: int) -> int:
        with torch.device("meta"):
            return sum(weight.numel() for weight in build(replace(row(name), **changes), normalise=True).parameters())

    shared = [weights("mvp-32-conv", classes=views) for views in (2, 9, 20, 180)]
    apart = [weights("multi-task-32", views=views) for views in (2, 9, 20, 180)]
    assert shared == [2_196_934, 2_204_123, 2_215_420, 2_379_740]
    assert apart == [2_456_512, 6_133_696, 11_912_128, 95_962_048]
