"""`facerep codes-table` as a user runs it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from facerep.files.contract import Contract
from facerep.files.features import write_features
from facerep.files.rows import Features
from facerep.files.unfinished import visible

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "codes-table.schema.json").read_text(encoding="utf-8"))
WRITTEN = {"command.json", "result.json", "table.csv", "timings.json", "codes.png", "codes.svg"}


@pytest.fixture
def files(tmp_path: Path) -> None:
    for name, first, seed in (("train.h5", 0, 1), ("test.h5", 50, 2)):
        random = np.random.default_rng(seed)
        people = np.repeat([f"p{first + i:02}" for i in range(30)], 5).astype(object)
        values = np.repeat(random.normal(size=(30, 70)), 5, axis=0) + 1.3 * random.normal(size=(150, 70))
        names = np.array([f"{person}/{i}.png" for i, person in enumerate(people)], dtype=object)
        contract = Contract(network="deepid2", layer="feature", rule="> 0")
        features = Features(names=names, people=people, values=values.astype(np.float32), contract=contract)
        write_features(features, tmp_path / name)


@pytest.mark.usefixtures("files")
def test_the_table_is_printed_and_written_and_holds_the_same_numbers(here, tmp_path: Path) -> None:
    arguments = ("codes-table", "test.h5", "--fit-on", "train.h5", "--gallery", 200, "-o", "out")
    run = here(*arguments)
    assert run.code == 0, run.stderr
    assert {path.name for path in visible((tmp_path / "out").iterdir())} == WRITTEN
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    jsonschema.validate(result, SCHEMA)
    with (tmp_path / "out" / "table.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) == len(result["rows"]) == 2 + 6 * 2
    kinds = json.loads((tmp_path / "out" / "timings.json").read_text())["kinds"]
    for line, row in zip(table, result["rows"], strict=True):
        assert (line["kept"], line["scorer"], line["bits"]) == (row["kept"], row["scorer"], str(row["bits"] or ""))
        assert float(line["accuracy"]) == row["accuracy"]["value"]
        assert float(line["relative_search_time"]) == pytest.approx(kinds[row["time"]]["ratio"]["median"], rel=1e-3)
        shown = f"{100 * row['accuracy']['value']:.2f} ["
        name = "vectors" if row["bits"] is None else f"{row['kept']} {row['bits']}"
        assert any(text.startswith(name) and shown in text for text in run.stdout.splitlines())
    assert max(map(len, run.stdout.splitlines()[: 4 + len(table)])) <= 110
    again = here(*arguments)
    assert (again.code, again.stdout) == (1, "")
    assert again.stderr.startswith("error: output exists: out/")


@pytest.mark.usefixtures("files")
def test_json_holds_times_beside_what_the_same_run_gives_again(here, tmp_path: Path) -> None:
    arguments = ("codes-table", "test.h5", "--fit-on", "train.h5", "--bits", "64", "--gallery", 100)
    run = here(*arguments, "--json")
    assert run.code == 0, run.stderr
    told = json.loads(run.stdout)
    assert told["times"]["gallery"] == 100
    here(*arguments, "-o", "out")
    kept = json.loads((tmp_path / "out" / "result.json").read_text())
    assert kept == {key: value for key, value in told.items() if key != "times"}


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("test.h5",), 2, "--fit-on"),
        (("test.h5", "--fit-on", "none.h5"), 1, "no such file: none.h5"),
        (("test.h5", "--fit-on", "train.h5", "--bits", "64,x"), 2, "--bits wants whole numbers with commas between"),
        (("test.h5", "--fit-on", "train.h5", "--bits", "71"), 2, "test.h5 has 70 units, 71 bits were asked for"),
        (("test.h5", "--fit-on", "train.h5", "--chain", "pca"), 2, "does not end with joint-bayesian"),
        (("test.h5", "--fit-on", "train.h5", "-o", "test.h5"), 1, "output is a file, a folder is written here"),
    ],
)
def test_what_codes_table_cannot_do_is_one_line(here, arguments, code: int, said: str) -> None:
    run = here("codes-table", *arguments)
    assert (run.code, run.stdout) == (code, "")
    assert said in run.error
