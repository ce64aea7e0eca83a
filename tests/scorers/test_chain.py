"""Chains, scorer files and the catalog: fitted, kept, read again, and refused where they do not belong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from facerep.codes.binarize import binarize
from facerep.console import console
from facerep.errors import BadInput, Mismatch, OutputExists, Usage
from facerep.files.contract import Contract
from facerep.files.rows import Features
from facerep.results.to_json import to_json
from facerep.scorers import fit_chain as chains
from facerep.scorers.chain_text import DEFAULT, looks_like_chain, parse
from facerep.scorers.joint_bayesian import JointBayesian
from facerep.scorers.scorer_file import read_scorer, write_scorer
from facerep.scorers.select_scorer import scorer

CONTRACT = Contract(network="deepid2", weights="a" * 64, layer="feature", crop="orl@55x47/1", mirror="none", rule="> 0")


def fit_chain(tables, chain: str = DEFAULT, **options):
    """As `chains.fit_chain`; what is tested here does not need the last digit of Joint Bayesian."""
    return chains.fit_chain(tables, chain, **({"rounds": 5} if "joint-bayesian" in chain else {}) | options)


def make(people: int = 30, faces: int = 6, d: int = 20, contract: Contract = CONTRACT, seed: int = 0) -> Features:
    random = np.random.default_rng(seed)
    labels = np.repeat([f"p{i}" for i in range(people)], faces).astype(object)
    values = np.repeat(random.normal(size=(people, d)), faces, axis=0) + random.normal(size=(people * faces, d))
    names = np.array([f"{person}/{i}.png" for i, person in enumerate(labels)], dtype=object)
    return Features(names=names, people=labels, values=values.astype(np.float32), contract=contract, path=Path("f.h5"))


@pytest.fixture(autouse=True)
def _fresh_console() -> None:
    console.said.clear()
    console.quiet = False


def test_parse_knows_the_steps_and_names_the_nearest() -> None:
    assert parse("pca:9+l2+joint-bayesian") == [("pca", 9), ("l2", None), ("joint-bayesian", None)]
    with pytest.raises(Usage, match="did you mean 'joint-bayesian'"):
        parse("pca+joint-bayes")
    for wrong in ("", "pca:", "pca:0", "l2:3", "joint-bayesian+pca", "pca++lda"):
        with pytest.raises(Usage):
            parse(wrong)


def test_a_chain_is_told_from_a_file() -> None:
    assert all(looks_like_chain(text) for text in ("pca+joint-bayesian", "pca:3", "lda", "pcaa+jb"))
    assert not any(looks_like_chain(text) for text in ("feats.h5", "a+b.h5", "lfw", "runs/pca"))


def test_pca_is_that_of_scikit_learn() -> None:
    features = make()
    fitted = fit_chain([features], "pca:5")
    wanted = PCA(5, svd_solver="full").fit_transform(features.values.astype(np.float64))
    found = fitted.prepare(features.values)
    signs = np.sign((found * wanted).sum(axis=0))
    np.testing.assert_allclose(found * signs, wanted, atol=1e-8)
    assert (fitted.text, fitted.kept) == ("pca:5", 5)


def test_pca_of_fewer_faces_than_dimensions_and_of_very_long_vectors() -> None:
    short = make(3, 3, 50)
    assert fit_chain([short], "pca:all").kept == 8
    long = make(4, 3, 5000)
    first, again = (fit_chain([long], "pca:4", seed=1).steps[0].directions for _ in range(2))
    assert np.array_equal(first, again)


def test_lda_is_that_of_scikit_learn() -> None:
    features = make()
    found = fit_chain([features], "lda:4").prepare(features.values)
    known = LinearDiscriminantAnalysis(n_components=4).fit(
        features.values.astype(np.float64), features.people.astype(str)
    )
    wanted = known.transform(features.values.astype(np.float64))
    np.testing.assert_allclose(found, wanted, atol=1e-8)


def test_lda_leaves_out_directions_that_are_not_there() -> None:
    features = make()
    flat = replace(features, values=np.hstack([features.values, features.values[:, :3]]))
    assert np.isfinite(fit_chain([flat], "lda:4").prepare(flat.values)).all()


def test_l2_gives_rows_of_length_one_and_leaves_zero_alone() -> None:
    fitted = fit_chain([make()], "pca:5+l2")
    assert np.linalg.norm(fitted.prepare(make().values), axis=1) == pytest.approx(1)
    only = fit_chain([make()], "l2")
    assert (only.prepare(np.zeros((1, 20))) == 0).all()


def test_all_directions_are_those_that_the_faces_can_fill() -> None:
    few = make(5, 3, 20)  # 15 faces of 5 people: 10 dimensions within people
    every = "pca:all+joint-bayesian"
    assert fit_chain([few], every).kept == 10
    features = make()
    dead = replace(features, values=np.where(np.arange(20) < 5, 0, features.values).astype(np.float32))
    assert fit_chain([dead], every).kept == 15  # units that never fire have no direction
    with pytest.raises(BadInput, match="15 dimensions only, pca was asked for 18"):
        fit_chain([dead], "pca:18+joint-bayesian")
    with pytest.raises(BadInput, match="pca cannot keep 40.*f.h5.*20 or less"):
        fit_chain([features], "pca:40")


def test_rounds_that_do_not_suffice_are_warned_about(capsys) -> None:
    chains.fit_chain([make()], "joint-bayesian", rounds=2, tolerance=0.0)
    said = capsys.readouterr().err
    assert said.startswith("warning: Joint Bayesian has not converged: the last of 2 rounds still moved the log-l")
    chains.fit_chain([make()], "joint-bayesian")
    assert capsys.readouterr().err == ""


def spread(people: int, faces: int, d: int, of_people: int, seed: int = 0) -> Features:
    """Features whose people differ in the first `of_people` of d directions, and whose pictures do in all."""
    features, random = make(people, faces, d, seed=seed), np.random.default_rng(seed)
    values = np.zeros((people, d))
    values[:, :of_people] = random.normal(size=(people, of_people))
    values = np.repeat(values, faces, axis=0) + 0.7 * random.normal(size=(people * faces, d))
    return replace(features, values=values.astype(np.float32))


@pytest.mark.parametrize(("of_people", "kept"), [(4, range(1, 25)), (48, range(30, 49))])
def test_held_out_people_choose_how_many_directions_are_kept(of_people: int, kept: range) -> None:
    fitted = fit_chain([spread(120, 4, 48, of_people)])
    assert fitted.kept in kept
    assert fitted.text == f"pca:{fitted.kept}+joint-bayesian"
    why = fitted.why
    assert why is not None
    assert why.people == 120  # each is held out once
    even = [number for number, error in why.errors.items() if error <= 1.05 * min(why.errors.values()) + 0.001]
    assert max(even) == fitted.kept


def test_few_people_and_chains_without_joint_bayesian_keep_most_of_the_variance() -> None:
    for features, chain in ((spread(20, 6, 12, 3), "pca+joint-bayesian"), (spread(120, 4, 12, 3), "pca+lda")):
        fitted = fit_chain([features], chain)
        wanted = np.cumsum(PCA(12).fit(features.values.astype(np.float64)).explained_variance_ratio_)
        number = int((wanted < 0.95).sum()) + 1
        why = fitted.why
        assert why is not None
        assert (why.number, why.people, why.errors) == (number, 0, {})
        assert why.share == pytest.approx(wanted[number - 1])


def test_the_number_and_the_variance_that_were_asked_for_are_told() -> None:
    features = make()
    wanted = PCA(5).fit(features.values.astype(np.float64)).explained_variance_ratio_.sum()
    why = fit_chain([features], "pca:5+l2").why
    assert why is not None
    assert (why.number, why.share) == (5, pytest.approx(wanted))
    assert fit_chain([features], "l2").why is None


def test_components_are_for_a_pca_that_does_not_say() -> None:
    assert fit_chain([make()], components=7).text == "pca:7+joint-bayesian"
    for chain in ("pca:3", "lda"):
        with pytest.raises(Usage, match="--components"):
            fit_chain([make()], chain, components=7)


def test_faces_of_unknown_people_are_left_out_and_counted() -> None:
    features = make()
    people = features.people.copy()
    people[:4] = ""
    fitted = fit_chain([replace(features, people=people)])
    assert (fitted.left_out, fitted.faces, fitted.people, fitted.single) == (4, 176, 30, 0)
    with pytest.raises(BadInput, match="no person is known"):
        fit_chain([replace(features, people=np.full(180, "", dtype=object))])
    assert fit_chain([replace(features, people=np.full(180, "", dtype=object))], "pca:3").people == 0


def test_several_files_are_rows_below_each_other() -> None:
    first, second = make(seed=1), make(seed=2)
    second = replace(second, names=np.array([f"b/{name}" for name in second.names], dtype=object))
    assert fit_chain([first, second]).faces == 360
    with pytest.raises(BadInput, match="more than one file"):
        fit_chain([first, first])
    with pytest.raises(Mismatch, match="layer differs"):
        fit_chain([first, replace(second, contract=replace(CONTRACT, layer="pool3"))])


@pytest.mark.parametrize("chain", ["pca:8+joint-bayesian", "pca:8+l2+joint-bayesian", "lda:5", "joint-bayesian", "l2"])
def test_a_scorer_file_gives_the_same_rows_to_the_bit(tmp_path: Path, chain: str) -> None:
    features = make()
    fitted = fit_chain([features], chain)
    write_scorer(fitted, tmp_path / "s.h5")
    read = read_scorer(tmp_path / "s.h5")
    assert np.array_equal(read.prepare(features.values), fitted.prepare(features.values))
    assert to_json(read) == to_json(fitted)
    assert read.contract == features.contract
    assert read.fingerprint == fitted.fingerprint != ""
    with pytest.raises(OutputExists):
        write_scorer(fitted, tmp_path / "s.h5")


def test_joint_bayesian_from_the_catalog_tells_people_apart(tmp_path: Path) -> None:
    features = make()
    write_scorer(fit_chain([features], "pca:15+joint-bayesian"), tmp_path / "s.h5")
    judge, rows = scorer("joint-bayesian", features, tmp_path / "s.h5")
    assert isinstance(judge, JointBayesian)
    scores = judge.matrix(rows, rows)
    same = features.people[:, None] == features.people
    assert scores[same].mean() > 1 > -1 > scores[~same].mean()
    some = features.take(np.array([17, 3, 99]))
    assert np.array_equal(scorer("joint-bayesian", some, tmp_path / "s.h5")[1], rows[[17, 3, 99]])


def test_cosine_after_pca_is_cosine_of_the_projected_rows(tmp_path: Path) -> None:
    features = make()
    fitted = fit_chain([features], "pca:5")
    write_scorer(fitted, tmp_path / "s.h5")
    judge, rows = scorer("cosine", features, tmp_path / "s.h5")
    assert judge.name == "cosine"
    assert np.array_equal(rows, fitted.prepare(features.values))


@pytest.mark.parametrize("name", ["network", "layer", "crop", "mirror", "weights"])
def test_a_scorer_of_another_contract_is_refused_with_both_sides(tmp_path: Path, name: str) -> None:
    write_scorer(fit_chain([make()]), tmp_path / "s.h5")
    other = make(contract=replace(CONTRACT, **{name: "other"}))
    with pytest.raises(Mismatch, match=rf"{name} differs: .*s\.h5 has .*, f\.h5 has other"):
        scorer("joint-bayesian", other, tmp_path / "s.h5")
    with pytest.raises(Mismatch, match="unknown"):
        scorer("joint-bayesian", make(contract=replace(CONTRACT, **{name: ""})), tmp_path / "s.h5")


def test_two_unknown_networks_match_by_dimension_with_a_warning(tmp_path: Path, capsys) -> None:
    write_scorer(fit_chain([make(contract=Contract())]), tmp_path / "s.h5")
    scorer("joint-bayesian", make(contract=Contract()), tmp_path / "s.h5")
    assert "network unknown" in capsys.readouterr().err
    with pytest.raises(Mismatch, match=r"dimension differs: .* takes 20, f\.h5 has 21"):
        scorer("joint-bayesian", make(d=21, contract=Contract()), tmp_path / "s.h5")


def test_hamming_on_vectors_uses_the_networks_rule_and_says_so(capsys) -> None:
    features = make()
    judge, rows = scorer("hamming", features)
    assert judge.name == "hamming"
    assert (rows == np.packbits(features.values > 0, axis=1)).all()
    assert "> 0" in capsys.readouterr().err
    with pytest.raises(BadInput, match="run facerep binarize first"):
        scorer("hamming", make(contract=replace(CONTRACT, rule="")))
    assert scorer("hamming", binarize(features, "median"))[1].shape == (180, 3)


def test_choices_that_contradict_each_other_are_usage_errors(tmp_path: Path) -> None:
    features = make()
    write_scorer(fit_chain([features]), tmp_path / "jb.h5")
    write_scorer(fit_chain([features], "pca:5"), tmp_path / "pca.h5")
    for metric, rows, path in (
        ("joint-bayesian", features, None),
        ("joint-bayesian", features, tmp_path / "pca.h5"),
        ("cosine", features, tmp_path / "jb.h5"),
        ("hamming", features, tmp_path / "jb.h5"),
        ("cosine", binarize(features), None),
    ):
        with pytest.raises(Usage):
            scorer(metric, rows, path)
    with pytest.raises(Usage, match="did you mean 'cosine'"):
        scorer("cosin", features)


def test_cosine_of_an_all_zero_row_names_the_face() -> None:
    features = make()
    features.values[7] = 0
    judge, rows = scorer("cosine", features)
    with pytest.raises(BadInput, match=f"'{features.names[7]}'.*f.h5"):
        judge.score(rows[:10], rows[10:20])
    assert len(judge.score(rows[10:20], rows[20:30])) == 10  # a face that nobody compares is no error


def damage(path: Path, change) -> None:
    with h5py.File(path, "r+") as file:
        change(file)


def replaced(name: str, value: np.ndarray):
    def change(file: h5py.File) -> None:
        del file[name]
        file[name] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: file.attrs.__setitem__("format", "facerep/features"), "format is facerep/features"),
        (lambda file: file.attrs.__setitem__("version", 9), "version 9 is later"),
        (lambda file: file.attrs.__setitem__("complete", False), "not complete"),
        (lambda file: file.attrs.__setitem__("chain", "pca+magic"), "no step 'magic'"),
        (lambda file: file.attrs.__delitem__("faces"), "faces is missing"),
        (lambda file: file.__delitem__("steps/1"), "step joint-bayesian is missing"),
        (replaced("steps/0/mean", np.zeros(3)), "do not fit 20 dimensions"),
        (replaced("steps/1/mean", np.full(8, np.nan)), "not finite"),
        (replaced("steps/1/ratios", np.full(8, -1.0)), "do not fit 8 dimensions"),
    ],
)
def test_a_damaged_scorer_file_is_refused_with_the_reason(tmp_path: Path, change, said: str) -> None:
    path = tmp_path / "s.h5"
    write_scorer(fit_chain([make()], "pca:8+joint-bayesian"), path)
    damage(path, change)
    with pytest.raises(BadInput, match=said):
        read_scorer(path)
