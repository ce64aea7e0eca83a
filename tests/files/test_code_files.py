"""Code files: whole rules come back, and crafted ones are refused by the line that says what is wrong."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from facerep.codes.binarize import binarize, like
from facerep.errors import BadInput
from facerep.files.contract import Contract
from facerep.files.features import read_codes, read_rows, write_codes, write_features
from facerep.files.rows import Features


def make() -> Features:
    values = np.random.default_rng(0).normal(size=(30, 12)).astype(np.float32)
    names = np.array([f"{i}.png" for i in range(30)], dtype=object)
    return Features(names=names, people=names, values=values, contract=Contract(network="a"))


RULES = [{}, {"threshold": "median"}, {"bits": 5}, {"rotation": "itq", "bits": 7}]


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_rule_comes_back_and_gives_the_same_bits(tmp_path: Path, rule) -> None:
    codes = binarize(make(), **rule)
    write_codes(codes, tmp_path / "c.h5")
    read = read_codes(tmp_path / "c.h5")
    assert read.rule == codes.rule
    assert [read.chosen, read.selected, read.rotated, read.takes] == [
        codes.chosen, codes.selected, codes.rotated, 12,
    ]  # fmt: skip
    assert (read.packed == codes.packed).all()
    assert (like(make(), read).packed == codes.packed).all()


def test_a_file_of_either_kind_is_read_as_what_it_is(tmp_path: Path) -> None:
    write_features(make(), tmp_path / "f.h5")
    write_codes(binarize(make()), tmp_path / "c.h5")
    assert type(read_rows(tmp_path / "f.h5")).__name__ == "Features"
    assert type(read_rows(tmp_path / "c.h5")).__name__ == "Codes"
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file.attrs["format"] = "another"
    with pytest.raises(BadInput, match="format is another, a feature or code file is wanted"):
        read_rows(tmp_path / "other.h5")


def test_a_code_file_from_before_rules_could_rotate_is_read(tmp_path: Path) -> None:
    write_codes(binarize(make()), tmp_path / "c.h5")
    with h5py.File(tmp_path / "c.h5", "r+") as file:
        for name in ("dimension", "selected", "rotated"):
            del file.attrs[name]
    assert read_codes(tmp_path / "c.h5").rule == binarize(make()).rule


def put(name: str, value):
    def change(file: h5py.File) -> None:
        if name in file:
            del file[name]
        if value is not None:
            file[name] = value

    return change


def attribute(name: str, value):
    return lambda file: file.attrs.__setitem__(name, value)


@pytest.mark.parametrize(
    ("rule", "change", "said"),
    [
        ({"rotation": "itq", "bits": 7}, put("rotation", np.ones((7, 11), np.float32)), "rotation has shape (7, 11)"),
        ({"rotation": "itq", "bits": 7}, put("rotation", np.ones((6, 12), np.float32)), "rotation has shape (6, 12)"),
        ({"rotation": "itq", "bits": 7}, put("rotation", np.ones(84, np.float32)), "1 axes"),
        ({"rotation": "itq", "bits": 7}, put("rotation", np.full((7, 12), np.inf, np.float32)), "not finite"),
        ({"rotation": "itq", "bits": 7}, put("mean", np.ones(11, np.float32)), "mean (11,)"),
        ({"rotation": "itq", "bits": 7}, put("mean", None), "one of them is missing"),
        ({"rotation": "itq", "bits": 7}, put("units", np.arange(7)), "units were chosen and rotated"),
        ({"rotation": "itq", "bits": 7}, attribute("dimension", 0), "for 7 bits of 7 units"),
        ({"bits": 5}, put("units", np.array([0, 1, 2, 3, 12])), "reach from 0 to 12, there are 12"),
        ({"bits": 5}, put("units", np.array([-1, 1, 2, 3, 4])), "reach from -1 to 4"),
        ({"bits": 5}, put("units", np.array([0, 0, 1, 2, 3])), "4 different units for 5 bits"),
        ({"bits": 5}, put("units", np.arange(4)), "4 different units for 5 bits"),
        ({"bits": 5}, put("units", np.ones(5, np.float32)), "whole numbers are wanted"),
        ({"bits": 5}, put("units", None), "5 bits of 12 units, no units are named"),
        ({"bits": 5}, attribute("dimension", "many"), "dimension is not a whole number"),
        ({"bits": 5}, attribute("bits", 4.5), "bits is not a whole number"),
        ({"bits": 5}, attribute("bits", 0), "0 bits"),
        ({"bits": 5}, put("codes", np.full((30, 1), 255, np.uint8)), "ones behind their 5 bits"),
        ({"bits": 5}, put("codes", np.zeros((30, 1), np.uint16)), "codes are uint16, uint8 is wanted"),
        ({}, put("thresholds", np.full(12, np.nan, np.float32)), "not finite"),
        ({}, put("thresholds", np.zeros(11, np.float32)), "codes have shape"),
    ],
)
def test_crafted_rules_are_refused(tmp_path: Path, rule, change, said: str) -> None:
    path = tmp_path / "c.h5"
    write_codes(binarize(make(), **rule), path)
    with h5py.File(path, "r+") as file:
        change(file)
    with pytest.raises(BadInput) as caught:
        read_codes(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_rotation_that_is_a_link_out_of_the_file_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["rotation"] = np.ones((7, 12), np.float32)
    write_codes(binarize(make(), rotation="itq", bits=7), tmp_path / "c.h5")
    with h5py.File(tmp_path / "c.h5", "r+") as file:
        del file["rotation"]
        file["rotation"] = h5py.ExternalLink("secret.h5", "/rotation")
    with pytest.raises(BadInput, match="link that leads out of the file"):
        read_codes(tmp_path / "c.h5")
