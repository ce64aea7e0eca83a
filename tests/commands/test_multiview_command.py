"""Views at the command line: train, extract, and what is read from the units."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

SMALL = ("--network", "mvp-32", "--crop", "whole", "--batch-size", "16", "--workers", "0", "--precision", "32-true")


@pytest.fixture
def _viewed(viewed_people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Faces in `viewed/`, and a cache of their own."""
    assert viewed_people == tmp_path / "viewed" / "faces.csv"
    monkeypatch.setenv("FACEREP_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def _run(here, _viewed: None) -> None:
    """A run of three epochs."""
    trained = here("train", "viewed/faces.csv", "--loss", "multiview", "--epochs", "3", *SMALL, "-o", "run")
    assert trained.code == 0, trained.stderr
    assert "5 views by view; 90 faces of 6 people" in trained.stderr


@pytest.mark.usefixtures("_run")
def test_a_run_is_trained_extracted_and_its_views_are_read(here, tmp_path):
    extracted = here(
        "extract", "viewed/faces.csv", "--model", "run", "--layer", "h3_r", "--mirror", "none", "-o", "f.h5"
    )
    assert extracted.code == 0, extracted.stderr
    read = here("analyze", "views", "run", "viewed/faces.csv", "--crop", "whole", "-o", "views", "--json")
    assert read.code == 0, read.stderr
    result = read.json
    assert [reader["name"] for reader in result["readers"]] == [
        "view units", "linear regression on pixels", "support vectors on pixels",
    ]  # fmt: skip
    assert [units["units"] for units in result["units"]] == ["h_v", "h1_id", "h2_id", "h3_r", "h4_r"]
    assert (result["faces"], result["people"], result["fitted_faces"]) == (30, 2, 90)
    with (tmp_path / "views" / "views.csv").open(newline="") as stream:
        assert len(list(csv.DictReader(stream))) == 3 * 5
    by = here("analyze", "views", "run", "viewed/faces.csv", "--by", "light", "--crop", "whole", "-o", "by", "--json")
    assert by.code == 0, by.stderr
    assert sum(each["faces"] for each in by.json["classes"]) == by.json["faces"] == 150
    table = here("report", "views", "by", "-o", "page.html")
    assert table.code == 0, table.stderr
    page = (tmp_path / "page.html").read_text()
    assert "linear regression on pixels" in page
    assert "what view the faces of each class show" in page


@pytest.mark.usefixtures("_run")
def test_people_are_drawn_in_all_views_and_between_them(here, tmp_path):
    asked = ("--where", "split=test", "--all-views", "--interpolate", "--crop", "whole", "-o", "out", "--json")
    drawn = here("reconstruct", "run", "viewed/faces.csv", *asked)
    assert drawn.code == 0, drawn.stderr
    assert drawn.json["targets"] == ["-60", "-45", "-30", "-15", "0", "15", "30", "45", "60"]
    assert drawn.json["between"] == ["-45", "-15", "15", "45"]
    assert drawn.json["judged"]["people"] == 2
    assert (tmp_path / "out" / "reconstruction.png").exists()
    one = here("reconstruct", "run", "viewed/faces.csv", "--crop", "whole", "--view", "30", "-o", "one")
    assert one.code == 0, one.stderr


@pytest.mark.usefixtures("_run")
def test_what_cannot_be_read_or_drawn_is_one_line(here, tmp_path):
    for command, options, code, words in (
        (("analyze", "views"), ("--split", "rest"), 1, "no face in split 'rest'"),
        (("analyze", "views"), ("--fit-split", "test"), 1, "both judged and fitted on"),
        (("analyze", "views"), ("--by", "pose"), 1, "no column 'pose'"),
        (("analyze", "views"), ("--by", "light", "--fit-split", "train"), 2, "--fit-split means nothing with --by"),
        (("reconstruct",), ("--view", "90"), 1, "view 90 lies outside of what was trained, -60 to 60"),
        (("reconstruct",), ("--view", "15"), 1, "--interpolate draws it between 0 and 30"),
        (("reconstruct",), ("--view", "0", "--all-views"), 2, "--view names some views, --all-views draws all"),
        (("reconstruct",), ("--interpolate",), 2, "--interpolate draws views between others"),
    ):
        told = here(*command, "run", "viewed/faces.csv", *options, "--crop", "whole", "-o", "never")
        assert (told.code, words in told.error) == (code, True), told.stderr
        assert not (tmp_path / "never").exists()
    told = here("analyze", "views", "pixels", "viewed/faces.csv")
    assert (told.code, "network pixels knows no views" in told.error) == (1, True), told.stderr


@pytest.mark.usefixtures("_viewed", "people_folder")
def test_what_cannot_be_trained_is_one_line(here, tmp_path):
    for arguments, code, words in (
        (("people", "--loss", "multiview"), 1, "no column 'view': its faces have no label to learn views from"),
        (("viewed/faces.csv", "--loss", "multiview", "--network", "deepid2"), 2, "network deepid2 draws no views"),
        (("viewed/faces.csv", "--loss", "multiview", "--set", "signal.target=bright"), 2, "no rule for drawn pictures"),
        (("viewed/faces.csv", "--loss", "multiview", "--where", "view=0"), 1, "1 view by view among"),
    ):
        told = here("train", *arguments, "-o", "never", "--workers", "0")
        assert (told.code, words in told.error) == (code, True), told.stderr
        assert not (tmp_path / "never").exists()
