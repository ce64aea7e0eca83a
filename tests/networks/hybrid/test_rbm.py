"""The classification RBM, beside the sum over every state of its hidden units."""

import itertools

import pytest
import torch
from torch import Tensor

from facerep.networks.hybrid.rbm import ClassificationRBM

INPUTS, HIDDEN, CLASSES = 4, 6, 3


@pytest.fixture
def rbm() -> ClassificationRBM:
    torch.manual_seed(3)
    made = ClassificationRBM(INPUTS, HIDDEN, CLASSES).double()
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.8)
    return made


def enumerated(rbm: ClassificationRBM, x: Tensor) -> Tensor:
    """p(y | x) of one x, by every y and every h: exp of the negative energy, summed over h and divided by all."""
    weights = torch.stack([
        torch.stack([
            torch.exp(
                rbm.class_bias[y]
                + torch.tensor(h, dtype=x.dtype) @ (rbm.hidden_bias + rbm.classes[:, y] + rbm.seen @ x)
            )
            for h in itertools.product((0.0, 1.0), repeat=HIDDEN)
        ]).sum()
        for y in range(CLASSES)
    ])  # fmt: skip
    return weights / weights.sum()


def test_probabilities_are_those_of_all_hidden_states_together(rbm: ClassificationRBM) -> None:
    x = torch.randn(5, INPUTS, dtype=torch.float64)
    wanted = torch.stack([enumerated(rbm, row) for row in x])
    assert torch.allclose(rbm(x).softmax(dim=1), wanted, rtol=1e-10)


def test_gradients_are_those_of_all_hidden_states_together(rbm: ClassificationRBM) -> None:
    x = torch.randn(5, INPUTS, dtype=torch.float64, requires_grad=True)
    y = torch.tensor([0, 2, 1, 1, 0])
    inputs = [*rbm.parameters(), x]
    wanted = torch.autograd.grad(
        -torch.stack([enumerated(rbm, row)[answer].log() for row, answer in zip(x, y, strict=True)]).mean(), inputs
    )
    found = torch.autograd.grad(torch.nn.functional.cross_entropy(rbm(x), y), inputs)
    assert all(torch.allclose(a, b, rtol=1e-9, atol=1e-12) for a, b in zip(found, wanted, strict=True))


def test_without_ties_to_the_input_every_input_has_one_answer(rbm: ClassificationRBM) -> None:
    torch.nn.init.zeros_(rbm.seen)
    logits = rbm(torch.randn(4, INPUTS, dtype=torch.float64))
    assert torch.equal(logits, logits[:1].expand_as(logits))
