"""Targets: whose picture is canonical, by labels and by the measure; what is no rule, and sets that have none."""

from __future__ import annotations

import numpy as np
import pytest

from facerep.errors import BadInput, Usage
from facerep.faces.table import Faces, make_faces
from facerep.training.lessons.canonical_targets import choose_targets, chosen_rule

PEOPLE = ["anna", "anna", "anna", "bela", "bela", "cleo", ""]
VIEWS = ["-30", "0", "0", "0", "30", "30", "0"]
LIGHTS = ["7", "0", "7", "7", "7", "7", "7"]


def table(**labels: list[str]) -> Faces:
    names = [f"{number}.png" for number in range(len(PEOPLE))]
    columns = {name: np.array(column, dtype=object) for name, column in labels.items()}
    return make_faces("table", names, PEOPLE, [b""] * len(names), root="faces.csv", labels=columns)


def test_the_canonical_picture_is_the_one_whose_labels_fit() -> None:
    targets = choose_targets(table(view=VIEWS, light=LIGHTS), None, "view=0,light=7")
    assert targets.people.tolist() == ["anna", "bela"]
    assert targets.rows.tolist() == [[2], [3]]
    assert targets.of(np.array(["bela", "cleo", "anna", ""], dtype=object)).tolist() == [[3], [-1], [2], [-1]]


def test_an_open_column_gives_a_target_for_each_value_in_the_order_of_numbers() -> None:
    targets = choose_targets(table(view=VIEWS, light=LIGHTS), None, "view=*,light=7")
    assert targets.names == ("-30", "0", "30")
    assert targets.people.tolist() == ["anna", "bela", "cleo"]
    assert targets.rows.tolist() == [[0, 2, -1], [-1, 3, 4], [-1, -1, 5]]
    some = choose_targets(table(view=VIEWS, light=LIGHTS), None, "view=*,light=7", ("30", "15"))
    assert some.people.tolist() == ["bela", "cleo"]
    assert some.rows.tolist() == [[4, -1], [5, -1]]


def test_the_measure_chooses_each_persons_most_symmetric_and_sharpest_picture() -> None:
    draw = np.random.default_rng(0)
    grey = draw.integers(0, 256, (len(PEOPLE), 8, 8)).astype(np.uint8)
    for row in (1, 4, 5):
        grey[row, :, 4:] = grey[row, :, 3::-1]
    targets = choose_targets(table(), grey, "measure")
    assert targets.rows.tolist() == [[1], [4], [5]]


def test_auto_goes_by_the_columns_that_there_are() -> None:
    assert chosen_rule(table(), "auto", several=False) == "measure"
    assert chosen_rule(table(view=VIEWS), "auto", several=False) == "view=0"
    assert chosen_rule(table(view=VIEWS, light=LIGHTS), "auto", several=True) == "view=*,light=7"
    assert chosen_rule(table(view=VIEWS), "measure", several=False) == "measure"


@pytest.mark.parametrize("rule", ["", "view", "view=", "=0", "view=*,light=*", "view=0,view=30", "view=0,"])
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(Usage, match="is no rule for canonical pictures"):
        choose_targets(table(view=VIEWS, light=LIGHTS), None, rule)


def test_a_column_that_is_not_there_and_a_set_without_canonical_pictures_are_one_line_each() -> None:
    with pytest.raises(BadInput, match=r"no column 'light', .*faces.csv; there are: view"):
        choose_targets(table(view=VIEWS), None, "view=0,light=7")
    with pytest.raises(BadInput, match=r"nobody has a canonical picture \(view=90\)"):
        choose_targets(table(view=VIEWS), None, "view=90")
    assert len(choose_targets(table(view=VIEWS), None, "view=90", anybody=False).people) == 0
