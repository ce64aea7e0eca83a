"""The paper's claims beside results."""

import json

import pytest

from facerep.errors import BadInput
from facerep.studies.claims.claims import claims
from facerep.studies.claims.deepid2plus import CLAIMS

RATE = {"value": 0.9, "low": 0.88, "high": 0.92, "count": 90, "of": 100, "interval": "Clopper-Pearson"}
FILE = {"file": "f.h5", "network": "deepid2+wide", "layer": "feature"}


def put(tmp_path, name, **result):
    (tmp_path / name).mkdir()
    (tmp_path / name / "result.json").write_text(json.dumps(result))
    return tmp_path / name


def measured(*results):
    """What was measured, by claim."""
    return {row.claim.text: row.measured for row in claims(results).rows if row.measured}


def rate(value):
    return {**RATE, "value": value, "low": max(value - 0.02, 0), "high": min(value + 0.02, 1)}


def target(name, kind, value, **changes):
    return {
        "name": name, "kind": kind, "accuracy_other_half": rate(value),
        "accuracy_same_faces": value + 0.01,
        "share_excitatory": 0.4, "accuracy_other_half_quartiles": [0.5, 0.55, 0.6], **changes,
    }  # fmt: skip


def verified(metric, network, layer="feature", code=""):
    features = {"network": network, "layer": layer, "code": code, "file": "f.h5"}
    accuracy = {"mean": 0.91, "pooled": RATE}
    return {
        "format": "facerep/verification", "metric": metric, "features": features, "protocol": {"name": "view2"},
        "accuracy": accuracy,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("metric", "network", "layer", "code", "claim", "paper"),
    [
        ("joint-bayesian", "deepid2", "feature", "", "Joint Bayesian, FC-4", "98.70"),
        ("joint-bayesian", "deepid2+wide", "feature-2", "", "Joint Bayesian, FC-2", "~97.1"),
        ("joint-bayesian", "deepid2+wide", "feature", "> 0", "Joint Bayesian on bits, FC-4", "97.67"),
        ("hamming", "deepid2+", "feature", "> 0", "Hamming, FC-4", "96.45"),
        ("hamming", "deepid2++pixels", "feature", "> 0", "Hamming, several", "97.47 (25)"),
        ("joint-bayesian", "lbp", "feature", "", "Joint Bayesian, LBP", "~93.0"),
        ("joint-bayesian", "arcface", "", "", "Joint Bayesian, FC-4", "98.70"),
    ],
)
def test_a_verification_speaks_of_the_accuracy_of_its_kind(tmp_path, metric, network, layer, code, claim, paper):
    """A name with a + in it, as deepid2+wide, is one network."""
    found = claims([put(tmp_path, "one", **verified(metric, network, layer, code))])
    (row,) = [row for row in found.rows if row.measured]
    assert (row.claim.text, row.claim.paper) == (claim, paper)
    (one,) = row.measured
    assert (one.value, one.low, one.high) == (91, 88, 92)
    assert one.ours == (network != "arcface")
    assert one.how == "view2"
    assert one.file == str(tmp_path / "one")


def test_a_verification_by_cosine_speaks_of_no_claim(tmp_path):
    assert measured(put(tmp_path, "one", **verified("cosine", "deepid2"))) == {}


def test_an_identification_speaks_of_rank_1_or_where_there_are_strangers_of_the_open_set(tmp_path):
    closed = {
        "counts": {"known": 100, "unknown": 0},
        "gallery": {"images": "single-image"},
        "closed_set": [{"rank": 1, "rate": RATE}, {"rank": 5, "rate": rate(0.99)}],
        "open_set": [],
    }
    strangers = {
        "counts": {"known": 100, "unknown": 300},
        "gallery": {"images": "single-image"},
        "closed_set": [{"rank": 1, "rate": rate(0.95)}],
        "open_set": [{"far": 0.01, "dir": rate(0.5)}, {"far": 0.001, "dir": None}],
    }
    lists = [
        {"name": "closed", "trials": [closed], "over_trials": None},
        {"name": "open", "trials": [strangers], "over_trials": None},
        {"name": "templates", "trials": [{**strangers, "gallery": {"images": "multi-image"}}], "over_trials": None},
        {"name": "blufr", "trials": [strangers, strangers], "over_trials": {}},
    ]
    common = {"features": {"network": "deepid2", "layer": "feature", "file": "f.h5"}, "metric": "cosine"}
    found = measured(put(tmp_path, "i", format="facerep/identification", lists=lists, **common))
    assert {text: [one.value for one in measured] for text, measured in found.items()} == {
        "closed set, rank 1": [90], "open set, rank 1 at FAR 1 %": [50],
    }  # fmt: skip


def test_both_counts_of_sparseness_are_told_by_layer_and_a_network_that_is_not_ours_apart(tmp_path):
    layer = {
        **FILE, "share_active": RATE, "units": 200, "faces": 1000, "values_below_zero": 0,
        "active_units_of_a_face": {"mean": 180.0, "standard_deviation": 20.0},
        "faces_that_activate_a_unit": {"mean": 900.0, "standard_deviation": 50.0},
    }  # fmt: skip
    layers = [layer, {**layer, "layer": "feature-1"}, {**layer, "network": "arcface", "values_below_zero": 7}]
    found = measured(put(tmp_path, "s", format="facerep/sparseness", layers=layers))
    assert [(one.value, one.ours) for one in found["units active on a face, FC-4"]] == [(90, True), (90, False)]
    assert [one.value for one in found["  deviation over faces, FC-4"]] == [10, 10]
    assert [one.value for one in found["  deviation over units, FC-1"]] == [5]
    assert found["faces that activate a unit, FC-4"][1].how == "values below 0: no ReLU"


