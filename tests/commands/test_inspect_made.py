"""`facerep data inspect` of what facerep made: feature, code and scorer files, weights, runs."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from facerep.codes.binarize import binarize
from facerep.faces.crops import parse_crop
from facerep.files.contract import Contract
from facerep.files.features import write_codes, write_features
from facerep.files.rows import Features
from facerep.networks import weights
from facerep.networks.catalog import row
from facerep.networks.deepid import DeepID
from facerep.scorers.fit_chain import fit_chain
from facerep.scorers.scorer_file import write_scorer


@pytest.fixture
def features() -> Features:
    values = np.random.default_rng(0).normal(size=(12, 6)).astype(np.float32)
    people = np.array([f"p{row // 4}" for row in range(11)] + [""], dtype=object)
    names = np.array([f"{row}.png" for row in range(12)], dtype=object)
    contract = Contract(network="deepid2", layer="feature", crop="points@55x47/1", mirror="mean", rule="> 0")
    return Features(
        names=names, people=people, values=values, contract=contract, failures=(("x.png", "not a picture"),),
        labels={"view": np.array(["left", "right"] * 6, dtype=object)},
    )  # fmt: skip


def test_a_feature_file_says_what_is_in_it_and_what_made_it(here, features, tmp_path):
    write_features(features, tmp_path / "f.h5")
    run = here("data", "inspect", "f.h5", "--json")
    assert (run.code, run.json["kind"]) == (0, "features")
    wanted = {
        "faces": 12, "people": 3, "faces of unknown people": 1, "failed": 1, "dimension": 6, "network": "deepid2",
        "crop": "points@55x47/1", "data set": "unknown", "label view": "2 values",
    }  # fmt: skip
    assert run.json["facts"].items() >= wanted.items()
    assert "dimension" in here("data", "inspect", "f.h5").stdout


def test_code_and_scorer_files_say_theirs(here, features, tmp_path):
    write_codes(binarize(features), tmp_path / "c.h5")
    write_scorer(fit_chain([features], "l2+pca:2"), tmp_path / "s.h5")
    codes, scorer = here("data", "inspect", "c.h5", "--json").json, here("data", "inspect", "s.h5", "--json").json
    assert (codes["kind"], codes["facts"]["bits"]) == ("codes", 6)
    assert (scorer["kind"], scorer["facts"]["chain"], scorer["facts"]["takes"]) == (
        "scorer",
        "l2+pca:2",
        "6 dimensions",
    )


def test_weights_and_a_run_say_theirs(here, tmp_path):
    torch.manual_seed(0)
    run = tmp_path / "runs" / "a"
    run.mkdir(parents=True)
    network = DeepID(row("deepid-31x31"), normalise=True).eval()
    card = {"people": 7, "epoch": 1, "validation_accuracy": 0.75}
    weights.save_model(
        run / "model.safetensors", network, crop=parse_crop("loose@31x31/1"), normalise=True, dropout=0.0, card=card
    )
    (run / "recipe.toml").write_text("[schedule]\nepochs = 9\n")
    (run / "environment.json").write_text(json.dumps({}))
    (run / "metrics.csv").write_text("epoch\n0\n1\n2\n")
    told = here("data", "inspect", run, "--json").json
    assert told["kind"] == "run"
    wanted = {"network": "deepid-31x31", "training people": 7, "best epoch": 2, "epochs": "3 of 9"}
    assert told["facts"].items() >= wanted.items()
    assert here("data", "inspect", run / "model.safetensors", "--json").json["kind"] == "weights"


def test_what_makes_no_sense_there_and_what_is_no_file_of_ours_are_refused(here, features, tmp_path):
    write_features(features, tmp_path / "f.h5")
    refused = here("data", "inspect", "f.h5", "--strict")
    assert (refused.code, refused.error) == (2, "error: --strict means nothing without pictures")
    (tmp_path / "x.h5").write_bytes(b"nothing")
    assert here("data", "inspect", "x.h5").code == 1
