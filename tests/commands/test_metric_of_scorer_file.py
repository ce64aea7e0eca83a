"""A scorer file without a metric: its last step says the metric, for each question and in the command as in Python."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import facerep
from facerep.codes.binarize import binarize
from facerep.errors import BadInput
from facerep.files.contract import Contract
from facerep.files.features import write_codes, write_features
from facerep.files.rows import Codes, Features
from facerep.pairs.decision_rule import DecisionRule
from facerep.scorers.fit_chain import fit_chain
from facerep.scorers.scorer_file import write_scorer
from facerep.studies.identification import lookup
from facerep.studies.identification.identify import identify
from facerep.studies.photographs.compare import compare_names
from facerep.studies.verification.blufr import verify_trials

METRICS = {"l2+pca:6+joint-bayesian": "joint-bayesian", "weighted-hamming": "hamming", "l2+pca:4": "cosine"}


def made() -> Features:
    random = np.random.default_rng(0)
    people = np.repeat([f"p{i}" for i in range(20)], 4).astype(object)
    values = np.repeat(random.normal(size=(20, 20)), 4, axis=0) + random.normal(size=(80, 20))
    names = np.array([f"{person}/{i}.png" for i, person in enumerate(people)], dtype=object)
    contract = Contract(network="deepid2", layer="feature", crop="orl@55x47/1", mirror="none", rule="> 0")
    return Features(names=names, people=people, values=values.astype(np.float32), contract=contract)


@pytest.fixture(params=METRICS)
def case(request, tmp_path: Path) -> tuple[Features | Codes, Path, str]:
    """Faces, a scorer file for them, and its metric; the faces lie in f.h5 too."""
    features = made()
    rows = binarize(features) if request.param == "weighted-hamming" else features
    write = write_codes if isinstance(rows, Codes) else write_features
    write(rows, tmp_path / "f.h5")  # pyright: ignore[reportArgumentType]
    write_scorer(fit_chain([rows], request.param), tmp_path / "s.h5")
    return replace(rows, path=tmp_path / "f.h5"), tmp_path / "s.h5", METRICS[request.param]


def test_verify_takes_the_metric_of_the_file_as_its_command_does(case, here) -> None:
    rows, scorer, metric = case
    mine, asked = (facerep.verify(rows, scorer=scorer, metric=given) for given in (None, metric))
    assert (mine.metric, mine.auc, mine.threshold) == (metric, asked.auc, asked.threshold)
    run = here("verify", "f.h5", "--scorer", "s.h5", "--json")
    assert run.code == 0, run.stderr
    assert (run.json["metric"], run.json["auc"]["value"]) == (metric, mine.auc.value)


def test_identify_takes_the_metric_of_the_file_as_its_command_does(case, here) -> None:
    rows, scorer, metric = case
    mine = identify(rows, scorer=scorer)
    assert mine.metric == metric
    run = here("identify", "f.h5", "--scorer", "s.h5", "--json")
    assert run.code == 0, run.stderr
    assert run.json["metric"] == metric


def test_compare_takes_the_metric_of_the_file_as_its_command_does(case, here) -> None:
    rows, scorer, metric = case
    mine = compare_names("p0/0.png", "p1/4.png", rows, DecisionRule(scorer=scorer))
    assert (mine.metric, mine.score) == (
        metric,
        compare_names("p0/0.png", "p1/4.png", rows, DecisionRule(metric, scorer)).score,
    )
    run = here("compare", "p0/0.png", "p1/4.png", "--features", "f.h5", "--scorer", "s.h5", "--json")
    assert (run.json["metric"], run.json["score"]) == (metric, mine.score)


def test_look_up_and_trials_take_the_metric_of_the_file(case, tmp_path: Path, monkeypatch) -> None:
    rows, scorer, metric = case
    monkeypatch.setattr(lookup, "query", lambda _picture, gallery, _taken: gallery.take(np.array([5])))
    found = lookup.look_up(Path("somebody.png"), rows, DecisionRule(scorer=scorer), template="max")
    assert (found.metric, found.candidates[0].person) == (metric, "p1")
    roles = np.resize(["T", "G", "P"], len(rows))
    lines = [f"{name},{person[1:]},-,{role}" for name, person, role in zip(rows.names, rows.people, roles, strict=True)]
    (tmp_path / "blufr.csv").write_text("\n".join(["file,label,dev,trials", *lines]) + "\n")
    assert verify_trials(rows, tmp_path / "blufr.csv", scorer=scorer, far=[0.1]).metric == metric


def test_a_metric_that_is_asked_for_is_taken_and_a_file_that_is_no_scorer_is_refused(tmp_path: Path) -> None:
    features = made()
    write_scorer(fit_chain([features], "l2+pca:4"), tmp_path / "s.h5")
    assert facerep.verify(features, scorer=tmp_path / "s.h5", metric="euclidean").metric == "euclidean"
    (tmp_path / "s.h5").write_text(json.dumps({}))
    with pytest.raises(BadInput, match=r"s\.h5"):
        facerep.verify(features, scorer=tmp_path / "s.h5")
