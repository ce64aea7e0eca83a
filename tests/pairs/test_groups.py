"""Rates by group, against slow loops over pairs."""

from itertools import combinations
from unicodedata import normalize

import numpy as np
import pytest

from facerep.errors import BadInput, Usage
from facerep.files.rows import Features
from facerep.readers.lists.label_column import read_label
from facerep.studies.verification.verify import verify


class Dot:
    name = "dot"

    def score(self, a, b):
        return (a.astype(np.float64) * b).sum(1)

    def matrix(self, a, b):
        return a.astype(np.float64) @ b.T.astype(np.float64)


def made(**labels):
    rng = np.random.default_rng(0)
    person = rng.permutation(np.repeat(np.arange(10), 5))
    values = np.round(rng.normal(size=(10, 6))[person] * 2 + rng.normal(size=(50, 6)))
    names = np.array([f"{k}.png" for k in range(50)], dtype=object)
    people = np.array([f"p{number}" for number in person], dtype=object)
    held = {name: np.asarray(make(person, rng)) for name, make in labels.items()}
    return Features(values=values.astype(np.float32), names=names, people=people, labels=held)


def sex(person, rng):  # noqa: ARG001
    return np.where(person < 6, "m", "f")


def view(person, rng):
    return rng.choice(["left", "right"], len(person))


def judge(features, **options):
    return verify(features, "all", scorer=Dot(), metric="euclidean", **options)


@pytest.mark.parametrize("label", ["sex", "view"])
def test_rates_within_a_group_are_those_of_a_slow_loop(label):
    features = made(sex=sex, view=view)
    found = judge(features, group=label, threshold=12.0).groups
    assert found.threshold == 12
    counts = {}
    for i, j in combinations(range(50), 2):
        mine = {features.labels[label][k] for k in (i, j)}
        same = features.people[i] == features.people[j]
        hit = (features.values[i].astype(float) @ features.values[j]) >= 12
        key = (mine.pop() if len(mine) == 1 else "across", same)
        of, count = counts.get(key, (0, 0))
        counts[key] = of + 1, count + hit
    for group in found.each:
        of, accepted = counts[group.name, False]
        assert (group.fmr.count, group.fmr.of) == (accepted, of)
        of, accepted = counts[group.name, True]
        assert (group.fnmr.count, group.fnmr.of) == (of - accepted, of)
        assert group.fnmr.low <= group.fnmr.value <= group.fnmr.high
    across = {"genuine": counts.get(("across", True), (0, 0))[0], "impostor": counts["across", False][0]}
    assert found.across == across


def test_the_group_with_most_faces_is_the_reference_and_people_in_both_widen_the_ratio():
    features = made(sex=sex, view=view)
    by_sex, by_view = judge(features, group="sex").groups, judge(features, group="view").groups
    assert (by_sex.reference, by_sex.each[0].name) == ("m", "m")
    assert by_sex.each[0].fmr_ratio is None
    one, other = by_sex.each[1].fnmr, by_sex.each[0].fnmr
    assert by_sex.each[1].fnmr_ratio.value == one.value / other.value
    assert by_sex.each[1].fmr_ratio.interval.startswith("MOVER-R")
    assert by_view.each[1].fmr_ratio.interval.startswith("bounds")
    assert (by_sex.each[0].people, by_sex.each[1].people) == (6, 4)


def test_faces_without_a_label_count_as_across_and_are_told():
    features = made(sex=lambda person, _rng: np.where(person < 4, "m", np.where(person < 8, "f", "")))
    found = judge(features, group="sex").groups
    assert found.unlabelled == 10
    assert found.across["genuine"] == 20  # the pairs of the two people without a label


def test_people_may_be_the_groups_and_have_no_impostor_pairs():
    found = judge(made(sex=sex), group="people").groups
    assert len(found.each) == 10
    assert all(group.fmr is None and group.fnmr.of == 10 for group in found.each)


def test_a_table_gives_the_label_by_person_or_by_face(tmp_path):
    features = made(sex=sex)
    expected = judge(features, group="sex").groups
    by_person = tmp_path / "people.csv"
    by_person.write_text("person,images,Sex\n" + "".join(f"p{k},5,{'m' if k < 6 else 'f'}\n" for k in range(10)))
    by_face = tmp_path / "faces.csv"
    lines = [f"{name},{label}\n" for name, label in zip(features.names, features.labels["sex"], strict=True)]
    by_face.write_text("name,sex\n" + "".join(lines))
    for table in (by_person, by_face):
        found = judge(made(), group="sex", labels=table).groups
        assert found.each == expected.each
        assert found.label == f"sex of {table.name}"


def test_what_makes_no_groups_is_refused(tmp_path):
    table = tmp_path / "t.csv"
    features = made(sex=sex, size=lambda person, _rng: np.arange(len(person)) + 0.5)
    with pytest.raises(BadInput, match="no label 'age': features in memory; it has people, sex, size"):
        judge(features, group="age")
    many = Features(**{**vars(features), "labels": {"size": np.arange(50) + 0.5}})
    assert len(judge(many, group="size").groups.each) == 50
    more = made(size=lambda person, _rng: np.arange(len(person)))
    monkey = Features(**{**vars(more), "labels": {"one": np.ones(50)}})
    with pytest.raises(Usage, match="label 'one' has 1 value, groups want 2 to 50"):
        judge(monkey, group="one")
    with pytest.raises(Usage, match="--labels is read"):
        judge(features, labels=table)
    for text, why in (
        ("person,sex\np1,m\np1,f\n", "stands twice"),
        ("person,sex\nq,m\n", "none of the people"),
        ("age,sex\n1,m\n", "no column file and none person"),
        ("person,age\np1,3\n", "no column 'sex'"),
    ):
        table.write_text(text)
        with pytest.raises(BadInput, match=why):
            judge(features, group="sex", labels=table)


def test_a_list_is_judged_by_group_too():
    features = made(sex=sex)
    drawn = verify(features, scorer=Dot(), metric="euclidean", sample=80, group="sex")
    found = drawn.groups
    left, right = drawn.scores.left, drawn.scores.right
    for group in found.each:
        mine = (features.labels["sex"][left] == group.name) & (features.labels["sex"][right] == group.name)
        wrong = mine & ~drawn.scores.same & (drawn.scores.value >= drawn.threshold.value)
        assert (group.fmr.count, group.fmr.of) == (wrong.sum(), (mine & ~drawn.scores.same).sum())


def test_a_person_is_found_whatever_the_unicode_form_of_the_table(tmp_path):
    table = tmp_path / "people.csv"
    table.write_text(normalize("NFD", "person,sex\nJosé,m\nAnn,f\n"), encoding="utf-8")
    people = np.array(["José", "Ann"], dtype=object)
    assert read_label(table, "sex", np.array(["a.png", "b.png"], object), people).tolist() == ["m", "f"]
