"""`facerep binarize` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from facerep.files.features import read_codes, write_features
from facerep.files.rows import Features


@pytest.fixture
def values(tmp_path: Path) -> np.ndarray:
    values = np.random.default_rng(0).normal(1, 1, size=(40, 10)).astype(np.float32)
    names = np.array([f"{i}.png" for i in range(40)], dtype=object)
    for name, rows in (("feats.h5", values), ("train.h5", values + 3)):
        write_features(Features(names=names, people=names, values=rows), tmp_path / name)
    return values


def test_binarize_by_the_medians_of_another_file(here, tmp_path: Path, values: np.ndarray) -> None:
    arguments = ("feats.h5", "-o", "codes.h5", "--threshold", "median", "--from", "train.h5")
    run = here("binarize", *arguments, "--json")
    assert run.code == 0, run.stderr
    bits = values > np.median(values + 3, axis=0)
    assert run.json["bits"] == 10
    assert run.json["share_of_ones"] == pytest.approx(bits.mean())
    codes = read_codes(tmp_path / "codes.h5")
    assert (codes.packed == np.packbits(bits, axis=1)).all()
    assert codes.chosen == "median"
    again = here("binarize", *arguments)
    assert (again.code, again.stdout) == (1, "")
    assert "output exists: codes.h5" in again.stderr


def test_binarize_by_a_negative_number_prints_bits_and_share(here, values: np.ndarray) -> None:
    run = here("binarize", "feats.h5", "--threshold", "-0.5")
    assert run.code == 0, run.stderr
    assert "bits" in run.stdout
    assert f"{100 * (values > -0.5).mean():.2f} %" in run.stdout


@pytest.mark.usefixtures("values")
def test_a_threshold_that_is_none_is_a_usage_error(here) -> None:
    run = here("binarize", "feats.h5", "--threshold", "mean")
    assert (run.code, run.stdout) == (2, "")
    assert run.stderr == "error: no threshold 'mean'; give zero, median or a number\n"


@pytest.mark.usefixtures("values")
def test_new_faces_get_the_bits_of_an_old_rule(here, tmp_path: Path) -> None:
    run = here("binarize", "train.h5", "--rotation", "itq", "--bits", 6, "-o", "train-codes.h5", "--json")
    assert run.code == 0, run.stderr
    assert [json.loads(run.stdout)[key] for key in ("bits", "units", "bytes_a_face", "rotation")] == [6, 10, 1, "itq"]
    new = here("binarize", "feats.h5", "--like", "train-codes.h5", "-o", "new.h5", "--json")
    assert new.code == 0, new.stderr
    assert [json.loads(new.stdout)[key] for key in ("rule", "rule_from")] == [
        json.loads(run.stdout)["rule"],
        "train-codes.h5",
    ]
    direct = here("binarize", "feats.h5", "--rotation", "itq", "--bits", 6, "--from", "train.h5", "-o", "direct.h5")
    assert direct.code == 0, direct.stderr
    assert (read_codes(tmp_path / "new.h5").packed == read_codes(tmp_path / "direct.h5").packed).all()


def test_fewer_bits_than_units_are_chosen_and_named(here, tmp_path: Path, values: np.ndarray) -> None:
    run = here("binarize", "feats.h5", "--bits", 4, "--select", "entropy")
    assert run.code == 0, run.stderr
    assert "bits           4 of 10 units, by entropy" in run.stdout
    share = (values > 0).mean(axis=0)
    wanted = np.argsort(-share * (1 - share), kind="stable")[:4]
    assert read_codes(tmp_path / "codes.h5").units.tolist() == wanted.tolist()


@pytest.mark.usefixtures("values")
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("-o", "feats.h5", "--overwrite"), 1, "what is read cannot be replaced: feats.h5; give another"),
        (("--bits", "11"), 2, "feats.h5 has 10 units, 11 bits were asked for; give 1 to 10; several networks"),
        (("--select", "entropy"), 2, "units are chosen by entropy for a number of bits; give --bits"),
        (("--rotation", "itq", "--select", "entropy", "--bits", "4"), 2, "leave --select out"),
        (("--rotation", "pca"), 2, "'itq'"),
        (("--from", "train.h5"), 2, "nothing is fitted: threshold zero"),
        (("--like", "feats.h5"), 1, "format is facerep/features, wanted facerep/codes: feats.h5"),
        (("--like", "x.h5", "--bits", "4"), 2, "--like brings thresholds, rotation and units"),
        (("--bits", "4", "--select", "discriminative"), 1, "40 people of 40 faces do not show what tells people apart"),
    ],
)
def test_what_binarize_cannot_do_is_one_line(here, tmp_path: Path, arguments, code: int, said: str) -> None:
    run = here("binarize", "feats.h5", *arguments)
    assert (run.code, run.stdout) == (code, "")
    assert said in run.error
    assert not (tmp_path / "codes.h5").exists()
