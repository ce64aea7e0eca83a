"""`facerep train` as a user runs it: good faces and bad, stopped and gone on with, alone and in two processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
import tomllib
import zlib
from pathlib import Path

import pytest
import torch

from facerep.networks.weights import load_model
from facerep.training import each_epoch

SMALL = ("--network", "deepid-31x31", "--batch-size", 16, "--device", "cpu", "--workers", 0)
ONCE = (*SMALL, "--epochs", 1)
LOOSE = "warning: no five points are known: the crop preset is `loose`, one face in the middle; see --crop\n"
FEW = "warning: the best epoch is chosen by only 2 held-out people: their accuracy says little\n"


def weights(folder):
    return torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]


def equal(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


def spoil(root: Path) -> None:
    """One picture more for four people: empty, cut short, no picture at all, and of 30,000 x 30,000 pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    huge = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(b"x"))
    (root / "person_0" / "empty.png").touch()
    (root / "person_1" / "cut.png").write_bytes((root / "person_1" / "0.png").read_bytes()[:200])
    (root / "person_2" / "text.jpg").write_bytes(b"hello")
    (root / "person_3" / "huge.png").write_bytes(b"\x89PNG\r\n\x1a\n" + huge)


def test_a_data_set_that_cannot_train_is_refused_in_one_line_and_nothing_is_written(here, people_folder, tmp_path):
    (tmp_path / "empty").mkdir()
    for name, people, pictures in (("single", 1, 4), ("apart", 6, 1), ("two", 2, 4)):
        for person in range(people):
            (tmp_path / name / f"p{person}").mkdir(parents=True)
            for picture in range(pictures):
                shutil.copy(people_folder / f"person_{person}" / f"{picture}.png", tmp_path / name / f"p{person}")
    lines = ["path,person", "person_0/0.png,a", "person_0/0.png,a", "person_1/0.png,b"]
    (people_folder / "twice.csv").write_text("\n".join(lines) + "\n")
    refused = {
        "absent": "error: no such data set: absent; name a folder of people, a table, or `orl`",
        "empty": "error: folder is empty: empty; name a folder that holds one folder a person",
        "single": "error: too few people: there is 1 person with 4 pictures: single; 4 people are needed",
        "apart": "error: too few people to train on: of 6 people, 0 have 2 pictures or more: apart; 4 people are",
        "two": "error: too few people: there are 2 people with 8 pictures: two; 4 people are needed: 2 to train on",
        "people/twice.csv": "error: face name 'person_0/0.png' stands twice: people/twice.csv",
    }
    for dataset, line in refused.items():
        run = here("train", dataset, *ONCE, "-o", "run")
        assert (run.code, run.stdout) == (1, ""), dataset
        assert run.error.startswith(line)
        assert not (tmp_path / "run").exists()


def test_bad_pictures_among_good_ones_are_counted_and_strict_makes_it_3(here, people_folder, tmp_path):
    spoil(people_folder)
    run = here("train", "people", *ONCE, "-o", "run", "--json")
    assert run.code == 0
    told = json.loads(run.stdout)  # one object, and nothing else on stdout
    assert (told["folder"], told["people"], told["faces"]) == ("run", 4, 16)
    reasons = dict(told["failures"])
    assert reasons["person_0/empty.png"] == "file is empty"
    assert reasons["person_1/cut.png"] == "file is cut short"
    assert reasons["person_2/text.jpg"] == "not a picture"
    assert reasons["person_3/huge.png"].startswith("picture has too many pixels")
    assert "4 failed" in run.stderr
    assert json.loads((tmp_path / "run" / "environment.json").read_text())["failures"] == told["failures"]
    strict = here("train", "people", *ONCE, "-o", "strict", "--strict")
    assert (strict.code, strict.error) == (3, "error: faces that failed, 4: strict/environment.json")
    assert equal(weights(tmp_path / "run"), weights(tmp_path / "strict"))


