"""A result folder holds the old result or the new one, whole, whatever happens; and what is not ours stays."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from facerep.errors import BadInput, OutputExists, Stopped
from facerep.files.atomic import write_json, write_text
from facerep.files.folders import result_folder as outputs
from facerep.files.folders.result_folder import MANIFEST, finish, listed, refuse_folder, result_folder

FILES = ("result.json", "faces.csv", "extra-*.png")
OLD = {"result.json": "old", "faces.csv": "old", "extra-1.png": "old"}
NEW = {"result.json": "new", "faces.csv": "new", "extra-2.png": "new"}


def put(folder: Path, files: dict[str, str], *, overwrite: bool = False) -> None:
    with result_folder(folder, FILES, overwrite=overwrite) as place:
        for name, text in files.items():
            if name.endswith(".json"):
                write_json(place / name, {"format": "facerep/test", "version": 1, "text": text})
            else:
                write_text(place / name, text)


def held(folder: Path) -> dict[str, str]:
    """What a person sees in the folder."""
    told = {path.name: path.read_text() for path in folder.iterdir() if not path.name.startswith(".")}
    return {name: "old" if '"old"' in text else "new" if '"new"' in text else text for name, text in told.items()}


def hidden(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob(".*"))


def test_a_result_that_is_replaced_leaves_nothing_of_the_old_one_and_all_of_the_users(tmp_path: Path) -> None:
    put(tmp_path / "out", OLD)
    (tmp_path / "out" / "notes.txt").write_text("mine")
    (tmp_path / "out" / "people").mkdir()
    put(tmp_path / "out", NEW, overwrite=True)
    (tmp_path / "out" / "people").rmdir()
    assert held(tmp_path / "out") == {**NEW, "notes.txt": "mine"}
    assert listed(tmp_path / "out") == set(NEW)
    assert hidden(tmp_path) == [MANIFEST]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_kill_at_any_instant_leaves_the_old_result_or_the_new_one(killed, tmp_path, monkeypatch, overwrite):
    """Killed before and after each file that is opened, made, renamed or removed in the folder."""
    called = ("replace", "rename", "unlink", "rmdir", "mkdir", "open", "fsync")

    def work(instant: int, die: Callable[[], None], folder: Path) -> None:
        count = 0
        for name in called:
            plain = getattr(os, name)

            def counted(*given, plain=plain, **more):
                nonlocal count
                count += 1
                if count == instant:
                    die()
                return plain(*given, **more)

            monkeypatch.setattr(os, name, counted)
        put(folder, NEW, overwrite=overwrite)

    seen = set()
    for instant in range(1, 1000):
        folder = tmp_path / str(instant)
        if overwrite:
            put(folder, OLD)
        if not killed(lambda die, folder=folder, instant=instant: work(instant, die, folder)):
            break
        if folder.exists():
            finish(folder)  # as all that reads it does
            found = held(folder)
            assert found in ([OLD, NEW] if overwrite else [{}, NEW])
            seen.add(found.get("result.json"))
        put(folder, NEW, overwrite=True)
        assert held(folder) == NEW
        assert hidden(folder) == [MANIFEST]
    assert instant > 10
    assert seen == ({"old", "new"} if overwrite else {None, "new"})


@pytest.mark.parametrize("error", [Stopped(15), OSError(28, "No space left on device"), ValueError("a bug")])
def test_what_fails_while_it_is_written_leaves_the_old_result(tmp_path: Path, error: BaseException) -> None:
    def fail(folder: Path, *, overwrite: bool) -> None:
        with result_folder(folder, FILES, overwrite=overwrite) as place:
            write_text(place / "faces.csv", "half")
            raise error

    put(tmp_path / "out", OLD)
    with pytest.raises((type(error), BadInput)):
        fail(tmp_path / "out", overwrite=True)
    assert held(tmp_path / "out") == OLD
    with pytest.raises((type(error), BadInput)):
        fail(tmp_path / "deep" / "new", overwrite=False)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert hidden(tmp_path) == [MANIFEST]


def test_a_signal_while_files_are_put_in_place_is_heard_when_they_are(tmp_path, monkeypatch):
    put(tmp_path / "out", OLD)
    plain, times = os.replace, iter(range(9))

    def stopped(*given) -> None:
        if next(times) == 1:
            raise Stopped(2)
        plain(*given)

    monkeypatch.setattr(outputs.os, "replace", stopped)
    with pytest.raises(Stopped):
        put(tmp_path / "out", NEW, overwrite=True)
    assert held(tmp_path / "out") == NEW


def test_of_many_writers_one_wins_and_the_others_remove_nothing_of_it(tmp_path: Path) -> None:
    begun, refused = threading.Barrier(6), []

    def write(name: str) -> None:
        begun.wait()
        try:
            put(tmp_path / "out", {"result.json": "new", "faces.csv": name})
        except OutputExists as error:
            refused.append((name, str(error)))

    threads = [threading.Thread(target=write, args=(str(number),)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 5
    assert all("output exists: " in told for _, told in refused)
    found = held(tmp_path / "out")
    assert found["result.json"] == "new"
    assert found["faces.csv"] in set("012345") - {name for name, _ in refused}
    assert hidden(tmp_path) == [MANIFEST]


def test_a_file_of_the_users_in_the_way_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "faces.csv").write_text("mine")
    with pytest.raises(OutputExists):
        refuse_folder(tmp_path, FILES, overwrite=False)
    with pytest.raises(BadInput, match="not a file of facerep's, it is not replaced: .*faces.csv"):
        put(tmp_path, NEW, overwrite=True)
    put(tmp_path / "out", {"result.json": "old"})
    (tmp_path / "out" / "faces.csv").write_text("mine")
    with pytest.raises(BadInput, match="not a file of facerep's"):
        put(tmp_path / "out", NEW, overwrite=True)
    assert held(tmp_path / "out") == {"result.json": "old", "faces.csv": "mine"}


def test_a_result_of_an_earlier_version_which_has_no_list_is_replaced(tmp_path: Path) -> None:
    put(tmp_path, OLD)
    (tmp_path / MANIFEST).unlink()
    (tmp_path / ".faces.csv.a1b2c3d4.csv").write_text("half")
    put(tmp_path, NEW, overwrite=True)
    assert held(tmp_path) == NEW
    assert hidden(tmp_path) == [MANIFEST]


def test_a_list_that_is_no_file_or_too_long_for_one_lists_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / MANIFEST)
    assert listed(tmp_path) is None
    (tmp_path / MANIFEST).unlink()
    with (tmp_path / MANIFEST).open("wb") as stream:
        stream.truncate((1 << 26) + 1)
    assert listed(tmp_path) is None


@pytest.mark.parametrize(
    "names", [["../mine.txt", "/mine.txt", "", ".", "a/../../mine.txt", 3, "sub/mine.txt"], "mine"]
)
def test_a_list_that_leads_elsewhere_is_not_followed(tmp_path: Path, names: object) -> None:
    put(tmp_path / "out", OLD)
    (tmp_path / "out" / "sub").mkdir()
    for place in (tmp_path / "mine.txt", tmp_path / "out" / "sub" / "mine.txt"):
        place.write_text("mine")
    (tmp_path / "out" / "extra-1.png").unlink()
    write_json(tmp_path / "out" / MANIFEST, {"files": names}, overwrite=True)
    with pytest.raises(BadInput, match="not a file of facerep's"):
        put(tmp_path / "out", NEW, overwrite=True)
    assert (tmp_path / "mine.txt").exists()
    assert (tmp_path / "out" / "sub" / "mine.txt").exists()
