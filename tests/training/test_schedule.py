"""The learning rate over a run, and which weights decay."""

import pytest
import torch
from torch import nn

from facerep.training.recipe import ScheduleChoice
from facerep.training.schedule import learning_rate, optimizer


@pytest.mark.parametrize(
    ("shape", "warmup", "rates"),
    [
        ("constant", 0.0, {0.0: 1.0, 0.5: 1.0, 1.0: 1.0}),
        ("constant", 0.2, {0.0: 0.05, 0.1: 0.525, 0.2: 1.0}),
        ("steps", 0.0, {0.0: 1.0, 0.59: 1.0, 0.6: 0.1, 0.84: 0.1, 0.85: 0.01}),
        ("one-cycle", 0.15, {0.0: 0.05, 0.15: 1.0, 0.575: 0.5, 1.0: 1e-3}),
    ],
)
def test_the_rate_rises_over_the_warmup_and_then_has_the_shape_that_was_asked_for(shape, warmup, rates):
    assert {done: learning_rate(shape, warmup, done) for done in rates} == pytest.approx(rates)


def test_weights_decay_and_offsets_and_normalisation_do_not():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 2))
    decaying, others = optimizer(network.parameters(), ScheduleChoice(decay=0.01), 10)["optimizer"].param_groups
    assert [item.shape for item in decaying["params"]] == [network[0].weight.shape, network[3].weight.shape]
    assert (decaying["weight_decay"], others["weight_decay"]) == (0.01, 0.0)
    assert len(others["params"]) == 4


def test_the_rate_of_an_optimizer_follows_the_shape_step_by_step():
    weight = nn.Parameter(torch.ones(2, 2))
    parts = optimizer([weight], ScheduleChoice(rate=0.5, shape="steps", warmup=0.0, momentum=0.0), 10)
    rates = []
    for _ in range(10):
        rates.append(parts["optimizer"].param_groups[0]["lr"])
        parts["optimizer"].step()
        parts["lr_scheduler"]["scheduler"].step()
    assert rates == pytest.approx([0.5] * 6 + [0.05] * 3 + [0.005])
