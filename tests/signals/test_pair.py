"""The losses of pairs, beside their sums by hand."""

import math

import pytest
import torch

from facerep.signals.pair import rbm_loss, softmax_losses

LOGITS = torch.tensor([[[0.0, 1.0], [2.0, 0.0], [0.5, 0.5]], [[3.0, 0.0], [0.0, 0.0], [0.0, 2.0]]])
SAME = torch.tensor([True, False, False])


def minus_log(different: float, same: float, answer: bool) -> float:
    return math.log(math.exp(different) + math.exp(same)) - (same if answer else different)


def by_hand(network: int) -> list[float]:
    return [minus_log(*logits, answer) for logits, answer in zip(LOGITS[network].tolist(), SAME.tolist(), strict=True)]


def test_each_network_has_its_own_mean() -> None:
    assert softmax_losses(LOGITS, SAME).tolist() == pytest.approx([sum(by_hand(n)) / 3 for n in range(2)])


def test_weights_count_within_each_kind_and_each_kind_counts_half() -> None:
    weights = torch.tensor([[5.0, 1.0, 3.0], [1.0, 0.0, 2.0]])
    first, second = by_hand(0), by_hand(1)
    wanted = [(first[0] + (first[1] + 3 * first[2]) / 4) / 2, (second[0] + second[2]) / 2]
    assert softmax_losses(LOGITS, SAME, weights).tolist() == pytest.approx(wanted)


def test_a_network_whose_draw_has_none_of_a_kind_learns_from_the_other() -> None:
    losses = softmax_losses(LOGITS, SAME, torch.tensor([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]]))
    assert losses.tolist() == pytest.approx([(by_hand(0)[1] + by_hand(0)[2]) / 4, by_hand(1)[0] / 2])


def test_the_likelihood_of_the_rbm_is_the_mean_over_pairs() -> None:
    assert rbm_loss(LOGITS[0], SAME).item() == pytest.approx(sum(by_hand(0)) / 3)
