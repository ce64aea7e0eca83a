"""`train --loss pair` and `verify RUN FACES`, as a user runs them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

SMALL = ("--network", "convnet-rbm-face", "--set", "schedule.tuned_epochs=1", "--set", "data.people_per_batch=2")


@pytest.fixture
def run(here: Callable, people_folder: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "runs" / "pairs"
    done = here(
        "-q", "train", people_folder, "--loss", "pair", *SMALL, "--epochs", 3, "--workers", 0, "-o", folder, "--json"
    )
    assert done.code == 0, done.stderr
    assert done.json["held_out"]["metric"] == "pair"
    return folder


@pytest.fixture
def pairs(people_folder: Path, tmp_path: Path) -> Path:
    """Names of all genuine pairs of neighbours, and as many impostor pairs."""
    people = sorted(path.name for path in people_folder.iterdir())
    faces = {person: sorted(path.name for path in (people_folder / person).iterdir()) for person in people}
    rows = ["left,right,same"]
    for person, other in zip(people, people[1:] + people[:1], strict=True):
        for one, two in zip(faces[person], faces[person][1:], strict=False):
            rows.append(f"{person}/{one},{person}/{two},1")
            rows.append(f"{person}/{one},{other}/{faces[other][0]},0")
    path = tmp_path / "pairs.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_a_run_of_pairs_verifies_faces(
    here: Callable, run: Path, people_folder: Path, pairs: Path, tmp_path: Path
) -> None:
    done = here("verify", run, people_folder, "--pairs", pairs, "--workers", 0, "-o", tmp_path / "result")
    assert done.code == 0, done.stderr
    result = json.loads((tmp_path / "result" / "result.json").read_text(encoding="utf-8"))
    assert result["metric"] == "pair"
    assert result["counts"]["genuine"] == result["counts"]["impostor"] == 18
    assert result["features"]["network"] == "convnet-rbm-face"
    assert result["overlap"]["network"]["people"] > 0  # it was trained on these people, and the result says so
    kept = (tmp_path / "result" / "scores.csv").read_text(encoding="utf-8").splitlines()
    assert len(kept) == 37

    again = here(
        "verify", run, people_folder, "--pairs", pairs, "--workers", 0, "--json",
        "--threshold-from", tmp_path / "result",
    )  # fmt: skip
    assert again.code == 0, again.stderr
    assert again.json["threshold"]["value"] == result["threshold"]["value"]


def test_steps_below_the_last_are_asked_for_by_name(
    here: Callable, run: Path, people_folder: Path, pairs: Path
) -> None:
    found = {}
    for step in ("network", "modes", "groups"):
        done = here("verify", run, people_folder, "--pairs", pairs, "--workers", 0, "--step", step, "--json")
        assert done.code == 0, done.stderr
        assert done.json["features"]["layer"] == step
        found[step] = done.json["auc"]["value"]
    assert found["modes"] == found["groups"]  # one group of one network


def test_what_does_not_go_together_is_refused_in_one_line(
    here: Callable, run: Path, people_folder: Path, pairs: Path, tmp_path: Path
) -> None:
    short = tmp_path / "short.csv"
    short.write_text(pairs.read_text(encoding="utf-8") + "nobody/1.png,nobody/2.png,1\n", encoding="utf-8")
    cases = {
        ("verify", run): (2, f"{run} is a network, not a feature file"),
        ("verify", "net.onnx"): (
            2,
            "net.onnx is a network, not a feature file; give what extract --model net.onnx makes",
        ),
        ("verify", "net.onnx", people_folder): (2, "net.onnx makes features of single faces"),
        ("verify", "bundled", people_folder): (2, "extract with --model bundled, then give `verify` the feature file"),
        ("verify", run, people_folder): (2, "has no pair list of its own"),
        ("verify", run, people_folder, "--pairs", tmp_path / "none.csv"): (1, "no such pair list"),
        ("verify", run, people_folder, "--pairs", short): (1, "2 faces of 1 pair of 'short' are not"),
        ("verify", run, people_folder, "--pairs", pairs, "--metric", "cosine"): (2, "--metric means nothing"),
        ("verify", run, people_folder, "--pairs", pairs, "--scorer", "a.h5"): (2, "--scorer means nothing"),
        ("verify", run, tmp_path / "nowhere", "--pairs", pairs): (1, "nowhere"),
        ("verify", tmp_path / "norun", people_folder, "--pairs", pairs): (1, "no such run or weights file"),
        ("verify", "f.h5", "--step", "rbm"): (2, "--step means nothing without FACES and a run of pairs"),
        ("extract", people_folder, "--model", run, "-o", tmp_path / "f.h5"): (2, "scores pairs of faces, it has no"),
        ("train", people_folder, "--loss", "pair", "--network", "deepid2"): (2, "cannot be taught by --loss pair"),
        ("train", people_folder, "--network", "convnet-rbm"): (2, "it is taught by --loss pair"),
        ("train", people_folder, "--loss", "pair", "--devices", 2): (2, "--loss pair is taught on one device"),
        ("train", people_folder, "--loss", "pair", "--epochs", 2): (1, "with 2 epochs there is no epoch each"),
    }
    for arguments, (code, words) in cases.items():
        done = here(*arguments)
        lines = [line for line in done.stderr.splitlines() if line.startswith("error")]
        assert (done.code, len(lines)) == (code, 1), (arguments, done.stderr)
        assert words in lines[0], (arguments, done.stderr)
    assert "facerep verify" in here("extract", people_folder, "--model", run, "-o", tmp_path / "f.h5").stderr

    counted = here("verify", run, people_folder, "--pairs", short, "--missing", "count", "--workers", 0, "--json")
    assert counted.code == 0, counted.stderr
    assert counted.json["counts"]["missing"] == {"genuine": 1, "impostor": 0}


def test_a_run_of_features_does_not_score_pairs(
    here: Callable, people_folder: Path, pairs: Path, tmp_path: Path
) -> None:
    made = here(
        "train", people_folder, "--network", "deepid-31x31-grey", "--epochs", 1, "--workers", 0, "-o", tmp_path / "run"
    )
    assert made.code == 0, made.stderr
    done = here("verify", tmp_path / "run", people_folder, "--pairs", pairs)
    assert done.code == 2
    assert "it is no run of --loss pair" in done.stderr
