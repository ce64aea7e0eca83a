"""`facerep report` as a user runs it, on results that `verify` wrote."""

import csv
import json

import numpy as np

from facerep import __version__
from facerep.files.features import write_features
from facerep.files.rows import Features
from facerep.files.unfinished import visible
from facerep.readers.load import load


def test_report_puts_results_side_by_side_and_draws_them(here, tmp_path):
    rng = np.random.default_rng(0)
    people = np.repeat([f"p{k}" for k in range(8)], 5).astype(object)
    names = np.array([f"{person}/{k}.png" for k, person in enumerate(people)], dtype=object)
    for name, noise in (("good", 0.5), ("bad", 2.0)):
        values = np.repeat(rng.normal(size=(8, 16)), 5, axis=0) + noise * rng.normal(size=(40, 16))
        features = Features(values=values.astype(np.float32), names=names, people=people)
        write_features(features, tmp_path / f"{name}.h5")
        assert here("verify", f"{name}.h5", "--output", name, "--far", "0.1").code == 0
    run = here("report", "bad", "good/result.json", "--output", "both")
    assert run.code == 0
    assert "order of the rows is not significant" in run.stdout
    assert "good" in run.stdout
    assert sorted(path.name for path in visible((tmp_path / "both").iterdir())) == [
        "command.json",
        "comparison.json",
        "roc.png",
        "roc.svg",
    ]
    made = json.loads((tmp_path / "both" / "command.json").read_text())
    assert made["command"] == "facerep report bad good/result.json --output both"
    assert made["software"]["facerep"] == __version__
    assert here("report", "bad", "--json").json["rows"][0]["name"] == "bad"
    absent = here("report", "nowhere")
    assert absent.code == 1
    assert absent.error.startswith("error: no such result: nowhere/result.json; name the folder")
    (tmp_path / "units").mkdir()
    (tmp_path / "units" / "result.json").write_text('{"format": "facerep/units"}')
    for results, words in (
        (("units",), "results of units are not put side by side: units; give -o NAME.html"),
        (
            ("good", "attributes"),
            "results are of two kinds: verification and attributes: attributes; give -o NAME.html",
        ),
    ):
        (tmp_path / "attributes").mkdir(exist_ok=True)
        (tmp_path / "attributes" / "result.json").write_text('{"format": "facerep/attributes", "version": 1}')
        refused = here("report", *results)
        assert (refused.code, refused.stdout) == (1, "")
        assert words in refused.stderr


def test_an_ending_that_report_does_not_write_is_refused_and_names_those_it_does(here, tmp_path):
    for name in ("x.pdf", "x.htm", "x.json"):
        refused = here("report", "one", "-o", name)
        assert refused.code == 2
        assert refused.error.endswith(f"{name[1:]}, which is not written; give NAME.html, or a folder")
    assert here("report", "one", "--faces", "orl").error == "error: --faces means nothing without -o NAME.html"
    assert not (tmp_path / "x.pdf").exists()


def test_a_page_shows_the_worst_pairs_as_pictures_where_the_data_set_is_named(here, tmp_path, people_folder):
    faces = load(people_folder)
    values = np.random.default_rng(0).normal(size=(len(faces), 8)).astype(np.float32)
    write_features(Features(values=values, names=faces.names, people=faces.people), tmp_path / "f.h5")
    assert here("verify", "f.h5", "--threshold", "-1", "-o", "judged").code == 0
    assert here("identify", "f.h5", "-o", "found").code == 0
    assert here("report", "judged", "found", "-o", "with.html", "--faces", people_folder).code == 0
    page = (tmp_path / "with.html").read_text(encoding="utf-8")
    for title in ("One person, least alike", "Two people, most alike", "People taken for each other", "for others"):
        assert title in page
    assert "data:image/jpeg;base64," in page
    assert "no pictures of the faces" not in page
    assert here("report", "judged", "-o", "without.html").code == 0
    page = (tmp_path / "without.html").read_text(encoding="utf-8")
    assert "data:image/jpeg" not in page
    assert "no pictures of the faces: --faces was not given" in page


def test_a_file_that_is_no_result_is_named(here, tmp_path):
    (tmp_path / "f.h5").write_bytes(b"\x89HDF\r\n")
    run = here("report", "f.h5")
    assert run.code == 1
    assert run.error.startswith("error: not a JSON file")
    assert "f.h5" in run.error


def test_identifications_by_a_label_make_one_table_its_files_and_a_page(here, tmp_path):
    view = np.array(["0", "-15", "15", "-30", "30"] * 12, dtype=object)
    people = np.repeat([f"p{k}" for k in range(12)], 5).astype(object)
    names = np.array([f"{person}/{k}.png" for k, person in enumerate(people)], dtype=object)
    for seed, (folder, noise) in enumerate((("raw", 1.2), ("net/seed0", 0.6), ("net/seed1", 0.6))):
        rng = np.random.default_rng(seed)
        values = np.repeat(np.random.default_rng(9).normal(size=(12, 6)), 5, axis=0) + noise * rng.normal(size=(60, 6))
        held = Features(values=values.astype(np.float32), names=names, people=people, labels={"view": view})
        write_features(held, tmp_path / "f.h5", overwrite=True)
        assert here("identify", "f.h5", "--gallery", "view=0", "--by", "view", "-o", folder).code == 0
    run = here("report", "raw", "net/seed0", "net/seed1", "-o", "table")
    assert run.code == 0, run.stderr
    head = next(line for line in run.stdout.splitlines() if "seeds" in line)
    assert [cell.strip() for cell in head.split("|")] == ["", "seeds", "all", "-15", "15", "-30", "30"]
    assert "±" in run.stdout
    assert "over the row above" in run.stdout
    stored = json.loads((tmp_path / "table" / "comparison.json").read_text())
    assert (stored["format"], [row["name"] for row in stored["rows"]]) == (
        "facerep/identification-comparison", ["raw", "net"],
    )  # fmt: skip
    assert not any("paper" in key for row in stored["rows"] for key in row)
    with open(tmp_path / "table" / "comparison.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["system"], row["value"]) for row in rows[:3]] == [("raw", ""), ("raw", "-15"), ("raw", "15")]
    assert float(rows[5]["rank_1"]) == stored["rows"][1]["rank_1"]["mean"]
    assert (tmp_path / "table" / "comparison.png").stat().st_size > 1000
    page = here("report", "raw", "net/seed0", "-o", "all.html")
    assert page.code == 0, page.stderr
    assert "rank 1, -15" in (tmp_path / "all.html").read_text(encoding="utf-8")
