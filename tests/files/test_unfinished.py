"""What is being made is hidden and locked; what a kill leaves is never read, and the next run clears it away."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from facerep.errors import BadInput, OutputExists
from facerep.files.atomic import replacing, write_text
from facerep.files.unfinished import visible, workplace


def test_what_a_kill_leaves_is_hidden_and_cleared_away_by_the_next_run(killed, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")

    def half_written(die: Callable[[], None]) -> None:
        with replacing(path, overwrite=True) as temporary:
            temporary.write_text("half")
            die()

    assert killed(half_written)
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 2
    assert visible(tmp_path.iterdir()) == [path]
    (tmp_path / ".a.csv.a1b2c3d4.csv").write_text("half, of an earlier version")
    write_text(path, "new", overwrite=True)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "new"


def test_hidden_files_of_others_stay(tmp_path: Path) -> None:
    others = [".a.csv.a1b2c3d4.txt", ".a.csv.notes.csv", ".b.csv.a1b2c3d4.csv", ".a.csv.local"]
    for name in others:
        (tmp_path / name).write_text("mine")
    folder = tmp_path / ".a.csv.a1b2c3d4.unfinished" / "mine"
    folder.mkdir(parents=True)
    (folder / "thesis.txt").write_text("mine")
    write_text(tmp_path / "a.csv", "new")
    assert {path.name for path in tmp_path.iterdir()} == {*others, "a.csv", ".a.csv.a1b2c3d4.unfinished"}
    assert (folder / "thesis.txt").read_text() == "mine"


def test_what_a_living_process_makes_is_not_cleared_away(tmp_path: Path) -> None:
    with workplace(tmp_path, "a.csv") as first:
        (first / "a.csv").write_text("half")
        with workplace(tmp_path, "a.csv") as second:
            assert (first / "a.csv").read_text() == "half"
            assert second != first
    assert list(tmp_path.iterdir()) == []


def test_of_many_writers_of_one_file_one_wins_and_the_others_are_told(tmp_path: Path) -> None:
    path, told, begun = tmp_path / "a.txt", [], threading.Barrier(8)

    def write(name: str) -> None:
        try:
            with replacing(path) as temporary:
                temporary.write_text(name)
                begun.wait()
        except OutputExists:
            told.append(name)

    threads = [threading.Thread(target=write, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 7
    assert path.read_text() not in told
    assert list(tmp_path.iterdir()) == [path]


def test_a_device_is_no_output(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadInput, match="output is a device"):
        write_text(tmp_path / "pipe", "text", overwrite=True)
