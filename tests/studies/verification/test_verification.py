"""The verification study, with a plain cosine as scorer and slow loops as oracle."""

import json
from itertools import combinations
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from facerep.errors import BadInput, TooFewPairs, Usage
from facerep.files.features import write_features
from facerep.files.pairs import PairList
from facerep.files.rows import Features
from facerep.pairs import choice as chosen_pairs
from facerep.results.figures import FoldMean, Rate
from facerep.results.to_json import to_json
from facerep.studies.verification.verify import verify

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "result.schema.json").read_text(encoding="utf-8"))


class Cosine:
    """A cosine that says what it does; the real one lives in facerep.scorers."""

    name = "cosine"

    def score(self, a, b):
        a, b = a.astype(np.float64), b.astype(np.float64)
        return (a * b).sum(1) / np.sqrt((a * a).sum(1) * (b * b).sum(1))

    def matrix(self, a, b):
        a, b = a.astype(np.float64), b.astype(np.float64)
        return (a / np.linalg.norm(a, axis=1)[:, None]) @ (b / np.linalg.norm(b, axis=1)[:, None]).T


def made(persons=8, pictures=5, *, noise=1.5, protocols=(), **changes):
    rng = np.random.default_rng(0)
    centres = np.repeat(rng.normal(size=(persons, 16)), pictures, axis=0)
    people = np.array([f"p{k // pictures}" for k in range(len(centres))], dtype=object)
    names = np.array([f"{person}/{k}.png" for k, person in enumerate(people)], dtype=object)
    values = (centres + noise * rng.normal(size=centres.shape)).astype(np.float32)
    held = {"values": values, "names": names, "people": people, "protocols": {p.name: p for p in protocols}}
    return Features(**{**held, **changes})


def listed(features, name="view2", folds=4, each=12, seed=1):
    """A list of `each` genuine and `each` impostor pairs a fold."""
    rng = np.random.default_rng(seed)
    pairs = list(combinations(range(len(features)), 2))
    same = np.array([features.people[i] == features.people[j] for i, j in pairs])
    chosen = [rng.choice(np.flatnonzero(same == kind), folds * each) for kind in (True, False)]
    rows = np.concatenate([np.concatenate([part.reshape(folds, each) for part in chosen], axis=1).ravel()])
    left, right = np.array(pairs)[rows].T
    return PairList(
        name=name, left=features.names[left], right=features.names[right], same=same[rows],
        fold=np.repeat(np.arange(folds), 2 * each),
    )  # fmt: skip


def judge(features, *arguments, **options):
    return verify(features, *arguments, scorer=Cosine(), **options)


def valid(result):
    written = json.loads(json.dumps(to_json(result), allow_nan=False))
    jsonschema.validate(written, SCHEMA)
    return written


def test_all_pairs_are_counted_as_a_slow_loop_counts_them():
    features = made()
    result = judge(features)
    written = valid(result)
    scores = {}
    for i, j in combinations(range(len(features)), 2):
        scores[i, j] = Cosine().score(features.values[[i]], features.values[[j]])[0]
    found = dict(zip(zip(result.scores.left, result.scores.right, strict=True), result.scores.value, strict=True))
    assert found.keys() == scores.keys()
    assert max(abs(found[pair] - scores[pair]) for pair in scores) < 1e-6
    same = {pair: features.people[pair[0]] == features.people[pair[1]] for pair in scores}
    assert written["counts"] == {
        "genuine": sum(same.values()), "impostor": len(same) - sum(same.values()),
        "missing": {"genuine": 0, "impostor": 0}, "recurring": {"again": 0, "reversed": 0, "itself": 0},
        "impostor_sets": None,
    }  # fmt: skip
    threshold = written["threshold"]["value"]
    right = sum((score >= threshold) == same[pair] for pair, score in found.items())
    assert written["accuracy"]["count"] == right
    assert written["accuracy"]["of"] == len(scores)
    assert written["accuracy"]["interval"] == "Wilson, variance adjusted for shared people"
    assert written["protocol"]["pairs"] == "all"


def test_small_blocks_give_the_same_all_pairs_scores(monkeypatch):
    features = made()
    whole = judge(features).scores.value
    monkeypatch.setattr("facerep.pairs.blocks.score_blocks.BLOCK_BYTES", 8 * 40 * 3)
    assert np.abs(judge(features).scores.value - whole).max() < 1e-6


