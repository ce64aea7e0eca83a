"""The one progress bar: to a person at a terminal only, never under -q, and one at a time."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from facerep.files.features import write_features
from facerep.files.rows import Features


@pytest.fixture
def terminal(tmp_path: Path):
    """Run Python with stderr on a terminal; gives what was written to stdout and to the terminal."""

    def run(*arguments: object) -> tuple[str, str]:
        ours, theirs = pty.openpty()
        written = bytearray()

        def read() -> None:
            try:
                while block := os.read(ours, 4096):
                    written.extend(block)
            except OSError:  # EIO: the last process that had the terminal open has ended
                pass

        reader = threading.Thread(target=read)
        reader.start()
        environment = {**os.environ, "TERM": "xterm", "FACEREP_CACHE": str(tmp_path / "cache")}
        done = subprocess.run(
            [sys.executable, *map(str, arguments)], cwd=tmp_path, stdout=subprocess.PIPE, stderr=theirs, text=True,
            timeout=120, env=environment, check=False,
        )  # fmt: skip
        os.close(theirs)
        reader.join()
        os.close(ours)
        assert done.returncode == 0, written
        return done.stdout, written.decode()

    return run


@pytest.mark.parametrize(
    ("command", "bar"),
    [
        (["search", "f.h5", "f.h5"], "search f.h5"),
        pytest.param(
            ["codes-table", "f.h5", "--fit-on", "f.h5", "--bits", "4", "--gallery", "10"],
            "codes-table",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_bar_is_drawn_on_a_terminal_and_none_under_q(terminal, tmp_path, command, bar):
    random = np.random.default_rng(0)
    people = np.repeat([f"p{k}" for k in range(6)], 4).astype(object)
    names = np.array([f"{person}/{k}.png" for k, person in enumerate(people)], dtype=object)
    values = (np.repeat(random.normal(size=(6, 8)), 4, axis=0) + random.normal(size=(24, 8))).astype(np.float32)
    write_features(Features(values=values, names=names, people=people), tmp_path / "f.h5")
    (result, drawn), (same, quiet) = (terminal("-m", "facerep", *first, *command) for first in ([], ["-q"]))
    assert bar in drawn
    assert "━" in drawn
    assert result.splitlines()[0] == same.splitlines()[0]  # -q leaves the result
    assert "━" not in quiet
    assert "\x1b" not in quiet


def test_work_within_work_has_no_bar_of_its_own(terminal):
    program = (
        "from facerep.progress import progress\n"
        "with progress('outer', 2) as outer, progress('inner', 2) as inner:\n    inner(2)\n    outer(2)\n"
        "with progress('after', 1) as after:\n    after(1)\n"
    )
    drawn = terminal("-c", program)[1]
    assert "outer" in drawn
    assert "inner" not in drawn
    assert "after" in drawn
