"""Pictures through worker processes: order, failures, and what happens when a worker dies."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facerep.errors import FacerepError
from facerep.faces.crops import CannotCrop
from facerep.faces.table import make_faces
from facerep.readers.decode_many import pictures


def corner(shift: int, picture: np.ndarray, marks: np.ndarray) -> np.ndarray:
    if picture[0, 0, 0] == 13:
        raise CannotCrop("unlucky")
    assert marks.shape == (7, 2)
    return picture[:1, :1] + np.uint8(shift)


def die(_picture: np.ndarray, _points: np.ndarray) -> np.ndarray:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


@pytest.fixture
def faces(tmp_path):
    paths = []
    for number in range(150):
        paths.append(tmp_path / f"{number}.png")
        if number != 77:
            Image.new("RGB", (4, 4), (number, 0, 0)).save(paths[-1])
    return make_faces("folders", [path.name for path in paths], [""] * len(paths), paths)


@pytest.mark.parametrize("workers", [0, 2])
def test_rows_come_in_order_with_results_or_reasons(faces, workers):
    answers = list(pictures(faces, functools.partial(corner, 5), workers=workers))
    assert [row for row, _ in answers] == list(range(150))
    for row, answer in answers:
        if row == 77:
            assert answer == "no such file"
        elif row == 13:
            assert answer == "unlucky"
        else:
            assert answer.dtype == np.uint8
            assert answer[0, 0].tolist() == [row + 5, 5, 5]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_worker_that_is_killed_is_one_clear_error(faces):
    with pytest.raises(FacerepError, match=r"a worker that decodes pictures died; .*--workers"):
        list(pictures(faces, die, workers=1))


def test_whoever_stops_reading_leaves_no_process_behind(faces):
    answers = pictures(faces, functools.partial(corner, 0), workers=1)
    assert next(answers)[0] == 0
    answers.close()
    import multiprocessing

    assert not multiprocessing.active_children()


def test_what_a_worker_imports_has_no_torch():
    code = "import sys, facerep.readers.decode_many, facerep.readers.load; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


SLOW = """
import multiprocessing, sys, time
from pathlib import Path
from facerep.faces.table import make_faces
from facerep.readers.decode_many import pictures

def slow(picture, points):
    time.sleep(0.02)
    return picture

if __name__ == "__main__":
    paths = sorted(Path(sys.argv[1]).glob("*.png"))
    faces = make_faces("folders", [path.name for path in paths], [""] * len(paths), paths)
    answers = pictures(faces, slow, workers=1)
    next(answers)
    print(*[child.pid for child in multiprocessing.active_children()], flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_workers_end_when_their_parent_is_killed(faces, tmp_path):
    script = tmp_path / "slow.py"
    script.write_text(SLOW)
    folder = faces.paths[0].parent
    for path in faces.paths[40:]:
        path.unlink(missing_ok=True)
    parent = subprocess.Popen([sys.executable, script, folder], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    workers = [int(number) for number in parent.stdout.readline().split()]
    assert workers
    parent.kill()
    parent.wait()
    parent.stdout.close()

    def alive(worker: int) -> bool:
        stat = Path(f"/proc/{worker}/stat")
        return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"

    deadline = time.monotonic() + 20
    while any(map(alive, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(alive, workers))
