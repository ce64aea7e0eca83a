"""Run folders that somebody has changed: one line, and never the advice to trust them."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from facerep.errors import BadInput, Usage
from facerep.files.atomic import write_json
from facerep.files.json_file import parse
from facerep.report.drawing import svg_of
from facerep.training.checkpoint import read_checkpoint
from facerep.training.recipe import parse_setting, read_recipe
from facerep.training.run_folder import count_epochs, epochs_asked, read_metrics
from facerep.training.sparsification.sparse_recipe import read_schedule


class Bomb:
    """Unpickled, it makes a file called `ran`."""

    def __reduce__(self):
        import os

        return os.mkdir, ("ran",)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04", pickle.dumps(Bomb()), pickle.dumps({"state_dict": {}}), b"\x80\x02}", b"text", bytes(100)],
)
def test_a_checkpoint_that_is_none_is_refused_and_never_advised_to_be_trusted(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "last.ckpt").write_bytes(content)
    with pytest.raises(BadInput) as error:
        read_checkpoint(tmp_path / "last.ckpt")
    assert "checkpoint is damaged, or none of facerep" in str(error.value)
    assert "weights_only" not in str(error.value)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "held", [{}, [], 3, {"state_dict": 3}, {"state_dict": {"a": 1}}, {"state_dict": {1: torch.ones(1)}}]
)
def test_a_checkpoint_of_other_things_is_refused(tmp_path, held):
    torch.save(held, tmp_path / "last.ckpt")
    with pytest.raises(BadInput, match="checkpoint is none of facerep"):
        read_checkpoint(tmp_path / "last.ckpt")


def test_a_whole_checkpoint_that_is_cut_anywhere_is_refused(tmp_path):
    path = tmp_path / "last.ckpt"
    torch.save({"state_dict": {"a": torch.ones(3)}}, path)
    assert read_checkpoint(path)["state_dict"]["a"].tolist() == [1, 1, 1]
    whole = path.read_bytes()
    for end in range(0, len(whole), 97):
        path.write_bytes(whole[:end])
        with pytest.raises(BadInput):
            read_checkpoint(path)


@pytest.mark.parametrize(
    "text", ["", "epoch\n1,2\n", "epoch,id\nx,1\n", "epoch,id\n" + "9" * 5000 + ",1\n", "a,b\n1,2\n", "é\0"]
)
def test_metrics_that_are_none_are_refused(tmp_path, text):
    (tmp_path / "metrics.csv").write_text(text)
    with pytest.raises(BadInput):
        count_epochs(tmp_path)


def test_metrics_are_read_by_column(tmp_path):
    (tmp_path / "metrics.csv").write_text("epoch,id\n0,1.5\n1,\n")
    assert read_metrics(tmp_path / "metrics.csv") == [{"epoch": "0", "id": "1.5"}, {"epoch": "1", "id": ""}]


@pytest.mark.parametrize(
    "text", ["[", "a = " + "9" * 5000, "a = " + "[" * 5000, "[schedule]\nepochs = 'x'", "schedule = 3", ""]
)
def test_a_broken_recipe_of_a_run_is_one_line(tmp_path, text):
    path = tmp_path / "recipe.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=str(path)):
        epochs_asked(tmp_path)
    if text:
        with pytest.raises(BadInput, match=str(path)):
            read_recipe(path, {})
    if text[:1] in "[a" and text:
        with pytest.raises(BadInput, match=str(path)):
            read_schedule(path, [], {})


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 5000, "nan", "inf", "-1", "1e400", "{}", "a\nb"])
def test_a_setting_that_no_recipe_can_have_is_one_line(value):
    key, found = parse_setting(f"schedule.rate={value}")
    with pytest.raises(Usage) as error:
        read_recipe("modern", {key: found})
    assert len(str(error.value)) < 300


@pytest.mark.parametrize("base", ["3", "[]", "{}", "'nothing'"])
def test_a_base_that_is_none_is_refused(tmp_path, base):
    (tmp_path / "r.toml").write_text(f"base = {base}\n")
    with pytest.raises(BadInput, match="base is modern, paper or fine-tune"):
        read_recipe(tmp_path / "r.toml", {})


@pytest.mark.parametrize("name", ["$\\frac{$", "a\udcffb", "\x1b[2J", "$x$"])
def test_a_name_cannot_break_a_figure(name):
    figure = Figure()
    axes = figure.subplots()
    axes.plot(np.arange(1, 4), label=name)
    axes.set_xscale("log")
    axes.set_title(name)
    axes.legend()
    assert "\x1b" not in svg_of(figure)


def test_json_is_written_of_any_name_and_read_back_as_it_was(tmp_path):
    told = {"file": "a\udcff.h5", "name": "é\x1b\u2028"}
    write_json(tmp_path / "result.json", told)
    assert parse((tmp_path / "result.json").read_bytes()) == told