def test_files_that_a_table_names_and_the_disk_lacks_count_as_failures(here, people_folder):
    rows = [f"person_{person}/{picture}.png,p{person}" for person in range(6) for picture in range(5)]
    (people_folder / "faces.csv").write_text("path,person\n" + "\n".join(rows) + "\n")
    run = here("train", "people/faces.csv", *ONCE, "--strict")
    assert run.code == 3
    assert run.error.startswith("error: faces that failed, 6: runs/")


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (("--set", "signal.shares=0.3"), 2, "unknown recipe key `signal.shares`; did you mean `signal.share`?"),
        (("--set", "signal.share"), 2, "--set 'signal.share' is not KEY=VALUE"),
        (("--set", "sgnal.loss=id"), 2, "unknown recipe key `sgnal`; did you mean `signal`?"),
        (("--loss", "id", "--lambda", "0.1"), 2, "--lambda means nothing without the signal ve"),
        (("--loss", "ve", "--head", "arcface"), 2, "--head means nothing without the signal id"),
        (("--loss", "id+ve", "--teacher", "absent.h5"), 2, "--teacher has no meaning with --loss id+ve; give --loss"),
        (("--teacher", "absent.h5"), 1, "no such file: absent.h5"),
        (("--loss", "teacher"), 2, "no teacher to learn from; give --teacher FEATURES.h5"),
        (("--batch-size", "10"), 2, "batch size 10 is no multiple of data.pictures_per_person (4)"),
        (("--batch-size", "4"), 2, "invalid value for '--batch-size'"),
        (("--set", "data.held_out=2"), 2, "recipe key `data.held_out`: input should be less than 1 (found 2)"),
        (("--recipe", "absent.toml"), 1, "no such recipe: absent.toml; give modern, paper, fine-tune or a TOML file"),
        (("--loss", "idd"), 2, "invalid value for '--loss': 'idd' is not one of 'id', 've', 'id+ve'"),
        (("--precision", "64"), 2, "invalid value for '--precision': '64' is not one of '32-true'"),
        (("--epochs", "0"), 2, "invalid value for '--epochs'"),
        (("--seed", "-1"), 2, "invalid value for '--seed'"),
        (("--seed", str(2**63)), 2, "invalid value for '--seed'"),
        (("--workers", "-2"), 2, "invalid value for '--workers'"),
        (("--epoch", "3"), 2, "no option `--epoch`; did you mean `--epochs`?"),
        (("--network", "deepid-31x32"), 2, "no network 'deepid-31x32' in the catalog; did you mean deepid-31x31?"),
        (("--start", "absent"), 1, "no such run or weights file: absent"),
        (("--start", "pixels"), 1, "no weights to start from: pixels; name a run, a weights file or `bundled`"),
        (("--start", "bundled"), 1, "network differs: deepid-31x31 cannot start from deepid2-wide"),
        (("--network", "pixels"), 2, "network pixels has no weights to train"),
        (
            ("--set", "data.crop=nose"),
            2,
            "recipe key `data.crop`: there is no such crop preset, there are: auto, points",
        ),
        (("--crop", "nose"), 2, "no crop preset 'nose'; there are: points, box, lfw"),
        (("--crop", "lfw"), 1, "no face could be cut (24 failed; first: person_0/0.png: picture is 64x64"),
        (("--device", "cuda:99"), 1, "device cuda:99 is not here"),
        (("--device", "gpu"), 2, "no device 'gpu'; give auto, cpu, cuda or cuda:INDEX"),
        (("--strategy", "magic"), 2, "Lightning refuses these options"),
        (("--resume",), 2, "--resume needs the run to go on with; name it with --output"),
        (("-o", "people/person_0/0.png"), 1, "output is a file, a folder is written here: people/person_0/0.png"),
        (("-o", "people", "--overwrite"), 1, "folder holds what no run does, it is not removed: "),
    ],
)
@pytest.mark.usefixtures("people_folder")
def test_an_option_that_cannot_be_followed_is_one_line_and_nothing_is_written(here, tmp_path, arguments, code, line):
    run = here("train", "people", *ONCE, *arguments)
    assert (run.code, run.stdout) == (code, "")
    assert run.error.startswith(f"error: {line}")
    assert {path.name for path in tmp_path.iterdir()} <= {"people", "cache"}
    assert len(list((tmp_path / "people").rglob("*.png"))) == 24


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
@pytest.mark.usefixtures("people_folder")
def test_a_gpu_that_is_asked_for_and_absent_is_never_a_silent_cpu_run(here):
    run = here("train", "people", "--network", "deepid-31x31", "--device", "cuda")
    assert (run.code, run.error) == (1, "error: device cuda is not here (0 GPUs found); give --device cpu")


