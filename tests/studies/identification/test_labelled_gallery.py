"""A gallery chosen by labels, and rank 1 by a label, on a small copy of Multi-PIE's plan."""

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from facerep.errors import BadInput, Usage
from facerep.files.rows import Features
from facerep.readers.lists.identification_lists import KNOWN, GalleryList
from facerep.results.to_json import to_json
from facerep.studies.identification.identify import identify

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "identification.schema.json").read_text(encoding="utf-8"))
VIEWS = ("-60", "-45", "-30", "-15", "0", "15", "30", "45", "60")
FRONTAL = ("view=0", "light=7", "expression=neutral")
TEST = ("expression=neutral", "split=test")


def plan(people=337, lights=20, test=137):
    """The faces of the plan, two expressions of the first three test people; vectors spread with the view."""
    rng = np.random.default_rng(0)
    rows = [
        (f"{person:03d}", view, str(light), "neutral")
        for person in range(people)
        for view in VIEWS
        for light in range(lights)
    ]
    smiling = range(people - test, min(people, people - test + 3))
    rows += [(f"{person:03d}", view, "7", "smile") for person in smiling for view in VIEWS]
    order = rng.permutation(len(rows))
    who, view, light, expression = (np.array(column, dtype=object)[order] for column in zip(*rows, strict=True))
    number = who.astype(int)
    centres = rng.normal(size=(people, 8))[number]
    noise = 0.05 + np.abs(view.astype(float))[:, None] / 60
    values = centres + noise * rng.normal(size=(len(rows), 8))
    names = ["_".join(cells) for cells in zip(who, view, light, expression, strict=True)]
    split = np.where(number < people - test - 20, "train", np.where(number < people - test, "validation", "test"))
    return Features(
        values=values.astype(np.float32), names=np.array(names, dtype=object), people=who,
        labels={"view": view, "light": light, "expression": expression, "split": split.astype(object)},
    )  # fmt: skip


@pytest.fixture(scope="module")
def whole():
    return plan()


def slow(features, gallery, probes):
    """Of each probe: its view, and whether the nearest gallery face by cosine is of its person."""
    unit = features.values / np.linalg.norm(features.values, axis=1, keepdims=True)
    hits = []
    for probe in probes:
        nearest = gallery[np.argmax(unit[gallery] @ unit[probe])]
        hits.append((features.labels["view"][probe], features.people[nearest] == features.people[probe]))
    return hits


def test_the_protocol_of_the_plan_has_24523_probes_and_rank_1_by_view(whole):
    result = identify(whole, gallery=FRONTAL, probes=TEST, by="view")
    jsonschema.validate(json.loads(json.dumps(to_json(result))), SCHEMA)
    (judged,) = result.lists
    (trial,) = judged.trials
    assert (trial.gallery_people, trial.gallery_faces, trial.known, trial.unknown) == (137, 137, 137 * 179, 0)
    assert [at.value for at in trial.by.values] == ["0", "-15", "15", "-30", "30", "-45", "45", "-60", "60"]
    assert [at.rate.of for at in trial.by.values] == [137 * 19, *[137 * 20] * 8]
    labels = whole.labels
    frontal = (labels["view"] == "0") & (labels["light"] == "7") & (labels["expression"] == "neutral")
    asked = (labels["expression"] == "neutral") & (labels["split"] == "test")
    hits = slow(whole, np.flatnonzero(frontal & asked), np.flatnonzero(asked & ~frontal))
    for at in trial.by.values:
        assert at.rate.count == sum(hit for view, hit in hits if view == at.value)
        assert at.rate.interval == "Wilson, variance adjusted for shared people"
    overall = trial.ranks[0].rate
    assert (overall.count, overall.of) == (sum(hit for _, hit in hits), 24_523)
    # the mean over probes, not over views
    assert overall.value == pytest.approx(sum(at.rate.value * at.rate.of for at in trial.by.values) / 24_523)


def test_another_expression_is_looked_up_in_the_same_gallery(whole):
    result = identify(whole, gallery=FRONTAL, probes=("expression=smile",), by="view")
    trial = result.lists[0].trials[0]
    assert (trial.gallery_people, trial.known) == (3, 27)
    assert set(trial.probes.people) == {"200", "201", "202"}
    note = "gallery: the face of each person where view=0 and light=7 and expression=neutral; probes: all others"
    assert result.lists[0].note == f"{note} where expression=smile"


