"""`facerep data shard` as a user runs it; features of shards are those of the folder."""

from __future__ import annotations

import json

import numpy as np
import pytest

from facerep.files.features import read_features

HERE = ("--device", "cpu", "--workers", 0)


@pytest.mark.usefixtures("people_folder")
def test_features_of_shards_have_the_bits_of_those_of_the_folder(here, tmp_path):
    run = here("data", "shard", "people", "-o", "shards", "--size", "40kb", "--json")
    assert run.code == 0
    told = json.loads(run.stdout)
    assert (told["faces"], told["failures"]) == (24, [])
    assert told["shards"] > 2
    assert here("extract", "people", "--model", "pixels-32", "-o", "a.h5", *HERE).code == 0
    assert here("extract", "shards", "--model", "pixels-32", "-o", "b.h5", *HERE).code == 0
    ours, theirs = read_features(tmp_path / "a.h5"), read_features(tmp_path / "b.h5")
    assert np.array_equal(ours.values, theirs.values)
    assert ours.contract == theirs.contract
    assert ours.people.tolist() == theirs.people.tolist()
    inspected = here("data", "inspect", "shards", "--workers", 0, "--json")
    assert (inspected.code, json.loads(inspected.stdout)["kind"]) == (0, "folders")


def test_what_is_wrong_is_one_line(here, people_folder, tmp_path):
    (people_folder / "person_0" / "0.png").write_bytes(b"")
    assert here("data", "shard", "people", "-o", "shards", "--size", "many").error == (
        "error: no size 'many'; give a number of bytes, or such as 200MB or 1GB"
    )
    assert not (tmp_path / "shards").exists()
    run = here("data", "shard", "people", "-o", "shards", "--strict")
    assert (run.code, "person_0/0.png: cannot be read (file is empty)" in run.stderr) == (3, True)
    run = here("data", "shard", "people", "-o", "shards")
    assert (run.code, run.error.startswith("error: output exists: shards")) == (1, True)