@pytest.mark.usefixtures("people_folder")
def test_quiet_says_only_warnings_and_an_output_that_exists_stays_as_it_is(here, tmp_path):
    quiet = here("-q", "train", "people", *ONCE, "-o", "run")
    assert (quiet.code, quiet.stderr) == (0, LOOSE + FEW)
    assert "deepid-31x31" in quiet.stdout
    before = weights(tmp_path / "run")
    again = here("train", "people", *ONCE, "-o", "run", "--seed", 1)
    assert again.code == 1
    assert again.error == "error: run folder exists: run; give --resume to go on, --overwrite to start again"
    other = here("train", "people", *ONCE, "-o", "run", "--seed", 1, "--resume")
    assert other.code == 1
    assert other.error.startswith("error: recipe.toml differs from this run's: run/recipe.toml")
    assert equal(weights(tmp_path / "run"), before)
    new = here("train", "people", *ONCE, "-o", "run", "--seed", 1, "--overwrite", "--quiet")
    assert (new.code, new.stderr) == (0, LOOSE + FEW)
    assert not equal(weights(tmp_path / "run"), before)


@pytest.mark.usefixtures("people_folder")
def test_the_default_folder_is_never_used_twice(here, tmp_path):
    for _ in range(2):
        assert here("train", "people", *ONCE).code == 0
    one, two = sorted((tmp_path / "runs").iterdir())
    assert one.name.endswith("-deepid-31x31")
    assert two.name == f"{one.name}-2"


@pytest.mark.usefixtures("people_folder")
def test_a_run_that_diverges_says_so_in_one_line(here):
    run = here("train", "people", *ONCE, "--rate", "1e30")
    assert (run.code, run.stdout) == (1, "")
    assert run.error == "error: training diverged: features are not finite; give a lower --rate"


@pytest.mark.parametrize(
    ("size", "line", "left"),
    [
        (60_000, "crop cache cannot be written (File too large)", None),
        (100_000, "weights cannot be written", {"recipe.toml", "people.txt", "split.json", "environment.json"}),
        (700_000, "checkpoint cannot be written", {"model.safetensors", "metrics.csv", "checkpoints"}),
    ],
)
@pytest.mark.usefixtures("people_folder")
def test_a_full_disk_is_one_line_and_with_room_again_the_run_goes_on(here, full_disk, tmp_path, size, line, left):
    with full_disk(size):
        run = here("train", "people", *ONCE, "-o", "run")
    assert (run.code, run.stdout) == (1, "")
    assert run.error.startswith(f"error: {line}")
    found = {path.name for path in (tmp_path / "run").rglob("*")}
    assert found == set() if left is None else left <= found
    assert "last.ckpt" not in found
    assert not list(tmp_path.rglob(".*"))  # no temporary file, in the run or in the cache
    assert here("train", "people", *ONCE, "-o", "run", "--resume").code == 0
    assert here("train", "people", *ONCE, "-o", "whole").code == 0
    assert equal(weights(tmp_path / "run"), weights(tmp_path / "whole"))


