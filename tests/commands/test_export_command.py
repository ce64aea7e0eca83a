"""`facerep export` as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tiny_onnx import tiny_onnx


@pytest.mark.usefixtures("people_folder")
def test_a_network_of_others_is_stated_and_then_serves_every_command_without_a_contract(here, tmp_path):
    net = tiny_onnx(tmp_path / "net.onnx", batch=2)
    (tmp_path / "net.toml").write_text('name = "tiny"\nmean = 127.5\nscale = 0.0078125\n')
    run = here("export", net, "-o", "stated.onnx", "--faces", "people", "--crop", "loose", "--json")
    assert (run.code, run.json["network"], run.json["faces"]) == (0, "tiny", 24), run.stderr
    assert "input contract: " in run.stderr
    again = here("export", net, "-o", "stated.onnx", "--faces", "people")
    assert (again.code, "output exists: stated.onnx" in again.error) == (1, True)
    (tmp_path / "net.toml").unlink()
    made = here("extract", "people", "--model", "stated.onnx", "--crop", "loose", "-o", "f.h5", "--workers", 0)
    assert made.code == 0, made.stderr
    assert "input contract" not in made.stderr


@pytest.mark.usefixtures("people_folder")
def test_what_cannot_be_exported_is_refused_in_one_line_and_nothing_is_written(here, tmp_path):
    before = sorted(tmp_path.iterdir())
    pixels = here("export", "pixels", "--faces", "people")
    assert (pixels.code, pixels.error) == (2, "error: pixels has no weights to export")
    ending = here("export", "bundled", "-o", "model.bin", "--faces", "people")
    assert (ending.code, "model.bin does not end in .onnx" in ending.error) == (2, True)
    assert here("export", "nothing", "--faces", "people").error == "error: no such run or weights file: nothing"
    layer = here("export", "bundled", "--layer", "pool9", "--faces", "people")
    assert (layer.code, "has no layer 'pool9'; it has: pool1" in layer.error) == (2, True)
    assert sorted(tmp_path.iterdir()) == before
    assert not Path("model.onnx").exists()
