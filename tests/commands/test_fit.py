"""`facerep fit` as a user runs it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facerep.files.contract import Contract
from facerep.files.features import read_features, write_features
from facerep.files.rows import Features
from facerep.scorers.scorer_file import read_scorer


@pytest.fixture
def feature_file(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    people = np.repeat([f"p{i}" for i in range(20)], 5).astype(object)
    values = np.repeat(random.normal(size=(20, 12)), 5, axis=0) + 0.5 * random.normal(size=(100, 12))
    names = np.array([f"{person}/{i}.png" for i, person in enumerate(people)], dtype=object)
    contract = Contract(network="deepid2", layer="feature", crop="orl@55x47/1", mirror="none")
    features = Features(names=names, people=people, values=values.astype(np.float32), contract=contract)
    write_features(features, tmp_path / "feats.h5")
    return tmp_path / "feats.h5"


def test_fit_and_verify_with_what_was_fitted(here, feature_file: Path) -> None:
    run = here("fit", "pca+joint-bayesian", feature_file, "-o", "jb.h5", "--components", 8, "--json")
    assert run.code == 0, run.stderr
    assert run.json["chain"] == "pca:8+joint-bayesian"
    assert (run.json["people"], run.json["faces"], run.json["dimension_kept"]) == (20, 100, 8)
    assert run.json["log_likelihood"]["last"] > run.json["log_likelihood"]["first"]
    verify = here("verify", feature_file, "--metric", "joint-bayesian", "--scorer", "jb.h5", "--json")
    assert verify.code == 0, verify.stderr
    assert verify.json["auc"]["value"] > 0.95


def test_fit_says_what_chose_the_dimensions_and_what_they_keep(here, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    people = np.repeat([f"p{i}" for i in range(60)], 4).astype(object)
    values = np.repeat(random.normal(size=(60, 12)), 4, axis=0) + 0.5 * random.normal(size=(240, 12))
    names = np.array([f"{person}/{i}.png" for i, person in enumerate(people)], dtype=object)
    features = Features(names=names, people=people, values=values.astype(np.float32), contract=Contract())
    write_features(features, tmp_path / "many.h5")
    run = here("fit", "many.h5", "-o", "a.h5", "--json")
    assert run.code == 0, run.stderr
    chosen, kept = run.json["chosen_by"], run.json["dimension_kept"]
    assert chosen["held_out_people"] == 60
    assert str(kept) in chosen["equal_error_rate"]
    said = here("fit", "many.h5", "-o", "b.h5").stdout
    assert f"variance kept          {100 * run.json['variance_kept']:.1f} %\n" in said
    assert "chosen by              equal error rate on 60 held-out people (" in said


def test_fit_prints_a_table_and_refuses_to_replace(here, feature_file: Path, tmp_path: Path) -> None:
    run = here("fit", feature_file, "--chain", "pca:5+l2+joint-bayesian", "--device", "cpu")
    assert run.code == 0, run.stderr
    for words in ("people", "faces", "dimension kept", "rounds", "log-likelihood, first", "log-likelihood, last"):
        assert words in run.stdout
    assert read_scorer(tmp_path / "scorer.h5").text == "pca:5+l2+joint-bayesian"
    again = here("fit", feature_file)
    assert again.code == 1
    assert again.stderr == "error: output exists: scorer.h5; give --overwrite to replace it, or another --output\n"


def test_fit_takes_the_part_of_a_file_that_it_is_told_to(here, feature_file: Path, tmp_path: Path) -> None:
    whole = read_features(feature_file)
    split = np.array(["train"] * 40 + ["validation"] * 20 + ["test"] * 40, dtype=object)
    write_features(replace(whole, labels={"split": split}), tmp_path / "all.h5")
    write_features(whole.take(split != "test"), tmp_path / "part.h5")
    run = here("fit", "all.h5", "--chain", "pca:6+lda", "--where", "split!=test", "-o", "a.h5", "--json")
    assert (run.json["faces"], run.json["people"]) == (60, 12)
    assert here("fit", "part.h5", "--chain", "pca:6+lda", "-o", "b.h5").code == 0
    chains = [read_scorer(tmp_path / name) for name in ("a.h5", "b.h5")]
    for one, other in zip(*(chain.steps for chain in chains), strict=True):
        np.testing.assert_array_equal(one.directions, other.directions)
    assert here("fit", "all.h5", "--where", "set=a").error == (
        "error: file has no column 'set': all.h5; there are: split"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("pca+joint-bayesain", "feats.h5"), 2, "did you mean 'joint-bayesian'?"),
        (("pca+joint-bayesian",), 2, "no feature file"),
        (("feats.h5", "--chain", "pca:90+joint-bayesian"), 1, "pca cannot keep 90"),
        (("feats.h5", "--chain", "pca", "--rounds", 9), 2, "--rounds means nothing for the chain pca"),
    ],
)
def test_what_fit_cannot_do_is_one_line(
    here, feature_file: Path, tmp_path: Path, arguments, code: int, said: str
) -> None:
    run = here("fit", *arguments)
    assert run.code == code
    assert run.stdout == ""
    assert said in run.stderr
    assert run.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == [feature_file.name]


def test_scorers_of_codes_are_fitted_and_used_on_codes_of_the_same_rule(here, feature_file: Path) -> None:
    assert here("binarize", feature_file, "-o", "codes.h5").code == 0
    run = here("fit", "codes.h5", "--chain", "pca:8+joint-bayesian", "-o", "jb.h5")
    assert run.code == 0, run.stderr
    assert "bits                   12" in run.stdout
    verify = here("verify", "codes.h5", "--scorer", "jb.h5", "--json")
    assert verify.code == 0, verify.stderr
    assert (json.loads(verify.stdout)["metric"], json.loads(verify.stdout)["auc"]["value"] > 0.8) == (
        "joint-bayesian",
        True,
    )
    run = here("fit", "codes.h5", "--chain", "weighted-hamming", "-o", "weights.h5", "--json")
    assert run.code == 0, run.stderr
    assert (json.loads(run.stdout)["takes"], json.loads(run.stdout)["pairs"]["genuine"]) == ("codes", 200)
    assert here("verify", "codes.h5", "--metric", "hamming", "--scorer", "weights.h5").code == 0
    assert here("binarize", feature_file, "--threshold", "median", "-o", "medians.h5").code == 0
    other = here("verify", "medians.h5", "--scorer", "jb.h5")
    assert (other.code, other.stdout) == (1, "")
    assert "rule of the bits differs: jb.h5 takes" in other.stderr
    assert "--like" in other.stderr


def test_weights_of_bits_are_not_fitted_on_vectors(here, feature_file: Path) -> None:
    run = here("fit", feature_file, "--chain", "weighted-hamming")
    assert (run.code, run.stdout) == (2, "")
    assert "holds vectors; run facerep binarize first" in run.stderr
