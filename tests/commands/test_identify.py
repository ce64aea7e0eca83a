"""`facerep identify` as a user runs it."""

import csv
import json
import subprocess
import sys

import numpy as np
import pytest

from facerep.files.contract import Contract
from facerep.files.features import write_features
from facerep.files.rows import Features
from facerep.files.unfinished import visible

WRITTEN = {"command.json", "result.json", "ranks.csv", "cmc.csv", "cmc.png", "cmc.svg", "dir.png", "dir.svg"}


def make_features(path, **changes):
    rng = np.random.default_rng(0)
    people = np.repeat([f"p{k}" for k in range(9)] + ["=p9"], 6).astype(object)
    names = np.array([f"{person}/{k}.png" for k, person in enumerate(people)], dtype=object)
    values = np.repeat(rng.normal(size=(10, 16)), 6, axis=0) + 1.2 * rng.normal(size=(60, 16))
    held = {"values": values.astype(np.float32), "names": names, "people": people, "contract": Contract(rule="> 0")}
    write_features(Features(**{**held, **changes}), path)
    return names, people


def make_lists(path, names):
    """Two gallery faces of five people and of the one whose label starts with =; everything else is a probe."""
    inside = [name.startswith(("p0", "p1", "p2", "p3", "p4", "=p9")) for name in names]
    rows = [f"{name},{'gallery' if here and k % 6 < 2 else 'genuine' if here else 'impostor'}"
            for k, (name, here) in enumerate(zip(names, inside, strict=True))]  # fmt: skip
    path.write_text("\n".join(["file,open", *rows]) + "\n", encoding="utf-8")


def test_identify_prints_a_table_of_a_split_without_lists(here, tmp_path):
    make_features(tmp_path / "mine.h5")
    run = here("identify")
    assert run.code == 0
    assert "using mine.h5" in run.stderr
    assert run.stdout.startswith("mine.h5, cosine, split")
    for words in ("rank 1 ", "rank 5 or better", "DIR at FAR 10 % ", "8 people; 40 known and 12 unknown probes"):
        assert words in run.stdout
    assert "split by seed 0: 1 gallery face a person; 2 of 10 people in no gallery" in run.stdout
    assert "\x1b" not in run.stdout


