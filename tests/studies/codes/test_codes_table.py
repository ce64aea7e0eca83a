"""The codes table: its rows are what `binarize`, `fit` and `verify` give one by one, no more and no less."""

from __future__ import annotations

import json
from dataclasses import astuple, replace
from functools import partial
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from facerep.codes.binarize import binarize, like
from facerep.errors import Mismatch, Usage
from facerep.files.contract import Contract
from facerep.files.pairs import PairList
from facerep.files.rows import Features
from facerep.metrics.clusters import clusters
from facerep.metrics.differences import compare
from facerep.results.figures import FoldMean
from facerep.results.to_json import to_json
from facerep.scorers.cosine import Cosine
from facerep.scorers.fit_chain import fit_chain
from facerep.scorers.hamming import Hamming
from facerep.scorers.scorer_file import write_scorer
from facerep.studies.codes import codes_table as study
from facerep.studies.codes import search_times
from facerep.studies.codes.codes_table import CodesTable, codes_table
from facerep.studies.codes.search_times import Quartiles
from facerep.studies.verification.verify import verify

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "codes-table.schema.json").read_text(encoding="utf-8"))
CONTRACT = Contract(network="deepid2", layer="feature", crop="orl@55x47/1", mirror="none", rule="> 0")
CHAIN = "l2+pca:12+joint-bayesian"


def make(first: int, people: int, seed: int, d: int = 80) -> Features:
    random = np.random.default_rng(seed)
    labels = np.repeat([f"p{first + i:02}" for i in range(people)], 5).astype(object)
    values = np.repeat(random.normal(size=(people, d)), 5, axis=0) + 1.3 * random.normal(size=(5 * people, d))
    names = np.array([f"{person}/{i}.png" for i, person in enumerate(labels)], dtype=object)
    return Features(names=names, people=labels, values=values.astype(np.float32), contract=CONTRACT)


