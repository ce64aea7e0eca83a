"""Of a file only the rows of the pairs are read, and the result is that of all of them in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facerep.codes.binarize import binarize
from facerep.errors import BadInput
from facerep.files import streams
from facerep.files.features import read_rows, write_codes, write_features
from facerep.files.hdf5 import checksums
from facerep.files.pairs import PairList
from facerep.files.rows import Features
from facerep.files.streams import Stream
from facerep.pairs import choice
from facerep.results.to_json import to_json
from facerep.studies.verification.verify import verify

N = 90


def features() -> Features:
    draw, person = np.random.default_rng(0), np.arange(N) % 30
    people = np.array([f"p{number}" for number in person], object)
    people[::17] = ""
    return Features(
        names=np.array([f"{row}.png" for row in range(N)], object),
        people=people,
        values=(2 * draw.normal(size=(30, 8))[person] + draw.normal(size=(N, 8))).astype(np.float32),
        labels={"set": np.array(["a", "b"], object)[np.arange(N) % 2]},
    )


def listed(rows: range) -> PairList:
    left = np.array([f"{row}.png" for row in rows] * 2, object)
    right = np.array([f"{row + 30}.png" for row in rows] + [f"{row + 31}.png" for row in rows], object)
    same = np.repeat([True, False], len(rows))
    return PairList(name="mine", left=left, right=right, same=same, fold=np.zeros(len(same), int))


@pytest.fixture(params=["file", "folder", "codes"])
def path(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(streams, "BLOCK_BYTES", 7 * 8 * 4)
    monkeypatch.setattr(checksums, "CHECKED_ROWS", 4)
    if request.param == "folder":
        (tmp_path / "feats").mkdir()
        for number, rows in enumerate(np.split(np.arange(N), [10, 11, 50])):
            write_features(features().take(rows), tmp_path / "feats" / f"{number}.h5")
        return tmp_path / "feats"
    if request.param == "codes":
        write_codes(binarize(features()), tmp_path / "codes.h5")
        return tmp_path / "codes.h5"
    write_features(features(), tmp_path / "feats.h5")
    return tmp_path / "feats.h5"


@pytest.mark.parametrize(
    ("asked", "streamed"),
    [
        ({"pairs": listed(range(3, 40))}, False),
        ({"sample": 12}, False),
        ({"pairs": "all"}, False),
        ({"pairs": "all"}, True),
    ],
)
def test_the_result_is_that_of_all_rows_in_memory(path: Path, asked: dict, streamed: bool, monkeypatch) -> None:
    if streamed:
        monkeypatch.setattr(choice, "MOST_LISTED", 100)
    options = {"missing": "count", "far": [0.5], **asked}
    assert to_json(verify(path, **options)) == to_json(verify(read_rows(path), **options))


def test_no_row_is_read_that_no_pair_needs(path: Path, monkeypatch) -> None:
    taken: list[np.ndarray] = []
    take = Stream.take

    def noted(stream: Stream, rows: np.ndarray, **options: bool) -> np.ndarray:
        taken.append(rows)
        return take(stream, rows, **options)

    monkeypatch.setattr(Stream, "take", noted)
    assert verify(path, listed(range(3, 6)), far=[0.5]).features["rows"] == N
    (rows,) = taken
    assert rows.tolist() == [3, 4, 5, 33, 34, 35, 36]


def test_a_change_in_a_row_of_a_pair_is_seen(tmp_path: Path, monkeypatch) -> None:
    import h5py

    monkeypatch.setattr(checksums, "CHECKED_ROWS", 4)
    monkeypatch.setattr(streams, "BLOCK_BYTES", 4 * 8 * 4)
    write_features(features(), tmp_path / "feats.h5")
    with h5py.File(tmp_path / "feats.h5", "r+") as file:
        file["features"][34, 0] = 7  # pyright: ignore
    verify(tmp_path / "feats.h5", listed(range(6, 9)), far=[0.5])
    with pytest.raises(BadInput, match="rows 33 to 36 are not those that were written"):
        verify(tmp_path / "feats.h5", listed(range(3, 6)), far=[0.5])