def test_identify_writes_its_files_once_and_they_agree_with_the_result(here, tmp_path):
    names, _ = make_features(tmp_path / "f.h5")
    make_lists(tmp_path / "lists.csv", names)
    run = here("identify", "f.h5", "--lists", "lists.csv", "--far", "0.1,0.01", "--json", "-o", "out")
    assert run.code == 0
    assert {path.name for path in visible((tmp_path / "out").iterdir())} == WRITTEN
    assert run.json == json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
    (judged,) = run.json["lists"]
    (trial,) = judged["trials"]
    assert (judged["name"], judged["file"]) == ("open", "lists.csv")
    assert trial["gallery"] == {
        "faces": 12, "people": 6, "images": "multi-image", "template": "mean of unit-length vectors",
    }  # fmt: skip
    assert [point["flag"] for point in trial["open_set"]] == ["few unknown probes", "refused"]
    with (tmp_path / "out" / "ranks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    known = [row for row in rows if row["known"] == "1"]
    assert (len(known), len(rows)) == (24, 48)
    assert sum(row["rank"] == "1" for row in rows) == trial["closed_set"][0]["rate"]["count"]
    assert all((row["first"] == row["person"]) == (row["rank"] == "1") for row in known)
    assert all(row["rank"] == row["own_score"] == "" for row in rows if row["known"] == "0")
    threshold = trial["open_set"][0]["threshold"]
    accepted = [row for row in rows if float(row["score"]) >= threshold]
    assert sum(row["rank"] == "1" for row in accepted) == trial["open_set"][0]["dir"]["count"]
    assert sum(row["known"] == "0" for row in accepted) == trial["open_set"][0]["obtained"]["count"]
    assert {"'=p9"} == {row["person"] for row in rows if row["probe"].startswith("'=")}  # no spreadsheet runs it
    with (tmp_path / "out" / "cmc.csv").open(encoding="utf-8", newline="") as file:
        curve = list(csv.DictReader(file))
    assert [int(row["rank"]) for row in curve] == list(range(1, 7))
    assert curve[-1]["value"] == "1.0"
    again = here("identify", "f.h5", "--lists", "lists.csv", "-o", "out")
    assert (again.code, again.stdout) == (1, "")
    assert "output exists" in again.stderr


def test_the_same_seed_gives_the_same_bytes_and_an_older_open_set_figure_does_not_stay(here, tmp_path):
    make_features(tmp_path / "f.h5")
    assert here("identify", "f.h5", "-o", "one").code == here("identify", "f.h5", "-o", "two").code == 0
    for name in WRITTEN - {"command.json"}:  # it has the time
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert here("identify", "f.h5", "--unknown", "0", "-o", "one", "--overwrite").code == 0
    assert {path.name for path in visible((tmp_path / "one").iterdir())} == WRITTEN - {"dir.png", "dir.svg"}


def test_trials_are_summed_up_in_the_table_and_one_of_them_can_be_asked_for(here, tmp_path):
    names, people = make_features(tmp_path / "f.h5")
    rng = np.random.default_rng(0)
    lines = ["file,label,dev,trials"]
    trained = [rng.choice(np.unique(people.astype(str)), 2, replace=False) for _ in range(3)]
    inside = [rng.choice(np.unique(people.astype(str)), 7, replace=False) for _ in range(3)]
    for k, (name, person) in enumerate(zip(names, people, strict=True)):
        roles = ("T" if person in trained[t] else "G" if k % 6 == t and person in inside[t] else "P" for t in range(3))
        lines.append(f"{name},{person},-,{''.join(roles)}")
    (tmp_path / "blufr.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    run = here("identify", "f.h5", "--lists", "blufr.csv", "--metric", "hamming", "-o", "out")
    assert run.code == 0
    assert run.stdout.startswith("f.h5, hamming, blufr of blufr.csv, 3 trials")
    assert "mean − deviation" in run.stdout
    assert "trials share faces and people: the deviation is not a standard error" in run.stdout
    one = here("identify", "f.h5", "--lists", "blufr.csv", "--trial", "2")
    assert one.stdout.startswith("f.h5, cosine, blufr of blufr.csv, trial 2")
    assert here("identify", "f.h5", "--lists", "blufr.csv", "--trial", "4").code == 2


def test_faces_that_the_lists_name_and_the_file_lacks_stop_or_are_counted(here, tmp_path):
    names, people = make_features(tmp_path / "whole.h5")
    make_lists(tmp_path / "lists.csv", names)
    make_features(tmp_path / "f.h5", names=np.where(names == "p0/3.png", "other.png", names), people=people)
    stop = here("identify", "f.h5", "--lists", "lists.csv")
    assert (stop.code, stop.stdout) == (1, "")
    assert stop.error == (
        "error: 1 face of 'open' not in the file (p0/3.png): f.h5; "
        "extract them, or judge the others with --missing count"
    )
    count = here("identify", "f.h5", "--lists", "lists.csv", "--missing", "count", "--json")
    assert count.code == 0
    missing = json.loads(count.stdout)["lists"][0]["trials"][0]["counts"]["missing"]
    assert missing == {"gallery": 0, "known": 1, "unknown": 0}
    assert "warning: known probes that were not judged: 1; counted as not found, rank 1 is 0." in count.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (("--far", "2"), 2, "--far wants fractions above 0"),
        (("--unknown", "1"), 2, "--unknown is a share of the people, at least 0 and below 1, got 1"),
        (("--lists", "lists.csv", "--unknown", "0.1"), 2, "--gallery-per-person and --unknown make a split"),
        (("--lists", "lists.csv", "--only", "closed"), 2, "no list 'closed'; there are: open"),
        (("--lists", "lists.csv", "--trial", "1"), 2, "no trial 1; the lists have one trial only"),
        (("--metric", "hamming", "--template", "mean"), 2, "codes have no mean; give --template max"),
        (("--metric", "joint-bayesian"), 2, "joint-bayesian wants a scorer file"),
        (("--lists", "gone.csv"), 1, "cannot be read (No such file or directory): gone.csv"),
        (("--lists", "f.h5"), 1, "text is not UTF-8"),
        (("--gallery-per-person", "6"), 1, "no known probe: 6 gallery faces are asked for, nobody has more than 6"),
        (("--far", "0.001"), 1, "false alarm rate of 0.001 refused: 12 unknown probes in split, 1000 are wanted"),
        (("--unknown", "0", "--far", "0.1"), 1, "no unknown probes, so no false alarm rate"),
        (("-o", "f.h5"), 1, "output is a file, a folder is written here"),
        (("--gallery", "view"), 2, "--gallery 'view' is not COLUMN=VALUE or COLUMN!=VALUE"),
        (("--gallery", "view=0"), 1, "file has no column 'view': f.h5; there are: none"),
        (("--by", "view"), 1, "file has no column 'view': f.h5; there are: none"),
        (("--probes", "view=0"), 2, "--gallery names no face; such as --gallery view=0"),
        (("--gallery", "view=0", "--lists", "lists.csv"), 2, "--gallery chooses the gallery by labels"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_nothing_is_written(here, tmp_path, arguments, code, line):
    names, _ = make_features(tmp_path / "f.h5")
    make_lists(tmp_path / "lists.csv", names)
    run = here("identify", "f.h5", *arguments)
    assert (run.code, run.stdout) == (code, "")
    assert run.error.startswith(f"error: {line}")
    assert {path.name for path in tmp_path.iterdir()} <= {"f.h5", "lists.csv", "cache"}


def test_a_gallery_by_labels_and_rank_1_by_a_label_are_printed_written_and_drawn(here, tmp_path):
    view = np.array(["0", "-15", "15", "30", "", "-30"] * 10, dtype=object)
    make_features(tmp_path / "f.h5", labels={"view": view})
    run = here("identify", "f.h5", "--gallery", "view=0", "--probes", "view!=30", "--by", "view", "-o", "out")
    assert run.code == 0, run.stderr
    assert run.stdout.startswith("f.h5, cosine, view=0\n")
    order = [line.split("|")[0].strip() for line in run.stdout.splitlines() if line.startswith("rank 1, ")]
    assert order == ["rank 1, view -15", "rank 1, view 15", "rank 1, view -30", "rank 1, no view"]
    assert "gallery: the face of each person where view=0; probes: all others where view!=30" in run.stdout
    written = {path.name for path in visible((tmp_path / "out").iterdir())}
    assert written == WRITTEN - {"dir.png", "dir.svg"} | {"by.csv", "by.png", "by.svg"}
    result = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
    by = result["lists"][0]["trials"][0]["by"]
    assert (by["column"], [at["value"] for at in by["values"]]) == ("view", ["-15", "15", "-30", ""])
    with open(tmp_path / "out" / "by.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["value"], int(row["count"]), float(row["rank_1"])) for row in rows] == [
        (at["value"], at["rate"]["count"], at["rate"]["value"]) for at in by["values"]
    ]
    # words stand side by side in the figure, and what was drawn before does not stay
    assert ">none<" in (tmp_path / "out" / "by.svg").read_text(encoding="utf-8")
    assert here("identify", "f.h5", "--gallery", "view=0", "-o", "out", "--overwrite").code == 0
    assert not (tmp_path / "out" / "by.csv").exists()


def test_identify_by_cosine_imports_neither_torch_nor_scikit_learn_nor_scipy_stats(tmp_path):
    make_features(tmp_path / "f.h5")
    heavy = ("torch", "lightning", "pytorch_lightning", "sklearn", "scipy.stats", "matplotlib")
    program = (
        "import sys; from facerep.cli.judge.identify import identify; from pathlib import Path; identify(Path('f.h5'));"
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip().splitlines()[-1] == "[]"
