"""The attribute signal against a slow loop."""

from __future__ import annotations

import math

import torch

from facerep.signals.attributes import AttributeSignal


def test_the_loss_is_the_mean_cross_entropy_of_known_answers() -> None:
    torch.manual_seed(0)
    signal = AttributeSignal(6, 3)
    torch.nn.init.normal_(signal.full.weight)
    feature = torch.randn(4, 6)
    answers = torch.tensor([[1, -1, 0], [0, 0, 0], [-1, 1, 1], [1, 1, -1]], dtype=torch.int8)
    scores, losses = signal.scores(feature).detach(), []
    for face in range(4):
        for place in range(3):
            share = 1 / (1 + math.exp(-float(scores[face, place])))
            if answers[face, place]:
                losses.append(-math.log(share if answers[face, place] > 0 else 1 - share))
    assert torch.isclose(signal(feature, answers), torch.tensor(sum(losses) / len(losses)), atol=1e-6)


def test_no_known_answer_teaches_nothing() -> None:
    signal = AttributeSignal(6, 3)
    loss = signal(torch.randn(2, 6), torch.zeros(2, 3, dtype=torch.int8))
    loss.backward()
    assert loss == 0
    assert signal.full.weight.grad is not None
    assert not signal.full.weight.grad.any()


def test_half_precision_around_it_does_not_round_the_scores() -> None:
    signal, feature = AttributeSignal(6, 3), torch.randn(2, 6)
    with torch.autocast("cpu", torch.bfloat16):
        half = signal.scores(feature)
    assert torch.equal(half, signal.scores(feature))
