"""Feature and code files: written whole or not at all, and checked before they are believed."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerep.codes.binarize import binarize
from facerep.errors import BadInput, OutputExists
from facerep.files.contract import Contract
from facerep.files.features import read_codes, read_features, write_codes, write_features
from facerep.files.pairs import PairList
from facerep.files.rows import Features


def make(n: int = 5, d: int = 4, **changes) -> Features:
    features = Features(
        names=np.array([f"Zoë/{i}.png" for i in range(n)], dtype=object),
        people=np.array(["Zoë", ""] * n, dtype=object)[:n],
        values=np.random.default_rng(0).normal(size=(n, d)).astype(np.float32),
        labels={"smile": np.arange(n, dtype=np.int8) - 1, "view": np.array(["left"] * n, dtype=object)},
        failures=(("broken.png", "not an image"),),
        protocols={
            "view2": PairList(
                name="view2",
                left=np.array(["Zoë/0.png"], dtype=object),
                right=np.array(["Zoë/1.png"], dtype=object),
                same=np.array([True]),
                fold=np.array([0]),
            )
        },
        contract=Contract(network="deepid2", layer="feature", crop="orl@55x47/1", rule="> 0"),
        parts=(("deepid2", d),),
    )
    return replace(features, **changes)


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1), unique=True, min_size=1
    )
)
@settings(max_examples=25)
def test_names_of_any_script_come_back(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    path = tmp_path_factory.mktemp("names") / "f.h5"
    n = len(names)
    rows = Features(
        names=np.array(names, dtype=object), people=np.array(names, dtype=object), values=np.ones((n, 2), np.float32)
    )
    write_features(rows, path)
    assert read_features(path).names.tolist() == names


def test_everything_that_is_written_is_read(tmp_path: Path) -> None:
    features = make()
    write_features(features, tmp_path / "f.h5")
    read = read_features(tmp_path / "f.h5")
    assert (read.values == features.values).all()
    assert read.people.tolist() == features.people.tolist()
    assert read.labels["smile"].tolist() == features.labels["smile"].tolist()
    assert read.labels["view"].tolist() == ["left"] * 5
    assert read.failures == features.failures
    assert read.protocols["view2"].right.tolist() == ["Zoë/1.png"]
    assert (read.contract, read.parts, read.path) == (features.contract, features.parts, tmp_path / "f.h5")
    codes = binarize(features)
    write_codes(codes, tmp_path / "c.h5")
    assert (read_codes(tmp_path / "c.h5").packed == codes.packed).all()
    assert (read_codes(tmp_path / "c.h5").thresholds == 0).all()


def test_same_features_give_the_same_bytes_but_for_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facerep.files.provenance.now", lambda: "2026-01-01T00:00:00Z")
    for name in ("a.h5", "b.h5"):
        write_features(make(), tmp_path / name)
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_strangers_file_with_the_least_is_good(tmp_path: Path, dtype: str) -> None:
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file["features"] = np.arange(6, dtype=dtype).reshape(2, 3)
        file["names"] = ["a", "b"]
        file.attrs["format"], file.attrs["version"] = "facerep/features", 1
    features = read_features(tmp_path / "f.h5")
    assert features.values.dtype == np.float32
    assert features.people.tolist() == ["", ""]
    assert features.contract == Contract()


@pytest.mark.parametrize("column", ["people", "names"])
def test_whole_numbers_of_a_stranger_are_text(tmp_path: Path, column: str) -> None:
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file["features"] = np.ones((3, 2), np.float32)
        file["names"] = ["a", "b", "c"]
        file.attrs["format"], file.attrs["version"] = "facerep/features", 1
        if column in file:
            del file[column]
        file[column] = np.array([7, -1, 12], np.int64)
    assert getattr(read_features(tmp_path / "f.h5"), column).tolist() == ["7", "-1", "12"]


@pytest.mark.parametrize("column", [np.array([0.0, 1.5, 2.0]), np.array([True, False, True])])
def test_what_is_neither_text_nor_whole_is_no_column_of_people(tmp_path: Path, column: np.ndarray) -> None:
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file["features"] = np.ones((3, 2), np.float32)
        file["names"], file["people"] = ["a", "b", "c"], column
        file.attrs["format"], file.attrs["version"] = "facerep/features", 1
    with pytest.raises(BadInput, match="1 of text or whole numbers are wanted"):
        read_features(tmp_path / "f.h5")


def changed(path: Path, change) -> None:
    with h5py.File(path, "r+") as file:
        change(file)


def put(name: str, value):
    def change(file: h5py.File) -> None:
        del file[name]
        file[name] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: file.attrs.__delitem__("format"), "format is not stated"),
        (lambda file: file.attrs.__setitem__("format", "other/thing"), "format is other/thing"),
        (lambda file: file.attrs.__setitem__("version", 0), "version 0 is earlier than the 1"),
        (lambda file: file.attrs.__setitem__("version", 2), "version 2 is later than the 1"),
        (lambda file: file.attrs.__setitem__("complete", False), "not complete"),
        (lambda file: file.__delitem__("features"), "data set is missing"),
        (put("features", np.ones((4, 4), np.float32)), r"shape \(4, 4\) for 5 names"),
        (put("features", np.ones((5, 4), np.int32)), "2 of decimal numbers are wanted"),
        (put("features", np.full((5, 4), np.nan, np.float32)), "'Zoë/0.png' are not finite"),
        (put("names", ["a", "b", "a", "c", "d"]), "'a' stands twice"),
        (put("people", ["a"]), "different lengths"),
    ],
)
def test_a_file_that_lies_is_refused_with_what_is_wrong(tmp_path: Path, change, said: str) -> None:
    write_features(make(), tmp_path / "f.h5")
    changed(tmp_path / "f.h5", change)
    with pytest.raises(BadInput, match=said) as error:
        read_features(tmp_path / "f.h5")
    assert "f.h5" in str(error.value)


def test_files_cut_short_at_any_byte_are_refused(tmp_path: Path) -> None:
    write_features(make(200, 16), tmp_path / "f.h5")
    whole = (tmp_path / "f.h5").read_bytes()
    for share in (0, 1, 8, 100, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut.h5").write_bytes(whole[:share])
        with pytest.raises(BadInput, match="cut.h5"):
            read_features(tmp_path / "cut.h5")


def test_bad_rows_are_not_written(tmp_path: Path) -> None:
    values = make().values.copy()
    values[3, 1] = np.nan
    with pytest.raises(BadInput, match="'Zoë/3.png' are not finite"):
        write_features(make(values=values), tmp_path / "f.h5")
    names = make().names.copy()
    names[4] = names[0]
    with pytest.raises(BadInput, match="stands twice"):
        write_features(make(names=names), tmp_path / "f.h5")
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_exists_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "f.h5").write_text("mine")
    with pytest.raises(OutputExists, match="--overwrite"):
        write_features(make(), tmp_path / "f.h5")
    assert (tmp_path / "f.h5").read_text() == "mine"
    write_features(make(), tmp_path / "f.h5", overwrite=True)
    assert len(read_features(tmp_path / "f.h5")) == 5


def test_a_full_disk_is_one_error_line_and_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    np.save(tmp_path / "v.npy", np.ones((2000, 64), np.float32))
    (tmp_path / "names.txt").write_text("\n".join(f"{i}.jpg" for i in range(2000)))

    def small_disk() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    command = [sys.executable, "-m", "facerep.cli.main", "import", "v.npy", "--names", "names.txt", "-o", "out/f.h5"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, preexec_fn=small_disk, timeout=120)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("error: cannot write")
    assert done.stderr.count("\n") == 1
    assert list(folder.iterdir()) == []
