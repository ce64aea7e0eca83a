"""The identification study, against slow loops over probes and people."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from facerep.errors import BadInput, TooFewPairs, Usage
from facerep.files.contract import Contract
from facerep.files.rows import Features
from facerep.readers.lists.identification_lists import KNOWN, UNKNOWN, UNSTATED, GalleryList
from facerep.results.to_json import to_json
from facerep.scorers.chain import FittedChain
from facerep.scorers.joint_bayesian import JointBayesian
from facerep.scorers.projections import LengthOne
from facerep.scorers.scorer_file import write_scorer
from facerep.scorers.select_scorer import scorer as pick
from facerep.studies.identification import probe_scores
from facerep.studies.identification.identify import identify

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "identification.schema.json").read_text(encoding="utf-8"))
CONTRACT = Contract(
    network="deepid2", weights="a" * 64, layer="feature", rule="> 0", crop="points@55x47/1", mirror="mean"
)


def made(persons=12, pictures=5, *, noise=1.5, seed=0, **changes):
    rng = np.random.default_rng(seed)
    centres = np.repeat(rng.normal(size=(persons, 16)), pictures, axis=0)
    people = np.array([f"p{k // pictures:02d}" for k in range(len(centres))], dtype=object)
    names = np.array([f"{person}/{k}.png" for k, person in enumerate(people)], dtype=object)
    values = (centres + noise * rng.normal(size=centres.shape)).astype(np.float32)
    return Features(**{"values": values, "names": names, "people": people, "contract": CONTRACT, **changes})


def listed(features, gallery, probes, known=UNSTATED, people=False, **more):
    """A list of rows of a file; `people` writes them into the list too."""
    gallery, probes = np.array(gallery), np.array(probes)
    said = features.people if people else np.full(len(features), "", dtype=object)
    return GalleryList(
        name=more.pop("name", "mine"), gallery=features.names[gallery], gallery_people=said[gallery],
        probes=features.names[probes], probe_people=said[probes],
        known=np.broadcast_to(known, len(probes)).astype(int), **more,
    )  # fmt: skip


def usual(features, pictures=5, faces=1):
    """Ten of the people in the gallery with `faces` faces each; everything else is a probe."""
    within = np.arange(len(features)) % pictures
    inside = np.arange(len(features)) < 10 * pictures
    return listed(features, np.flatnonzero(inside & (within < faces)), np.flatnonzero(~inside | (within >= faces)))


def valid(result):
    written = json.loads(json.dumps(to_json(result), allow_nan=False))
    jsonschema.validate(written, SCHEMA)
    return written


def slow(features, wanted, metric="cosine", scorer=None, template="max"):
    """Rank and largest score of each probe, person by person and pair by pair."""
    judge, rows = pick(metric, features, scorer)
    index = features.index()
    person = dict(zip(features.names, features.people, strict=True))
    people = sorted({person[name] for name in wanted.gallery})
    found = []
    for probe in wanted.probes:
        scores = {}
        for one in people:
            own = [index[name] for name in wanted.gallery if person[name] == one]
            if template == "mean" and metric == "cosine":
                unit = [features.values[row] / np.linalg.norm(features.values[row].astype(float)) for row in own]
                pooled = np.mean(unit, axis=0)
                probed = features.values[index[probe]].astype(float)
                scores[one] = pooled @ probed / np.linalg.norm(pooled) / np.linalg.norm(probed)
            else:
                scores[one] = max(judge.score(rows[[index[probe]]], rows[[row]])[0] for row in own)
        who = person[probe]
        rank = 1 + sum(s >= scores[who] for p, s in scores.items() if p != who) if who in scores else 0
        found.append((rank, max(scores.values())))
    return np.array([rank for rank, _ in found]), np.array([top for _, top in found])


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "hamming"])
@pytest.mark.parametrize("faces", [1, 3])
def test_ranks_and_rates_are_those_of_a_slow_loop(metric, faces):
    features = made()
    wanted = usual(features, faces=faces)
    result = identify(features, [wanted], metric=metric, template="max", far=[0.2, 0.5])
    rank, top = slow(features, wanted, metric)
    trial = result.lists[0].trials[0]
    np.testing.assert_array_equal(trial.probes.ranks.rank, rank)
    np.testing.assert_array_equal(trial.probes.ranks.top, top)  # to the last bit: decided pair by pair
    known = rank > 0
    written = valid(result)["lists"][0]["trials"][0]
    assert written["counts"] == {
        "known": int(known.sum()), "unknown": int(np.sum(~known)),
        "missing": {"gallery": 0, "known": 0, "unknown": 0},
    }  # fmt: skip
    for at in written["closed_set"]:
        assert (at["rate"]["count"], at["rate"]["of"]) == (np.sum(rank[known] <= at["rank"]), known.sum())
    own = trial.probes.ranks.own
    for point in written["open_set"]:
        held = [t for t in {*own[known], *top[~known], np.inf} if np.mean(top[~known] >= t) <= point["far"]]
        assert point["threshold"] == min(held)
        assert point["dir"]["count"] == np.sum((rank == 1) & known & (top >= min(held)))
        assert point["obtained"]["count"] == np.sum(top[~known] >= min(held))
    assert trial.images == ("single-image" if faces == 1 else "multi-image")
    np.testing.assert_array_equal(trial.cmc, [np.sum(rank[known] <= k) for k in range(1, 11)])


@pytest.mark.parametrize("metric", ["cosine", "hamming"])
def test_blocks_and_the_order_of_the_list_change_no_bit(monkeypatch, metric):
    features = made()
    wanted = usual(features, faces=2)
    whole = identify(features, [wanted], metric=metric, template="max").lists[0].trials[0].probes.ranks
    monkeypatch.setattr(probe_scores, "BLOCK_BYTES", 8 * 16 * 3)
    monkeypatch.setattr(probe_scores, "LEAST", 1)
    order = np.random.default_rng(0).permutation(len(wanted.probes))
    moved = replace(wanted, **{name: getattr(wanted, name)[order] for name in ("probes", "probe_people", "known")})
    small = identify(features, [moved], metric=metric, template="max").lists[0].trials[0].probes.ranks
    for name in ("rank", "first", "top", "own"):
        np.testing.assert_array_equal(getattr(small, name), getattr(whole, name)[order])


def test_equal_pictures_under_two_names_tie_even_where_a_block_rounds_differently():
    class Rough:
        """A cosine whose blocks are right to 1e-9 only."""

        name = "cosine"

        def score(self, a, b):
            return pick("cosine", made())[0].score(a, b)

        def matrix(self, a, b):
            exact = pick("cosine", made())[0].matrix(a, b)
            return exact + 1e-9 * np.arange(exact.size).reshape(exact.shape)[::-1, ::-1] / exact.size

    features = made(noise=0.2)
    values = features.values.copy()
    values[5] = values[0]  # p01's gallery picture is p00's
    features = replace(features, values=values)
    ranks = identify(features, [usual(features)], scorer=Rough()).lists[0].trials[0].probes.ranks
    assert ranks.rank[:4].tolist() == [2, 2, 2, 2]
    assert ranks.first[:4].tolist() == [1, 1, 1, 1]


def test_the_mean_template_of_cosine_is_the_mean_of_unit_vectors():
    features = made()
    lengths = np.random.default_rng(3).uniform(0.1, 50, size=(len(features), 1)).astype(np.float32)
    features = replace(features, values=features.values * lengths)
    wanted = usual(features, faces=3)
    result = identify(features, [wanted])
    rank, top = slow(features, wanted, template="mean")
    found = result.lists[0].trials[0]
    assert found.template == "mean of unit-length vectors"
    np.testing.assert_array_equal(found.probes.ranks.rank, rank)
    np.testing.assert_allclose(found.probes.ranks.top, top, atol=1e-6)
    assert identify(features, [usual(features)]).lists[0].trials[0].template == "one face a person"


def chain(*before):
    """A Joint Bayesian scorer made by hand: fitting would import torch, which takes seconds."""
    rng = np.random.default_rng(6)
    model = JointBayesian(
        mean=rng.normal(size=16), between=np.eye(16), within=np.eye(16), directions=rng.normal(size=(16, 16)),
        ratios=rng.uniform(0.5, 3, size=16), likelihoods=[0.0, 1.0], converged=True,
    )  # fmt: skip
    return FittedChain(steps=(*before, model), contract=CONTRACT, dimension=16, faces=60, people=12)


def test_templates_of_joint_bayesian_are_made_before_its_chain(tmp_path):
    features, wanted = made(), usual(made(), faces=3)
    write_scorer(chain(LengthOne()), tmp_path / "jb.h5")
    found = identify(features, [wanted], metric="joint-bayesian", scorer=tmp_path / "jb.h5").lists[0].trials[0]
    assert found.template == "mean of unit-length vectors"
    unit = features.values / np.linalg.norm(features.values, axis=1, keepdims=True)
    pooled = np.stack([unit[5 * k : 5 * k + 3].mean(axis=0) for k in range(10)])
    both = replace(
        features, values=np.concatenate([features.values, pooled]),
        names=np.append(features.names, [f"t{k}" for k in range(10)]), people=np.append(features.people, [""] * 10),
    )  # fmt: skip
    judge, rows = pick("joint-bayesian", both, tmp_path / "jb.h5")
    probes = features.index()
    scores = judge.matrix(rows[[probes[name] for name in wanted.probes]], rows[-10:])
    np.testing.assert_allclose(found.probes.ranks.top, scores.max(axis=1), atol=1e-4)
    write_scorer(chain(), tmp_path / "raw.h5")
    raw = identify(features, [wanted], metric="joint-bayesian", scorer=tmp_path / "raw.h5").lists[0].trials[0]
    assert raw.template == "mean of vectors"


def test_codes_are_pooled_by_their_best_score_and_have_no_mean():
    features = made()
    wanted = usual(features, faces=3)
    assert identify(features, [wanted], metric="hamming").lists[0].trials[0].template.startswith("max")
    with pytest.raises(Usage, match="codes have no mean"):
        identify(features, [wanted], metric="hamming", template="mean")


def test_several_trials_are_summed_up_by_mean_and_deviation():
    features = made(persons=24, pictures=4)
    rng = np.random.default_rng(5)
    trials = []
    for trial in range(1, 4):
        inside = np.isin(features.people, rng.choice(np.unique(features.people.astype(str)), 14, replace=False))
        first = np.arange(len(features)) % 4 == 0
        trials.append(listed(features, np.flatnonzero(inside & first), np.flatnonzero(~(inside & first)), trial=trial))
    result = identify(features, trials, far=[0.1, 0.001])
    (written,) = valid(result)["lists"]
    assert [trial["trial"] for trial in written["trials"]] == [1, 2, 3]
    values = [trial["closed_set"][0]["rate"]["value"] for trial in written["trials"]]
    over = written["over_trials"]["closed_set"][0]["rate"]
    assert over["mean"] == pytest.approx(np.mean(values))
    assert over["standard_deviation"] == pytest.approx(np.std(values, ddof=1))
    assert over["mean_minus_deviation"] == pytest.approx(np.mean(values) - np.std(values, ddof=1))
    tenth, refused = written["over_trials"]["open_set"]
    assert (tenth["flag"], refused["flag"], refused["dir"]) == ("few unknown probes", "refused", None)
    one = identify(features, trials, trial=2)
    assert valid(one)["lists"][0]["over_trials"] is None
    assert one.lists[0].trials[0].ranks == result.lists[0].trials[1].ranks
    with pytest.raises(Usage, match="no trial 4; the lists have trials 3"):
        identify(features, trials, trial=4)


def test_trials_of_different_kinds_are_summed_up_by_what_they_share():
    features = made()
    small = listed(features, [0, 5], [1, 6], trial=1)  # closed, and two people have no rank 5
    result = identify(features, [small, replace(usual(features), trial=2)])
    over = valid(result)["lists"][0]["over_trials"]
    assert [at["rank"] for at in over["closed_set"]] == [1]
    assert over["open_set"] == []
    assert any(said.startswith("FAR 0.1 rests on few: at least 10 unknown probes in mine") for said in result.warnings)


def test_lists_are_picked_by_name_and_two_of_one_name_are_refused():
    features = made()
    one, two = usual(features), replace(usual(features, faces=2), name="other")
    assert [judged.name for judged in identify(features, [one, two]).lists] == ["mine", "other"]
    assert [judged.name for judged in identify(features, [one, two], only="other").lists] == ["other"]
    with pytest.raises(Usage, match="no list 'thrid'; there are: mine, other"):
        identify(features, [one, two], only="thrid")
    with pytest.raises(Usage, match="two lists are called 'mine', in a.csv and b.csv"):
        identify(features, [replace(one, file="a.csv"), replace(one, file="b.csv")])
    with pytest.raises(Usage, match="two lists are called 'mine', trial 3"):
        identify(features, [replace(one, trial=3)] * 2)


def test_probes_of_one_person_are_not_taken_as_independent():
    features = made()
    result = identify(features, [usual(features)])
    assert result.lists[0].trials[0].ranks[0].rate.interval == "Wilson, variance adjusted for shared people"
    alone = listed(features, range(0, 50, 5), range(1, 50, 5))
    assert identify(features, [alone]).lists[0].trials[0].ranks[0].rate.interval == "Clopper-Pearson"


def test_without_unknown_probes_the_set_is_closed():
    features = made()
    closed = listed(features, range(0, 50, 5), range(1, 50, 5))
    trial = identify(features, [closed]).lists[0].trials[0]
    assert (trial.unknown, trial.open_set, trial.curve) == (0, (), None)
    with pytest.raises(BadInput, match="no unknown probes, so no false alarm rate"):
        identify(features, [closed], far=[0.1])


def test_a_false_alarm_rate_is_refused_where_unknown_probes_are_too_few_and_all_refused_are_an_error():
    features = made()  # ten unknown probes
    result = identify(features, [usual(features)], far=[0.5, 0.1, 0.01])
    assert [point.flag for point in result.lists[0].trials[0].open_set] == [
        "few unknown probes", "few unknown probes", "refused",
    ]  # fmt: skip
    assert any("FAR 0.01 refused: 10 unknown probes in mine, 100 are wanted" in said for said in result.warnings)
    with pytest.raises(TooFewPairs, match="rate of 0.01 refused: 10 unknown probes in mine, 100 are wanted"):
        identify(features, [usual(features)], far=[0.01, 0.001])


def test_a_nan_score_is_an_error_that_names_probe_and_person():
    features = made()
    bad = features.values[[7, 20]]

    class Broken:
        name = "cosine"

        def score(self, a, b):
            wrong = (a == bad[0]).all(axis=1) & (b == bad[1]).all(axis=1)
            return np.where(wrong, np.nan, a[:, 0] * b[:, 0])

        def matrix(self, a, b):
            return np.stack([self.score(a, np.broadcast_to(row, a.shape)) for row in b], axis=1)

    with pytest.raises(BadInput, match=r"1 scores are NaN, the first: p01/7.png, gallery person p04"):
        identify(features, [usual(features)], scorer=Broken())


def test_infinite_scores_are_ordered():
    class Endless:
        name = "cosine"

        def score(self, a, b):
            return np.where((a[:, 0] > 0) == (b[:, 0] > 0), np.inf, -np.inf)

        def matrix(self, a, b):
            return np.where((a[:, :1] > 0) == (b[:, 0] > 0), np.inf, -np.inf)

    features = made()
    with pytest.raises(TooFewPairs, match=r"0.5 refused: more than 5 of 10 unknown probes of mine"):
        identify(features, [usual(features)], scorer=Endless(), far=[0.5])
    result = identify(features, [usual(features)], scorer=Endless())
    trial = result.lists[0].trials[0]
    gallery = features.values[0:50:5, 0] > 0
    for row, name in enumerate(usual(features).probes[:40]):
        mine = features.values[features.index()[name], 0] > 0
        own = int(name[1:3])
        expected = 1 + np.sum(np.delete(gallery, own) == mine) if gallery[own] == mine else 10
        assert trial.probes.ranks.rank[row] == expected
    assert trial.open_set[0].flag == "refused"  # no threshold keeps them out
    valid(result)


def test_an_all_zero_vector_is_an_error_that_names_the_face_in_gallery_and_probes():
    for row, faces in ((1, 1), (1, 3)):
        values = made().values.copy()
        values[row] = 0
        features = made(values=values)
        with pytest.raises(BadInput, match=r"p00/1\.png"):
            identify(features, [usual(features, faces=faces)])


def without(features, *rows):
    return features.take(np.setdiff1d(np.arange(len(features)), rows))


def test_absent_faces_stop_the_study_or_are_counted():
    features, wanted = made(), usual(made())
    held = without(features, 1, 59)  # a known and an unknown probe
    with pytest.raises(BadInput, match=r"2 faces of 'mine' not in the file \(p00/1.png, p11/59.png\)"):
        identify(held, [wanted])
    named = listed(features, range(0, 50, 5), [k for k in range(60) if k >= 50 or k % 5], people=True)
    result = identify(held, [named], missing="count")
    trial = result.lists[0].trials[0]
    assert (trial.known, trial.unknown) == (39, 9)
    assert trial.missing == {"gallery": 0, "known": 1, "unknown": 1}
    worst = trial.ranks[0].rate.count / 40
    assert any(f"counted as not found, rank 1 is {worst:.4f}" in said for said in result.warnings)


def test_known_probes_whose_gallery_face_is_absent_are_counted_and_do_not_become_unknown():
    features = made()
    held = without(features, 0)
    probes = [k for k in range(60) if k >= 50 or k % 5]
    named = listed(features, range(0, 50, 5), probes, people=True)
    trial = identify(held, [named], missing="count").lists[0].trials[0]
    assert (trial.gallery_people, trial.known, trial.unknown) == (9, 36, 10)
    assert trial.missing == {"gallery": 1, "known": 4, "unknown": 0}
    stated = listed(features, range(0, 50, 5), probes, [KNOWN if k < 50 else UNKNOWN for k in probes])
    assert identify(held, [stated], missing="count").lists[0].trials[0].missing == trial.missing
    with pytest.raises(BadInput, match="whether a probe is known cannot be told"):
        identify(held, [listed(features, range(0, 50, 5), probes)], missing="count")


@pytest.mark.parametrize(
    ("gallery", "probes", "known", "line"),
    [
        ([0, 5], [0, 6], UNSTATED, r"1 face of 'mine' both in the gallery and probe \(p00/0.png\)"),
        ([0, 5], [11], UNSTATED, "no known probe in 'mine'"),
        ([0, 5], [1, 11], KNOWN, r"1 probe of 'mine' listed as genuine, but their person is not .* \(p02/11.png\)"),
        ([0, 5], [1, 11], [KNOWN, UNSTATED], None),
        ([0, 5], [1, 6], [KNOWN, UNKNOWN], r"1 probe of 'mine' listed as impostor, but their person is in the gallery"),
        ([0, 59], [1], UNSTATED, r"1 face in the gallery of 'mine' without a person \(p11/59.png\)"),
        ([0, 5], [1, 59], UNSTATED, r"1 probe of 'mine' without a person, so whether they are known cannot be told"),
        ([0, 5], [1, 59], [UNSTATED, UNKNOWN], None),
    ],
)
def test_a_list_that_contradicts_itself_or_the_people_is_refused(gallery, probes, known, line):
    people = made().people.copy()
    people[59] = ""
    features = made(people=people)
    wanted = listed(features, gallery, probes, known)
    if line is None:
        identify(features, [wanted])
        return
    with pytest.raises(BadInput, match=line):
        identify(features, [wanted])


def test_an_empty_gallery_is_refused_whether_listed_or_lost():
    features = made()
    with pytest.raises(BadInput, match="gallery of 'mine' is empty"):
        identify(without(features, 0), [listed(features, [0], [1, 2], KNOWN)], missing="count")


def test_people_of_a_list_go_before_those_of_the_file_and_a_contradiction_is_said():
    features = made()
    wanted = listed(features, range(0, 50, 5), range(1, 50, 5), people=True)
    renamed = replace(wanted, gallery_people=np.array([f"n{p}" for p in wanted.gallery_people], dtype=object),
                      probe_people=np.array([f"n{p}" for p in wanted.probe_people], dtype=object))  # fmt: skip
    plain, other = identify(features, [wanted]), identify(features, [renamed])
    assert other.warnings == plain.warnings == ()
    assert other.lists[0].trials[0].ranks == plain.lists[0].trials[0].ranks
    assert other.lists[0].trials[0].probes.people.tolist() == plain.lists[0].trials[0].probes.people.tolist()
    swapped = renamed.probe_people.copy()
    swapped[[0, 1]] = swapped[[1, 0]]
    odd = identify(features, [replace(renamed, probe_people=swapped)])
    assert any("contradict those of the file" in said for said in odd.warnings)


def test_without_lists_the_faces_are_split_by_the_seed_whatever_the_order_of_rows():
    features = made(persons=20)
    one = identify(features, gallery_per_person=2, unknown=0.25)
    trial = one.lists[0].trials[0]
    assert one.lists[0].name == "split"
    assert one.lists[0].note == "split by seed 0: up to 2 gallery faces a person; 5 of 20 people in no gallery"
    assert (trial.gallery_people, trial.gallery_faces, trial.known, trial.unknown) == (15, 30, 45, 25)
    order = np.random.default_rng(0).permutation(len(features))
    again = identify(features.take(order), gallery_per_person=2, unknown=0.25)
    assert to_json(again) == to_json(one)
    other = identify(features, gallery_per_person=2, unknown=0.25, seed=1)
    assert set(other.lists[0].trials[0].probes.names) != set(trial.probes.names)


def test_the_split_keeps_people_with_few_faces_in_the_gallery_only_and_leaves_out_unlabelled_faces():
    people = made().people.copy()
    people[:4] = "", "", "", ""  # p00 has one face left
    features = made(people=people)
    result = identify(features, unknown=0)
    trial = result.lists[0].trials[0]
    assert (trial.gallery_people, trial.known, trial.unknown) == (12, 44, 0)
    assert result.lists[0].note.endswith("faces without a person, left out: 4")
    with pytest.raises(BadInput, match="no known probe: 5 gallery faces are asked for, nobody has more than 5"):
        identify(features, gallery_per_person=5)
    with pytest.raises(BadInput, match="no face has a person"):
        identify(made(people=np.full(60, "", dtype=object)))
