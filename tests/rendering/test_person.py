"""People: drawn from seed and number alone, as many-sided as they should be."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest

from facerep.rendering.person import Person, sample_person
from tiny_head import tiny_head

HEAD = tiny_head()


@pytest.fixture(scope="module")
def many() -> list[Person]:
    """400 people."""
    return [sample_person(HEAD, 0, number) for number in range(1, 401)]


def same(one, two) -> bool:
    return str(asdict(one)) == str(asdict(two))


def test_a_person_depends_on_seed_and_number_alone():
    assert same(sample_person(HEAD, 3, 17), sample_person(HEAD, 3, 17))
    assert not same(sample_person(HEAD, 3, 17), sample_person(HEAD, 3, 18))
    assert not same(sample_person(HEAD, 3, 17), sample_person(HEAD, 4, 17))


def test_proportions_are_near_those_of_multipie(many):
    men = np.mean([person.sex == "male" for person in many])
    ages = np.array([person.age for person in many])
    assert 0.62 < men < 0.76
    assert 18 <= ages.min() < 25
    assert 30 < np.median(ages) < 36
    assert 45 < np.percentile(ages, 95) < 53


def test_weights_of_a_whole_head_sum_to_one(many):
    for person in many[:20]:
        macro = {name: weight for name, weight in person.shape.items() if name.startswith("macrodetails/")}
        groups = sum(weight for name, weight in macro.items() if "universal" not in name)
        assert groups == pytest.approx(1)
        assert sum(macro.values()) == pytest.approx(2)


def test_a_slider_moves_one_target_of_its_two_or_one_a_side(many):
    for person in many[:50]:
        nose = {name: weight for name, weight in person.shape.items() if name.startswith("nose/")}
        assert len(nose) == 1
        assert 0 <= next(iter(nose.values())) <= 0.9
        # this slider has no targets for what is below the mean
        assert {name for name in person.shape if name.startswith("cheek/")} <= {"cheek/left-full", "cheek/right-full"}


def test_no_woman_has_a_beard_and_no_bald_man_has_hair(many):
    assert {person.beard for person in many if person.sex == "female"} == {"none"}
    assert len({person.beard for person in many}) == 6
    assert "none" not in {person.hair for person in many if person.sex == "female"}
    assert {person.hair for person in many} == {"short01", "buzz", "none"}  # of the pieces that are here


def test_light_hair_is_for_light_heads(many):
    for person in many:
        if person.groups[0] > 0.6 and person.age < 40:
            assert person.hair_colour.max() < 0.1