def test_a_list_is_scored_bit_for_bit_alike_in_any_batch_and_order(monkeypatch):
    features = made()
    pairs = listed(features)
    whole = judge(features, pairs).scores.value
    monkeypatch.setattr("facerep.codes.vector_search.PAIR_BYTES", 8 * 16 * 7)
    order = np.random.default_rng(2).permutation(len(pairs))
    moved = PairList(name="moved", **{key: getattr(pairs, key)[order] for key in ("left", "right", "same", "fold")})
    shuffled = judge(features, moved)
    np.testing.assert_array_equal(shuffled.scores.value, whole[order])
    first, second = to_json(judge(features, pairs)), to_json(shuffled)
    assert first["eer"]["value"] == second["eer"]["value"]
    assert first["tar_at_far"] == second["tar_at_far"]
    assert first["accuracy"]["mean"] == second["accuracy"]["mean"]
    assert first["threshold"]["value"] == second["threshold"]["value"]


def test_a_list_with_folds_is_judged_by_folds_and_without_them_when_pooled():
    features = made(noise=2.5)
    pairs = listed(features)
    result = judge(features, pairs)
    written = valid(result)
    assert isinstance(result.accuracy, FoldMean)
    assert written["accuracy"]["folds"] == 4
    values = [fold["count"] / fold["of"] for fold in written["accuracy"]["each"]]
    assert written["accuracy"]["mean"] == pytest.approx(np.mean(values))
    assert written["accuracy"]["standard_error"] == pytest.approx(np.std(values, ddof=1) / 2)
    assert written["accuracy"]["pooled"]["count"] == np.sum(result.scores.accepted == result.scores.same)
    assert isinstance(judge(features, pairs, pooled=True).accuracy, Rate)


def test_the_files_own_list_is_the_default_and_view2_goes_before_others():
    features = made()
    first, second = listed(features, "view1", folds=1), listed(features, "view2")
    assert judge(made(protocols=[first])).protocol["name"] == "view1"
    both = made(protocols=[first, second])
    assert judge(both).protocol["name"] == "view2"
    assert judge(both, "view1").protocol["name"] == "view1"
    assert judge(both, "all").protocol["name"] == "all pairs"
    with pytest.raises(Usage, match="view1, view3"):
        judge(made(protocols=[first, listed(features, "view3")]))


def test_a_sample_is_drawn_by_its_seed():
    features = made()
    one, again, other = (judge(features, sample=30, seed=seed) for seed in (0, 0, 1))
    assert to_json(one) == to_json(again)
    assert (one.genuine, one.impostor) == (30, 30)
    assert (one.scores.left != other.scores.left).any()
    with pytest.raises(Usage, match="exclude each other"):
        judge(features, "all", sample=3)


def test_very_many_pairs_are_drawn_from_unless_all_are_asked_for(monkeypatch):
    monkeypatch.setattr(chosen_pairs, "MOST_UNASKED", 500)
    monkeypatch.setattr(chosen_pairs, "DRAWN", 50)
    result = judge(made())
    assert result.protocol["pairs"] == "sample"
    assert result.impostor == 50
    assert any("780 pairs are judged where --pairs all asks for them" in warning for warning in result.warnings)
    assert judge(made(), "all").protocol["pairs"] == "all"


def test_a_false_accept_rate_that_cannot_be_seen_is_refused_and_all_of_them_are_an_error():
    features = made()  # 700 impostor pairs
    result = judge(features, far=[0.1, 0.01, 0.001])
    points = valid(result)["tar_at_far"]
    assert [point["flag"] for point in points] == [None, "few impostors", "refused"]
    assert points[2]["tar"] is None
    assert (points[2]["impostor"], points[2]["needed"]) == (700, 1000)
    assert points[0]["obtained"]["value"] <= 0.1
    with pytest.raises(TooFewPairs, match="700, at least 1000"):
        judge(features, far=[0.001, 0.0001])
    small = made(persons=2, pictures=2)  # 4 impostor pairs: the default rates are refused one by one
    assert [point.flag for point in judge(small).tar_at_far] == ["refused"] * 3


def test_a_given_threshold_is_applied_and_its_rates_are_reported():
    result = judge(made(), threshold=0.25)
    assert valid(result)["threshold"]["chosen"] == "given"
    accepted = result.scores.value >= 0.25
    assert result.accuracy == judge(made(), threshold=0.25).accuracy
    assert result.threshold.tar.count == np.sum(accepted & result.scores.same)
    assert result.threshold.far.count == np.sum(accepted & ~result.scores.same)
    assert valid(judge(made(), threshold=float("inf")))["threshold"]["value"] == "inf"


