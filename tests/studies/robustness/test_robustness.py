"""Verification under covers: one pass of decoding, scorers of clean faces kept."""

from pathlib import Path

import numpy as np
import pytest
import torch

from facerep.errors import BadInput, Mismatch, Usage
from facerep.extraction.in_memory import extract
from facerep.faces.crops import parse_crop
from facerep.networks.build import build
from facerep.networks.catalog import row
from facerep.networks.deepid import DeepID
from facerep.networks.weights import save_model
from facerep.readers import decode_many
from facerep.readers.load import load
from facerep.results.to_json import to_json
from facerep.scorers.fit_chain import fit_chain
from facerep.scorers.scorer_file import write_scorer
from facerep.studies.robustness import robustness
from facerep.studies.robustness import systems as covered_systems
from facerep.studies.verification.verify import verify

SMALL = {"bottom": (0.5,), "block": (40,), "crop": "loose", "workers": 0, "device": "cpu"}


@pytest.fixture
def faces(people_folder):
    return load(people_folder)


@pytest.fixture
def model(tmp_path) -> str:
    torch.manual_seed(0)
    network = build(row("deepid-31x31"), normalise=True).eval()
    path = tmp_path / "small.safetensors"
    save_model(path, network, crop=parse_crop("loose@31x31/1"), normalise=True, dropout=0.0, card={})
    return str(path)


def judged(faces, models, **changes):
    return robustness.robustness(faces, models, **{**SMALL, **changes})


def test_clean_faces_give_what_verify_gives(faces, model):
    found = judged(faces, [model], pairs="all")
    features = extract(faces, model, crop="loose", device="cpu")
    wanted = verify(features, "all", metric="cosine")
    clean = found.systems[0].points[0]
    assert clean.accuracy == wanted.accuracy
    assert (found.genuine, found.impostor) == (wanted.genuine, wanted.impostor)
    assert clean.difference is None
    assert clean.kept == clean.accuracy


def test_a_face_is_decoded_once_for_all_covers_and_networks(faces, model, monkeypatch):
    opened = []
    decode = decode_many.decode_assuming
    monkeypatch.setattr(decode_many, "decode_assuming", lambda path: opened.append(path) or decode(path))
    judged(faces, [model, "lbp", f"{model},pixels"], pairs="all")
    assert len(opened) == len(set(opened)) == 24


def test_layers_are_each_a_system_and_baselines_have_one(faces, model):
    found = judged(faces, [model, "lbp"], layers=["feature", "pool3"], pairs="all")
    assert [curve.system.name for curve in found.systems] == ["small, feature", "small, pool3", "lbp"]
    told = to_json(found)
    assert [system["dimension"] for system in told["systems"]] == [160, 240, 2832]
    assert [point["cover"] for point in told["systems"][0]["covers"]] == ["none", "bottom", "block"]
    with pytest.raises(Usage, match="no layer 'conv9'.*it has: pool1, pool2, pool3, conv4, feature"):
        judged(faces, [model], layers=["conv9"])


def test_a_system_of_two_networks_sees_both(faces, model):
    found = to_json(judged(faces, [model, "pixels", f"{model},pixels"], pairs="all"))["systems"]
    assert found[2]["dimension"] == found[0]["dimension"] + found[1]["dimension"]
    assert found[2]["name"] == "small+pixels, feature"


def test_everything_covered_tells_nothing(faces, model):
    """Half of the pairs are of one person: a network that sees the same black face twice is a coin."""
    found = judged(faces, [model], sample=30, bottom=(1.0,), block=())
    clean, black = found.systems[0].points
    assert black.accuracy.value == pytest.approx(0.5, abs=0.02)
    assert clean.accuracy.value > 0.9
    assert black.difference.value == pytest.approx(black.accuracy.value - clean.accuracy.value)
    assert black.difference.low <= black.difference.value <= black.difference.high


def test_a_network_sees_a_face_once_however_many_systems_it_is_in(faces, model, monkeypatch):
    seen = []
    forward = DeepID.maps
    monkeypatch.setattr(DeepID, "maps", lambda network, batch: seen.append(len(batch)) or forward(network, batch))
    judged(faces, [model], pairs="all", layers=["feature", "pool3", "conv4"])
    once = sum(seen)
    assert once == 3 * 2 * 32  # clean and two covers, 24 faces filled up to 32, each with its mirror image
    judged(faces, [model, f"{model},pixels", f"lbp,{model}"], pairs="all")
    assert sum(seen) == 2 * once


def test_a_network_is_asked_for_those_layers_it_has(faces, model, tmp_path, capsys):
    network = build(row("deepid2+wide")).eval()
    path = tmp_path / "plus.safetensors"
    save_model(path, network, crop=parse_crop("loose@55x47/1"), normalise=False, dropout=0.0, card={})
    found = judged(faces, [model, str(path), "lbp"], layers=["feature-1", "feature"], pairs="all", bottom=())
    assert [curve.system.name for curve in found.systems] == [
        "small, feature", "plus, feature-1", "plus, feature", "lbp",
    ]  # fmt: skip
    assert "warning: small has no feature-1: left out" in capsys.readouterr().err
    with pytest.raises(Usage, match="no layer 'feature-1'"):
        judged(faces, [model, str(path)], layers=["feature-1"])


