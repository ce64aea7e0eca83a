"""All pairs of codes on a Ray cluster: the result of one process, also when a worker is killed on the way."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

JUDGED = """
import os, signal, subprocess, sys, threading, time
import numpy as np
from facerep.ray_cluster import RayCluster
from facerep.codes import distance_histogram
from facerep.files.rows import Codes
from facerep.results.to_json import to_json
from facerep.studies.verification.verify import verify

killed = []

def workers():
    listed = subprocess.run(["ps", "-ww", "-eo", "pid,ppid,args"], capture_output=True, text=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()[1:]]
    raylets = {pid for pid, parent, _ in rows if parent == str(os.getpid())}
    return [int(pid) for pid, parent, name in rows if parent in raylets and "ray::_do" in name]

def kill_one():
    while not (found := workers()):
        time.sleep(0.05)
    os.kill(found[0], signal.SIGKILL)
    killed.append(found[0])

distance_histogram.TASK_PAIRS = 1 << 21  # tasks are cut here, whoever does them
draw, faces = np.random.default_rng(0), 15_000
codes = Codes(
    names=np.arange(faces).astype(str).astype(object), packed=draw.integers(0, 256, (faces, 64), np.uint8), bits=512,
    people=np.array([f"p{number}" for number in draw.integers(0, 3_000, faces)], dtype=object),
    thresholds=np.zeros(512, np.float32),
)
killer = threading.Thread(target=kill_one, daemon=True)
killer.start()
there = to_json(verify(codes, "all", machines=RayCluster()))
killer.join(10)
assert len(killed) == 1, killed
assert there == to_json(verify(codes, "all"))
"""


@pytest.mark.slow
@pytest.mark.skipif(find_spec("ray") is None, reason="ray is not installed: pip install -e '.[ray]'")
def test_a_killed_worker_changes_no_bit_of_the_result():
    run = subprocess.run([sys.executable, "-c", JUDGED], capture_output=True, text=True, timeout=280)
    assert (run.returncode, run.stderr) == (0, "")
