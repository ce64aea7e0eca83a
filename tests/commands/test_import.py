"""`facerep import` as a user runs it."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

from facerep.files.features import read_features, write_features
from facerep.files.rows import Features


def test_import_makes_a_feature_file_that_verify_takes(here, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    np.save(tmp_path / "v.npy", np.repeat(random.normal(size=(15, 32)), 4, axis=0) + 0.3 * random.normal(size=(60, 32)))
    (tmp_path / "names.txt").write_text("\n".join(f"{i}.jpg" for i in range(60)))
    (tmp_path / "people.txt").write_text("\n".join(f"p{i // 4}" for i in range(60)))
    run = here(
        "import", "v.npy", "--names", "names.txt", "--people", "people.txt", "--network", "arcface", "-o", "f.h5"
    )
    assert run.code == 0, run.stderr
    assert "arcface" in run.stdout
    assert read_features(tmp_path / "f.h5").contract.network == "arcface"
    verify = here("verify", "f.h5", "--json")
    assert verify.code == 0, verify.stderr
    assert verify.json["counts"]["genuine"] == 15 * 6


def test_import_refuses_pickled_arrays_and_says_why(here, tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", np.array([[1.0], [2.0, 3.0]], dtype=object), allow_pickle=True)
    (tmp_path / "names.txt").write_text("a\nb\n")
    run = here("import", "v.npy", "--names", "names.txt")
    assert (run.code, run.stdout) == (1, "")
    assert run.stderr.startswith("error: array of Python objects, which only unpickling reads")
    assert run.stderr.count("\n") == 1
    assert not (tmp_path / "features.h5").exists()


def test_features_that_were_changed_are_refused_and_the_remedy_that_is_told_helps(here, tmp_path: Path) -> None:
    people = np.array([f"p{face // 4}" for face in range(60)], dtype=object)
    names = np.array([f"{face}.jpg" for face in range(60)], dtype=object)
    values = np.random.default_rng(0).normal(size=(60, 8)).astype(np.float32)
    write_features(Features(names=names, people=people, values=values), tmp_path / "f.h5")
    with h5py.File(tmp_path / "f.h5", "r+") as file:
        file["features"][7, 3] *= 2
    run = here("verify", "f.h5")
    assert (run.code, run.stdout) == (1, "")
    assert run.error.startswith("error: values are not those that were written: the checksum differs: f.h5:/features;")
    assert run.error.endswith("facerep import")
    assert here("import", "f.h5", "-o", "taken.h5").code == 0
    assert here("verify", "taken.h5", "--json").json["counts"]["genuine"] == 90
