"""A trunk of random weights, small."""

from __future__ import annotations

import pytest
import torch

from facerep.networks.mobilenet import MobileNetV2, frozen
from facerep.tracking.trunk import Trunk, of_mobilenet


@pytest.fixture(scope="session")
def trunk() -> Trunk:
    torch.manual_seed(0)
    return of_mobilenet(frozen(MobileNetV2(width=0.125)), torch.device("cpu"), size=16 * 5 + 1)
