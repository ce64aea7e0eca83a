"""Selective units are found on one half of the faces and judged on the other."""

import numpy as np
import pytest

from facerep.errors import BadInput
from facerep.files.features import write_features
from facerep.files.rows import Features
from facerep.results.to_json import to_json
from facerep.studies.neurons.selectiveness import _BYTES_A_VALUE, selectiveness

FACES, PEOPLE = 240, 24


def written(path, *, values=None, labels=None, rows=None):
    """24 people of 10 faces; unit 3 fires for p0 only, unit 5 is silent for women, the others are noise."""
    rng = np.random.default_rng(0)
    people = np.array([f"p{row % PEOPLE}" for row in range(FACES)], dtype=object)
    if values is None:
        values = np.maximum(rng.normal(size=(FACES, 12)), 0)
        values[:, 3] = (people == "p0") * 5 + 0.1 * rng.random(FACES)
        values[:, 5] = np.where(np.arange(FACES) % PEOPLE < 12, 0, 3 + rng.random(FACES))
    names = np.array([f"{person}/{row}.png" for row, person in enumerate(people)], dtype=object)
    kept = np.arange(FACES) if rows is None else rows
    held = Features(
        values=values.astype(np.float32)[kept], names=names[kept], people=people[kept],
        labels={name: column[kept] for name, column in (labels or {}).items()},
    )  # fmt: skip
    write_features(held, path)
    return path


@pytest.fixture
def sexes(tmp_path):
    lines = ["person,images,gender", *(f"p{k},10,{'f' if k < 12 else 'm'}" for k in range(PEOPLE))]
    (tmp_path / "sexes.csv").write_text("\n".join(lines) + "\n")
    return tmp_path / "sexes.csv"


def test_the_unit_of_a_person_and_of_an_attribute_are_found(tmp_path, sexes):
    found = selectiveness(
        written(tmp_path / "f.h5"), labels=sexes, attributes=["gender=f"], people=2, shuffles=50
    ).files[0]  # fmt: skip
    assert found.units == 12
    by_name = {target.target.name: target for target in found.targets}
    person, sex = by_name["p0"], by_name["gender=f"]
    assert (person.best, person.rate.value, bool(person.cuts.excitatory[3])) == (3, 1.0, True)
    assert (sex.best, sex.rate.value, bool(sex.cuts.excitatory[5])) == (5, 1.0, False)
    assert person.p == sex.p == 1 / 51
    assert person.null < 0.9
    assert (person.target.shuffled, sex.target.shuffled) == ("faces", "people")
    # only the person's own unit passes what chance gives the best of all
    assert (person.same_faces > person.null).sum() == 1


def test_people_who_judge_an_attribute_did_not_choose_its_threshold(tmp_path, sexes):
    found = selectiveness(written(tmp_path / "f.h5"), labels=sexes, attributes=["gender=f"], people=0, shuffles=20)
    target = found.files[0].targets[0].target
    assert not set(target.groups[target.choosing]) & set(target.groups[~target.choosing])
    assert 60 < target.choosing.sum() < 180


def test_the_faces_of_each_person_are_halved_evenly(tmp_path):
    found = selectiveness(written(tmp_path / "f.h5"), people=3, shuffles=20)
    choosing = found.files[0].targets[0].target.choosing
    assert {int(choosing[person::PEOPLE].sum()) for person in range(PEOPLE)} == {5}
    other = selectiveness(written(tmp_path / "g.h5"), people=3, shuffles=20, seed=1)
    assert (other.files[0].targets[0].target.choosing != choosing).any()


def test_an_attribute_of_one_person_cannot_be_halved_by_people(tmp_path):
    answers = np.where(np.arange(FACES) % PEOPLE == 0, 1, -1).astype(np.int8)
    path = written(tmp_path / "f.h5", labels={"Bald": answers})
    with pytest.raises(BadInput, match="10 faces with it and 230 without, at least 10 of each, of several people"):
        selectiveness(path, attributes=["Bald"], people=0)


def test_noise_is_not_told_from_chance_and_its_other_half_is_a_coin(tmp_path):
    answers = np.where(np.arange(FACES) % PEOPLE < 12, 1, -1).astype(np.int8)
    found = []
    for seed in range(6):
        values = np.maximum(np.random.default_rng(seed).normal(size=(FACES, 64)), 0)
        path = written(tmp_path / f"{seed}.h5", values=values, labels={"Smiling": answers})
        found.append(selectiveness(path, people=0, shuffles=20).files[0].targets[0])
    assert np.mean([target.same_faces.max() for target in found]) > 0.57
    assert np.mean([target.rate.value for target in found]) == pytest.approx(0.5, abs=0.05)
    assert np.mean([target.p for target in found]) > 0.2


def test_blocks_of_units_do_not_change_the_result(tmp_path):
    path = written(tmp_path / "f.h5")
    whole = to_json(selectiveness(path, people=3, shuffles=20))
    memory = 5 * FACES * _BYTES_A_VALUE
    assert to_json(selectiveness(path, people=3, shuffles=20, memory=memory)) == whole


