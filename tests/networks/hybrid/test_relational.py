"""One network that looks at two faces: its first layer is one convolution over both."""

import pytest
import torch
import torch.nn.functional as functional

from facerep.networks.hybrid.relational import Relational

MAPS = (4, 6, 8, 5)


def network(**choices: object) -> Relational:
    torch.manual_seed(1)
    made = Relational(3, (39, 31), MAPS, **choices)  # pyright: ignore[reportArgumentType]
    torch.nn.init.normal_(made.bias)
    return made.eval()


@pytest.mark.parametrize("stride", [1, 2])
def test_the_first_layer_is_a_convolution_over_both_faces_stacked(stride: int) -> None:
    made, left, right = network(stride=stride), torch.randn(2, 3, 39, 31), torch.randn(2, 3, 39, 31)
    torch.nn.init.normal_(made.second.weight)
    stacked = torch.cat([made.first.weight, made.second.weight], dim=1)
    wanted = functional.conv2d(torch.cat([left, right], dim=1), stacked, made.bias, stride=stride)
    found = made.respond(left).first + made.respond(right).second + made.bias[:, None, None]
    assert torch.allclose(found, wanted, atol=1e-5)


def test_responses_of_faces_give_every_pair_of_them() -> None:
    made, faces = network(), torch.randn(3, 3, 39, 31)
    responses = made.respond(faces)
    left, right = torch.tensor([0, 2, 1]), torch.tensor([1, 0, 1])
    wanted = made(faces[left], faces[right])
    assert torch.allclose(made.relate(responses.first[left], responses.second[right]), wanted, atol=1e-5)


def test_a_network_begins_with_what_differs_either_way() -> None:
    made, left, right = network(), torch.randn(2, 3, 39, 31), torch.randn(2, 3, 39, 31)
    one, other = (made.respond(a).first + made.respond(b).second for a, b in ((left, right), (right, left)))
    assert torch.allclose(one[:, ::2], other[:, 1::2], atol=1e-5)
    assert torch.allclose(made.respond(left).first, -made.respond(left).second, atol=1e-5)


def test_the_order_of_the_faces_matters_to_one_network_once_it_has_learned() -> None:
    made, left, right = network(), torch.randn(2, 3, 39, 31), torch.randn(2, 3, 39, 31)
    torch.nn.init.normal_(made.second.weight)
    assert not torch.allclose(made(left, right), made(right, left), atol=1e-3)


def test_regions_that_are_brighter_or_of_more_contrast_are_alike_to_a_network_that_normalises() -> None:
    made, faces = network(normalise=True, block=0), torch.rand(2, 3, 39, 31)
    assert torch.allclose(made.respond(faces).first, made.respond(2 * faces + 0.3).first, atol=0.3)
    plain = network()
    assert not torch.allclose(plain.respond(faces).first, plain.respond(2 * faces + 0.3).first, atol=0.3)


PAPER = {"kernel": 4, "stride": 1, "block": 2}
SMALL = {"kernel": 6, "stride": 3, "block": 0, "normalise": True, "dropout": 0.3}


@pytest.mark.parametrize(
    ("size", "choices"), [((39, 31), PAPER), ((31, 31), PAPER), ((33, 33), SMALL), ((32, 32), {**SMALL, "kernel": 5})]
)
def test_sizes_of_regions_fit(size: tuple[int, int], choices: dict[str, object]) -> None:
    made = Relational(1, size, MAPS, **choices)  # pyright: ignore[reportArgumentType]
    assert made(torch.randn(4, 1, *size), torch.randn(4, 1, *size)).shape == (4, 2)
