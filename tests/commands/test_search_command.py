"""`facerep search` as a user runs it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from facerep.codes.binarize import binarize
from facerep.files.features import write_codes, write_features
from facerep.files.rows import Features

WARNED = "network unknown"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Twelve gallery faces of four people, three queries; feature and code files in the test's folder."""
    random = np.random.default_rng(0)
    centres = 3 * random.normal(size=(4, 16))
    gallery = centres[np.arange(12) % 4] + random.normal(size=(12, 16))
    queries = centres[:3] + random.normal(size=(3, 16))
    people = np.array(["ana", "=bo", "", "dee"], dtype=object)
    for name, values, names in (
        ("gallery", gallery, [f"g{row}.png" for row in range(12)]),
        ("queries", queries, ["=q0.png", "q1,1.png", "q2.png"]),
    ):
        features = Features(
            names=np.array(names, dtype=object),
            people=people[np.arange(len(names)) % 4],
            values=values.astype(np.float32),
        )
        write_features(features, tmp_path / f"{name}.h5")
        write_codes(binarize(features), tmp_path / f"{name}-codes.h5")
    return tmp_path


@pytest.mark.usefixtures("files")
def test_ranks_of_codes_as_csv_and_the_first_as_a_table(here, tmp_path: Path) -> None:
    run = here("search", "queries-codes.h5", "gallery-codes.h5", "-k", "2", "-o", "ranks.csv")
    assert run.code == 0, run.stderr
    assert " ".join(run.stdout.split()).startswith("queries-codes.h5 in gallery-codes.h5, hamming query, and its faces")
    assert "3 queries, 12 gallery faces\n" in run.stdout
    assert "exact; equal scores in the order of the gallery" in run.stdout
    assert "unknown" in run.stdout
    with (tmp_path / "ranks.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["query"] for line in lines[::2]] == ["'=q0.png", "q1,1.png", "q2.png"]
    assert [line["rank"] for line in lines] == ["1", "2"] * 3
    assert [line["person"] for line in lines[2:4]] == ["'=bo", "'=bo"]
    assert all(float(line["score"]) <= 0 for line in lines)
    assert list(lines[0]) == ["query", "query_person", "rank", "face", "person", "score"]
    again = here("search", "queries-codes.h5", "gallery-codes.h5", "-o", "ranks.csv")
    assert (again.code, again.stdout) == (1, "")
    assert again.stderr == "error: output exists: ranks.csv; give --overwrite to replace it, or another --output\n"


@pytest.mark.usefixtures("files")
def test_json_holds_all_answers_and_csv_the_scores_of_both_looks(here, tmp_path: Path) -> None:
    run = here(
        "search", "queries-codes.h5", "gallery-codes.h5", "-k", "3", "--rerank", "6", "--rerank-with", "queries.h5",
        "--rerank-with", "gallery.h5", "--metric", "euclidean", "-o", "ranks.csv", "--json",
    )  # fmt: skip
    assert run.code == 0, run.stderr
    result = json.loads(run.stdout)
    assert (result["format"], result["version"], result["exact"]) == ("facerep/search", 1, True)
    assert result["gallery"] == {"file": "gallery-codes.h5", "rows": 12}
    assert [answer["query"] for answer in result["answers"]] == ["=q0.png", "q1,1.png", "q2.png"]
    with (tmp_path / "ranks.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    found = [face for answer in result["answers"] for face in answer["found"]]
    assert [float(line["score"]) for line in lines] == [face["score"] for face in found]
    assert [float(line["first_score"]) for line in lines] == [face["first_score"] for face in found]
    assert all(face["score"] < 0 and face["first_score"].is_integer() for face in found)


@pytest.mark.usefixtures("files")
def test_an_approximate_index_always_says_what_it_misses(here, tmp_path: Path) -> None:
    arguments = ("search", "queries-codes.h5", "gallery-codes.h5", "-k", "3", "--index", "BIVF3", "--effort", "3")
    run = here(*arguments)
    assert run.code == 0, run.stderr
    assert "approximate: BIVF3, effort 3; recall of the 3 best: 100.00 % (" in run.stdout
    assert "; 9 of 9), measured on 3 queries" in run.stdout
    index = json.loads(here(*arguments, "-o", "near.csv", "--json").stdout)["index"]
    with (tmp_path / "near.csv").open(encoding="utf-8", newline="") as file:
        assert {line["index"] for line in csv.DictReader(file)} == {"BIVF3, effort 3"}
    assert (index["name"], index["recall"]["count"], index["recall"]["of"]) == ("BIVF3", 9, 9)


@pytest.mark.usefixtures("files")
def test_what_cannot_be_done_is_one_line(here) -> None:
    for arguments, code, line in (
        (("queries.h5",), 2, "error: no gallery; name a file, or a --store that holds one"),
        (("queries.h5", "gallery.h5", "-k", "13"), 2,
         "error: 13 faces are wanted of each query, gallery.h5 gives 12; ask for fewer"),
        (("queries.h5", "gallery-codes.h5"), 1,
         "error: codes against vectors: queries.h5 has 16 units, gallery-codes.h5 has 16 bits; "
         "run facerep binarize on the vectors"),
        (("queries.h5", "gallery.h5", "--index", "LSH"), 2,
         "error: no index 'LSH' of vectors; give such as IVF1024,Flat, IVF1024,SQ8, IVF1024,PQ64 or HNSW32"),
        (("queries-codes.h5", "--store", "none.db"), 1,
         "error: no such store: none.db; give the gallery's code file too, which is then loaded"),
        (("queries-codes.h5", "--store", "none"), 2,
         "error: no store can be at 'none'; name a file of letters, digits, `.`, `_` and `-` that ends in .db, "
         "or http://host:19530"),
        (("queries.h5", "none.h5"), 1, "error: no such file: none.h5"),
        (("queries.h5", "gallery.h5", "--device", "cuda:99"), 1, None),
    ):  # fmt: skip
        run = here("search", *arguments)
        assert (run.code, run.stdout) == (code, ""), arguments
        assert line is None or run.error == line


@pytest.mark.usefixtures("files")
def test_a_gallery_without_people_is_searched_and_says_unknown(here, tmp_path: Path) -> None:
    features = Features(
        names=np.array(["a.png", "b.png"], dtype=object),
        people=np.array(["", ""], dtype=object),
        values=np.random.default_rng(0).normal(size=(2, 16)).astype(np.float32),
    )
    write_features(features, tmp_path / "nobody.h5")
    run = here("search", "queries.h5", "nobody.h5", "-k", "2")
    assert run.code == 0, run.stderr
    assert run.stdout.count("unknown") == 3 * 2 + 1
    assert WARNED in run.stderr
