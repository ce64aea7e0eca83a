"""Localization at the command line: train on attributes, find faces, judge the run; and what is refused."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import pytest
from PIL import Image

import made_up_faces

SMALL = (
    "--loss", "localization", "--workers", "0", "--precision", "32-true", "--set", "data.pictures=48",
    "--set", "data.validation=16", "--set", "data.backgrounds=30", "--batch-size", "24",
)  # fmt: skip


@pytest.fixture
def _set(tmp_path: Path) -> None:
    made_up_faces.write(tmp_path)


@pytest.fixture
def _run(here, _set: None) -> None:
    trained = here("train", "heads.csv", "photos_train.csv", *SMALL, "--epochs", "2", "-o", "run")
    assert trained.code == 0, trained.stderr
    assert "2 attributes of 48 made-up pictures of each stage" in trained.stderr
    assert "with or without a face, right" in trained.stdout


@pytest.mark.usefixtures("_run")
def test_a_run_finds_faces_draws_maps_and_is_judged(here, tmp_path):
    split = json.loads((tmp_path / "run" / "split.json").read_text())
    assert split["attributes"] == ["Fair", "Glad"]
    assert len(split["photographs"]) == 12
    Image.new("RGB", (9, 9)).save(tmp_path / "photos" / "tiny.png")
    (tmp_path / "photos" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    turned = Image.open(tmp_path / "photos" / "judge00.png").transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # a viewer turns it back
    turned.save(tmp_path / "photos" / "turned.jpg", exif=exif, quality=100, subsampling=0)
    found = here("localize", "run", "photos", "-o", "boxes.csv", "--maps", "maps", "--threshold", "-1", "--json")
    assert found.code == 0, found.stderr
    result = found.json
    assert result["format"] == "facerep/localization"
    assert (result["photographs"], result["chosen"]) == (25, False)
    assert {name: "small" in reason for name, reason in result["failures"]} == {"broken.png": False, "tiny.png": True}
    with (tmp_path / "boxes.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["name", "x", "y", "width", "height", "score"]
    assert len(rows) == result["faces"] == len(result["found"])
    assert len(list((tmp_path / "maps").glob("*.png"))) == 25
    with Image.open(tmp_path / "maps" / "judge00.png.png") as drawn:
        assert drawn.size == (440, 200)
    with Image.open(tmp_path / "maps" / "turned.jpg.png") as drawn:
        assert drawn.size == (440, 200)  # upright, as a viewer shows it
    strict = here("localize", "run", "photos/tiny.png", "photos/judge00.png", "--strict")
    assert strict.code == 3
    assert "photographs that failed, 1" in strict.stderr

    judged = here(
        "analyze", "localization", "run", "--photographs", "photos_judge.csv", "--scenes", "2", "--baselines",
        "centre,edges", "--one-stage", "-o", "out", "--json",
    )  # fmt: skip
    assert judged.code == 0, judged.stderr
    figures = judged.json
    assert [system["name"] for system in figures["systems"]] == ["run", "run, first stage", "centre", "edges"]
    assert figures["systems"][0]["attributes"] == 2
    assert figures["systems"][0]["start"] == "random"
    at = figures["systems"][0]["at"]
    assert [(one["per_picture"], one["overlap"]) for one in at] == [(0.1, 0.4), (1.0, 0.4), (0.1, 0.5), (1.0, 0.5)]
    assert at[0]["recall"]["of"] == figures["faces"]
    assert at[0]["recall"]["value"] <= at[1]["recall"]["value"]
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"result.json", "curves.csv", "roc.png", "roc.svg"}
    seen = here("analyze", "localization", "run", "--photographs", "photos_train.csv", "--scenes", "1")
    assert seen.code == 1
    assert "12 of the photographs gave this run its backgrounds" in seen.error

    _refuses(here, tmp_path)


def _refuses(here, tmp_path: Path) -> None:
    """What a run cannot do; in the same test, as a training takes longest."""
    told = here("localize", "run", "photos/judge00.png", "--maps", "other", "--attribute", "Sad")
    assert told.code == 2
    assert "not taught 'Sad'" in told.error
    assert "Fair, Glad" in told.error
    assert here("localize", "run", "photos/judge00.png", "--attribute", "Glad").code == 2
    assert "no such photograph" in here("localize", "run", "nowhere.png").error
    (tmp_path / "empty").mkdir()
    assert "no picture in folder" in here("localize", "run", "empty").error
    shown = here("localize", "run", "photos/judge00.png", "--maps", "other", "--attribute", "Glad")
    assert shown.code == 0, shown.stderr
    again = here("localize", "run", "photos/judge00.png", "--maps", "maps")
    assert again.code == 1
    assert "exists" in again.error
    assert "does not find faces" in here("localize", "bundled", "photos/judge00.png").error


@pytest.mark.usefixtures("_set")
def test_some_attributes_alone_are_taught_and_what_is_not_there_is_refused(here, tmp_path):
    two = here("train", "heads.csv", *SMALL, "--epochs", "1", "-o", "two", "--set", "signal.attributes=1")
    assert two.code == 0, two.stderr
    assert "all backgrounds are drawn" in two.stderr
    assert len(json.loads((tmp_path / "two" / "split.json").read_text())["attributes"]) == 1
    more = here("train", "heads.csv", *SMALL, "-o", "more", "--set", "signal.attributes=3")
    assert more.code == 2
    assert "asks for 3, there are 2" in more.error
    none = here("train", "photos_train.csv", *SMALL, "-o", "none")
    assert "no attributes among the labels" in none.error
    wrong = here("train", "heads.csv", *SMALL, "--network", "deepid2", "-o", "wrong")
    assert wrong.code == 2
    assert "cannot be taught by --loss localization" in wrong.error


@pytest.mark.usefixtures("_set")
def test_without_opencv_windows_of_edge_boxes_are_refused_in_one_line(here, monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    done = here("analyze", "localization", "run", "--photographs", "photos_judge.csv", "--edge-boxes")
    assert (done.code, done.stdout) == (1, "")
    hint = "pip install 'facerep[opencv]', in place of other packages of OpenCV"
    assert done.stderr == f"error: OpenCV's EdgeBoxes is not here; {hint}\n"
