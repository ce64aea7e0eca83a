"""Networks of others as a user brings them: `extract --model net.onnx`, and what goes on from its features."""

from __future__ import annotations

import pytest

from facerep.files.features import read_features
from tiny_onnx import DIMENSION, tiny_onnx

HERE = ("--device", "cpu", "--workers", 0, "--crop", "loose")
TOML = 'name = "tiny"\nheight = 16\nwidth = 16\ncolour = "bgr"\nmean = 127.5\nscale = 0.0078125\n'


@pytest.fixture
def net(here, tmp_path, people_folder):  # noqa: ARG001
    (tmp_path / "c.toml").write_text(TOML)
    return tiny_onnx(tmp_path / "net.onnx", batch=1)


def test_features_of_an_onnx_network_say_what_made_them_and_serve_what_comes_next(here, net):
    run = here("extract", "people", "--model", net, "--contract", "c.toml", "-o", "f.h5", *HERE, "--json")
    assert (run.code, run.json["network"], run.json["dimension"]) == (0, "tiny", DIMENSION), run.stderr
    contract = read_features("f.h5").contract
    assert contract.input == "bgr mean=127.5 scale=0.0078125 nchw output=embedding"
    assert contract.crop == "loose@16x16/1"
    assert here("verify", "f.h5").code == 0
    assert here("binarize", "f.h5", "--threshold", "median", "-o", "c.h5").code == 0
    assert here("verify", "c.h5").code == 0


def test_a_picture_is_asked_by_the_contract_of_the_gallery(here, net):
    assert here("extract", "people", "--model", net, "--contract", "c.toml", "-o", "f.h5", *HERE).code == 0
    run = here("search", "people/person_0/0.png", "f.h5", "--model", net, "--json")
    assert run.code == 0, run.stderr
    assert run.json["answers"][0]["found"][0]["face"] == "person_0/0.png"
    assert "the picture finds itself" in run.stderr


def test_features_of_two_contracts_are_never_compared(here, net):
    assert here("extract", "people", "--model", net, "--contract", "c.toml", "-o", "f.h5", *HERE).code == 0
    (net.parent / "d.toml").write_text(TOML.replace("bgr", "rgb"))
    assert here("extract", "people", "--model", net, "--contract", "d.toml", "-o", "g.h5", *HERE).code == 0
    refused = here("search", "f.h5", "g.h5")
    assert refused.code == 1
    assert "input differs: f.h5 has bgr mean=127.5" in refused.error


def test_options_that_say_nothing_or_too_much_are_usage_errors(here, net):
    both = here("extract", "people", "--model", net, "--preset", "arcface112", "--contract", "c.toml")
    assert (both.code, both.error) == (
        2, "error: --preset and --contract say the same thing; give one of them",
    )  # fmt: skip
    idle = here("extract", "people", "--model", "pixels", "--preset", "arcface112")
    assert (idle.code, "--preset means nothing without an ONNX network" in idle.error) == (2, True)
    unknown = here("extract", "people", "--model", net, "--preset", "arcface")
    assert (unknown.code, "no input contract 'arcface'; there are: arcface112, " in unknown.error) == (2, True)
    unsaid = here("extract", "people", "--model", net)
    assert (unsaid.code, "does not say what its input is" in unsaid.error) == (2, True)
    wrong = here("extract", "people", "--model", net, "--preset", "arcface112")
    assert wrong.code == 1
    assert "input of the ONNX network is 1x3x16x16, the input contract has rgb 112x112 nchw" in wrong.error
    layer = here("extract", "people", "--model", net, "--contract", "c.toml", "--layer", "conv4")
    assert (layer.code, "it has: maps, pooled, flat, embedding" in layer.error) == (2, True)


def test_without_the_packages_one_line_says_how_to_get_them(here, net, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    run = here("extract", "people", "--model", net, "--contract", "c.toml")
    assert (run.code, run.error) == (
        1, "error: ONNX files need the packages onnx and onnxruntime; pip install 'facerep[onnx]'",
    )  # fmt: skip


def test_commands_that_train_refuse_a_network_of_others(here, net):
    (net.parent / "net.toml").write_text(TOML)
    run = here("train", "people", "--set", f"network.start={net}", "-o", "r", "--epochs", 1)
    assert run.code == 1
    assert "net.onnx" in run.error