def test_another_file_is_judged_on_the_same_faces_whatever_their_order(tmp_path):
    path, turned = written(tmp_path / "f.h5"), written(tmp_path / "g.h5", rows=np.arange(FACES)[::-1])
    first, second = selectiveness(path, against=[turned], people=2, shuffles=20).files
    for one, other in zip(first.targets, second.targets, strict=True):
        beyond = {"difference_to_first_file": None}
        assert to_json(one) | beyond == to_json(other) | beyond
        assert (other.beyond.value, other.beyond.low, other.beyond.high) == (0, 0, 0)
    part = written(tmp_path / "h.h5", rows=np.arange(200))
    with pytest.raises(BadInput, match="40 of 240 faces are not in the file"):
        selectiveness(path, against=[part])


def test_the_best_units_of_two_files_are_compared_on_the_same_faces(tmp_path, sexes):
    """Against a bootstrap over people, each of whom brings all its faces of the other half."""
    rng = np.random.default_rng(3)
    noisy = np.where(np.arange(FACES) % PEOPLE < 12, 0, 1)[:, None] + rng.normal(size=(FACES, 4))
    path, other = written(tmp_path / "f.h5"), written(tmp_path / "g.h5", values=noisy)
    first, second = selectiveness(
        path, against=[other], labels=sexes, attributes=["gender=f"], people=0, shuffles=20
    ).files  # fmt: skip
    (one,), (two,) = first.targets, second.targets
    assert one.beyond is None
    assert two.beyond.value == pytest.approx(two.rate.value - one.rate.value)
    others = ~one.target.choosing
    people, women = one.target.groups[others], one.target.positive[others]
    step, draws = two.right.astype(float) - one.right, []
    for _ in range(2000):
        drawn = np.bincount(rng.choice(np.unique(people), len(np.unique(people))), minlength=people.max() + 1)[people]
        if drawn[women].sum() and drawn[~women].sum():
            draws.append((np.average(step[women], weights=drawn[women])
                          + np.average(step[~women], weights=drawn[~women])) / 2)  # fmt: skip
    low, high = np.quantile(draws, [0.025, 0.975])
    assert two.beyond.low == pytest.approx(low, abs=0.05)
    assert two.beyond.high == pytest.approx(high, abs=0.05)
    assert two.beyond.significant


def test_labels_that_miss_faces_stop_or_are_counted(tmp_path):
    path = written(tmp_path / "f.h5")
    rows = [f"p{row % PEOPLE}/{row}.png,{1 if row % PEOPLE < 12 else -1}" for row in range(FACES - 24)]
    (tmp_path / "t.csv").write_text("\n".join(["file,Young", *rows]) + "\n")
    with pytest.raises(BadInput, match="labels miss 24 of 240 faces"):
        selectiveness(path, labels=tmp_path / "t.csv")
    found = selectiveness(path, labels=tmp_path / "t.csv", missing="count", people=0, shuffles=20)
    assert found.files[0].targets[0].target.unknown == 24
    assert "24 of 240 faces have no answer" in found.warnings[0]


def test_a_table_of_people_that_misses_some_stops_or_is_counted(tmp_path):
    path = written(tmp_path / "f.h5")
    lines = ["person,gender", *(f"p{k},{'f' if k < 12 else 'm'}" for k in range(PEOPLE - 1))]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(BadInput, match="labels miss the people of 10 of 240 faces"):
        selectiveness(path, labels=tmp_path / "t.csv", attributes=["gender=f"])
    found = selectiveness(
        path, labels=tmp_path / "t.csv", attributes=["gender=f"], missing="count", people=0, shuffles=20
    )
    assert found.files[0].targets[0].target.unknown == 10


def test_attributes_of_one_class_are_left_out_or_refused_where_asked_for(tmp_path):
    ones = np.ones(FACES, np.int8)
    half = np.where(np.arange(FACES) % 2, 1, -1).astype(np.int8)
    path = written(tmp_path / "f.h5", labels={"Always": ones, "Half": half})
    found = selectiveness(path, people=0, shuffles=20)
    assert [target.target.name for target in found.files[0].targets] == ["Half"]
    assert "attribute Always has 240 faces with it and 0 without" in found.warnings[0]
    with pytest.raises(BadInput, match="Always has 240 faces with it and 0 without"):
        selectiveness(path, attributes=["Always"])
    with pytest.raises(BadInput, match="no person has 10 faces and there are no attributes"):
        selectiveness(written(tmp_path / "g.h5", rows=np.arange(100)), people=5)


def test_columns_of_two_answers_in_a_table_of_people_are_found_without_being_named(tmp_path):
    lines = ["person,Smiling,age", *(f"p{k},{1 if k < 12 else -1},{30 + k}" for k in range(PEOPLE))]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    path = written(tmp_path / "f.h5")
    for asked in (None, ["Smiling"], ["smiling"]):
        found = selectiveness(path, labels=tmp_path / "t.csv", attributes=asked, people=0, shuffles=20)
        assert [target.target.name for target in found.files[0].targets] == ["smiling"]