def test_selective_units_are_told_for_the_best_person_and_lbp_by_its_median(tmp_path):
    targets = [target("Ana", "person", 0.8), target("Ben", "person", 0.85), target("Male", "attribute", 0.7)]
    files = [{**FILE, "targets": targets}, {**FILE, "network": "lbp", "targets": targets}]
    found = measured(put(tmp_path, "s", format="facerep/selectiveness", files=files))
    (best,) = found["unit for a person, other faces, FC-4"]
    assert best.value == pytest.approx(85)
    assert (best.of, best.how) == ("deepid2+wide, feature", "best of 2: Ben")
    assert [one.value for one in found["unit for a person, same faces, FC-4"]] == pytest.approx([86])
    assert [one.value for one in found["median unit for a person, LBP"]] == pytest.approx([55])
    assert [one.value for one in found["units excited by a person, FC-4"]] == pytest.approx([40])
    assert [one.value for one in found["unit for an attribute, other faces, LBP"]] == pytest.approx([70])


def test_points_lost_under_a_cover_carry_their_paired_intervals(tmp_path):
    step = {"value": -0.2, "low": -0.25, "high": -0.15}
    share, more = {"value": 0.5, "low": 0.4, "high": 0.6}, {"value": 0.03, "low": -0.01, "high": 0.07}
    none = {"difference": None, "left_above_one_answer": None, "more_lost_than_reference": None}
    clean = {"cover": "none", "amount": 0.0, "accuracy": RATE, **none}
    covered = {"cover": "bottom", "amount": 0.4, "difference": step, "left_above_one_answer": share}
    made = {"layer": "feature", "scorer": "l2+joint-bayesian"}
    systems = [
        {"networks": "run", "rows": ["deepid2+wide"], "name": "run, feature", **made,
         "covers": [clean, {**covered, "more_lost_than_reference": None}]},
        {"networks": "run+other", "rows": ["deepid2+wide", "deepid2"], "name": "run+other, feature", **made,
         "covers": [clean, {**covered, "more_lost_than_reference": more}]},
        {"networks": "lbp", "rows": ["lbp"], "name": "lbp", **made,
         "covers": [clean, {**covered, "more_lost_than_reference": more}]},
    ]  # fmt: skip
    result = {
        "format": "facerep/robustness",
        "reference": "run, feature",
        "pairs": "view2",
        "systems": systems,
        "covered_faces_of_a_pair": "both",
    }
    found = measured(put(tmp_path, "r", **result))
    assert {text for text in found if text.startswith("Joint")} == {
        "Joint Bayesian, FC-4", "Joint Bayesian, several", "Joint Bayesian, LBP",
    }  # fmt: skip
    (one,) = found["lost, 40 % from below, LBP"]
    assert (one.value, one.low, one.high) == (20, 15, 25)
    assert [one.value for one in found["left, 40 % from below, FC-4"]] == [50]
    (beyond,) = found["lost beyond FC-4, 40 % from below, several"]
    assert (beyond.value, beyond.low, beyond.high) == pytest.approx((3, -1, 7))
    assert beyond.of == "run+other, feature"
    assert beyond.how == "view2, l2+joint-bayesian, both covered, beyond run, feature"
    assert beyond.ours

    foreign = {"networks": "sface", "rows": ["sface"], "name": "sface, feature", **made, "scorer": "cosine",
               "covers": [clean, {**covered, "more_lost_than_reference": None}]}  # fmt: skip
    found = measured(put(tmp_path, "s", **{**result, "systems": [foreign], "reference": "sface, feature"}))
    assert [one.ours for one in found["lost, 40 % from below, FC-4"]] == [False]


def test_the_figures_of_a_claim_are_the_papers():
    """FC-4 falls from 98.7 to 91.5 under 40 % from below, LBP from 93.0 to 66.8."""
    papers = {claim.text: claim.paper for claim in CLAIMS}
    assert len(papers) == len({claim.id for claim in CLAIMS}) == len(CLAIMS)
    assert papers["lost, 40 % from below, FC-4"] == "~7.2"
    assert papers["lost, 40 % from below, LBP"] == "~26.2"
    assert papers["lost beyond FC-4, 40 % from below, LBP"] == "~+19.0"
    assert papers["left, 40 % from below, LBP"] == "~39"


def test_what_two_results_say_alike_is_told_once(tmp_path):
    one, again = (put(tmp_path, name, **verified("joint-bayesian", "deepid2")) for name in ("one", "again"))
    other = verified("joint-bayesian", "deepid2") | {"accuracy": rate(0.89)}
    found = measured(one, again, put(tmp_path, "other", **other))
    assert [round(m.value) for m in found["Joint Bayesian, FC-4"]] == [91, 89]


def test_every_claim_stands_in_the_table_measured_or_not(tmp_path):
    found = claims([put(tmp_path, "s", format="facerep/selectiveness", files=[])])
    assert [row.claim for row in found.rows] == list(CLAIMS)
    assert found.silent == [claim.text for claim in CLAIMS]


def test_other_files_are_refused(tmp_path):
    with pytest.raises(BadInput, match="a result of verify, identify or analyze is wanted"):
        claims([put(tmp_path, "a", format="facerep/trials")])
    with pytest.raises(BadInput, match="damaged, or of another version"):
        claims([put(tmp_path, "b", format="facerep/sparseness")])
    (tmp_path / "c.json").write_text("[]")
    with pytest.raises(BadInput, match="not a result of facerep"):
        claims([tmp_path / "c.json"])
    with pytest.raises(BadInput, match="no such result"):
        claims([tmp_path / "absent"])


def test_the_crop_without_a_network_is_none_of_the_papers_layers(tmp_path):
    assert list(measured(put(tmp_path, "one", **verified("joint-bayesian", "pixels")))) == ["Joint Bayesian, pixels"]
