"""Two faces: the same score as in a verification, against a threshold that says where it is from."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facerep.codes.binarize import binarize
from facerep.errors import BadInput, Mismatch
from facerep.files.contract import Contract
from facerep.files.features import write_codes, write_features
from facerep.files.provenance import file_sha256
from facerep.files.rows import Features
from facerep.networks import weights
from facerep.pairs.bundled_thresholds import card_entries, card_threshold
from facerep.pairs.decision_rule import DecisionRule
from facerep.pairs.within_sets import pairs_within
from facerep.results.to_json import to_json
from facerep.scorers.fit_chain import fit_chain
from facerep.scorers.scorer_file import write_scorer
from facerep.studies.photographs.compare import compare_names
from facerep.studies.verification.verify import verify

CONTRACT = Contract(
    network="deepid2", weights="a" * 64, layer="feature", rule="> 0", crop="points@55x47/1", mirror="mean"
)


def features(seed: int = 0) -> Features:
    rng = np.random.default_rng(seed)
    people = np.repeat([f"p{k}" for k in range(10)], 4).astype(object)
    names = np.array([f"{person}/{k}.png" for k, person in enumerate(people)], dtype=object)
    values = np.repeat(rng.normal(size=(10, 8)), 4, axis=0) + 0.6 * rng.normal(size=(40, 8))
    return Features(values=values.astype(np.float32), names=names, people=people, contract=CONTRACT)


def told(result, path: Path) -> Path:
    path.write_text(json.dumps(to_json(result)))
    return path


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "hamming", "joint-bayesian"])
def test_a_pair_has_the_score_and_the_decision_that_verify_gives_it_bit_for_bit(tmp_path, metric):
    held, scorer = features(), None
    write_features(held, tmp_path / "f.h5")
    if metric == "joint-bayesian":
        scorer = tmp_path / "jb.h5"
        write_scorer(fit_chain([features(1)], "pca:4+joint-bayesian", rounds=5), scorer)
    pairs = tmp_path / "pairs.csv"
    rows = np.random.default_rng(0).choice(40, (30, 2))
    rows = rows[rows[:, 0] != rows[:, 1]]
    lines = [f"{held.names[a]},{held.names[b]},{int(held.people[a] == held.people[b])}\n" for a, b in rows]
    pairs.write_text("".join(lines) + "p0/0.png,p0/1.png,1\np0/0.png,p1/4.png,0\n")
    result = verify(tmp_path / "f.h5", pairs, metric=metric, scorer=scorer)
    judge = DecisionRule(metric, scorer, told(result, tmp_path / "result.json"))
    scores = result.scores
    assert scores is not None
    for place, (a, b) in enumerate(zip(scores.names[scores.left], scores.names[scores.right], strict=True)):
        found = compare_names(a, b, tmp_path / "f.h5", judge)
        swapped = compare_names(b, a, tmp_path / "f.h5", judge)
        assert found.score == swapped.score == scores.value[place]
        assert found.accepted == scores.accepted[place]
        assert found.threshold is not None
        assert found.threshold.far == result.threshold.far


def test_codes_are_compared_by_their_bits(tmp_path):
    codes = binarize(features())
    write_codes(codes, tmp_path / "c.h5")
    found = compare_names("p0/0.png", "p5/20.png", tmp_path / "c.h5", DecisionRule())
    differing = int(np.bitwise_count(codes.packed[0] ^ codes.packed[20]).sum())
    assert (found.metric, found.score) == ("hamming", -differing)


def test_a_score_that_equals_the_threshold_is_accepted():
    same = features()
    found = compare_names("p0/0.png", "p0/1.png", same, DecisionRule())
    entry = entries(same, 0.1)[0]
    chosen = card_threshold({"thresholds": [{**entry, "threshold": found.score}]}, CONTRACT, "cosine", 0.1, "card")
    assert not isinstance(chosen, str)
    assert replace(found, threshold=chosen).accepted is True
    above = replace(chosen, threshold=float(np.nextafter(found.score, 2)))
    assert replace(found, threshold=above).accepted is False


def test_without_a_threshold_there_is_no_decision_and_it_is_said_why():
    found = compare_names("p0/0.png", "p0/1.png", features(), DecisionRule())
    assert (found.threshold, found.accepted) == (None, None)
    assert found.undecided == "no threshold is known for this network and scorer"
    assert to_json(found)["accepted"] is None


def test_a_name_that_the_file_lacks_is_told_with_one_that_it_has():
    with pytest.raises(BadInput, match=r"no face 'ana': .*; its names are such as 'p0/0.png'"):
        compare_names("p0/0.png", "ana", features(), DecisionRule())


def test_a_threshold_of_another_crop_is_refused_with_both_sides(tmp_path):
    result = verify(replace(features(), contract=replace(CONTRACT, crop="loose@55x47/1")), "all")
    judge = DecisionRule(threshold_from=told(result, tmp_path / "result.json"))
    with pytest.raises(Mismatch, match=r"crop differs: .*result.json has loose@55x47/1, f.h5 has points@55x47/1"):
        compare_names("p0/0.png", "p0/1.png", replace(features(), path=Path("f.h5")), judge)


def entries(held: Features, *far: float) -> list[dict]:
    """What a card keeps of these faces, as of two sets of equally many people."""
    sets = np.array(["first" if person < "p5" else "second" for person in held.people], dtype=object)
    within = pairs_within(replace(held, labels={"set": sets}), "cosine")
    return card_entries(within, "cosine", CONTRACT, far, "all pairs within 2 sets")


@pytest.fixture
def bundled(tmp_path, monkeypatch) -> Contract:
    """Bundled weights whose card has thresholds for cosine; the contract of their features."""
    import torch

    from facerep.faces.crops import parse_crop
    from facerep.networks.catalog import row
    from facerep.networks.deepid import DeepID

    path = tmp_path / "bundled.safetensors"
    monkeypatch.setattr(weights, "BUNDLED", path)
    torch.manual_seed(0)
    weights.save_model(
        path, DeepID(row("deepid-31x31")).eval(), crop=parse_crop("points@31x31/1"), normalise=False, dropout=0.0,
        card={"thresholds": entries(features(), 0.1, 0.01, 0.001)},
    )  # fmt: skip
    return replace(CONTRACT, weights=file_sha256(path))


def test_the_card_of_the_bundled_weights_decides_where_no_result_was_given(bundled):
    held = replace(features(), contract=bundled)
    unit = held.values / np.linalg.norm(held.values, axis=1, keepdims=True)
    first = held.people < "p5"
    other = held.people[:, None] != held.people[None]
    scores = unit @ unit.T
    for far in (0.1, 0.01):
        found = compare_names("p0/0.png", "p0/1.png", held, DecisionRule(at_far=far))
        assert found.threshold is not None
        assert (found.threshold.source, found.threshold.pairs) == ("the bundled weights", "all pairs within 2 sets")
        assert found.accepted == (found.score >= found.threshold.threshold)
        shares = [np.mean(scores[np.ix_(side, side)][other[np.ix_(side, side)]] >= found.threshold.threshold - 1e-6)
                  for side in (first, ~first)]  # fmt: skip
        assert found.threshold.far.value == pytest.approx(np.mean(shares))
        assert found.threshold.far.value <= far
        assert found.threshold.worst is not None
        assert found.threshold.worst.far.value == pytest.approx(max(shares))
        assert found.threshold.worst.set == ("first", "second")[int(np.argmax(shares))]


def test_the_card_is_not_asked_for_other_scores(bundled):
    held = replace(features(), contract=bundled)
    # so few impostor pairs of a set cannot resolve the usual rate, so the card has none for it
    found = compare_names("p0/0.png", "p0/1.png", held, DecisionRule())
    assert found.undecided == "the bundled weights have no threshold for cosine and crop points@55x47/1"
    assert compare_names("p0/0.png", "p0/1.png", held, DecisionRule("euclidean", at_far=0.1)).threshold is None
    loose = replace(held, contract=replace(bundled, crop="loose@55x47/1"))
    assert compare_names("p0/0.png", "p0/1.png", loose, DecisionRule(at_far=0.1)).undecided == (
        "the bundled weights have no threshold for cosine and crop loose@55x47/1"
    )
    assert compare_names("p0/0.png", "p0/1.png", features(), DecisionRule(at_far=0.1)).threshold is None
    with pytest.raises(BadInput, match=r"no threshold for a false accept rate of 0.5: the bundled weights; there are"):
        compare_names("p0/0.png", "p0/1.png", held, DecisionRule(at_far=0.5))


def test_codes_of_another_rule_are_not_held_against_the_threshold(tmp_path, bundled):
    held = replace(features(), contract=replace(bundled, rule="> 0"))
    zero, median = binarize(held, "zero"), binarize(held, "median")
    judge = DecisionRule(threshold_from=told(verify(zero, "all"), tmp_path / "result.json"))
    assert compare_names("p0/0.png", "p0/1.png", zero, judge).threshold is not None
    with pytest.raises(Mismatch, match="rule of the bits differs"):
        compare_names("p0/0.png", "p0/1.png", median, judge)
    said = compare_names("p0/0.png", "p0/1.png", median, DecisionRule(at_far=0.1))
    assert said.undecided == "the bundled weights have thresholds for the bits of all units above 0 only"
