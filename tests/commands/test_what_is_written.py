"""What commands write: nothing of the user's is lost, and a kill, a full disk or a rival costs no result."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from facerep.files.contract import Contract
from facerep.files.features import write_features
from facerep.files.rows import Features
from facerep.files.unfinished import visible

SMALL = ("--network", "deepid-31x31", "--batch-size", 16, "--device", "cpu", "--workers", 0, "--epochs", 1)
PIXELS = ("--model", "pixels", "--workers", 0)


@pytest.fixture
def features(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    people = np.repeat([f"p{k}" for k in range(10)], 5).astype(object)
    names = np.array([f"{person}/{k}.png" for k, person in enumerate(people)], dtype=object)
    values = np.repeat(rng.normal(size=(10, 16)), 5, axis=0) + 0.5 * rng.normal(size=(50, 16))
    labels = {"smiling": np.where(rng.random(50) < 0.5, 1, -1).astype(np.int8)}
    contract = Contract(network="deepid2", layer="feature", rule="> 0", crop="points@55x47/1", mirror="mean")
    given = Features(values=values.astype(np.float32), names=names, people=people, labels=labels, contract=contract)
    write_features(given, tmp_path / "f.h5")
    return tmp_path / "f.h5"


def held(folder: Path) -> dict[str, bytes]:
    """All files below a folder, hidden ones too."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def bare(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")}


# what is not ours


@pytest.mark.usefixtures("people_folder")
def test_training_into_the_folder_of_the_photographs_removes_none_of_them(here, tmp_path):
    (tmp_path / "recipe.toml").write_text('base = "modern"\n')
    shutil.rmtree(tmp_path / "cache", ignore_errors=True)
    before = held(tmp_path)
    for output in (".", "people"):
        run = here("train", "people", "--recipe", "recipe.toml", *SMALL, "-o", output, "--overwrite")
        assert run.code == 1
        assert "folder holds what no run does, it is not removed: " in run.error
    shutil.rmtree(tmp_path / "cache")
    assert held(tmp_path) == before
    # a folder of which nothing is known but a recipe, which a user wrote
    (tmp_path / "mine").mkdir()
    shutil.copy(tmp_path / "recipe.toml", tmp_path / "mine")
    run = here("train", "people", *SMALL, "-o", "mine", "--overwrite")
    assert run.error == "error: folder is not a run, it is not removed: mine; give another --output"
    run = here("train", "people", *SMALL, "--recipe", "mine/recipe.toml", "-o", "mine", "--overwrite")
    assert run.error == "error: what is read cannot be replaced: mine/recipe.toml; give another --output"
    assert bare(tmp_path / "mine") == {"recipe.toml"}


@pytest.mark.usefixtures("people_folder")
def test_a_run_is_removed_by_its_files_and_only_where_nothing_else_lies_there(here, tmp_path):
    assert here("train", "people", *SMALL, "-o", "run").code == 0
    (tmp_path / "run" / "thesis").mkdir()
    (tmp_path / "run" / "thesis" / "thesis.txt").write_text("mine")
    before = held(tmp_path / "run")
    run = here("train", "people", *SMALL, "--seed", 1, "-o", "run", "--overwrite")
    assert run.error.startswith("error: folder holds what no run does, it is not removed: run/thesis/thesis.txt; move")
    run = here("train", "people", *SMALL, "--set", "network.start=run", "-o", "run", "--overwrite")
    assert run.code == 1
    assert held(tmp_path / "run") == before
    (tmp_path / "run" / "thesis" / "thesis.txt").unlink()
    (tmp_path / "run" / ".model.safetensors.a1b2c3d4.safetensors").write_text("half, left by a kill")
    assert here("train", "people", *SMALL, "--seed", 1, "-o", "run", "--overwrite").code == 0
    assert held(tmp_path / "run").keys() == before.keys() - {"thesis/thesis.txt"}


