"""`facerep verify` as a user runs it."""

import json
import subprocess
import sys

import numpy as np
import pytest

from facerep.files.features import write_features
from facerep.files.rows import Features


def make_features(path, **changes):
    rng = np.random.default_rng(0)
    people = np.repeat([f"p{k}" for k in range(8)], 5).astype(object)
    names = np.array([f"{person}/{k}.png" for k, person in enumerate(people)], dtype=object)
    values = np.repeat(rng.normal(size=(8, 16)), 5, axis=0) + 1.2 * rng.normal(size=(40, 16))
    values = values.astype(np.float32)
    write_features(Features(**{"values": values, "names": names, "people": people, **changes}), path)
    return values


def test_verify_takes_the_only_feature_file_of_the_folder_and_prints_a_table(facerep, tmp_path):
    make_features(tmp_path / "mine.h5")
    (tmp_path / "notes.h5").write_bytes(b"not HDF5")
    run = facerep("verify")
    assert run.code == 0
    assert "equal error rate" in run.stdout
    assert "\x1b" not in run.stdout
    assert "using mine.h5" in run.stderr
    make_features(tmp_path / "other.h5")
    two = facerep("verify")
    line = "error: several feature files here: mine.h5, other.h5; name one\n"
    assert (two.code, two.stdout, two.stderr) == (2, "", line)


def test_verify_prints_json_and_writes_its_files_once(here, tmp_path):
    make_features(tmp_path / "features.h5")
    run = here("verify", "features.h5", "--far", "0.1,0.001", "--json", "--output", "out")
    assert run.code == 0
    assert run.json == json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
    assert [point["flag"] for point in run.json["tar_at_far"]] == [None, "refused"]
    assert (tmp_path / "out" / "roc.svg").exists()
    again = here("verify", "features.h5", "--json", "--output", "out")
    assert again.code == 1
    assert "output exists" in again.stderr
    assert again.stdout == ""


def test_verify_names_the_face_whose_vector_is_zero_and_refuses_rates_that_cannot_be_seen(here, tmp_path):
    values = make_features(tmp_path / "f.h5")
    values[7] = 0
    make_features(tmp_path / "zero.h5", values=values)
    zero = here("verify", "zero.h5")
    assert zero.code == 1
    assert zero.stdout == ""
    assert "p1/7.png" in zero.stderr
    refused = here("verify", "f.h5", "--far", "0.0001")
    assert refused.code == 1
    assert "700, at least 10000 are needed" in refused.stderr


def test_verify_counts_faces_that_the_pairs_name_and_the_file_lacks(here, tmp_path):
    make_features(tmp_path / "f.h5")
    lines = ["p0/0.png,p0/1.png,1", "p0/0.png,p3/15.png,0", "p1/5.png,p1/6.png,1", "p2/10.png,gone/1.png,0"]
    (tmp_path / "pairs.csv").write_text("\n".join([*lines, "p4/20.png,p5/25.png,0"]) + "\n")
    stop = here("verify", "f.h5", "--pairs", "pairs.csv")
    assert stop.code == 1
    assert "gone/1.png" in stop.stderr
    count = here("verify", "f.h5", "--pairs", "pairs.csv", "--missing", "count", "--json")
    assert count.code == 0
    counts = count.json["counts"]
    assert (counts["genuine"], counts["impostor"], counts["missing"]) == (2, 2, {"genuine": 0, "impostor": 1})


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--far", "2"), "--far wants fractions above 0 and at most 1 with commas between, got '2'"),
        (("--far", "a,b"), "--far wants fractions above 0 and at most 1 with commas between, got 'a,b'"),
        (("--threshold", "nan"), "--threshold is not a number: nan"),
        (
            ("--sample", "3", "--pairs", "all"),
            "pairs are either given or drawn: --pairs and --sample exclude each other",
        ),
        (("--labels", "t.csv"), "--labels is read for one of its columns: name it with --group"),
        (
            ("--threshold", "0.5", "--at-far", "0.1"),
            "a threshold is given or taken: --threshold excludes --threshold-from and --at-far",
        ),
    ],
)
def test_verify_refuses_options_that_make_no_sense(here, tmp_path, arguments, line):
    make_features(tmp_path / "f.h5")
    run = here("verify", "f.h5", *arguments)
    assert (run.code, run.stdout, run.error) == (2, "", f"error: {line}")


def test_verify_by_cosine_imports_neither_torch_nor_scikit_learn_nor_scipy_stats(tmp_path):
    make_features(tmp_path / "f.h5")
    heavy = ("torch", "lightning", "pytorch_lightning", "sklearn", "scipy.stats", "matplotlib")
    program = (
        "import sys; from facerep.cli.judge.verify import verify; from pathlib import Path; verify(Path('f.h5'));"
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip().splitlines()[-1] == "[]"
