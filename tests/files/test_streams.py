"""Files read in blocks give what the whole file gives, and refuse what the whole file would."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from facerep.codes.binarize import binarize
from facerep.errors import BadInput
from facerep.files import streams
from facerep.files.contract import Contract
from facerep.files.features import read_codes, read_features, write_codes, write_features
from facerep.files.hdf5 import checksums
from facerep.files.rows import Features
from facerep.files.streams import open_stream


def features(n: int = 23, d: int = 12) -> Features:
    return Features(
        names=np.array([f"p{i}/é{i}.png" for i in range(n)], dtype=object),
        people=np.array([f"p{i % 4}" for i in range(n)], dtype=object),
        values=np.random.default_rng(0).normal(size=(n, d)).astype(np.float32),
        contract=Contract(network="net", layer="fc"),
    )


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BLOCK_BYTES", 5 * 12 * 4)
    monkeypatch.setattr(streams, "NAMES_AT_ONCE", 7)
    monkeypatch.setattr(checksums, "CHECKED_ROWS", 5)


def test_blocks_of_features_are_the_features(tmp_path: Path) -> None:
    write_features(features(), tmp_path / "feats.h5")
    held = open_stream(tmp_path / "feats.h5")
    blocks = list(held.blocks())
    assert [start for start, _ in blocks] == [0, 5, 10, 15, 20]
    assert (np.concatenate([block for _, block in blocks]) == features().values).all()
    assert len(held) == 23
    assert held.head.contract == features().contract
    assert list(held.head.names) == [features().names[0]]


def test_blocks_of_codes_are_the_codes(tmp_path: Path) -> None:
    write_codes(binarize(features()), tmp_path / "codes.h5")
    held = open_stream(tmp_path / "codes.h5")
    assert (np.concatenate([block for _, block in held.blocks()]) == read_codes(tmp_path / "codes.h5").packed).all()
    rows = np.array([[3, 22], [3, 0]])
    assert (held.take(rows) == read_codes(tmp_path / "codes.h5").packed[rows]).all()


def test_rows_names_and_people_are_taken_in_any_order(tmp_path: Path) -> None:
    write_features(features(), tmp_path / "feats.h5")
    held, whole = open_stream(tmp_path / "feats.h5"), read_features(tmp_path / "feats.h5")
    rows = np.array([22, 0, 7, 6, 22, 13])
    assert (held.take(rows) == whole.values[rows]).all()
    assert (held.names(rows) == whole.names[rows]).all()
    assert (held.people(rows.reshape(2, 3)) == whole.people[rows].reshape(2, 3)).all()
    assert held.rows_of(whole.names[rows]).tolist() == rows.tolist()
    with pytest.raises(BadInput, match="1 of 2 faces are not in the file \\(nobody\\)"):
        held.rows_of(["nobody", whole.names[3]])


def test_a_file_without_people_has_unknown_ones(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "mine.h5", "w") as file:
        file.attrs["format"], file.attrs["version"] = "facerep/features", 1
        file["features"] = features().values.astype(np.float64)
        file["names"] = list(features().names)
    held = open_stream(tmp_path / "mine.h5")
    assert held.people(np.array([0, 22])).tolist() == ["", ""]
    assert next(held.blocks())[1].dtype == np.float32


def test_what_is_wrong_in_a_later_block_is_seen(tmp_path: Path) -> None:
    write_features(features(), tmp_path / "feats.h5")
    write_codes(binarize(features(d=11)), tmp_path / "codes.h5")
    with h5py.File(tmp_path / "feats.h5", "r+") as file:
        file["features"][21, 3] = np.nan
        del file["features"].attrs["checksum"]
    with h5py.File(tmp_path / "codes.h5", "r+") as file:
        file["codes"][22, 1] |= 1
        del file["codes"].attrs["checksum"]
    with pytest.raises(BadInput, match=r"features of 'p21/é21.png' are not finite"):
        list(open_stream(tmp_path / "feats.h5").blocks())
    with pytest.raises(BadInput, match="codes have ones behind their 11 bits"):
        list(open_stream(tmp_path / "codes.h5").blocks())


def test_a_changed_row_is_refused_when_its_block_is_read(tmp_path: Path) -> None:
    write_features(features(), tmp_path / "feats.h5")
    with h5py.File(tmp_path / "feats.h5", "r+") as file:
        file["features"][13, 3] += 1
    blocks = open_stream(tmp_path / "feats.h5").blocks()
    assert [next(blocks)[0], next(blocks)[0]] == [0, 5]
    with pytest.raises(BadInput, match="rows 11 to 15 are not those that were written"):
        next(blocks)


def test_columns_of_different_lengths_are_refused(tmp_path: Path) -> None:
    write_features(features(), tmp_path / "feats.h5")
    with h5py.File(tmp_path / "feats.h5", "r+") as file:
        del file["names"]
        file["names"] = list(features(n=5).names)
    with pytest.raises(BadInput, match="columns have different lengths"):
        open_stream(tmp_path / "feats.h5")
