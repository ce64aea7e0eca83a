"""Who is judged by what was made from them: said by every study that judges, and by none where it cannot be known."""

import json
from dataclasses import replace

import numpy as np
import pytest

from facerep.files.contract import Contract
from facerep.files.features import read_features, write_features
from facerep.files.people import Overlap, hashes, overlap
from facerep.files.rows import Features
from facerep.pairs.decision_rule import DecisionRule
from facerep.results.to_json import to_json
from facerep.scorers.fit_chain import fit_chain
from facerep.scorers.scorer_file import read_scorer, write_scorer
from facerep.studies.codes.codes_table import codes_table
from facerep.studies.identification.identify import identify
from facerep.studies.neurons.selectiveness import selectiveness
from facerep.studies.photographs.compare import compare_names
from facerep.studies.verification.verify import verify

NETWORK = "the network was trained on 2 of the people judged here (8), going by their labels"


def features(first: int = 0, people: int = 8, faces: int = 6) -> Features:
    """People p0, p1, ..., of whom the network was trained on p0 and p1."""
    rng = np.random.default_rng(first)
    who = np.repeat([f"p{first + k}" for k in range(people)], faces).astype(object)
    names = np.array([f"{person}/{k}" for k, person in enumerate(who)], dtype=object)
    values = np.repeat(rng.normal(size=(people, 8)), faces, axis=0) + 0.5 * rng.normal(size=(len(who), 8))
    return Features(
        values=values.astype(np.float32), names=names, people=who, trained_people=hashes(["p0", "p1", "q"]),
        contract=Contract(network="deepid2", weights="a" * 64, layer="feature", rule="> 0", crop="c", mirror="mean"),
    )  # fmt: skip


def test_feature_files_and_scorer_files_keep_the_hashes(tmp_path):
    held = features()
    write_features(held, tmp_path / "f.h5")
    np.testing.assert_array_equal(read_features(tmp_path / "f.h5").trained_people, held.trained_people)
    write_features(replace(held, trained_people=None), tmp_path / "unknown.h5")
    assert read_features(tmp_path / "unknown.h5").trained_people is None
    write_scorer(fit_chain([held], "l2+pca:2"), tmp_path / "s.h5")
    np.testing.assert_array_equal(read_scorer(tmp_path / "s.h5").fitted_people, hashes(held.people))
    nobody = replace(held, people=np.full(len(held), "", dtype=object))
    assert fit_chain([nobody], "pca:2").fitted_people is None


def test_verify_says_how_many_people_its_network_scorer_and_threshold_were_made_from(tmp_path):
    write_scorer(fit_chain([features(6)], "l2+pca:4"), tmp_path / "s.h5")  # p6 ... p13
    there = verify(features(4), "all", scorer=tmp_path / "s.h5")  # p4 ... p11
    (tmp_path / "result.json").write_text(json.dumps(to_json(there)))
    result = verify(features(), "all", scorer=tmp_path / "s.h5", threshold_from=tmp_path / "result.json")
    assert to_json(result.overlap) == {
        "network": {"people": 2, "of": 8, "faces": 12},
        "scorer": {"people": 2, "of": 8, "faces": 12},
        "threshold": {"people": 4, "of": 8, "faces": 24},
    }
    assert result.warnings[:3] == (
        f"{NETWORK}: rates on other people are worse",
        "the scorer was fitted on 2 of the people judged here (8), going by their labels: "
        "rates on other people are worse",
        "the threshold was chosen on 4 of the people judged here (8), going by their labels: "
        "rates on other people are worse",
    )


def test_only_people_whose_pairs_are_judged_count(tmp_path):
    lines = ["left,right,same", "p2/12,p2/13,1", "p2/12,p3/18,0", "p4/24,p4/25,1"]
    (tmp_path / "pairs.csv").write_text("\n".join(lines) + "\n")
    result = verify(features(), tmp_path / "pairs.csv")
    assert result.overlap.network == Overlap(0, 3, 0)
    assert not any("trained" in said for said in result.warnings)


def test_where_it_is_not_known_nothing_is_claimed():
    result = verify(replace(features(), trained_people=None), "all")
    assert to_json(result.overlap) == {"network": None, "scorer": None, "threshold": None}
    assert not any("trained" in said for said in result.warnings)


def test_identify_codes_table_selectiveness_and_compare_say_it_too(tmp_path):
    held = features(faces=10)
    write_features(held, tmp_path / "f.h5")
    table = codes_table(held, features(6), "all", bits=(8,), gallery=10)
    found = [identify(held, []), table, selectiveness(tmp_path / "f.h5")]
    for result in found:
        assert any(said.startswith(NETWORK) for said in result.warnings)
        assert to_json(result)["overlap"]["network"]["people"] == 2
    assert table.overlap.scorer == Overlap(2, 8, 20)
    pair = compare_names("p0/0", "p7/70", held, DecisionRule())
    assert pair.makers.network == Overlap(1, 2, 1)


@pytest.mark.parametrize("kept", [100, 4])
def test_of_many_people_a_result_keeps_those_of_the_smallest_hashes(monkeypatch, kept):
    from facerep.pairs import people_overlap as overlaps

    monkeypatch.setattr(overlaps, "MOST_KEPT", kept)
    told = overlaps.describe_people(features().people)
    assert told is not None
    assert told["count"] == 8
    found = overlap(features().people, overlaps.people.from_text(told["hashes"]))
    assert found is not None
    assert found.people == min(kept, 8)