def test_without_conditions_on_probes_all_other_faces_are_looked_up_and_gallery_faces_are_none():
    small = plan(people=6, lights=2, test=2)
    result = identify(small, gallery=("view=0", "light=0"), by="light").lists[0].trials[0]
    gallery = (small.labels["view"] == "0") & (small.labels["light"] == "0")
    assert sorted(result.probes.names) == sorted(small.names[~gallery])
    assert [(at.value, at.rate.of) for at in result.by.values] == [("0", 6 * 8), ("1", 6 * 9), ("7", 2 * 9)]


def test_a_person_without_a_gallery_face_or_with_several_is_one_clear_line():
    small = plan(people=6, lights=2, test=2)
    with pytest.raises(BadInput) as several:
        identify(small, gallery=("view=0",))
    assert several.value.what.startswith("6 people have several gallery faces, such as ")
    kept = np.flatnonzero(~((small.people == "003") & (small.labels["view"] == "0")))
    with pytest.raises(BadInput) as none:
        identify(small.take(kept), gallery=("view=0", "light=0"))
    assert none.value.what == "1 person has probes and no gallery face (003)"
    assert "where view=0 and light=0" in none.value.hint


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"gallery": ("pose=0",)}, BadInput, "file has no column 'pose'"),
        ({"gallery": ("view=0", "light=0"), "by": "pose"}, BadInput, "file has no column 'pose'"),
        ({"gallery": ("view=0", "light=0"), "probes": ("view=90",)}, BadInput, "no face where view=90"),
        ({"gallery": ("view=0", "expression=smile", "split=validation")}, BadInput, "no face where view=0 and"),
        ({"gallery": ("view=0", "light=0"), "probes": ("view=0", "light=0")}, BadInput, "no probe: every face"),
        ({"gallery": ()}, Usage, "--gallery names no face"),
        ({"probes": ("view=0",)}, Usage, "--gallery names no face"),
        ({"gallery": ("view=0",), "unknown": 0.5}, Usage, "--gallery chooses the gallery by labels"),
    ],
)
def test_what_cannot_be_chosen_is_refused(asked, error, words):
    with pytest.raises(error, match=words):
        identify(plan(people=6, lights=2, test=2), **asked)


def test_faces_without_a_person_are_left_out_and_counted():
    small = plan(people=6, lights=2, test=2)
    frontal = (small.labels["view"] == "0") & (small.labels["light"] == "0")
    people = np.where(~frontal & (np.arange(len(small)) < 20), "", small.people)
    nameless = Features(values=small.values, names=small.names, people=people, labels=small.labels)
    result = identify(nameless, gallery=("view=0", "light=0"))
    lost = int((people == "").sum())
    assert result.lists[0].note.endswith(f"; faces without a person, left out: {lost}")
    assert result.lists[0].trials[0].known == int((~frontal).sum()) - lost
    nobody = np.full(len(small), "", dtype=object)
    nameless = Features(values=small.values, names=small.names, people=nobody, labels=small.labels)
    with pytest.raises(BadInput, match="no face has a person"):
        identify(nameless, gallery=("view=0",))


def test_rank_1_by_a_label_goes_with_lists_and_splits_too_and_over_trials():
    small = plan(people=8, lights=2, test=4)
    trials = []
    for number, light in ((1, "0"), (2, "1")):
        frontal = (small.labels["view"] == "0") & (small.labels["light"] == light)
        probes = ~frontal & (small.labels["expression"] == "neutral") & (small.labels["view"] != f"{number * 15}")
        nobody = np.full(len(small), "", dtype=object)
        trials.append(GalleryList(
            name="mine", trial=number, gallery=small.names[frontal], gallery_people=nobody[frontal],
            probes=small.names[probes], probe_people=nobody[probes], known=np.full(int(probes.sum()), KNOWN),
        ))  # fmt: skip
    (judged,) = identify(small, trials, by="view").lists
    over = judged.over_trials
    assert [at.value for at in over.by] == ["0", "-15", "-30", "-45", "45", "-60", "60"]
    first, second = ({at.value: at.rate.value for at in trial.by.values} for trial in judged.trials)
    assert over.by[-1].rate.mean == pytest.approx((first["60"] + second["60"]) / 2)
    jsonschema.validate(json.loads(json.dumps(to_json(identify(small, trials, by="view")))), SCHEMA)
    split = identify(small, by="view", unknown=0.25).lists[0].trials[0]
    assert sum(at.rate.of for at in split.by.values) == split.known