def folds_of(features: Features) -> PairList:
    """Pairs of neighbours, genuine and impostor, in three folds."""
    rows = np.arange(0, len(features) - 6)
    left, right = np.repeat(rows, 2), np.ravel([rows + 1, rows + 6], order="F")
    same = features.people[left] == features.people[right]
    names = features.names
    return PairList(name="near", left=names[left], right=names[right], same=same, fold=np.arange(len(left)) // 2 % 3)


@pytest.fixture(scope="module")
def files() -> tuple[Features, Features]:
    train, test = make(0, 40, 1), make(50, 20, 2)
    return replace(test, protocols={"near": folds_of(test)}), train


@pytest.fixture(scope="module")
def table(files) -> CodesTable:
    return codes_table(*files, chain=CHAIN, gallery=50, setting="labelled")


def row(table: CodesTable, kept: str, scorer: str, bits: int | None):
    return next(r for r in table.rows if (r.kept, r.scorer, r.bits) == (kept, scorer, bits))


def test_there_is_a_row_for_every_length_kind_and_scorer(table: CodesTable) -> None:
    scorers = ("hamming", "weighted-hamming", "joint-bayesian")
    wanted = [("vectors", "joint-bayesian", None, 320), ("vectors", "cosine", None, 320)]
    for bits, size in ((64, 8), (80, 10)):
        wanted += [(kept, scorer, bits, size) for kept in ("units", "itq") for scorer in scorers]
    assert [(r.kept, r.scorer, r.bits, r.bytes_stored) for r in table.rows] == wanted
    assert row(table, "itq", "joint-bayesian", 64).bytes_searched == 4 * 13
    assert all(isinstance(r.accuracy, FoldMean) and r.accuracy.folds == 3 for r in table.rows)
    assert (table.protocol["folds"], table.protocol["setting"]) == (3, "labelled")
    assert table.counts["genuine"] + table.counts["impostor"] == 188


@pytest.mark.parametrize("kept", ["units", "itq"])
def test_rows_of_codes_are_what_the_commands_give_one_by_one(
    files, table: CodesTable, tmp_path: Path, kept: str
) -> None:
    test, train = files
    rule = {"rotation": "itq"} if kept == "itq" else {}
    learned = binarize(train, bits=64, **rule)
    codes = like(test, learned)
    assert verify(codes).accuracy == row(table, kept, "hamming", 64).accuracy
    for chain, metric in ((CHAIN, "joint-bayesian"), ("weighted-hamming", "hamming")):
        write_scorer(fit_chain([learned], chain), tmp_path / "s.h5", overwrite=True)
        result = verify(codes, metric=metric, scorer=tmp_path / "s.h5")
        assert result.accuracy == row(table, kept, chain.split("+")[-1], 64).accuracy


def test_rows_of_vectors_and_the_difference_are_what_the_commands_give(files, table, tmp_path: Path) -> None:
    test, train = files
    write_scorer(fit_chain([train], CHAIN), tmp_path / "jb.h5")
    reference = verify(test, metric="joint-bayesian", scorer=tmp_path / "jb.h5")
    cosine = verify(test)
    assert reference.accuracy == row(table, "vectors", "joint-bayesian", None).accuracy
    assert row(table, "vectors", "joint-bayesian", None).difference is None
    found = row(table, "vectors", "cosine", None)
    assert found.accuracy == cosine.accuracy
    right = [result.scores.accepted == result.scores.same for result in (reference, cosine)]
    scores = cosine.scores
    of = clusters(scores.people[scores.left], scores.people[scores.right], "people")
    assert found.difference == compare(*right, of, seed=0)


def test_nothing_is_learned_from_the_faces_that_are_judged(files) -> None:
    test, train = files
    half = test.take(np.arange(len(test)) < 60)
    pairs = {"near": folds_of(half)}
    alone = codes_table(replace(half, protocols=pairs), train, chain=CHAIN, bits=(64,), gallery=50)
    together = codes_table(replace(test, protocols=pairs), train, chain=CHAIN, bits=(64,), gallery=50)
    assert [to_json(r) for r in alone.rows] == [to_json(r) for r in together.rows]


def test_the_same_run_gives_the_same_result_whatever_the_times_were(files) -> None:
    one, two = (codes_table(*files, chain=CHAIN, bits=(64,), gallery=50, seed=3) for _ in range(2))
    assert to_json(one) == to_json(two)
    jsonschema.validate(to_json(one), SCHEMA)  # here with folds; without them in tests/commands
    assert "times" not in to_json(one)
    assert set(one.times.kinds) == {r.time for r in one.rows}
    assert one.times.kinds["cosine"].ratio == Quartiles(1, 1, 1)


def test_a_network_without_a_rule_is_cut_at_the_medians_of_those_fitted_on(files) -> None:
    test, train = (replace(rows, contract=replace(CONTRACT, rule=""), values=rows.values + 5) for rows in files)
    table = codes_table(test, train, chain=CHAIN, bits=(80,), gallery=50)
    assert table.fitted_on["threshold"] == "median"
    assert verify(binarize(test, "median", train)).accuracy == row(table, "units", "hamming", 80).accuracy


def test_without_a_list_all_pairs_are_judged_or_some_where_they_are_too_many(files, monkeypatch) -> None:
    test, train = files
    test = replace(test, protocols={})
    table = codes_table(test, train, chain=CHAIN, bits=(64,), gallery=50)
    assert (table.protocol["pairs"], table.counts["genuine"]) == ("all", 200)
    assert not isinstance(table.rows[0].accuracy, FoldMean)
    monkeypatch.setattr("facerep.pairs.choice.MOST_LISTED", 1000)
    monkeypatch.setattr(study, "DRAWN", 150)
    table = codes_table(test, train, chain=CHAIN, bits=(64,), gallery=50)
    assert (table.protocol["pairs"], table.counts["genuine"], table.counts["impostor"]) == ("sample", 150, 150)
    assert any("all pairs are too many" in warning for warning in table.warnings)


def test_lengths_end_at_the_units_there_are_and_at_4096(files) -> None:
    test, _ = files
    for d, wanted in ((32, [32]), (64, [64]), (160, [64, 128, 160]), (5000, [64, 128, 256, 512, 1024, 2048, 4096])):
        rows = replace(test, values=np.zeros((len(test), d), np.float32))
        assert study._lengths(rows, None) == wanted
    with pytest.raises(Usage, match="has 80 units, 81 bits"):
        codes_table(*files, bits=(64, 81))


def test_a_rotation_that_cannot_be_is_left_out_and_told(files) -> None:
    test, train = (replace(rows, values=np.hstack([rows.values[:, :79], rows.values[:, :1]])) for rows in files)
    table = codes_table(test, train, chain=CHAIN, gallery=50)
    assert {(r.kept, r.bits) for r in table.rows[2:]} == {("units", 64), ("itq", 64), ("units", 80)}
    assert table.warnings == ("no itq 80: features vary in 79 directions only, 80 bits were asked for",)


def test_people_on_both_sides_are_told_and_other_networks_refused(files) -> None:
    test, train = files
    shared = replace(train, people=np.where(train.people == "p00", "p50", train.people))
    table = codes_table(test, shared, chain=CHAIN, bits=(64,), gallery=50)
    assert table.warnings[0].startswith("the scorer was fitted on 1 of the people judged here")
    with pytest.raises(Mismatch, match="network differs"):
        codes_table(test, replace(train, contract=Contract(network="other")))
    with pytest.raises(Usage, match="does not end with joint-bayesian"):
        codes_table(test, train, chain="pca:3")


def test_each_kind_of_search_finds_the_faces_with_the_best_scores(files) -> None:
    _, train = files
    codes = binarize(train)
    gallery = np.random.default_rng(0).permutation(len(train))[:120]
    fitted = fit_chain([train], CHAIN)
    model, weights = fitted.joint_bayesian, fit_chain([codes], "weighted-hamming").weighted_hamming
    assert model is not None
    assert weights is not None
    prepared = fitted.prepare(train)
    for search, judge, rows in (
        (search_times.cosine_search(train.values, gallery), Cosine(), train.values),
        (search_times.joint_bayesian_search(model, prepared, gallery), model, prepared),
        (search_times.hamming_search(codes.packed, gallery), Hamming(), codes.packed),
        (search_times.weighted_search(weights, codes.packed, gallery), weights, codes.packed),
    ):
        found = search()
        places = np.ravel(found[1] if isinstance(found, tuple) else found)
        scores = judge.matrix(rows[:1], rows[gallery])[0]
        np.testing.assert_allclose(np.sort(scores[places]), np.sort(scores)[-10:], atol=1e-9)


def test_times_are_told_with_their_quartiles_and_over_one_kind() -> None:
    turns: list[str] = []
    times = search_times.measure({name: partial(turns.append, name) for name in "ba"}, 7, over="a", rounds=3)
    assert turns == ["b", "a"] * 4  # once to warm up
    told = to_json(times)
    assert (told["gallery"], told["rounds"], list(told["kinds"])) == (7, 3, ["b", "a"])
    assert told["kinds"]["a"]["ratio"] == {"lower_quartile": 1, "median": 1, "upper_quartile": 1}
    low, middle, high = astuple(times.kinds["b"].milliseconds)
    assert 0 < low <= middle <= high


def test_a_gallery_is_as_large_as_asked_and_fits_two_gigabytes() -> None:
    assert len(search_times.draw_gallery(5, 1000, 128, seed=0)) == 1000
    assert len(search_times.draw_gallery(5, 10**9, 4096, seed=0)) == 2**31 // (4 * 4096)
    assert len(search_times.draw_gallery(5, 10**12, 4, seed=0)) == 10_000_000
