"""Commands take a folder of feature or code files where they take a file, and say the same of it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from facerep.codes import code_folder
from facerep.errors import Stopped
from facerep.files.contract import Contract
from facerep.files.features import read_features, write_features
from facerep.files.folders import feature_folder
from facerep.files.folders.feature_folder import part_name
from facerep.files.people import hashes
from facerep.files.rows import Features


def vectors(n: int = 24, d: int = 16) -> Features:
    draw = np.random.default_rng(0)
    people = np.arange(n) % 6
    return Features(
        names=np.array([f"p{person}/{row}.png" for row, person in enumerate(people)], dtype=object),
        people=np.array([f"p{person}" for person in people], dtype=object),
        values=(draw.normal(size=(6, d))[people] + draw.normal(size=(n, d))).astype(np.float32),
        labels={"view": np.array(["left", "right"], object)[np.arange(n) // 6 % 2]},
        contract=Contract(network="net", layer="fc", crop="points@55x47/1", mirror="none", fingerprint="f" * 64),
        failures=(("broken.png", "not an image"),),
        trained_people=hashes(["ann"]),
    )


@pytest.fixture
def feats(tmp_path: Path) -> Path:
    """feats/ is what one.h5 is."""
    whole, folder = vectors(), tmp_path / "feats"
    write_features(whole, tmp_path / "one.h5")
    folder.mkdir()
    told = {}
    for number, rows in enumerate(np.split(np.arange(24), [7, 8, 19])):
        part, path = whole.take(rows), folder / part_name(number)
        write_features(part if number == 0 else replace(part, failures=()), path)
        told[path.name] = feature_folder.part_of(path, rows=len(rows), failures=int(number == 0))
    contract = asdict(whole.contract)
    feature_folder.write_index(folder, told, kind="facerep/features", contract=contract, how={}, complete=True)
    return folder


@pytest.mark.usefixtures("feats")
def test_a_folder_is_verified_and_inspected_as_the_file(here):
    one, folder = here("verify", "one.h5", "--json"), here("verify", "feats", "--json")
    assert folder.code == 0
    assert folder.stdout == one.stdout.replace("one.h5", "feats")
    facts = here("data", "inspect", "feats", "--json").json
    assert facts["kind"] == "features"
    assert facts["facts"] == {"files": 4, **here("data", "inspect", "one.h5", "--json").json["facts"]}


COMMANDS = {
    "identify": ["identify", "{}"],
    "search": ["search", "{}", "{}", "-k", "2"],
    "fit": ["fit", "{}", "-o", "{}-s.h5", "--chain", "pca:3+joint-bayesian"],
    "binarize": ["binarize", "{}", "-o", "{}-b.h5", "--threshold", "median"],
    "sparseness": ["analyze", "sparseness", "{}"],
    "selectiveness": ["analyze", "selectiveness", "{}", "--attributes", "view=left", "--shuffles", "20"],
    "group": ["group", "{}", "--threshold", "0.5"],
    "attributes": ["attributes", "fit", "{}", "--attributes", "view=left", "-o", "{}-a"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_prints_of_a_folder_what_it_prints_of_the_file(here, feats, command):
    (feats.parent / "one.h5").rename(feats.parent / "feats.h5")
    folder, file = (
        here(*(word.replace("{}", name) for word in COMMANDS[command]), "--json") for name in ("feats", "feats.h5")
    )
    assert folder.code == file.code == 0, folder.stderr
    assert folder.stdout == file.stdout.replace("feats.h5", "feats")
    assert folder.stderr == file.stderr.replace("feats.h5", "feats")


def test_the_only_folder_here_is_taken_where_no_file_is_named(here, feats, tmp_path, monkeypatch):
    (tmp_path / "one.h5").unlink()
    run = here("verify")
    assert run.code == 0
    assert run.stderr.startswith("using feats\n")
    monkeypatch.chdir(feats)
    inside = here("verify")
    assert (inside.code, inside.stderr.splitlines()[0]) == (0, "using .")
    (feats / "features.json").unlink()
    several = here("verify")
    files = "part-000000.h5, part-000001.h5, part-000002.h5, …"
    hint = "name one, or `.` for all of them as one"
    assert (several.code, several.error) == (2, f"error: several feature files here: {files}; {hint}")
    assert here("verify", ".").code == 0


@pytest.mark.parametrize("command", [["verify"], ["attributes", "fit", "-o", "a"]])
def test_a_folder_of_pictures_is_no_feature_folder(here, people_folder, command):
    run = here(*command, people_folder)
    assert run.code in (1, 2)
    assert "folder" in run.error


@pytest.mark.usefixtures("feats")
def test_a_folder_becomes_a_folder_of_codes(here):
    made, one = here("binarize", "feats", "-o", "codes", "--json"), here("binarize", "one.h5", "-o", "c.h5", "--json")
    assert (made.code, made.json["faces"], made.json["rule"]) == (0, 24, one.json["rule"])
    assert here("verify", "codes", "--json").stdout == here("verify", "c.h5", "--json").stdout.replace("c.h5", "codes")
    again = here("binarize", "feats", "-o", "codes")
    assert (again.code, again.error.partition(";")[0]) == (1, "error: output exists: codes")
    assert "4, 0 of them now" in here("binarize", "feats", "-o", "codes", "--resume").stdout
    refused = here("binarize", "one.h5", "-o", "d.h5", "--resume")
    assert (refused.code, refused.error) == (2, "error: --resume means nothing without a folder of code files")
    refused = here("binarize", "feats", "-o", "d.h5", "--memory", "1GB")
    assert (refused.code, refused.error) == (
        2, "error: --memory means nothing without medians, or units that are chosen",
    )  # fmt: skip


@pytest.mark.parametrize("output", ["feats/part-000001.h5", "feats/ranks.csv", "feats"])
def test_nothing_is_written_into_a_folder_that_is_read(here, feats, output):
    before = sorted(path.name for path in feats.iterdir())
    run = here("search", "feats", "feats", "-o", output, "--overwrite")
    assert run.code == 1
    assert run.error.startswith("error: ")
    assert sorted(path.name for path in feats.iterdir()) == before


@pytest.mark.usefixtures("feats")
def test_only_a_folder_of_codes_is_gone_on_with_after_ctrl_c(here, monkeypatch):
    def stopped(*_: object, **__: object) -> None:
        raise Stopped(2)

    monkeypatch.setattr(code_folder, "write_codes", stopped)
    one, many = here("binarize", "feats", "-o", "c.h5"), here("binarize", "feats", "-o", "codes")
    assert (one.code, one.error) == (130, "error: stopped; nothing was written")
    assert (many.code, many.error) == (130, "error: stopped; give the same command with --resume to go on")


@pytest.mark.usefixtures("feats")
def test_files_and_folders_become_one_file(here, tmp_path):
    more = vectors()
    more = replace(more, names=np.array([f"more/{name}" for name in more.names], object), failures=())
    write_features(more, tmp_path / "more.h5")
    run = here("merge", "feats", "more.h5", "-o", "all.h5", "--json")
    assert (run.code, run.json["faces"], run.json["people"], run.json["failed"]) == (0, 48, 6, 1)
    whole, one = read_features(tmp_path / "all.h5"), read_features(tmp_path / "one.h5")
    assert (whole.values == np.concatenate([one.values, more.values])).all()
    assert (whole.labels["view"] == np.concatenate([one.labels["view"], more.labels["view"]])).all()
    assert here("merge", "feats", "-o", "again.h5").code == 0
    assert here("verify", "again.h5", "--json").stdout == here("verify", "feats", "--json").stdout.replace(
        "feats", "again.h5"
    )
    for words, message in (
        (["feats", "one.h5"], "face name 'p0/0.png' stands twice, in part-000000.h5 and: one.h5"),
        (["feats", "feats"], "input is named twice: feats"),
        (["feats", "absent.h5"], "no such file: absent.h5"),
    ):
        refused = here("merge", *words, "-o", "new.h5")
        assert refused.code == 1
        assert message in refused.error
        assert not (tmp_path / "new.h5").exists()
    here("binarize", "feats", "-o", "codes")
    assert here("merge", "codes", "-o", "codes.h5", "--json").json["kind"] == "codes"
    mixed = here("merge", "codes", "feats", "-o", "new.h5")
    assert (mixed.code, mixed.error.partition(":")[0]) == (1, "error")
    assert here("merge", "feats", "-o", "feats/all.h5").code == 1


def cut_short(path):
    path.write_bytes(path.read_bytes()[:3000])


def of_another_network(path):
    part = read_features(path)
    write_features(replace(part, contract=replace(part.contract, network="other")), path, overwrite=True)


def with_a_face_twice(path):
    part = read_features(path)
    names = np.array(["p0/0.png", *part.names[1:]], object)
    write_features(replace(part, names=names), path, overwrite=True)


FAULTS = {
    "cut short": (cut_short, "file is cut short: feats/part-000002.h5"),
    "empty": (lambda path: path.write_bytes(b""), "HDF5 file: feats/part-000002.h5"),
    "another network": (of_another_network, "network differs: feats/part-000002.h5 has other"),
    "a face twice": (with_a_face_twice, "face name 'p0/0.png' stands twice, in part-000000.h5 and"),
}


@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_file_of_a_folder_is_one_line(here, feats, fault, index):
    spoil, message = FAULTS[fault]
    spoil(feats / "part-000002.h5")
    if index:
        message = "" if fault != "a face twice" else message
        told = json.loads((feats / "features.json").read_text())
        if fault == "a face twice":  # else the index knows another size
            told["parts"]["part-000002.h5"]["bytes"] = (feats / "part-000002.h5").stat().st_size
        (feats / "features.json").write_text(json.dumps(told))
    else:
        (feats / "features.json").unlink()
    for command in (["group", "feats", "--threshold", "0"], ["search", "feats", "feats"]):
        run = here(*command)
        assert (run.code, run.stdout) == (1, "")
        assert message in run.error


def test_a_folder_that_is_not_complete_is_one_line(here, feats):
    index = feats / "features.json"
    index.write_text(index.read_text().replace('"complete": true', '"complete": false'))
    for command in (["verify", "feats"], ["data", "inspect", "feats"]):
        run = here(*command)
        assert (run.code, run.error) == (
            1, "error: feature folder is not complete, 4 files so far: feats; go on with --resume",
        )  # fmt: skip
