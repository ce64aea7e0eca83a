"""Extraction that was killed: what `--resume` goes on with, and what it does not."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from extracting import run

from facerep.errors import BadInput
from facerep.files.features import read_features

KILLED = """
import os, signal, sys
import torch
from facerep.extraction import blocks, extract as whole
from facerep.networks.weights import load_model
from facerep.readers.load import load
from pathlib import Path
die = lambda: os.kill(os.getpid(), signal.SIGKILL)
plain = blocks.Blocks.write
def extract(folder, model, output, when, point):
    written = 0
    def write(self, *arguments):
        nonlocal written
        written += 1
        if written == int(when) and point == "before":
            die()
        plain(self, *arguments)
        if written == int(when) and point == "after":
            die()
    blocks.Blocks.write = write
    if point == "joining":
        whole.write_features = lambda *a, **k: die()
    faces = load(folder)
    doing = whole.plan([load_model(model)], faces, crop="loose")
    whole.extract(faces, doing, Path(output), device=torch.device("cpu"), workers=0, batch_size=5, block=5)
for line in sys.stdin:
    child = os.fork()
    if not child:
        extract(*line.rstrip("\\n").split("\\t"))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def killed() -> Iterator[Callable[..., int]]:
    """Begin extractions that kill themselves, each in a process of its own; gives their exit codes.

    They are forked off one process that has imported torch, which takes far longer than they do.
    """
    with subprocess.Popen(
        [sys.executable, "-c", KILLED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None

        def begin(*arguments: object) -> int:
            parent.stdin.write("\t".join(map(str, arguments)) + "\n")
            parent.stdin.flush()
            return int(parent.stdout.readline())

        yield begin
        parent.stdin.close()
    assert parent.returncode == 0


@pytest.mark.parametrize(("when", "point"), [(1, "before"), (2, "after"), (5, "before"), (99, "joining")])
def test_after_kill_9_a_resumed_extraction_has_every_row_once(killed, people_folder, model, tmp_path, when, point):
    output = tmp_path / "f.h5"
    assert killed(people_folder, model, output, when, point) == -signal.SIGKILL
    assert not output.exists()
    run(people_folder, model, output, batch_size=5, block=5, resume=True)
    run(people_folder, model, tmp_path / "whole.h5", batch_size=5, block=5)
    resumed, whole = read_features(output), read_features(tmp_path / "whole.h5")
    assert list(resumed.names) == list(whole.names)
    np.testing.assert_array_equal(resumed.values, whole.values)
    assert sorted(path.name for path in tmp_path.glob("*f.h5*")) == ["f.h5"]


def test_an_unfinished_extraction_is_gone_on_from_only_when_asked_and_only_with_the_same_contract(
    killed, people_folder, model, tmp_path
):
    output = tmp_path / "f.h5"
    assert killed(people_folder, model, output, 3, "before") == -signal.SIGKILL
    with pytest.raises(BadInput, match="unfinished extraction.*--resume"):
        run(people_folder, model, output, batch_size=5, block=5)
    with pytest.raises(BadInput, match="made otherwise.*mirror was 'mean', now 'none'"):
        run(people_folder, model, output, batch_size=5, block=5, resume=True, mirror="none")
    run(people_folder, model, output, batch_size=5, block=5, overwrite=True)
    assert len(read_features(output)) == 24


def test_blocks_of_pictures_that_changed_since_are_not_joined(killed, people_folder, model, tmp_path):
    output = tmp_path / "f.h5"
    assert killed(people_folder, model, output, 3, "before") == -signal.SIGKILL
    picture = people_folder / "person_0" / "0.png"
    os.utime(picture, (1, 1))
    with pytest.raises(BadInput, match="made otherwise.*pictures was"):
        run(people_folder, model, output, batch_size=5, block=5, resume=True)
    (tmp_path / "f.h5.part" / "contract.json").unlink()
    with pytest.raises(BadInput, match="does not say how it was made"):
        run(people_folder, model, output, batch_size=5, block=5, resume=True)