@pytest.mark.usefixtures("people_folder")
def test_a_network_learns_another_ones_features(here):
    made = here("extract", "people", "--model", "pixels-32", "-o", "teacher.h5", "--device", "cpu", "--workers", 0)
    assert made.code == 0
    run = here("train", "people", *ONCE, "--teacher", "teacher.h5", "-o", "run", "--json")
    assert (run.code, json.loads(run.stdout)["network"]) == (0, "deepid-31x31")
    assert "16 faces, 16 of 4 people, 1024 units of the teacher" in run.stderr
    fine = ("--recipe", "fine-tune", "--start", "run", "--crop", "loose")
    assert here("train", "people", *ONCE[2:], "--teacher", "teacher.h5", *fine, "-o", "fine").code == 0
    again = here("train", "people", *SMALL, "--epochs", 2, "--teacher", "other.h5", "-o", "run", "--resume")
    assert again.code == 1
    assert again.error.startswith("error: no such file: other.h5")


@pytest.mark.usefixtures("people_folder")
def test_a_run_started_from_another_has_its_network_and_the_recipe_of_fine_tuning(here, tmp_path):
    few = "4 people are few to train from random weights: --start bundled goes on from the weights in the box"
    first = here("train", "people", *ONCE, "--set", "network.dropout=0.1", "-o", "first")
    assert (first.code, few in first.stderr) == (0, True)
    run = here("train", "people", "--start", "first", "--epochs", 1, "--device", "cpu", "--workers", 0, "-o", "second")
    assert run.code == 0
    assert few not in run.stderr
    recipe = tomllib.loads((tmp_path / "second" / "recipe.toml").read_text())
    assert recipe["network"] == {"name": "deepid-31x31", "normalise": True, "dropout": 0.1, "start": "first"}
    assert (recipe["schedule"]["rate"], recipe["schedule"]["epochs"]) == (0.03, 1)
    still = here("train", "people", "--start", "first", "--rate", "1e-12", *ONCE[2:], "-o", "third")
    assert still.code == 0
    before, after = (load_model(tmp_path / name).network for name in ("first", "third"))
    for one, other in zip(before.parameters(), after.parameters(), strict=True):
        torch.testing.assert_close(one, other)  # it began where the other ended


@pytest.mark.usefixtures("people_folder")
def test_a_run_started_from_the_box_has_seen_whom_the_box_has_seen(here, tmp_path):
    run = here("train", "people", "--start", "bundled", *ONCE[2:], "-o", "run")
    assert run.code == 0, run.stderr
    model = load_model(tmp_path / "run")
    assert model.row.name == "deepid2-wide"
    box = load_model(None).trained_people
    assert model.trained_people is not None
    assert box is not None
    assert set(box) < set(model.trained_people)
    assert json.loads((tmp_path / "run" / "held-out.json").read_text())["bundled"] is not None


class Running:
    """`facerep train people --output run` in a process of its own, to which signals can be sent."""

    def __init__(self, folder: Path, *arguments: object) -> None:
        command = [sys.executable, "-m", "facerep.cli.main", "train", "people", *map(str, arguments)]
        variables = {**os.environ, "FACEREP_CACHE": str(folder / "cache")}
        self.process = subprocess.Popen(
            command, cwd=folder, env=variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip

    def stopped_after(self, epochs: int, number: signal.Signals) -> tuple[int, str, list[str]]:
        """Exit code, stdout and lines of stderr, where the signal came after so many lines about epochs."""
        process = self.process
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line.rstrip("\n"))
            epochs -= line.startswith("epoch")
            if not epochs:
                process.send_signal(number)
                break
        stdout, rest = process.communicate(timeout=120)
        return process.returncode, stdout, lines + rest.splitlines()


