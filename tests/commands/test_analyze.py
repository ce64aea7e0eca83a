"""`facerep analyze` as a user runs it."""

import csv
import json

import numpy as np
import pytest

from facerep.files.contract import Contract
from facerep.files.features import write_features
from facerep.files.rows import Features


def make(path, labels=None):
    rng = np.random.default_rng(0)
    values = np.maximum(rng.normal(size=(80, 8)), 0).astype(np.float32)
    people = np.array([f"p{row % 8}" for row in range(80)], dtype=object)
    values[people == "p0", 3] += 5
    names = np.array([f"p{row % 8}/{row}.png" for row in range(80)], dtype=object)
    contract = Contract(network="deepid2", layer="feature", rule="> 0")
    write_features(Features(values=values, names=names, people=people, labels=labels or {}, contract=contract), path)


def test_the_results_of_analyze_chain_into_the_table_of_claims(here, tmp_path):
    make(tmp_path / "f.h5")
    sparse = here("analyze", "sparseness", "f.h5", "-o", "sparse")
    assert sparse.code == 0
    assert "active units of a face" in sparse.stdout
    selective = here("analyze", "selectiveness", "f.h5", "--people", 2, "--shuffles", 20, "-o", "selective", "--json")
    assert selective.code == 0
    told = json.loads(selective.stdout)
    assert told == json.loads((tmp_path / "selective" / "result.json").read_text())
    assert told["files"][0]["targets"][0]["best_unit"] == 3
    table = here("analyze", "claims", "sparse", "selective", "-o", "claims")
    assert table.code == 0
    lines = [line.split(" | ") for line in table.stdout.splitlines()]
    assert [line[1].strip() for line in lines if line[0].startswith("units active on a face, FC-4")] == ["57.0"]
    assert [line[1].strip() for line in lines if line[0].startswith("unit for a person, same faces")] == ["97"]
    assert "here: deepid2, feature\n" in table.stdout
    assert "not measured: Joint Bayesian, FC-4; Joint Bayesian, FC-3" in table.stdout
    with (tmp_path / "claims" / "claims.csv").open(newline="") as stream:
        rows = {row["claim"]: row for row in csv.DictReader(stream)}
    assert rows["units active on a face, FC-4"]["ours"] == "1"
    assert rows["YouTube Faces"]["paper"] == "93.2"
    assert rows["YouTube Faces"]["measured"] == ""
    again = here("analyze", "sparseness", "f.h5", "-o", "sparse")
    assert (again.code, again.stdout) == (1, "")
    assert "output exists" in again.error


@pytest.mark.usefixtures("people_folder")
def test_robustness_and_units_of_real_pictures(here, tmp_path):
    common = ("--model", "pixels", "--crop", "loose", "--workers", 0, "--bottom", "0.5", "--block", "")
    run = here("analyze", "robustness", "people", *common, "--pairs", "all", "-o", "robust", "--json")
    assert run.code == 0, run.stderr
    assert json.loads(run.stdout)["systems"][0]["covers"][1]["amount"] == 0.5
    assert (tmp_path / "robust" / "robustness.png").exists()
    made = here("extract", "people", "--model", "pixels", "--crop", "loose", "--workers", 0, "-o", "p.h5")
    assert made.code == 0, made.stderr
    sheet = here("analyze", "units", "people", "p.h5", "--unit", "feature:7", "--faces", 3, "-o", "units")
    assert sheet.code == 0, sheet.stderr
    assert "feature:7" in sheet.stdout
    assert (tmp_path / "units" / "sheet.png").exists()


@pytest.mark.usefixtures("people_folder")
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("sparseness", "gone.h5"), 1, "no such file: gone.h5"),
        (("selectiveness", "f.h5", "--missing", "count"), 2, "--missing means nothing without --labels"),
        (("robustness", "people", "--chain", "pca"), 2, "--chain means nothing without --fit-on"),
        (("selectiveness", "f.h5", "--attributes", "Young"), 1, "no attribute 'Young': f.h5"),
        (("selectiveness", "f.h5", "--labels", "gone.csv"), 1, "cannot be read"),
        (("selectiveness", "f.h5", "--people", "0"), 1, "give a table of attributes with --labels"),
        (("units", "people", "f.h5", "--unit", "conv4:1"), 2, "no layer 'conv4' in f.h5; it has: feature"),
        (("units", "people", "f.h5", "--unit", "1"), 1, "are not in the data set"),
        (("robustness", "people", "--bottom", "1.5"), 2, "--bottom wants numbers above 0 and at most 1"),
        (("robustness", "people", "--bottom", "", "--block", ""), 2, "nothing is covered"),
        (("robustness", "people", "--fit-split", "test"), 2, "--fit-split means nothing without --fit-on"),
        (
            ("robustness", "people", "--layers", "conv9", "--crop", "loose"),
            2,
            "it has: pool1, pool2, pool3, conv4, feature",
        ),
        (("claims", "f.h5"), 1, "not a JSON file (it is no text): f.h5"),
    ],
)
def test_what_cannot_be_done_is_one_line(here, tmp_path, arguments, code, words):
    make(tmp_path / "f.h5")
    run = here("analyze", *arguments)
    assert (run.code, run.stdout) == (code, ""), run.stderr
    assert words in run.error
