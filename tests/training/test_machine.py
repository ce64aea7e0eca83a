"""Processes of one run: whether another one is gone is asked of the processes, not read from an error's words."""

import os
import signal
import subprocess
import sys

import pytest

from facerep.training.machine import another_ended

WORKER = """
import os, sys, time
from torch import distributed
from facerep.training.machine import another_ended

rank = int(os.environ["RANK"])
distributed.init_process_group("gloo", init_method=f"file://{sys.argv[1]}", rank=rank, world_size=2)
distributed.barrier()
if rank == 0:
    print("ready", flush=True)
    time.sleep(60)
print(another_ended(patience=0.5), flush=True)
sys.stdin.readline()
print(another_ended(patience=30.0), flush=True)
os._exit(0)
"""


def test_a_process_alone_has_no_other_that_could_have_ended():
    assert not another_ended()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="processes are killed")
def test_a_process_that_was_killed_is_noticed_and_one_that_is_busy_is_not(tmp_path):
    (tmp_path / "worker.py").write_text(WORKER)
    first, second = (
        subprocess.Popen(
            [sys.executable, "worker.py", str(tmp_path / "meeting")], cwd=tmp_path, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "RANK": str(rank)},
        )
        for rank in (0, 1)
    )  # fmt: skip
    with first, second:
        assert second.stdout.readline() == "False\n"
        first.send_signal(signal.SIGKILL)
        first.wait()
        second.stdin.write("\n")
        second.stdin.flush()
        assert second.stdout.readline() == "True\n"
