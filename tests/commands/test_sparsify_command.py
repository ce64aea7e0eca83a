"""`facerep sparsify` as a user runs it: what it leaves, what it refuses, how it is stopped and goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path

import pytest
import torch

from facerep.files.unfinished import visible
from facerep.networks.weights import load_model, read_card
from facerep.readers.load import load
from facerep.training import each_epoch
from facerep.training.machine import Machine
from facerep.training.recipe import read_recipe
from facerep.training.train import train

HERE = ("--device", "cpu", "--workers", 0)
KEEP = ("--keep", "conv4=1/10", "--keep", "feature=1/8")
ONCE = (*HERE, *KEEP, "--epochs", 1)


@pytest.fixture(scope="module")
def trained(drawn_people, tmp_path_factory) -> Path:
    """What `dense` is a copy of."""
    root = tmp_path_factory.mktemp("trained")
    small = {"network.name": "deepid-31x31", "schedule.epochs": 1, "data.people_per_batch": 4}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEREP_CACHE", str(root / "cache"))
        train(load(drawn_people), read_recipe("modern", small), root / "dense", machine=Machine("cpu", 0))
    return root / "dense"


@pytest.fixture
def dense(people_folder, trained, tmp_path) -> Path:  # noqa: ARG001
    """A trained run `dense` beside the folder `people`."""
    return Path(shutil.copytree(trained, tmp_path / "dense"))


@pytest.mark.usefixtures("dense")
def test_a_sparsified_run_is_a_run_for_every_other_command(here, tmp_path):
    run = here("sparsify", "dense", "people", *ONCE, "-o", "sparse")
    assert run.code == 0, run.stderr
    rows = [[cell.strip() for cell in line.split("|")] for line in run.stdout.splitlines()]
    assert ["feature", "40 of 320"] in [row[:2] for row in rows]
    assert "sparse: feature 1/8, conv4 1/10" in run.stdout
    told = json.loads(here("sparsify", "dense", "people", *ONCE, "-o", "sparse", "--resume", "--json").stdout)
    assert [step["layer"] for step in told["steps"]] == ["feature", "conv4"]
    sizes = [network["bytes"] for network in told["networks"]]
    assert sizes[-1] == (tmp_path / "sparse" / "model.safetensors").stat().st_size < sizes[1] < sizes[0]
    assert here("extract", "people", "--model", "sparse", "-o", "sparse.h5", *HERE).code == 0
    assert here("verify", "sparse.h5", "--pairs", "all", "-o", "sparse/verified").code == 0
    assert here("extract", "people", "--model", "dense", "-o", "dense.h5", *HERE).code == 0
    assert here("verify", "dense.h5", "--pairs", "all", "-o", "dense/verified").code == 0
    again = here("sparsify", "sparse", "people", *HERE, "--keep", "conv2=1/2", "--epochs", 1, "-o", "sparser")
    assert again.code == 0
    assert set(read_card(tmp_path / "sparser" / "model.safetensors")["sparse"]) == {
        "conv2.weight", "conv4.weight", "feature.full.weight",
    }  # fmt: skip
    scratch = here("sparsify", "sparse", "people", *HERE, "--from-scratch", "--epochs", 1, "-o", "scratch", "--json")
    assert scratch.code == 0
    assert json.loads(scratch.stdout)["steps"] == []

    report = here("report", "dense", "sparse", "-o", "report")
    assert report.code == 0, report.stderr
    assert "verified: " in report.stdout
    assert {path.name for path in visible((tmp_path / "report").iterdir())} == {
        "networks.csv", "result.json", "timings.json", "sparsification.png", "sparsification.svg", "command.json",
    }  # fmt: skip
    rows = json.loads((tmp_path / "report" / "result.json").read_text())["rows"]
    assert rows[1]["verification"]["verified"]["difference"]["value"] == pytest.approx(
        rows[1]["verification"]["verified"]["accuracy"]["value"]
        - rows[0]["verification"]["verified"]["accuracy"]["value"]
    )
    assert here("report", "dense", "sparse", "-o", "report").error.startswith(
        "error: output exists: report/result.json"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (
            ("--keep", "fc=1/8"),
            2,
            "network deepid-31x31 has no layer 'fc'; it has: conv1, conv2, conv3, conv4, feature",
        ),
        (("--keep", "feature"), 2, "--keep 'feature' is not LAYER=SHARE; such as --keep feature=1/8"),
        (("--keep", "feature=1/8", "--keep", "feature=1/4"), 2, "--keep names layer feature twice: 1/8 and 1/4"),
        (("--keep", "feature=1.5"), 2, "recipe key `keep.feature`: a share is above 0 and below 1 (found '1.5')"),
        (("--keep", "feature=-1/8"), 2, "recipe key `keep.feature`: a share is above 0 and below 1 (found '-1/8')"),
        (("--keep", "feature=some"), 2, "recipe key `keep.feature`: a share is a number, such as 1/8 or 0.125"),
        (
            ("--keep", "feature=1/1000"),
            1,
            "layer feature: 0.001 of the 320 inputs of a unit is none; the least is 1/320",
        ),
        ((), 2, "no layer is to be made sparse; give --keep LAYER=SHARE"),
        (("--recipe", "absent.toml"), 1, "no such schedule: absent.toml; give a TOML file"),
        (("--keep", "feature=1/8", "--rule", "best"), 2, "invalid value for '--rule'"),
        (("--keep", "feature=1/8", "--strong", 2), 2, "recipe key `strong`: input should be less than or equal to 1"),
        (
            ("--keep", "feature=1/8", "--rule", "random", "--strong", 0.5),
            2,
            "--strong means nothing beside the rule random",
        ),
        (
            ("--keep", "feature=1/8", "--set", "schedule.epoch=2"),
            2,
            "unknown recipe key `schedule.epoch`; did you mean",
        ),
        (("--keep", "feature=1/8", "--device", "cuda:99"), 1, "device cuda:99 is not here"),
        (("--keep", "feature=1/8", "--resume"), 2, "--resume needs the work to go on with; name it with --output"),
        (("--keep", "feature=1/8", "-o", "dense"), 1, "run folder exists: dense; give --resume to go on, --overwrite"),
        (("--keep", "feature=1/8", "-o", "dense", "--overwrite"), 1, "what is read cannot be replaced: dense/"),
        (
            ("--keep", "feature=1/8", "-o", "people", "--overwrite"),
            1,
            "folder holds what no run does, it is not removed: ",
        ),
        (("--keep", "feature=1/8", "-o", "people/person_0/0.png"), 1, "output is a file, a folder is written here"),
        (("--from-scratch",), 2, "--from-scratch needs a sparsified run, dense has all its weights"),
        (
            ("--from-scratch", "--rule", "random"),
            2,
            "--from-scratch takes the structure of RUN; leave out --keep, --rule",
        ),
    ],
)
@pytest.mark.usefixtures("dense")
def test_what_cannot_be_followed_is_one_line_and_nothing_is_written(here, tmp_path, arguments, code, line):
    run = here("sparsify", "dense", "people", "--workers", 0, *arguments)
    assert (run.code, run.stdout) == (code, "")
    assert run.error.startswith(f"error: {line}")
    assert {path.name for path in tmp_path.iterdir()} <= {"people", "cache", "dense"}
    assert (tmp_path / "dense" / "model.safetensors").exists()


@pytest.mark.usefixtures("dense")
def test_a_run_that_is_none_is_one_line(here, tmp_path):
    for source, line in (
        ("absent", "not a run: it has no recipe.toml: absent; name a folder that `facerep train` wrote"),
        ("people", "not a run: it has no recipe.toml: people"),
        ("dense/model.safetensors", "not a run: it has no recipe.toml: dense/model.safetensors"),
    ):
        run = here("sparsify", source, "people", *ONCE, "-o", "out")
        assert (run.code, run.error.startswith(f"error: {line}")) == (1, True), run.error
    shutil.copytree(tmp_path / "dense", tmp_path / "young")
    (tmp_path / "young" / "model.safetensors").unlink()
    run = here("sparsify", "young", "people", *ONCE, "-o", "out")
    assert run.error == "error: run has no model.safetensors yet: young; train it with --resume"
    assert not (tmp_path / "out").exists()


def test_a_run_without_batch_statistics_is_one_line(here, dense):
    from safetensors import safe_open
    from safetensors.torch import save_file

    path = dense / "model.safetensors"
    with safe_open(path, "pt") as file:
        told = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys() if "running" not in name}  # noqa: SIM118
    save_file(tensors, path, metadata=told)
    run = here("sparsify", "dense", "people", *ONCE, "-o", "out")
    assert (run.code, run.error) == (1, "error: weights do not fit their own contract: dense/model.safetensors")


def test_without_a_checkpoint_the_heads_start_anew_and_it_is_said(here, dense):
    shutil.rmtree(dense / "checkpoints")
    run = here("sparsify", "dense", "people", *ONCE, "-o", "sparse")
    assert run.code == 0
    assert run.stderr.count("signals start anew: dense/checkpoints/last.ckpt is not there") == 1


@pytest.mark.usefixtures("dense")
def test_quiet_says_only_warnings(here):
    quiet = here("-q", "sparsify", "dense", "people", *ONCE, "-o", "sparse")
    assert quiet.code == 0
    loose, few = quiet.stderr.splitlines()
    assert loose.startswith("warning: no five points are known: the crop preset is `loose`")
    assert few.startswith("warning: the best epoch is chosen by only 2 held-out people")


def stop_after(epochs: int, number: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process be signalled once, when so many epochs are done and the next one has begun."""
    plain, seen = each_epoch.EachEpoch.on_train_epoch_start, []

    def signalled(self, *arguments):
        seen.append(1)
        if len(seen) == epochs + 1:
            os.kill(os.getpid(), number)
        plain(self, *arguments)

    monkeypatch.setattr(each_epoch.EachEpoch, "on_train_epoch_start", signalled)


@pytest.mark.usefixtures("dense")
def test_ctrl_c_and_sigterm_leave_work_that_goes_on_to_the_weights_of_unbroken_work(here, tmp_path, monkeypatch):
    options = (*HERE, *KEEP, "--epochs", 3)
    stopped = "error: stopped; give the same command with --resume to go on"
    for epochs, number, more in ((1, signal.SIGINT, ()), (3, signal.SIGTERM, ("--resume",))):
        with monkeypatch.context() as patch:
            stop_after(epochs, number, patch)
            run = here("sparsify", "dense", "people", *options, "-o", "sparse", *more)
        assert (run.code, run.stdout, run.error) == (128 + number, "", stopped)
        assert not (tmp_path / "sparse" / "model.safetensors").exists()
    assert not list((tmp_path / "sparse").rglob(".*"))
    assert here("sparsify", "dense", "people", *options, "-o", "sparse", "--resume").code == 0
    assert here("sparsify", "dense", "people", *options, "-o", "whole").code == 0
    one, other = (load_model(tmp_path / name).network.state_dict() for name in ("sparse", "whole"))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
