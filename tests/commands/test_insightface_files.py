"""Files of InsightFace as data sets: inspected, extracted, verified by their own pairs, trained on."""

from __future__ import annotations

import io
import json
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from facerep.faces.crops import parse_crop
from facerep.files.features import read_features
from facerep.networks import weights
from facerep.networks.catalog import row
from facerep.networks.deepid import DeepID


def encoded(person: int, picture: int, size: tuple[int, int] = (112, 112)) -> bytes:
    """A picture that depends on the person, and a little on the picture."""
    shape = np.random.default_rng(person).integers(60, 200, (6, 6, 3)).astype(np.uint8)
    smooth = np.asarray(Image.fromarray(shape).resize(size, Image.Resampling.BICUBIC)).astype(int)
    noise = np.random.default_rng(1000 + picture).integers(-9, 9, smooth.shape)
    stream = io.BytesIO()
    Image.fromarray(np.uint8(smooth + noise)).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def pairs(tmp_path) -> Path:
    """mine.bin: 20 pairs of made-up faces, genuine and impostor in turn."""
    pictures, same = [], []
    for pair in range(20):
        other = pair % 6 if pair % 2 == 0 else (pair + 1) % 6
        pictures += [encoded(pair % 6, pair), encoded(other, 100 + pair)]
        same.append(other == pair % 6)
    (tmp_path / "mine.bin").write_bytes(pickle.dumps((pictures, same)))
    return tmp_path / "mine.bin"


@pytest.fixture
def records(tmp_path) -> Path:
    """train.rec: 10 people with 4 pictures each."""
    content, index = b"", []
    for key in range(40):
        packed = struct.pack("<IfQQ", 0, key // 4, key, 0) + encoded(key // 4, key)
        index.append(f"{key}\t{len(content)}\n")
        content += struct.pack("<II", 0xCED7230A, len(packed)) + packed + bytes(-len(packed) % 4)
    (tmp_path / "train.rec").write_bytes(content)
    (tmp_path / "train.idx").write_text("".join(index))
    return tmp_path / "train.rec"


@pytest.fixture
def model(tmp_path) -> Path:
    torch.manual_seed(0)
    network = DeepID(row("deepid-31x31"), normalise=True).eval()
    path = tmp_path / "m.safetensors"
    weights.save_model(path, network, crop=parse_crop("points@31x31/1"), normalise=True, dropout=0.0, card={})
    return path


def test_a_bin_goes_from_inspection_to_a_verified_result(here, pairs, model, tmp_path):
    told = here("data", "inspect", pairs.name, "--workers", 0)
    assert told.code == 0
    assert told.stdout.splitlines()[0].split() == ["kind", "insightface-bin"]
    assert "10 genuine, 10 impostor, 10 folds" in told.stdout
    run = here("extract", pairs.name, "--model", model, "--device", "cpu", "--workers", 0, "-o", "f.h5")
    assert run.code == 0
    features = read_features(tmp_path / "f.h5")
    assert features.contract.crop == "aligned@31x31/1"
    assert (len(features), features.contract.dataset) == (40, "insightface-bin")
    run = here("verify", "f.h5", "--json")
    assert run.code == 0
    result = json.loads(run.stdout)
    assert result["protocol"]["name"] == "mine"
    assert (result["counts"]["genuine"], result["counts"]["impostor"]) == (10, 10)
    assert result["accuracy"]["folds"] == 10


def test_worker_processes_read_bins_and_records_as_this_process_does(here, pairs, records, model, tmp_path):
    quick = ("--model", model, "--device", "cpu")
    for workers in (0, 2):
        run = here("extract", pairs.name, records.name, *quick, "--workers", workers, "-o", f"{workers}.h5")
        assert run.code == 0
    one, other = (read_features(tmp_path / f"{workers}.h5") for workers in (0, 2))
    assert len(one) == 80
    np.testing.assert_array_equal(one.values, other.values)


def test_pictures_of_another_size_are_told_with_the_crop_to_give(here, model, tmp_path):
    pictures = [encoded(person, 0, (100, 100)) for person in range(4)]
    (tmp_path / "odd.bin").write_bytes(pickle.dumps((pictures, [True, False])))
    run = here("extract", "odd.bin", "--model", model, "--device", "cpu", "--workers", 0, "-o", "f.h5")
    assert (run.code, run.stdout) == (1, "")
    assert run.error == (
        "error: no face gave features (4 failed; first: 1a: picture is 100x100, crop preset aligned takes 112x112 or "
        "96x112): odd.bin; give --crop loose"
    )


@pytest.mark.usefixtures("records")
def test_a_network_can_be_trained_on_records(here, tmp_path):
    quick = ("--network", "deepid-31x31", "--epochs", 1, "--batch-size", 8, "--device", "cpu", "--workers", 0)
    run = here("train", "train.rec", *quick, "--set", "data.held_out=0.3", "-o", "run", "--json")
    assert run.code == 0, run.stderr
    told = json.loads(run.stdout)
    assert (told["people"], told["faces"], told["failures"]) == (7, 28, [])
    people = (tmp_path / "run" / "people.txt").read_text().split()
    assert all(person.startswith(f"{tmp_path.name}:") for person in people)
