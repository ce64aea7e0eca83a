"""A small network of random weights."""

from pathlib import Path

import pytest
import torch

from facerep.faces.crops import parse_crop
from facerep.networks.catalog import row
from facerep.networks.deepid import DeepID
from facerep.networks.weights import save_model


@pytest.fixture
def model(tmp_path) -> Path:
    torch.manual_seed(0)
    network = DeepID(row("deepid-31x31"), normalise=True).eval()
    save_model(
        tmp_path / "m.safetensors", network, crop=parse_crop("loose@31x31/1"), normalise=True, dropout=0.0, card={}
    )
    return tmp_path / "m.safetensors"
