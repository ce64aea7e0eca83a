"""The paper's claims beside results."""

import json

import pytest

from facerep.errors import BadInput
from facerep.studies.claims import claims

RATE = {"value": 0.9, "low": 0.88, "high": 0.92, "count": 90, "of": 100, "interval": "Clopper-Pearson"}
FILE = {"file": "f.h5", "network": "deepid2", "layer": "feature"}


def put(tmp_path, name, **result):
    (tmp_path / name).mkdir()
    (tmp_path / name / "result.json").write_text(json.dumps(result))
    return tmp_path / name


def target(name, kind, value, **changes):
    return {
        "name": name, "kind": kind, "accuracy_other_half": {**RATE, "value": value},
        "accuracy_same_faces": value + 0.01,
        "share_excitatory": 0.4, "accuracy_other_half_quartiles": [0.5, 0.55, 0.6], **changes,
    }  # fmt: skip


def test_a_verification_speaks_of_the_accuracy_of_its_kind(tmp_path):
    common = {
        "format": "facerep/verification",
        "protocol": {"name": "view2"},
        "accuracy": {"mean": 0.91, "pooled": RATE},
    }
    one = put(tmp_path, "one", metric="joint-bayesian", features={"network": "deepid2"}, **common)
    two = put(tmp_path, "two", metric="hamming", features={"network": "deepid2+pixels"}, **common)
    cosine = put(tmp_path, "cosine", metric="cosine", features={"network": "deepid2"}, **common)
    rows = claims([two, one, cosine]).rows
    assert [(row.about, row.claim, row.paper) for row in rows] == [
        ("accuracy", "one network, Joint Bayesian", "98.70"),
        ("bits", "several networks, bits of their units, Hamming", "97.47 (25)"),
    ]
    assert (rows[0].measured, rows[0].low, rows[0].high) == (91, 88, 92)
    assert rows[0].file == str(one)


def test_selective_units_are_told_for_the_best_person_and_lbp_by_its_median(tmp_path):
    targets = [target("Ana", "person", 0.8), target("Ben", "person", 0.85), target("Male", "attribute", 0.7)]
    files = [{**FILE, "targets": targets}, {**FILE, "network": "lbp", "targets": targets}]
    rows = claims([put(tmp_path, "s", format="facerep/selectiveness", files=files)]).rows
    told = {(row.claim, row.of): row for row in rows}
    assert told["best unit for one person (Ben)", "deepid2, feature, f.h5"].measured == pytest.approx(85)
    assert told["one feature of LBP, median", "lbp, feature, f.h5"].measured == pytest.approx(55)
    assert told["units excited by a person", "deepid2, feature, f.h5"].measured == pytest.approx(40)


def test_points_lost_under_a_cover_carry_their_paired_interval(tmp_path):
    step = {"value": -0.2, "low": -0.25, "high": -0.15}
    covers = [
        {"cover": "none", "amount": 0.0, "accuracy": RATE, "difference": None},
        {"cover": "bottom", "amount": 0.4, "accuracy": RATE, "difference": step},
    ]
    systems = [{"networks": "lbp", "name": "lbp", "scorer": "cosine", "covers": covers}]
    (row,) = claims([put(tmp_path, "r", format="facerep/robustness", systems=systems)]).rows
    assert (row.measured, row.low, row.high) == (20, 15, 25)
    assert row.paper == "~26.2 (LBP)"


def test_what_is_not_measured_is_said(tmp_path):
    found = claims([put(tmp_path, "s", format="facerep/selectiveness", files=[])])
    assert found.silent == ("verification", "sparseness", "robustness")


def test_other_files_are_refused(tmp_path):
    for name, result in (("a", {"format": "facerep/identification"}), ("b", {"format": "facerep/sparseness"})):
        with pytest.raises(BadInput, match="a result of verify or analyze is wanted|not a result of facerep"):
            claims([put(tmp_path, name, **result)])
    (tmp_path / "c.json").write_text("[]")
    with pytest.raises(BadInput, match="not a result of facerep"):
        claims([tmp_path / "c.json"])
    with pytest.raises(BadInput, match="no such result"):
        claims([tmp_path / "absent"])
