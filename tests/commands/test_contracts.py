"""Files that do not belong together, or are not what they should be: refused with both sides, nothing written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from facerep.files.contract import Contract
from facerep.files.features import write_features
from facerep.files.rows import Features

CONTRACT = Contract(
    network="deepid2", weights="a" * 64, layer="feature", rule="> 0", crop="points@55x47/1", mirror="mean"
)


def make_features(path: Path, *, prefix: str = "", seed: int = 0, contract: Contract = CONTRACT) -> Path:
    rng = np.random.default_rng(seed)
    people = np.repeat([f"p{k}" for k in range(10)], 5).astype(object)
    names = np.array([f"{prefix}{person}/{k}.png" for k, person in enumerate(people)], dtype=object)
    values = np.repeat(rng.normal(size=(10, 16)), 5, axis=0) + 0.5 * rng.normal(size=(50, 16))
    features = Features(values=values.astype(np.float32), names=names, people=people, contract=contract)
    write_features(features, path)
    return path


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("name", "value", "sides"),
    [
        ("network", "deepid2+", "scorer.h5 has deepid2, f.h5 has deepid2+"),
        ("network", "", "scorer.h5 has deepid2, f.h5 has unknown"),
        ("weights", "b" * 64, f"scorer.h5 has {'a' * 12}, f.h5 has {'b' * 12}"),
        ("layer", "conv4", "scorer.h5 has feature, f.h5 has conv4"),
        ("crop", "points@55x47/2", "scorer.h5 has points@55x47/1, f.h5 has points@55x47/2"),
        ("crop", "lfw@55x47/1", "scorer.h5 has points@55x47/1, f.h5 has lfw@55x47/1"),
        ("mirror", "none", "scorer.h5 has mean, f.h5 has none"),
    ],
)
def test_a_scorer_is_used_on_what_it_was_fitted_on_and_on_nothing_else(here, tmp_path, name, value, sides):
    make_features(tmp_path / "train.h5")
    assert here("fit", "train.h5", "--chain", "pca:8+joint-bayesian").code == 0
    make_features(tmp_path / "same.h5", seed=1)
    scored = ("--metric", "joint-bayesian", "--scorer", "scorer.h5", "-o", "out")
    make_features(tmp_path / "f.h5", contract=replace(CONTRACT, **{name: value}))
    run = here("verify", "f.h5", *scored)
    assert (run.code, run.stdout) == (1, "")
    hint = (
        "name it: facerep import --network" if sides.endswith("unknown") else "make both with the same network and crop"
    )
    assert run.error == f"error: {name} differs: {sides}; {hint}"
    assert not (tmp_path / "out").exists()
    if name == "network":
        assert here("verify", "same.h5", *scored).code == 0


@pytest.mark.parametrize(
    ("command", "output"),
    [
        (("fit", "one.h5", "other.h5"), "scorer.h5"),
        (("binarize", "other.h5", "--threshold", "median", "--from", "one.h5"), "codes.h5"),
    ],
)
def test_features_of_two_crops_are_never_mixed(here, tmp_path, command, output):
    make_features(tmp_path / "one.h5")
    make_features(tmp_path / "other.h5", prefix="x/", contract=replace(CONTRACT, crop="loose@55x47/1"))
    run = here(*command)
    assert (run.code, run.stdout) == (1, "")
    assert run.error.startswith("error: crop differs: one.h5 has points@55x47/1, other.h5 has loose@55x47/1")
    assert not (tmp_path / output).exists()


def spoil(path: Path, how: str) -> None:
    content = path.read_bytes()
    if how == "cut short":
        path.write_bytes(content[: len(content) // 2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "text":
        path.write_text("name,person\n")
    elif how == "absent":
        path.unlink()
    elif how == "unfinished":
        with h5py.File(path, "r+") as file:
            del file.attrs["complete"]
    elif how == "of a stranger":
        with h5py.File(path, "w") as file:
            file["embeddings"] = np.ones((3, 4))
    else:
        with h5py.File(path, "r+") as file:
            file.attrs["version"] = {"old": 0, "new": 2}[how]


@pytest.mark.parametrize("command", ["verify", "fit", "binarize"])
@pytest.mark.parametrize(
    ("how", "line"),
    [
        ("cut short", "file is cut short: f.h5; make it again with the command that wrote it"),
        ("empty", "not an HDF5 file: f.h5"),
        ("text", "not an HDF5 file: f.h5"),
        ("absent", "no such file: f.h5"),
        ("unfinished", "file is not complete: f.h5"),
        ("of a stranger", "format is not stated, "),
        ("old", "version 0 is earlier than the 1 that this facerep reads: f.h5; make the file again"),
        ("new", "version 2 is later than the 1 that this facerep reads: f.h5; make the file again"),
    ],
)
def test_a_feature_file_that_cannot_be_trusted_is_refused_by_every_command(here, tmp_path, command, how, line):
    spoil(make_features(tmp_path / "f.h5"), how)
    before = files(tmp_path)
    run = here(command, "f.h5")
    assert (run.code, run.stdout) == (1, "")
    assert run.error.startswith(f"error: {line}")
    assert "f.h5" in run.error
    assert files(tmp_path) == before


def test_one_kind_of_file_in_the_place_of_another_is_refused(here, tmp_path):
    make_features(tmp_path / "f.h5")
    assert here("fit", "f.h5", "--chain", "pca:8+joint-bayesian").code == 0
    assert here("binarize", "f.h5").code == 0
    for arguments, code, line in (
        (("verify", "scorer.h5"), 1, "format is facerep/scorer, a feature or code file is wanted: scorer.h5"),
        (
            ("fit", "scorer.h5", "-o", "new.h5"),
            1,
            "format is facerep/scorer, a feature or code file is wanted: scorer.h5",
        ),
        (("binarize", "codes.h5", "-o", "new.h5"), 1, "file holds codes, features are wanted: codes.h5"),
        (("verify", "codes.h5", "--metric", "cosine"), 2, "codes.h5 holds codes, cosine compares vectors"),
        (
            ("verify", "f.h5", "--metric", "joint-bayesian", "--scorer", "f.h5"),
            1,
            "format is facerep/features, wanted facerep/scorer: f.h5",
        ),
    ):
        run = here(*arguments)
        assert (run.code, run.stdout) == (code, "")
        assert run.error.startswith(f"error: {line}")
    assert files(tmp_path) == {"f.h5", "scorer.h5", "codes.h5"}


def test_pairs_that_name_absent_faces_stop_vectors_and_codes_alike(here, tmp_path):
    make_features(tmp_path / "f.h5")
    assert here("binarize", "f.h5").code == 0
    (tmp_path / "pairs.csv").write_text("p0/0.png,p0/1.png,1\np1/5.png,gone/2.png,0\ngone/1.png,p2/10.png,0\n")
    for file in ("f.h5", "codes.h5"):
        run = here("verify", file, "--pairs", "pairs.csv", "-o", "out")
        assert (run.code, run.stdout) == (1, "")
        assert "gone/1.png" in run.error
        assert "gone/2.png" in run.error
        assert not (tmp_path / "out").exists()


def test_features_whose_network_states_no_rule_are_not_cut_into_bits_by_a_guess(here, tmp_path):
    make_features(tmp_path / "f.h5", contract=Contract())
    run = here("verify", "f.h5", "--metric", "hamming")
    assert (run.code, run.stdout) == (1, "")
    assert run.error.endswith("f.h5; run facerep binarize first")
    assert here("binarize", "f.h5").code == 0
    assert here("verify", "codes.h5", "--metric", "hamming").code == 0