def test_losses_stand_beside_those_of_the_feature_and_beside_a_coin(faces, model):
    found = judged(faces, ["lbp", model], layers=["pool3", "feature"], sample=30)
    told = to_json(found)
    assert told["reference"] == "small, feature"
    values = {one["name"]: [point["accuracy"]["value"] for point in one["covers"]] for one in told["systems"]}
    for one in told["systems"]:
        clean, *covered = values[one["name"]]
        assert one["covers"][0]["left_above_one_answer"] is None
        for place, point in enumerate(one["covers"][1:], 1):
            left, more = point["left_above_one_answer"], point["more_lost_than_reference"]
            assert left["value"] == pytest.approx((covered[place - 1] - 0.5) / (clean - 0.5))
            assert left["low"] <= left["value"] <= left["high"]
            if one["name"] == told["reference"]:
                assert more is None
                continue
            reference = values[told["reference"]]
            lost = (clean - covered[place - 1]) - (reference[0] - reference[place])
            assert more["value"] == pytest.approx(lost)
            assert more["low"] <= more["value"] <= more["high"]


def test_a_system_that_knows_no_more_than_one_answer_has_nothing_left_to_tell(faces, tmp_path):
    """Pairs of which nine in ten are impostors: one answer has 0.92, and so has a network of constant features."""
    torch.manual_seed(0)
    network = build(row("deepid-31x31")).eval()
    for weights in network.parameters():
        weights.data.zero_()
    network.feature.full.bias.data.fill_(1)
    path = tmp_path / "constant.safetensors"
    save_model(path, network, crop=parse_crop("loose@31x31/1"), normalise=False, dropout=0.0, card={})
    (curve,) = judged(faces, [str(path)], pairs="all").systems
    assert curve.points[0].accuracy.value == pytest.approx(1 - 36 / 276)
    assert [point.left for point in curve.points] == [None] * 3


def test_one_face_covered_is_not_both_and_is_named(faces, model):
    both, one = (judged(faces, [model], pairs="all", on=on) for on in ("both", "one"))
    assert both.systems[0].points[0] == one.systems[0].points[0]
    assert both.systems[0].points[1].accuracy != one.systems[0].points[1].accuracy
    assert to_json(one)["covered_faces_of_a_pair"] == "one"


def test_a_scorer_of_clean_faces_is_kept_and_goes_to_the_layer_it_fits(faces, model, tmp_path):
    features = extract(faces, model, crop="loose", device="cpu")
    write_scorer(fit_chain([features], "l2+pca:8+joint-bayesian"), tmp_path / "jb.h5")
    found = judged(faces, [model], scorers=[tmp_path / "jb.h5"], pairs="all")
    wanted = verify(features, "all", metric="joint-bayesian", scorer=tmp_path / "jb.h5")
    assert found.systems[0].points[0].accuracy == wanted.accuracy
    assert found.systems[0].system.chain == "l2+pca:8+joint-bayesian"
    with pytest.raises(Mismatch, match="no scorer fits layer pool3: small, of jb.h5"):
        judged(faces, [model], layers=["feature", "pool3"], scorers=[tmp_path / "jb.h5"])


def test_scorers_are_fitted_on_other_people_where_none_is_given(faces, model):
    groups = np.array([int(person[-1]) for person in faces.people])
    mine, others = faces.take(groups < 3), faces.take(groups >= 3)
    found = judged(mine, [model], layers=["feature", "conv4"], clean=others, chain="pca:4+joint-bayesian", pairs="all")
    for curve, layer in zip(found.systems, ("feature", "conv4"), strict=True):
        wanted = fit_chain([extract(others, model, crop="loose", layer=layer, device="cpu")], "pca:4+joint-bayesian")
        assert curve.system.fitted.fingerprint == wanted.fingerprint
    assert {curve.system.chain for curve in found.systems} == {"pca:4+joint-bayesian"}
    assert found.systems[0].system.fitted_on == f"12 faces of 3 people of {Path(faces.root).name}"
    with pytest.raises(BadInput, match="3 people are judged and fitted on"):
        judged(faces, [model], clean=others)


def test_places_of_blocks_depend_on_the_seed(faces, model):
    first, again, other = (judged(faces, [model], pairs="all", seed=seed).systems[0].points[2] for seed in (0, 0, 1))
    assert first == again
    assert first.accuracy != other.accuracy


def test_faces_that_cannot_be_read_stop_or_are_counted(faces, model):
    Path(faces.paths[3]).write_bytes(b"not a picture")
    with pytest.raises(BadInput, match="1 face of 23 pairs"):
        judged(faces, [model], pairs="all")
    found = judged(faces, [model], pairs="all", missing="count")
    assert found.missing == {"genuine": 3, "impostor": 20}
    assert found.faces == 23


def test_without_a_list_as_many_pairs_of_each_kind_are_drawn(faces, model):
    found = judged(faces, [model], bottom=(), block=(20,))
    assert found.genuine == found.impostor == 36
    assert covered_systems.CHAIN.endswith("joint-bayesian")


def test_a_face_without_direction_under_a_cover_has_a_cosine_of_0_and_is_not_refused(faces):
    """Black pixels are an all-zero vector, which `verify` refuses: here half of the pairs are right, by one answer."""
    (pixels,) = judged(faces, ["pixels"], sample=30, bottom=(1.0,), block=()).systems
    assert pixels.points[1].accuracy.value == 0.5
    assert {each.system.scorer.name for each in (pixels,)} == {"cosine"}
