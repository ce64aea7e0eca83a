"""What we write carries checksums: values that changed since are refused, whoever changed them."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from facerep.codes.binarize import binarize
from facerep.errors import BadInput
from facerep.files.features import read_codes, read_features, write_codes, write_features
from facerep.files.hdf5 import checksums
from facerep.files.rows import Features


def features(n: int = 7, d: int = 6) -> Features:
    return Features(
        names=np.array([f"Zoë/{i}.png" for i in range(n)], dtype=object),
        people=np.array([f"p{i % 3}" for i in range(n)], dtype=object),
        labels={"smile": np.arange(n, dtype=np.int8)},
        values=np.random.default_rng(0).normal(size=(n, d)).astype(np.float32),
    )


def test_bytes_of_the_features_that_changed_on_disk_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "f.h5"
    write_features(features(), path)
    content = bytearray(path.read_bytes())
    place = content.index(features().values.tobytes())
    for byte in range(place + 3, place + 100, 8):
        content[byte - 1] ^= 1  # a low bit of the mantissa: still finite
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        read_features(path)
    assert caught.value.what == "values are not those that were written: the checksum differs"
    assert caught.value.where == f"{path}:/features"
    assert "facerep import" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("column", "value"), [("features", 3.0), ("names", "other.png"), ("people", "p9"), ("labels/smile", 9)]
)
def test_a_value_that_was_set_by_hand_is_noticed(tmp_path: Path, column: str, value: object) -> None:
    write_features(features(), tmp_path / "f.h5")
    with h5py.File(tmp_path / "f.h5", "r+") as file:
        file[column][2] = value
    with pytest.raises(BadInput, match=f"not those that were written.*:/{column}"):
        read_features(tmp_path / "f.h5")


@pytest.mark.parametrize("column", ["codes", "thresholds"])
def test_changed_codes_and_thresholds_are_noticed(tmp_path: Path, column: str) -> None:
    write_codes(binarize(features(d=8)), tmp_path / "c.h5")
    with h5py.File(tmp_path / "c.h5", "r+") as file:
        file[column][0] = file[column][0] + 1
    with pytest.raises(BadInput, match=f"not those that were written.*:/{column}"):
        read_codes(tmp_path / "c.h5")


def test_each_block_has_its_own_checksum_and_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksums, "CHECKED_ROWS", 2)
    write_features(features(), tmp_path / "f.h5")
    with h5py.File(tmp_path / "f.h5", "r+") as file:
        assert file["features"].attrs["checksum"].shape == (4, 32)
        file["features"][6, 0] = 0
    with pytest.raises(BadInput, match="rows 7 to 7 are not those"):
        read_features(tmp_path / "f.h5")
    # the other blocks are good, and of a block that is read in part nothing can be said
    assert (read_features(tmp_path / "f.h5", slice(1, 6)).values == features().values[1:6]).all()


def test_many_rows_have_few_blocks_and_long_rows_short_ones() -> None:
    assert checksums.block_rows((100, 512), 4) == 4096
    assert checksums.block_rows((10_000_000, 64), 1) == 5000
    assert checksums.block_rows((100, 1 << 20), 4) == 4


def test_a_damaged_checksum_is_refused(tmp_path: Path) -> None:
    write_features(features(), tmp_path / "f.h5")
    with h5py.File(tmp_path / "f.h5", "r+") as file:
        file["features"].attrs["checksum"] = np.zeros(3)
    with pytest.raises(BadInput, match="checksum is damaged"):
        read_features(tmp_path / "f.h5")


def test_a_file_without_checksums_is_read_as_before(tmp_path: Path) -> None:
    write_features(features(), tmp_path / "f.h5")

    def strip(name: str, thing: h5py.Group | h5py.Dataset) -> None:  # noqa: ARG001
        if "checksum" in thing.attrs:
            del thing.attrs["checksum"]

    with h5py.File(tmp_path / "f.h5", "r+") as file:
        file.visititems(strip)
        file["features"][2] = 3
    assert (read_features(tmp_path / "f.h5").values[2] == 3).all()