@pytest.mark.usefixtures("people_folder")
def test_ctrl_c_and_sigterm_leave_a_run_that_goes_on_to_the_weights_of_an_unbroken_one(here, tmp_path, monkeypatch):
    options = (*SMALL, "--epochs", 20)
    stopped = "error: stopped; give the same command with --resume to go on"
    code, stdout, lines = Running(tmp_path, *options, "-o", "run").stopped_after(2, signal.SIGINT)
    assert (code, stdout, lines[-1]) == (130, "", stopped)
    assert not any("Traceback" in line for line in lines)
    reached = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)["epoch"]
    assert reached >= 1
    with monkeypatch.context() as patch:  # SIGTERM has the same handler, and needs no process of its own
        plain = each_epoch.EachEpoch.on_train_batch_end

        def signalled(self, trainer, *others):
            if trainer.current_epoch == reached + 3:
                os.kill(os.getpid(), signal.SIGTERM)
            plain(self, trainer, *others)

        patch.setattr(each_epoch.EachEpoch, "on_train_batch_end", signalled)
        run = here("train", "people", *options, "-o", "run", "--resume")
    assert (run.code, run.stdout, run.error) == (143, "", stopped)
    told = [line for line in run.stderr.splitlines() if line.startswith("epoch")]
    assert told[0].startswith(f"epoch {reached + 2}/20")
    assert len(told) == 2
    assert not list((tmp_path / "run").rglob(".*"))
    assert here("train", "people", *options, "-o", "run", "--resume").code == 0
    assert here("train", "people", *options, "-o", "whole").code == 0
    assert equal(weights(tmp_path / "run"), weights(tmp_path / "whole"))
    lines = [(tmp_path / name / "metrics.csv").read_text().splitlines() for name in ("run", "whole")]
    assert len(lines[0]) == len(lines[1]) == 21


@pytest.mark.usefixtures("people_folder")
def test_a_run_that_is_stopped_without_a_name_tells_the_name_to_resume(here, tmp_path, monkeypatch):
    from facerep.errors import Stopped
    from facerep.training import machine

    def stop(*_, **__):
        raise Stopped(signal.SIGTERM)

    monkeypatch.setattr(machine.pl.Trainer, "fit", stop)
    run = here("train", "people", *ONCE)
    (folder,) = (tmp_path / "runs").iterdir()
    assert run.code == 143
    assert run.error == f"error: stopped; give the same command with --output runs/{folder.name} --resume to go on"


TWO_RANKS = """
import torch
from facerep.cli.main import main
from facerep.training.each_epoch import EachEpoch

def keep(self, trainer, teacher):
    torch.save(dict(teacher.named_parameters()), f"rank{trainer.global_rank}.pt")

EachEpoch.on_train_end = keep
main()
"""


def test_two_processes_train_one_network_and_tell_once(people_folder, tmp_path):
    (tmp_path / "two.py").write_text(TWO_RANKS)
    options = (*SMALL, "--epochs", 2, "--batch-size", 8, "--devices", 2, "--strategy", "ddp", "--json")
    done = subprocess.run(
        [sys.executable, "two.py", "train", str(people_folder), *map(str, options)],
        cwd=tmp_path, capture_output=True, text=True, timeout=280, env={**os.environ, "FACEREP_CACHE": "cache"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [line.split()[1] for line in done.stderr.splitlines() if line.startswith("epoch")] == ["1/2", "2/2"]
    one, two = (torch.load(tmp_path / f"rank{rank}.pt", weights_only=True) for rank in (0, 1))
    assert equal(one, two)
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [Path(told["folder"]).name]
    state = load_model(tmp_path / told["folder"]).network.state_dict()
    assert all(torch.isfinite(value).all() for value in state.values())


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.usefixtures("people_folder")
def test_stopping_the_first_of_two_processes_ends_both(tmp_path, number):
    options = (*SMALL, "--epochs", 2000, "--batch-size", 8, "--devices", 2, "--strategy", "ddp", "-o", "run")
    running = Running(tmp_path, *options)
    code, stdout, lines = running.stopped_after(2, number)
    assert stdout == ""
    if number == signal.SIGKILL:
        assert (code, lines[-1].split(";")[0]) == (-number, "error: another process of the run ended")
    else:
        assert (code, lines[-1]) == (128 + number, "error: stopped; give the same command with --resume to go on")
    assert (tmp_path / "run" / "checkpoints" / "last.ckpt").exists()
    for _ in range(100):
        try:
            os.killpg(running.process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("a process was left behind")