@pytest.mark.usefixtures("people_folder")
def test_an_extraction_removes_no_part_folder_that_is_not_its_own(here, tmp_path):
    part = tmp_path / "f.h5.part"
    part.mkdir()
    for name, text in (("thesis.txt", "mine"), ("contract.json", '{"between": "me and you"}')):
        (part / name).write_text(text)
        for more in ((), ("--overwrite",), ("--resume",)):
            run = here("extract", "people", *PIXELS, "-o", "f.h5", *more)
            assert run.code == 1
            assert f"folder holds what no unfinished extraction does, it is not removed: f.h5.part/{name}" in run.error
        assert bare(part) == {name}
        (part / name).unlink()
    assert here("extract", "people", *PIXELS, "-o", "f.h5").code == 0
    assert not part.exists()


# what is read


@pytest.mark.usefixtures("people_folder")
def test_no_input_of_an_extraction_is_replaced(here, tmp_path):
    rows = [f"person_{k}/{i}.png,p{k}" for k in range(6) for i in range(4)]
    (tmp_path / "people" / "faces.csv").write_text("\n".join(["path,person", *rows]) + "\n")
    assert here("train", "people", *SMALL, "-o", "run").code == 0
    (tmp_path / "link.csv").symlink_to(tmp_path / "people" / "faces.csv")
    shutil.rmtree(tmp_path / "cache")
    before = held(tmp_path)
    for data, output, model in (
        ("people/faces.csv", "people/faces.csv", "pixels"),
        ("link.csv", "people/faces.csv", "pixels"),
        ("people/faces.csv", "people/person_0/0.png", "pixels"),
        ("people", "people/person_0/0.png", "pixels"),
        ("people", "run/model.safetensors", "run"),
    ):
        run = here("extract", data, "--model", model, "--workers", 0, "-o", output, "--overwrite")
        assert (run.code, run.stdout) == (1, "")
        assert run.error == f"error: what is read cannot be replaced: {output}; give another --output"
        shutil.rmtree(tmp_path / "cache", ignore_errors=True)
        assert held(tmp_path) == before
    # a file that is not read may stand beside what is
    for output in ("people/f.h5", "run/f.h5"):
        for _ in range(2):
            assert here("extract", "people", "--model", "run", "--workers", 0, "-o", output, "--overwrite").code == 0


def test_no_result_that_is_read_is_replaced(here, features, tmp_path):
    assert here("verify", features, "--far", "0.1", "-o", "rv").code == 0
    assert here("verify", features, "--far", "0.1", "-o", "rw").code == 0
    assert here("analyze", "sparseness", "f.h5", "-o", "rs").code == 0
    (tmp_path / "features.h5").write_bytes(features.read_bytes())
    (tmp_path / "names.txt").write_text("a\n")
    before = held(tmp_path)
    for command in (
        ("verify", features, "--threshold-from", "rv", "-o", "rv"),
        ("verify", features, "--threshold-from", "rv/result.json", "-o", "rv"),
        ("report", "rv", "rw", "-o", "rv"),
        ("analyze", "claims", "rv", "rs", "-o", "rs"),
        ("analyze", "claims", "rv", "rs/result.json", "-o", "rs"),
        ("fit", features, "-o", features),
        ("binarize", "f.h5", "--from", "features.h5", "-o", "features.h5"),
        ("search", "f.h5", "features.h5", "-o", "features.h5"),
        ("import", "vectors.npy", "--names", "names.txt", "-o", "names.txt"),
    ):
        run = here(*command, "--overwrite")
        assert run.code == 1, command
        assert "output is a file" in run.error or "what is read cannot be replaced: " in run.error, run.error
        assert held(tmp_path) == before
    assert here("report", "rv", "rw", "-o", "rv/page.html").code == 0
    assert here("report", "rv", "rw", "-o", "rv/page.html", "--overwrite").code == 0


# full disks and kills


COMMANDS = {
    "verify": ("verify", "f.h5", "--far", "0.1"),
    "identify": ("identify", "f.h5", "--far", "0.5"),
    "attributes": ("attributes", "fit", "f.h5", "--split-by", "people", "--cost", "0.1"),
    "sparseness": ("analyze", "sparseness", "f.h5"),
    "selectiveness": ("analyze", "selectiveness", "f.h5", "--shuffles", 20),
    "claims": ("analyze", "claims", "rs"),
    "codes-table": ("codes-table", "f.h5", "--fit-on", "g.h5", "--gallery", 200, "--bits", 64),
    "report": ("report", "rv", "rv"),
}


