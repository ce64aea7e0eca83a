"""`facerep group` as a user runs it."""

from __future__ import annotations

import csv
import json

import numpy as np

from facerep.files.features import write_features
from facerep.files.rows import Features


def write(path, *, people=True):
    draw = np.random.default_rng(0)
    whose = np.repeat(["ana", "bo", "cy"], (4, 3, 1)).astype(object)
    values = draw.normal(size=(3, 8))[np.repeat(np.arange(3), (4, 3, 1))] + 0.1 * draw.normal(size=(8, 8))
    names = np.array([f"{number}.jpg" for number in range(8)], dtype=object)
    labels = whose if people else np.full(8, "", dtype=object)
    write_features(Features(names=names, people=labels, values=values.astype(np.float32)), path)


def test_a_line_a_face_and_figures_beside_the_labels(here, tmp_path):
    write(tmp_path / "features.h5")
    run = here("group", "--threshold", "0.8", "-o", "groups.csv")
    assert (run.code, "using features.h5" in run.stderr) == (0, True)
    assert "groups of two or more" in run.stdout
    assert "BCubed" in run.stdout
    with (tmp_path / "groups.csv").open(newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert [(line["group"], line["faces_in_group"], line["person"]) for line in lines] == (
        [("1", "4", "ana")] * 4 + [("2", "3", "bo")] * 3 + [("3", "1", "cy")]
    )
    assert lines[-1]["mean_score"] == ""
    assert float(lines[0]["mean_score"]) >= float(lines[3]["mean_score"]) > 0.8


def test_without_people_there_are_groups_and_no_figures(here, tmp_path):
    write(tmp_path / "f.h5", people=False)
    run = here("group", "f.h5", "--threshold", "0.8", "--json")
    told = json.loads(run.stdout)
    assert (told["groups"], told["alone"], told["sizes"], told["figures"]) == (2, 1, [4, 3], None)
    assert here("group", "f.h5", "--threshold", "0.8", "--json").stdout == run.stdout


def test_what_is_wrong_is_one_line_and_nothing_is_written(here, tmp_path):
    write(tmp_path / "f.h5")
    run = here("group", "f.h5", "-o", "groups.csv")
    assert run.code == 2
    assert run.error == (
        "error: no threshold is known for this network and scorer; give --threshold-from RESULT of `facerep verify`, "
        "or --threshold SCORE"
    )
    run = here("group", "f.h5", "--threshold", "0.8", "--at-far", "0.01")
    assert (run.code, run.error.startswith("error: --threshold is a score: leave")) == (2, True)
    assert here("group", "absent.h5", "--threshold", "0.8").code == 1
    assert not (tmp_path / "groups.csv").exists()
    (tmp_path / "groups.csv").write_text("mine")
    assert here("group", "f.h5", "--threshold", "0.8", "-o", "groups.csv").code == 1
    assert (tmp_path / "groups.csv").read_text() == "mine"
