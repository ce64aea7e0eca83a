"""Scorers that are fitted on codes: what they accept, what they refuse, and how they are kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from facerep.codes.binarize import binarize, bits_of
from facerep.errors import BadInput, Mismatch, Usage
from facerep.files.contract import Contract
from facerep.files.rows import Codes, Features
from facerep.scorers.fit_chain import fit_chain
from facerep.scorers.scorer_file import read_scorer, write_scorer
from facerep.scorers.select_scorer import scorer

CONTRACT = Contract(network="deepid2", layer="feature", crop="orl@55x47/1", mirror="none", rule="> 0")


def make(seed: int = 0, d: int = 20) -> Features:
    random = np.random.default_rng(seed)
    people = np.repeat([f"p{i}" for i in range(30)], 6).astype(object)
    values = np.repeat(random.normal(size=(30, d)), 6, axis=0) + random.normal(size=(180, d))
    names = np.array([f"{person}/{i}.png" for i, person in enumerate(people)], dtype=object)
    return Features(names=names, people=people, values=values.astype(np.float32), contract=CONTRACT, path=Path("f.h5"))


@pytest.fixture
def codes() -> Codes:
    return binarize(make())


@pytest.mark.parametrize("chain", ["pca:8+joint-bayesian", "joint-bayesian", "weighted-hamming"])
def test_a_scorer_of_codes_is_kept_and_judges_codes(tmp_path: Path, codes: Codes, chain: str) -> None:
    fitted = fit_chain([codes], chain)
    write_scorer(fitted, tmp_path / "s.h5")
    again = read_scorer(tmp_path / "s.h5")
    assert (again.rule, again.dimension, again.text) == (codes.rule, 20, chain)
    metric = "hamming" if chain == "weighted-hamming" else "joint-bayesian"
    judge, rows = scorer(metric, codes, tmp_path / "s.h5")
    before = fitted.joint_bayesian or fitted.weighted_hamming
    assert before is not None
    assert np.array_equal(judge.score(rows[:90], rows[90:]), before.score(*np.split(fitted.prepare(codes), 2)))
    same, apart = judge.score(rows[0::6], rows[1::6]), judge.score(rows[0:-6:6], rows[6::6])
    assert same.mean() > apart.mean()


def test_bits_are_judged_as_the_same_numbers_would_be_as_vectors(codes: Codes) -> None:
    vectors = replace(make(), values=bits_of(codes))
    ours, theirs = (fit_chain([rows], "pca:6+joint-bayesian", rounds=5) for rows in (codes, vectors))
    assert np.array_equal(ours.prepare(codes), theirs.prepare(vectors))
    assert (bool(ours.rule), theirs.rule) == (True, "")


def test_other_bits_are_refused(tmp_path: Path, codes: Codes) -> None:
    write_scorer(fit_chain([codes], "joint-bayesian", rounds=2), tmp_path / "jb.h5")
    write_scorer(fit_chain([codes], "weighted-hamming"), tmp_path / "w.h5")
    rows = make()
    other = replace(CONTRACT, network="deepid2+")
    for wrong, said in (
        (rows, "takes codes, f.h5 holds vectors"),
        (binarize(rows, "median"), "rule of the bits differs"),
        (binarize(rows, rotation="itq"), "rule of the bits differs"),
        (binarize(rows, bits=12), "takes 20, f.h5 has 12"),
        (binarize(replace(rows, contract=other)), "network differs"),
    ):
        with pytest.raises(Mismatch, match=said):
            scorer("joint-bayesian", wrong, tmp_path / "jb.h5")
        if isinstance(wrong, Codes):
            with pytest.raises(Mismatch, match=said):
                scorer("hamming", wrong, tmp_path / "w.h5")
    write_scorer(fit_chain([rows], "pca:8+joint-bayesian", rounds=2), tmp_path / "vectors.h5")
    with pytest.raises(Mismatch, match="takes vectors, f.h5 holds codes"):
        scorer("joint-bayesian", codes, tmp_path / "vectors.h5")


def test_weights_judge_vectors_that_their_network_cuts_by_the_same_rule(tmp_path: Path, codes: Codes) -> None:
    write_scorer(fit_chain([codes], "weighted-hamming"), tmp_path / "w.h5")
    assert (scorer("hamming", make(), tmp_path / "w.h5")[1] == codes.packed).all()


def test_a_metric_and_a_file_that_do_not_fit_name_the_metric_that_does(tmp_path: Path, codes: Codes) -> None:
    write_scorer(fit_chain([codes], "weighted-hamming"), tmp_path / "w.h5")
    write_scorer(fit_chain([codes], "joint-bayesian", rounds=2), tmp_path / "jb.h5")
    write_scorer(fit_chain([codes], "pca:3"), tmp_path / "pca.h5")
    with pytest.raises(Usage, match="give --metric hamming"):
        scorer("joint-bayesian", codes, tmp_path / "w.h5")
    with pytest.raises(Usage, match="give --metric joint-bayesian"):
        scorer("hamming", codes, tmp_path / "jb.h5")
    with pytest.raises(Usage, match="ends with weighted-hamming"):
        scorer("hamming", codes, tmp_path / "pca.h5")
    assert scorer("cosine", codes, tmp_path / "pca.h5")[1].shape == (180, 3)


def test_weights_are_for_codes_and_stand_alone(codes: Codes) -> None:
    with pytest.raises(Usage, match="f.h5 holds vectors"):
        fit_chain([make()], "weighted-hamming")
    with pytest.raises(Usage, match="stands alone"):
        fit_chain([codes], "pca:3+weighted-hamming")


def test_files_of_two_kinds_or_rules_are_not_fitted_on_together(codes: Codes) -> None:
    more = replace(make(1), names=np.array([f"more/{i}.png" for i in range(180)], dtype=object))
    assert fit_chain([codes, binarize(more)], "joint-bayesian", rounds=2).faces == 360
    with pytest.raises(Mismatch, match="rule of the bits differs"):
        fit_chain([codes, binarize(more, "median")], "joint-bayesian")
    with pytest.raises(Mismatch, match="holds codes, f.h5 holds vectors"):
        fit_chain([codes, more], "joint-bayesian")


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file["steps/0/weights"].write_direct(np.full(20, -1.0)),
        lambda file: file["steps/0/weights"].write_direct(np.full(20, np.nan)),
        lambda file: file.attrs.__setitem__("dimension", 19),
        lambda file: file.attrs.__setitem__("code_rule", ""),
        lambda file: file["steps/0"].attrs.__setitem__("genuine", "many"),
    ],
)
def test_crafted_weights_are_refused(tmp_path: Path, codes: Codes, change) -> None:
    write_scorer(fit_chain([codes], "weighted-hamming"), tmp_path / "w.h5")
    with h5py.File(tmp_path / "w.h5", "r+") as file:
        change(file)
    with pytest.raises(BadInput, match="w.h5"):
        read_scorer(tmp_path / "w.h5")