@pytest.mark.usefixtures("features")
@pytest.mark.parametrize("name", COMMANDS)
def test_on_a_full_disk_the_old_result_stays_whole_and_of_a_new_one_nothing(here, full_disk, tmp_path, name):
    command = COMMANDS[name]
    if name == "codes-table":
        for file, first, seed in (("f.h5", 50, 2), ("g.h5", 0, 1)):
            rng = np.random.default_rng(seed)
            people = np.repeat([f"p{first + k:02}" for k in range(30)], 5).astype(object)
            names = np.array([f"{person}/{k}.png" for k, person in enumerate(people)], dtype=object)
            values = np.repeat(rng.normal(size=(30, 70)), 5, axis=0) + 1.3 * rng.normal(size=(150, 70))
            contract = Contract(network="deepid2", layer="feature", rule="> 0")
            given = Features(values=values.astype(np.float32), names=names, people=people, contract=contract)
            write_features(given, tmp_path / file, overwrite=True)
    if name == "report":
        assert here("verify", "f.h5", "--far", "0.1", "-o", "rv").code == 0
    if name == "claims":
        assert here("analyze", "sparseness", "f.h5", "-o", "rs").code == 0
    run = here(*command, "-o", "out")
    assert run.code == 0, run.stderr
    before = held(tmp_path)
    largest = max(len(content) for content in held(tmp_path / "out").values())
    for size in (0, largest // 2):
        for more in (("-o", "out", "--overwrite"), ("-o", "new")):
            with full_disk(size):
                run = here(*command, *more)
            assert run.code == 1
            assert "cannot write (File too large)" in run.error
            assert "nothing was left behind" in run.error
            assert held(tmp_path) == before
            assert not (tmp_path / "new").exists()
    assert here(*command, "-o", "out", "--overwrite").code == 0


def test_what_a_kill_left_is_no_candidate_and_on_no_page(here, features, tmp_path):
    (tmp_path / ".codes.h5.a1b2c3d4.h5").write_bytes(features.read_bytes())
    (tmp_path / ".codes.h5.a1b2c3d4.unfinished").mkdir()
    (tmp_path / ".codes.h5.a1b2c3d4.unfinished" / "codes.h5").write_bytes(features.read_bytes())
    assert here("verify", "--far", "0.1").code == 0
    assert here("binarize", "f.h5", "-o", "codes.h5").code == 0
    assert {path.name for path in tmp_path.glob(".*")} == set()
    assert here("analyze", "sparseness", "f.h5", "-o", "rs").code == 0
    assert here("report", "rs", "-o", "clean.html").code == 0
    (tmp_path / "rs" / ".units.csv.zzzzzzzz.csv").touch()
    (tmp_path / "rs" / ".sparseness.png.a1b2c3d4.png").write_bytes(b"half")
    (tmp_path / "rs" / ".result.a1b2c3d4.unfinished").mkdir()
    (tmp_path / "rs" / ".result.a1b2c3d4.unfinished" / "faces.csv").write_text("half")
    assert here("report", "rs", "-o", "clean.html", "--overwrite").code == 0
    assert "half" not in (tmp_path / "clean.html").read_text(encoding="utf-8")
    assert here("analyze", "sparseness", "f.h5", "-o", "rs", "--overwrite").code == 0
    assert {path.name for path in (tmp_path / "rs").glob(".*")} == {".facerep-files.json"}


@pytest.mark.parametrize("left", ["people.txt", ".people.txt.z90cnz8l.txt", ".result.a1b2c3d4.unfinished"])
@pytest.mark.parametrize("option", ["--resume", "--overwrite"])
@pytest.mark.usefixtures("people_folder")
def test_a_run_that_was_killed_before_it_had_a_recipe_is_started(here, tmp_path, left, option):
    place = tmp_path / "run" / left
    place.parent.mkdir()
    if left == "people.txt":
        place.write_text("".join(f"person_{k}\n" for k in (0, 1, 2, 3, 4)) if option == "--overwrite" else "")
    elif left.endswith("unfinished"):
        place.mkdir()
        (place / "people.txt").write_text("half")
    else:
        place.touch()
    run = here("train", "people", *SMALL, "-o", "run", option)
    if left == "people.txt" and option == "--resume":
        assert run.error.startswith("error: people.txt differs from this run's")
        return
    assert run.code == 0
    assert not list((tmp_path / "run").glob(".*"))
    assert here("train", "people", *SMALL, "-o", "run", "--resume").code == 0


@pytest.mark.usefixtures("people_folder")
def test_a_training_that_is_killed_while_its_folder_is_made_can_be_resumed(here, killed, tmp_path, monkeypatch):
    from facerep.training import run_folder

    plain = run_folder.write_json
    for count in (1, 2):
        times = iter(range(count))

        def work(die: Callable[[], None], times=times) -> None:
            def write(*given) -> None:
                if next(times, None) is None:
                    die()
                plain(*given)

            monkeypatch.setattr(run_folder, "write_json", write)
            here("train", "people", *SMALL, "-o", "run")

        assert killed(work) == (count == 1)
        if count == 1:
            assert visible((tmp_path / "run").iterdir()) == []
            assert here("train", "people", *SMALL, "-o", "run", "--resume").code == 0
            shutil.rmtree(tmp_path / "run")


@pytest.mark.parametrize("instant", ["before", "first", "contract", "folder"])
@pytest.mark.usefixtures("people_folder")
def test_a_kill_after_the_file_is_whole_is_tidied_up_by_resume(here, killed, tmp_path, monkeypatch, instant):
    from facerep.extraction import blocks

    command = ("extract", "people", *PIXELS, "-o", "f.h5")

    def work(die: Callable[[], None]) -> None:
        if instant == "before":
            monkeypatch.setattr(blocks.Blocks, "remove", lambda _: die())
        plain = Path.rmdir if instant == "folder" else Path.unlink

        def then(path: Path, *given, **more) -> None:
            if instant == "folder" and path.name == "f.h5.part":
                die()
            plain(path, *given, **more)
            if path.parent.name == "f.h5.part" and (instant, path.name) in (
                ("first", "block-000000.npz"),
                ("contract", "contract.json"),
            ):
                die()

        monkeypatch.setattr(Path, "rmdir" if instant == "folder" else "unlink", then)
        here(*command)

    assert killed(work)
    assert (tmp_path / "f.h5.part").exists()
    before = (tmp_path / "f.h5").read_bytes()
    run = here(*command, "--resume")
    assert run.code == 0, run.stderr
    assert "f.h5 was whole already" in run.stderr
    assert not (tmp_path / "f.h5.part").exists()
    assert (tmp_path / "f.h5").read_bytes() == before
    assert here(*command, "--resume").code == 1


@pytest.mark.usefixtures("people_folder")
def test_blocks_of_another_extraction_are_not_taken_for_those_of_the_file(here, killed, features, tmp_path):
    from facerep.extraction import blocks

    def work(die: Callable[[], None]) -> None:
        blocks.Blocks.remove = lambda _: die()  # pyright: ignore[reportAttributeAccessIssue]
        here("extract", "people", *PIXELS, "-o", "g.h5")

    assert killed(work)
    shutil.copy(features, tmp_path / "g.h5")
    run = here("extract", "people", *PIXELS, "-o", "g.h5", "--resume")
    assert run.error.startswith("error: output exists: g.h5")
    assert (tmp_path / "g.h5").read_bytes() == features.read_bytes()
    assert (tmp_path / "g.h5.part" / "contract.json").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("features")
@pytest.mark.parametrize("command", ["verify", "sparseness"])
def test_of_two_that_write_one_result_at_once_one_wins_and_its_result_stays(facerep, tmp_path, command):
    import threading

    for number in range(5):
        runs = []

        def begin(number=number, runs=runs) -> None:
            runs.append(facerep(*COMMANDS[command], "-o", f"out{number}"))

        threads = [threading.Thread(target=begin) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(run.code for run in runs) == [0, 1]
        lost = next(run for run in runs if run.code == 1)
        assert f"error: output exists: out{number}/" in lost.stderr
        told = (tmp_path / f"out{number}" / ".facerep-files.json").read_text()
        for path in visible((tmp_path / f"out{number}").iterdir()):
            assert path.name in told
            assert path.stat().st_size > 0
        assert (tmp_path / f"out{number}" / "result.json").exists()