def test_absent_faces_stop_the_study_or_are_counted():
    features = made()
    pairs = listed(features)
    without = features.take(np.arange(len(features)) != 3)
    gone = (pairs.left == "p0/3.png") | (pairs.right == "p0/3.png")
    with pytest.raises(BadInput, match=r"1 face of \d+ pairs of 'view2' is not in the file \(p0/3.png\)"):
        judge(without, pairs)
    result = judge(without, pairs, missing="count")
    assert result.missing == {"genuine": int(np.sum(gone & pairs.same)), "impostor": int(np.sum(gone & ~pairs.same))}
    assert result.genuine + result.impostor == len(pairs) - gone.sum()
    sizes = [fold["of"] for fold in valid(result)["accuracy"]["each"]]
    assert sizes == [int(np.sum((pairs.fold == k) & ~gone)) for k in range(4)]  # folds stay as they were
    assert any("counted as wrong, accuracy is" in warning for warning in result.warnings)


def test_features_times_eight_change_no_number_under_cosine():
    features = made()
    large = made(values=features.values * 8)
    assert to_json(judge(features)) == to_json(judge(large))


def test_an_all_zero_row_is_an_error_that_names_the_face():
    values = made().values.copy()
    values[7] = 0
    with pytest.raises(BadInput, match=r"p1/7\.png"):
        judge(made(values=values))


def test_a_nan_score_is_an_error_that_names_the_pair():
    class Broken(Cosine):
        def matrix(self, a, b):
            scores = super().matrix(a, b)
            scores[0, 0] = np.nan
            return scores

    with pytest.raises(BadInput, match=r"p0/0\.png, p0/1\.png"):
        verify(made(), scorer=Broken())


def test_a_nan_feature_is_refused_when_the_file_is_written_or_read(tmp_path):
    values = made().values.copy()
    values[4, 2] = np.nan
    with pytest.raises(BadInput, match=r"p0/4\.png"):
        write_features(made(values=values), tmp_path / "f.h5")


def test_identical_rows_score_exactly_one():
    values = np.round(made().values, 1)
    values[1] = values[0]
    features = made(values=values)
    pairs = PairList(
        name="twins", left=features.names[[0, 0]], right=features.names[[1, 30]],
        same=np.array([True, False]), fold=np.zeros(2, int),
    )  # fmt: skip
    assert verify(features, pairs, scorer=None if _scorers() else Cosine()).scores.value[0] == 1.0


def _scorers():
    from importlib.util import find_spec

    return find_spec("facerep.scorers.select_scorer") is not None


def test_people_of_one_kind_only_give_both_counts():
    features = made(persons=1)
    with pytest.raises(BadInput, match="10 genuine and 0 impostor"):
        judge(features)
    unknown = made(people=np.full(40, "", dtype=object))
    with pytest.raises(BadInput, match="0 genuine and 0 impostor"):
        judge(unknown)


def test_unknown_people_take_part_in_no_pair_and_faces_are_the_units_of_a_list():
    people = made().people.copy()
    people[:4] = ""
    result = judge(made(people=people))
    assert any("4 faces of unknown people" in warning for warning in result.warnings)
    assert set(result.scores.left) | set(result.scores.right) == set(range(4, 40))
    pairs = listed(made())
    assert judge(made(people=people), pairs).protocol["units"] == "faces"


def test_a_list_that_contradicts_the_people_is_followed_and_said():
    features = made()
    pairs = listed(features)
    wrong = PairList(name="odd", left=pairs.left, right=pairs.right, same=~pairs.same, fold=pairs.fold)
    assert any("96 pairs" in warning for warning in judge(features, wrong).warnings)


def test_pairs_that_share_nobody_get_exact_intervals():
    features = made(persons=40, pictures=2)
    left = np.arange(0, 80, 2)
    right = np.where(left < 40, left + 1, left + 2)
    left, right = left[(left < 40) | (left % 4 == 0)], right[(left < 40) | (left % 4 == 0)]
    pairs = PairList(
        name="apart", left=features.names[left], right=features.names[right],
        same=features.people[left] == features.people[right], fold=np.zeros(len(left), int),
    )  # fmt: skip
    result = judge(features, pairs)
    assert result.accuracy.interval == "Clopper-Pearson"
    assert result.eer.rate.interval.startswith(("bootstrap over pairs", "Wilson"))


def test_a_pair_file_and_a_feature_file_are_read_by_their_paths(tmp_path):
    features = made()
    pairs = listed(features, folds=1)
    write_features(features, tmp_path / "feats.h5")
    lines = [f"{a},{b},{int(s)}" for a, b, s in zip(pairs.left, pairs.right, pairs.same, strict=True)]
    (tmp_path / "mine.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = judge(tmp_path / "feats.h5", tmp_path / "mine.csv")
    np.testing.assert_array_equal(result.scores.value, judge(features, pairs).scores.value)
    assert valid(result)["features"]["file"] == "feats.h5"
    with pytest.raises(BadInput, match="no such pair list"):
        judge(features, "absent.txt")
