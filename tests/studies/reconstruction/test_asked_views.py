"""Which views are drawn, and what cannot be drawn is one line."""

import numpy as np
import pytest

from facerep.errors import BadInput
from facerep.networks.view_card import ViewCard
from facerep.studies.reconstruction.asked_views import AskedViews, mixtures

DEGREES = ViewCard(("view",), (("-60",), ("-30",), ("0",), ("30",), ("60",)), {}, 0.2)
LIGHTS = ViewCard(("view", "light"), (("0", "3"), ("0", "7"), ("30", "3")), {}, 0.2)


def test_nothing_asked_for_is_the_frontal_view_or_the_middle_one():
    assert mixtures(DEGREES, AskedViews(), "w").names == ("0",)
    assert mixtures(LIGHTS, AskedViews(), "w").names == ("0,7",)


def test_all_views_are_drawn_in_order_each_by_itself():
    found = mixtures(DEGREES, AskedViews(every=True), "w")
    assert found.names == ("-60", "-30", "0", "30", "60")
    assert (found.weights == np.eye(5)).all()
    assert found.between == ()


def test_between_views_lie_mixtures_of_the_two_beside_them():
    found = mixtures(DEGREES, AskedViews(("15", "-50", "30"), between=True), "w")
    assert found.names == ("15", "-50", "30")
    np.testing.assert_allclose(found.weights, [[0, 0, 0.5, 0.5, 0], [2 / 3, 1 / 3, 0, 0, 0], [0, 0, 0, 1, 0]])
    assert found.between == ("15", "-50")


def test_all_views_and_one_in_each_gap():
    found = mixtures(DEGREES, AskedViews(every=True, between=True), "w")
    assert found.names == ("-60", "-45", "-30", "-15", "0", "15", "30", "45", "60")
    assert found.between == ("-45", "-15", "15", "45")


def test_a_trained_view_may_be_written_otherwise():
    assert mixtures(DEGREES, AskedViews(("30.0",)), "w").weights.tolist() == [[0, 0, 0, 1, 0]]


@pytest.mark.parametrize(
    ("card", "asked", "words"),
    [
        (DEGREES, AskedViews(("90",)), "view 90 lies outside of what was trained, -60 to 60"),
        (DEGREES, AskedViews(("-61",), between=True), "view -61 lies outside"),
        (DEGREES, AskedViews(("15",)), "view 15 was not trained: w; --interpolate draws it between 0 and 30"),
        (DEGREES, AskedViews(("left",)), "view 'left' was not trained: w; trained: -60, -30, 0, 30, 60"),
        (DEGREES, AskedViews(("nan",)), "view 'nan' was not trained"),
        (LIGHTS, AskedViews(("0,5",)), "view '0,5' was not trained"),
        (LIGHTS, AskedViews(("0,3",), between=True), "nothing lies between views by view, light"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(card, asked, words):
    with pytest.raises(BadInput) as error:
        mixtures(card, asked, "w")
    assert words in str(error.value)
