"""A rendered set: the same bytes however it is made; what was stopped goes on; what is in the way stays."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from facerep.errors import BadInput, Mismatch, NotAvailable, OutputExists
from facerep.rendering import render as module
from facerep.rendering.assets import write_assets
from facerep.rendering.render import Rendered, render_set
from facerep.rendering.set_files import PICTURES
from tiny_head import tiny_head


@pytest.fixture(scope="module")
def head(tmp_path_factory) -> Path:
    """The drawn head's file."""
    path = tmp_path_factory.mktemp("head") / "head.npz"
    write_assets(path, tiny_head())
    return path


def render(folder: Path, head: Path, people: int = 2, **options) -> Rendered:
    return render_set(folder, head, **{"people": people, "seed": 0, "size": 16, "workers": 0, **options})


@pytest.fixture(scope="module")
def whole(tmp_path_factory, head) -> Path:
    """A set of two people; not to be changed."""
    folder = tmp_path_factory.mktemp("set") / "rendered"
    result = render(folder, head)
    assert (result.people, result.rendered, result.pictures) == (2, 2, 2 * PICTURES)
    return folder


@pytest.fixture
def folder(whole, tmp_path) -> Path:
    """The test's own copy of it."""
    return Path(shutil.copytree(whole, tmp_path / "rendered"))


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_set_says_what_it_is(whole):
    assert sorted(content(whole)) == ["001.tar", "002.tar", "NOTICE.md", "faces.csv", "rendered.json"]
    about = json.loads((whole / "rendered.json").read_text())
    assert (about["format"], about["complete"], about["seed"], about["size"]) == ("facerep/rendered", True, 0, 16)
    assert about["sources"] == {"drawn by": "the tests"}
    assert about["numpy"]
    notice = (whole / "NOTICE.md").read_text()
    assert "do not exist" in notice
    assert "CC0" in notice
    assert "inferred" in notice
    assert "no\nviewer's judgement" in notice


def test_two_processes_give_the_same_bytes_as_none(whole, head, tmp_path):
    render(tmp_path / "again", head, workers=2)
    assert content(tmp_path / "again") == content(whole)


def test_fewer_people_are_the_first_of_more(whole, head, tmp_path):
    render(tmp_path / "one", head, people=1)
    assert (tmp_path / "one" / "001.tar").read_bytes() == (whole / "001.tar").read_bytes()


@pytest.mark.parametrize("what", ["absent", "changed", "cut short", "longer"])
def test_resume_renders_a_shard_that_is_not_as_it_was(folder, head, what):
    before = content(folder)
    shard = folder / "002.tar"
    if what == "absent":
        shard.unlink()
    else:
        held = bytearray(shard.read_bytes())
        held[300_000] ^= 1
        shard.write_bytes({"changed": held, "cut short": held[:9999], "longer": held + b"x"}[what])
    assert render(folder, head, resume=True).rendered == 1
    assert content(folder) == before
    assert render(folder, head, resume=True).rendered == 0


def test_what_was_stopped_goes_on(whole, head, tmp_path, monkeypatch):
    def stop(path, *others):
        if path.name == "002.tar":
            raise KeyboardInterrupt
        write(path, *others)

    write = module.write_shard
    monkeypatch.setattr(module, "write_shard", stop)
    place = tmp_path / "rendered"
    with pytest.raises(KeyboardInterrupt):
        render(place, head)
    assert sorted(content(place)) == ["001.tar", "rendered.json"]
    monkeypatch.undo()
    with pytest.raises(BadInput, match="unfinished rendering: .*; give --resume to go on"):
        render(place, head)
    assert render(place, head, resume=True).rendered == 1
    assert content(place) == content(whole)


def test_a_kill_leaves_whole_shards(whole, head, tmp_path, killed):
    place = tmp_path / "rendered"

    def work(die):
        write = module.write_shard

        def dying(path, *others):
            if path.name == "002.tar":
                (path.parent / ".002.tar.abcdefgh.unfinished").mkdir()
                die()
            write(path, *others)

        module.write_shard = dying
        render(place, head)

    assert killed(work)
    assert render(place, head, resume=True).rendered == 1
    assert content(place) == content(whole)


def test_another_plan_is_refused(folder, head):
    for options in ({"people": 3}, {"seed": 1}, {"size": 32}):
        with pytest.raises(Mismatch, match=f"of another plan: {next(iter(options))} is .* there, .* here"):
            render(folder, head, resume=True, **options)
    about = json.loads((folder / "rendered.json").read_text())
    for key in ("assets", "numpy"):
        (folder / "rendered.json").write_text(json.dumps({**about, key: "another"}))
        with pytest.raises(Mismatch, match=f"of another plan: {key} is another there"):
            render(folder, head, resume=True)


def test_a_set_is_in_the_way_and_overwrite_replaces_it(folder, head):
    with pytest.raises(OutputExists):
        render(folder, head)
    assert render(folder, head, people=1, overwrite=True).rendered == 1
    assert "002.tar" not in content(folder)


@pytest.mark.parametrize("name", ["photo.jpg", "notes.txt", "01.tar"])
def test_a_folder_with_other_files_is_left_alone(folder, head, name):
    (folder / name).write_text("mine")
    before = content(folder)
    for options in ({}, {"overwrite": True}, {"resume": True}):
        with pytest.raises(BadInput, match=f"holds what is no rendered set's.*{name}"):
            render(folder, head, **options)
    assert content(folder) == before
    alone = folder.parent / "alone"
    alone.mkdir()
    (alone / "001.tar").write_text("mine")  # called as ours are, but of no set
    with pytest.raises(BadInput, match="001.tar"):
        render(alone, head, overwrite=True)


def test_no_assets_no_folder(tmp_path):
    with pytest.raises(NotAvailable):
        render(tmp_path / "rendered", tmp_path / "head.npz")
    assert not (tmp_path / "rendered").exists()
