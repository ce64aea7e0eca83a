"""HDF5 files that hang the library, crash it, or swell: a child process meets them first."""

from __future__ import annotations

import os
import signal
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest

from facerep.errors import BadInput
from facerep.files.features import read_features, write_features
from facerep.files.hdf5 import sandbox
from facerep.files.hdf5.sandbox import End, read_in_child
from facerep.files.rows import Features


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "SECONDS", 0.5)
    monkeypatch.setattr(sandbox, "MEMORY", 1 << 27)


def written(path: Path, *, endless: bool = False) -> Path:
    names = np.array([f"{path.stem}/{face}.png" for face in range(40)], dtype=object)
    write_features(Features(names=names, people=names, values=np.ones((40, 3), np.float32)), path)
    if endless:
        content = bytearray(path.read_bytes())
        heap = content.index(b"GCOL")
        content[heap + 24 : heap + 32] = bytes(8)  # the size of its first object
        content[heap + 16 : heap + 18] = bytes(2)  # which is now free space of no bytes
        path.write_bytes(content)
    return path


def test_a_heap_that_sends_the_library_round_for_ever(tmp_path: Path) -> None:
    path = written(tmp_path / "f.h5", endless=True)
    with pytest.raises(BadInput, match="HDF5 file is damaged \\(reading it does not end\\)"):
        read_features(path)


def test_files_of_a_folder_are_looked_at_in_one_child_and_one_that_does_not_end_is_named(tmp_path, monkeypatch) -> None:
    looks, plain = [], sandbox.read_in_child
    monkeypatch.setattr(sandbox, "read_in_child", lambda look, size: looks.append(size) or plain(look, size))
    folder = tmp_path / "feats"
    folder.mkdir()
    for number in range(4):
        written(folder / f"{number}.h5")
    assert len(read_features(folder)) == 160
    assert len(looks) == 1
    (folder / "2.h5").unlink()
    written(folder / "2.h5", endless=True)
    written(folder / "4.h5")
    with pytest.raises(BadInput, match=r"HDF5 file is damaged \(reading it does not end\): .*2\.h5"):
        read_features(folder)
    assert len(looks) == 3  # of what is new together, which did not end; then of the one


def test_many_texts_that_are_one_long_text(tmp_path: Path) -> None:
    path = tmp_path / "f.h5"
    count = 4000
    with h5py.File(path, "w") as file:
        file.attrs["format"], file.attrs["version"] = "facerep/features", 1
        file["features"] = np.ones((count, 1), np.float32)
        names = file.create_dataset("names", (count,), h5py.string_dtype())
        names[:] = [b"x" * 1_000_000] + [b"y"] * (count - 1)
        place = names.id.get_offset()
    content = bytearray(path.read_bytes())
    content[place : place + 16 * count] = content[place : place + 16] * count  # 4 GB of 1
    path.write_bytes(content)
    with pytest.raises(BadInput, match="HDF5 file"):
        read_features(path)


def test_a_compressed_data_set_that_swells(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file.attrs["format"], file.attrs["version"] = "facerep/features", 1
        made = file.create_dataset("features", (1 << 17, 1 << 10), np.float32, chunks=(1024, 1024), compression="gzip")
        chunk = zlib.compress(bytes(1 << 22), 9)
        for row in range(0, 1 << 17, 1024):
            made.id.write_direct_chunk((row, 0), chunk)
        file["names"] = ["a", "b"]
    assert (tmp_path / "f.h5").stat().st_size < 1_000_000
    with pytest.raises(BadInput, match="data set claims 536870912 bytes"):
        read_features(tmp_path / "f.h5")


def test_what_others_compress_as_much_as_vectors_can_be_is_read(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(50, 20)).astype(np.float32)
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file.attrs["format"], file.attrs["version"] = "facerep/features", 1
        file.create_dataset("features", data=values, compression="gzip")
        file.create_dataset("names", data=[f"{face}" for face in range(50)], compression="gzip", chunks=(10,))
    assert (read_features(tmp_path / "f.h5").values == values).all()


def test_a_device_is_no_hdf5_file() -> None:
    with pytest.raises(BadInput, match="not an ordinary file"):
        read_features(Path("/dev/zero"))


def _ever() -> None:
    while True:
        pass


@pytest.mark.parametrize(
    ("look", "end"),
    [
        (lambda: None, End.WELL),
        (_ever, End.ENDLESS),
        (os.abort, End.CRASH),
        (lambda: bytearray(1 << 34), End.MEMORY),
        (lambda: 1 / 0, End.ERROR),
    ],
)
def test_how_a_look_ended_is_told_whatever_happens_to_the_child(look, end: End) -> None:
    assert read_in_child(look, 1000) == end


def test_a_look_ends_when_the_program_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "SECONDS", 60.0)
    stopped = signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(InterruptedError("stopped")))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(InterruptedError, match="stopped"):
            read_in_child(_ever, 1000)
    finally:
        signal.signal(signal.SIGALRM, stopped)
    with pytest.raises(ChildProcessError):  # it was ended, and waited for
        os.waitpid(-1, os.WNOHANG)
