"""Triples: who is drawn from whom; missing views, unbalanced views, several factors, conditions that are fixed."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
import pytest

from facerep.errors import BadInput, Usage
from facerep.faces.table import Faces, make_faces
from facerep.training.lessons.view_triples import TripleBatches, fixed_conditions, make_triples, view_labels


def faces_of(rows: list[tuple[str, str, str]]) -> Faces:
    """Faces of (person, view, light)."""
    people, views, lights = (np.array(column, dtype=object) for column in zip(*rows, strict=True))
    return make_faces(
        "table", [f"{place}.png" for place in range(len(rows))], people.tolist(), [b""] * len(rows),
        labels={"view": views, "light": lights},
    )  # fmt: skip


GRID = list(product("abc", ("-30", "0", "30"), ("0", "7")))


def allowed(faces: Faces, factors: tuple[str, ...], fixed: dict[str, str]) -> set[tuple[int, int]]:
    """By a loop over all pairs of rows."""
    shared = [name for name in ("view", "light") if name not in (*factors, *fixed)]
    found = set()
    for x, y in product(range(len(faces)), repeat=2):
        view = [tuple(faces.labels[factor][row] for factor in factors) for row in (x, y)]
        same = faces.people[x] == faces.people[y] and all(
            faces.labels[name][x] == faces.labels[name][y] for name in shared
        )
        if same and view[0] != view[1] and all(faces.labels[name][y] == value for name, value in fixed.items()):
            found.add((x, y))
    return found


def drawn(faces: Faces, factors: tuple[str, ...], fixed: dict[str, str], *, balanced: bool, count: int = 20_000):
    views = view_labels(faces, factors)
    triples = make_triples(faces, np.arange(len(faces)), views, fixed)
    assert triples is not None
    rows, wanted = triples.draw(count, np.random.default_rng(0), balanced=balanced)
    return list(zip(rows.tolist(), wanted[:, 0].tolist(), strict=True))


@pytest.mark.parametrize("balanced", [False, True])
@pytest.mark.parametrize("fixed", [{}, {"light": "7"}])
@pytest.mark.parametrize("rows", [GRID, GRID[3:], [row for row in GRID if row != ("b", "0", "7")]])
def test_exactly_the_pairs_of_the_rule_are_drawn(rows, fixed, balanced):
    faces = faces_of(rows)
    assert set(drawn(faces, ("view",), fixed, balanced=balanced)) == allowed(faces, ("view",), fixed)


@pytest.mark.parametrize("balanced", [False, True])
def test_light_can_be_the_factor_and_view_stays_the_same(balanced):
    faces = faces_of(GRID)
    assert set(drawn(faces, ("light",), {}, balanced=balanced)) == allowed(faces, ("light",), {})


def test_two_factors_make_each_combination_a_view():
    faces = faces_of(GRID)
    views = view_labels(faces, ("view", "light"))
    assert views.classes == (("-30", "0"), ("-30", "7"), ("0", "0"), ("0", "7"), ("30", "0"), ("30", "7"))
    pairs = set(drawn(faces, ("view", "light"), {}, balanced=True))
    assert pairs == allowed(faces, ("view", "light"), {})
    assert len(pairs) == 3 * 6 * 5


def test_views_are_ordered_as_numbers_and_unknown_ones_are_no_view():
    faces = faces_of([("a", view, "7") for view in ("60", "-60", "", "0", "15")])
    views = view_labels(faces, ("view",))
    assert views.classes == (("-60",), ("0",), ("15",), ("60",))
    assert views.labels.tolist() == [3, 0, -1, 1, 2]


def test_views_that_others_were_taught_are_counted_as_they_are():
    faces = faces_of([("a", view, "7") for view in ("60", "15")])
    assert view_labels(faces, ("view",), [("0",), ("60",)]).labels.tolist() == [1, -1]


def unbalanced() -> Faces:
    """Person a has ten pictures at 0 and one at each of two sides; b two views only; c one."""
    rows = [("a", "0", "7")] * 10 + [("a", "-30", "7"), ("a", "30", "7"), ("b", "0", "7"), ("b", "30", "7")]
    return faces_of([*rows, ("c", "0", "7")])


def test_balanced_draws_give_every_person_and_every_view_the_same_share():
    faces = unbalanced()
    pairs = drawn(faces, ("view",), {}, balanced=True, count=30_000)
    people = Counter(faces.people[x] for x, _ in pairs)
    assert people["a"] == pytest.approx(15_000, rel=0.05)
    assert "c" not in people
    seen = Counter(faces.labels["view"][x] for x, _ in pairs if faces.people[x] == "a")
    assert all(count == pytest.approx(5_000, rel=0.08) for count in seen.values())
    wanted = Counter(
        faces.labels["view"][y] for x, y in pairs if faces.labels["view"][x] == "30" and faces.people[x] == "a"
    )
    assert wanted["0"] == pytest.approx(wanted["-30"], rel=0.1)


@pytest.mark.parametrize("balanced", [False, True])
def test_several_pictures_to_be_drawn_follow_the_rule_of_one(balanced):
    faces = faces_of(GRID)
    triples = make_triples(faces, np.arange(len(faces)), view_labels(faces, ("view",)), {"light": "7"})
    assert triples is not None
    rows, wanted = triples.draw(2_000, np.random.default_rng(0), balanced=balanced, wanted=2)
    assert wanted.shape == (2_000, 2)
    for column in wanted.T:
        assert set(zip(rows.tolist(), column.tolist(), strict=True)) == allowed(faces, ("view",), {"light": "7"})


def test_balanced_pictures_to_be_drawn_are_in_different_views_while_there_are_others():
    faces = faces_of(
        [("a", view, "7") for view in ("-60", "-30", "0", "30", "60")] + [("b", "0", "7"), ("b", "30", "7")]
    )
    triples = make_triples(faces, np.arange(len(faces)), view_labels(faces, ("view",)), {})
    assert triples is not None
    rows, wanted = triples.draw(500, np.random.default_rng(0), balanced=True, wanted=4)
    for row, drawn in zip(rows, wanted, strict=True):
        if faces.people[row] == "a":
            assert sorted([row, *drawn]) == [0, 1, 2, 3, 4]
        else:
            assert set(drawn) == {5, 6} - {row}


def test_unbalanced_draws_follow_the_pictures():
    faces = unbalanced()
    pairs = drawn(faces, ("view",), {}, balanced=False, count=30_000)
    seen = Counter(faces.labels["view"][x] for x, _ in pairs if faces.people[x] == "a")
    assert seen["0"] == pytest.approx(10 * seen["30"], rel=0.1)
    wanted = Counter(
        faces.labels["view"][y] for x, y in pairs if faces.labels["view"][x] == "30" and faces.people[x] == "a"
    )
    assert wanted["0"] == pytest.approx(10 * wanted["-30"], rel=0.15)


def test_nobody_in_two_views_is_no_triple():
    faces = faces_of([("a", "0", "7"), ("b", "30", "7")])
    assert make_triples(faces, np.arange(2), view_labels(faces, ("view",)), {}) is None


def test_faces_of_nobody_are_no_triple():
    faces = faces_of([("", "0", "7"), ("", "30", "7"), ("a", "0", "7"), ("a", "30", "7")])
    triples = make_triples(faces, np.arange(4), view_labels(faces, ("view",)), {})
    assert triples is not None
    assert sorted(triples.inputs.tolist()) == [2, 3]


def test_auto_fixes_what_there_is_and_no_factor():
    faces = faces_of(GRID)
    assert fixed_conditions(faces, ("view",), "auto") == {"light": "7"}
    assert fixed_conditions(faces, ("light",), "auto") == {}
    assert fixed_conditions(faces_of([("a", "0", "3"), ("a", "30", "3")]), ("view",), "auto") == {}
    assert fixed_conditions(faces, ("view",), "same") == {}
    assert fixed_conditions(faces, ("view",), " light = 0") == {"light": "0"}


@pytest.mark.parametrize(
    ("target", "kind", "words"),
    [
        ("bright", Usage, "no rule for drawn pictures"),
        ("light=", Usage, "no rule for drawn pictures"),
        ("view=0", Usage, "view, which is a factor"),
        ("light=5", BadInput, "no face where light=5"),
        ("smile=yes", BadInput, "no column 'smile'"),
    ],
)
def test_a_bad_rule_is_one_line(target, kind, words):
    with pytest.raises(kind, match=words):
        fixed_conditions(faces_of(GRID), ("view",), target)


def test_no_view_label_is_one_line_that_names_the_columns_that_there_are():
    faces = make_faces("folders", ["1.png"], ["a"], [b""], labels={"light": np.array(["0"], object)}, root="people")
    with pytest.raises(BadInput, match="no column 'view': its faces have no label to learn views from") as error:
        view_labels(faces, ("view",))
    assert "columns: light" in error.value.hint


def test_one_view_is_too_few():
    with pytest.raises(BadInput, match="1 view by view among the training faces, two are needed"):
        view_labels(faces_of([("a", "0", "7"), ("b", "0", "0"), ("b", "", "0")]), ("view",))


def test_a_batch_depends_on_seed_epoch_place_and_rank_alone():
    faces = faces_of(GRID)
    triples = make_triples(faces, np.arange(len(faces)), view_labels(faces, ("view",)), {})
    assert triples is not None
    of = {
        (seed, epoch, rank): [
            batch.tolist() for batch in TripleBatches(triples, 4, seed, rank=rank, now=lambda e=epoch: e)
        ]
        for seed, epoch, rank in product((0, 1), repeat=3)
    }
    assert len(of[0, 0, 0]) == round(18 / 4)
    assert all(len(batch) == 8 for batch in of[0, 0, 0])
    assert [batch.tolist() for batch in TripleBatches(triples, 4, 0)] == of[0, 0, 0]
    assert len({str(batches) for batches in of.values()}) == 8


def test_a_batch_is_the_faces_and_then_what_is_to_be_drawn_face_by_face():
    faces = faces_of(GRID)
    triples = make_triples(faces, np.arange(len(faces)), view_labels(faces, ("view",)), {})
    assert triples is not None
    for batch in TripleBatches(triples, 4, 0, wanted=2):
        assert batch.shape == (12,)
        assert (faces.people[batch[4:]] == np.repeat(faces.people[batch[:4]], 2)).all()
