"""A run's small files, damaged: one line that says which, and nothing is lost."""

from pathlib import Path

import pytest

from facerep.errors import BadInput
from facerep.files import inputs
from facerep.training.held_out import read_held_out
from facerep.training.run_folder import open_run, read_people

TOLD = {"people.txt": "ana\nbo\n", "split.json": {"train": ["ana", "bo"]}, "environment.json": {"fingerprint": "f"}}
RECIPE = "[schedule]\nepochs = 2\n"


@pytest.mark.parametrize("name", ["recipe.toml", "people.txt"])
def test_a_damaged_text_is_told_and_the_run_is_left_as_it_is(tmp_path: Path, name: str) -> None:
    run = tmp_path / "run"
    open_run(run, RECIPE, TOLD, resume=False, overwrite=False)
    (run / name).write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match=rf"text is not UTF-8.*{name}"):
        open_run(run, RECIPE, TOLD, resume=True, overwrite=False)
    assert (run / name).read_bytes() == b"\xff\xfe"


def test_a_run_that_was_stopped_before_it_had_a_recipe_is_started_by_resume(tmp_path: Path) -> None:
    run = tmp_path / "run"
    open_run(run, RECIPE, TOLD, resume=False, overwrite=False)
    (run / "recipe.toml").unlink()
    with inputs.command():
        assert open_run(run, RECIPE, TOLD, resume=True, overwrite=False) is None
    assert (run / "recipe.toml").read_text() == RECIPE


@pytest.mark.parametrize("told", [b"\xff", b"{", b'{"weights": 1}'])
def test_damaged_held_out_accuracies_are_told(tmp_path: Path, told: bytes) -> None:
    (tmp_path / "held-out.json").write_bytes(told)
    with pytest.raises(BadInput, match=r"held-out accuracies are damaged \(.*held-out.json; train again"):
        read_held_out(tmp_path)


def test_a_label_may_hold_what_ends_a_line_elsewhere(tmp_path: Path) -> None:
    people = ["ana\u2028b", "bo\x0bc"]
    (tmp_path / "people.txt").write_text("".join(f"{person}\n" for person in people), encoding="utf-8")
    assert read_people(tmp_path / "people.txt") == people
