"""Devices: what they compute fast, and that a slow choice is told."""

from __future__ import annotations

import pytest
import torch

from facerep.console import console
from facerep.networks import device


@pytest.mark.parametrize(
    ("precision", "fast", "told"), [("bf16-mixed", False, True), ("bf16-mixed", True, False), ("32-true", False, False)]
)
def test_a_precision_that_the_processor_imitates_is_told(monkeypatch, capsys, precision, fast, told):
    monkeypatch.setattr(device, "bfloat16_is_fast", lambda _device: fast)
    console.said.clear()
    device.warn_of_slow_precision(torch.device("cpu"), precision)
    assert ("give --precision 32-true" in capsys.readouterr().err) == told


def test_a_gpu_computes_in_bfloat16_and_the_processor_is_asked():
    assert device.bfloat16_is_fast(torch.device("cuda"))
    assert device.bfloat16_is_fast(torch.device("cpu")) in (True, False)
