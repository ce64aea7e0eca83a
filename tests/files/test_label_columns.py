"""Label columns: which rows a condition chooses, in which order values stand."""

import numpy as np
import pytest

from facerep.errors import BadInput, Usage
from facerep.files.label_columns import in_order, matching, text_column

LABELS = {
    "view": np.array(["-15", "0", "15", "0"], dtype=object),
    "pitch": np.array([1.0, 2.5, np.nan, 1.0]),
    "glasses": np.array([True, False, False, True]),
}


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ("view=0", [1, 3]),
        ("view!=0", [0, 2]),
        ("view=-15", [0]),
        ("pitch=1", [0, 3]),
        ("pitch=", [2]),
        ("glasses!=1", [1, 2]),
    ],
)
def test_a_condition_chooses_rows_by_the_text_of_a_cell(condition, rows):
    assert np.flatnonzero(matching(LABELS, condition, "f.h5")).tolist() == rows


@pytest.mark.parametrize("condition", ["view", "=0", "", "!=0"])
def test_what_is_no_condition_is_refused_by_the_name_of_its_option(condition):
    with pytest.raises(Usage, match=r"^--gallery .* is not COLUMN=VALUE or COLUMN!=VALUE"):
        matching(LABELS, condition, "f.h5", option="--gallery")


def test_an_absent_column_and_an_absent_value_are_named():
    with pytest.raises(BadInput) as refused:
        matching(LABELS, "light=7", "f.h5")
    assert (refused.value.what, refused.value.hint) == (
        "file has no column 'light'", "there are: glasses, pitch, view",
    )  # fmt: skip
    with pytest.raises(BadInput, match="no face where view=90"):
        matching(LABELS, "view=90", "f.h5")
    with pytest.raises(BadInput) as none:
        text_column({}, "view", "f.h5")
    assert none.value.hint == "there are: none"


def test_values_are_in_order_from_0_outwards_or_by_letters():
    assert in_order(["60", "-60", "0", "-15", "7.5", "15", "0"]) == ["0", "7.5", "-15", "15", "-60", "60"]
    assert in_order(["10", "9", "b", ""]) == ["10", "9", "b", ""]
    assert in_order(["nan", "1", "inf"]) == ["1", "inf", "nan"]
