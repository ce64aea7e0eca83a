"""Multi-PIE's names, and what they stand for."""

from __future__ import annotations

import pytest

from facerep.rendering.names import CAMERA_AT, CAMERAS, PictureName, parse, split_of


def test_a_name_is_read_and_written_the_same():
    name = parse("249_04_02_041_18")
    assert name == PictureName("249", "04", "02", "041", "18")
    assert (str(name), name.view, name.expression) == ("249_04_02_041_18", 30, "scream")


def test_cameras_at_head_height_go_around_in_steps_of_15_degrees():
    assert sorted(CAMERAS.values()) == list(range(-90, 91, 15))
    assert (CAMERAS["110"], CAMERAS["051"], CAMERAS["240"]) == (-90, 0, 90)
    assert {CAMERAS[camera] for camera in CAMERA_AT.values()} == set(CAMERA_AT)
    assert parse("001_01_01_081_07").view is None  # 08_1 hangs above


@pytest.mark.parametrize(
    "stem", ["", "001_01_01_051", "001_01_01_051_7", "01_01_01_051_07", "001_01_01_05_1_07", "001_01_01_051_07_crop"]
)
def test_other_names_are_none(stem):
    assert parse(stem) is None


def test_an_expression_that_multipie_has_not_is_its_number():
    assert parse("001_05_07_051_07").expression == "07"


def test_200_people_train_of_whom_20_validate_and_137_test():
    splits = [split_of(person) for person in range(1, 338)]
    assert [splits.count(name) for name in ("train", "validation", "test")] == [180, 20, 137]
    assert splits == sorted(splits, key=["train", "validation", "test"].index)
