"""Shards by several processes of this machine: the bytes of one process, and no process left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from many import at_once, same, whole

from facerep.extraction.many.engines import engine_of
from facerep.extraction.many.extracting import ExtractJob
from facerep.extraction.many.work import here
from facerep.files.features import read_features

WORDS = ("--model", "pixels-32", "--device", "cpu", "--devices", "2")


def begin(shards, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "facerep", "extract", str(shards), "-o", "feats", *WORDS, *more], cwd=shards.parent,
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def children(pid: int) -> list[int]:
    """The processes that extract: they were begun by spawning, as the tracker of resources was not."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()[1:]]
    return [int(one) for one, parent, name in rows if parent == str(pid) and "spawn_main" in name]


def wait_for(what, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_one_device_is_this_process():
    assert engine_of("local") is here
    assert engine_of("local", devices=1) is here


@pytest.mark.slow
def test_two_processes_make_the_bytes_of_one(shards, tmp_path):
    run = begin(shards)
    out, err = run.communicate(timeout=240)
    assert run.returncode == 0, err
    assert [line.split()[0] for line in out.splitlines()][:3] == ["features", "shards", "done"]
    assert all(line.startswith("warning: no five points") for line in err.splitlines()), err
    assert same(read_features(tmp_path / "feats"), at_once(shards, ExtractJob(tmp_path / "feats", ("pixels-32",))))


@pytest.mark.slow
@pytest.mark.parametrize("how", ["a process is killed", "the first is killed", "Ctrl-C"])
def test_whatever_ends_it_leaves_no_process_and_resume_goes_on(shards, tmp_path, how):
    run = begin(shards)
    wait_for(lambda: len(children(run.pid)) == 2)
    there = children(run.pid)
    if how == "Ctrl-C":
        time.sleep(1)
        os.killpg(run.pid, signal.SIGINT)
    else:
        os.kill(there[0] if how == "a process is killed" else run.pid, signal.SIGKILL)
    _, err = run.communicate(timeout=120)
    if how == "a process is killed":
        last = "error: a process of the run ended; memory may be short; with --resume the work goes on"
        assert (run.returncode, err.splitlines()[-1]) == (1, last)
    if how == "Ctrl-C":
        last = "error: stopped; give the same command with --resume to go on"
        assert (run.returncode, err.splitlines()[-1]) == (130, last)
    wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in there), 30)
    run = begin(shards, "--resume")
    _, err = run.communicate(timeout=240)
    assert run.returncode == 0, err
    assert same(read_features(tmp_path / "feats"), at_once(shards, ExtractJob(tmp_path / "feats", ("pixels-32",))))


@pytest.mark.slow
def test_a_damaged_shard_is_named_by_whatever_process_has_it(shards):
    place = shards / "shard-000001.tar"
    place.write_bytes(place.read_bytes()[:40_000])
    run = begin(shards)
    out, err = run.communicate(timeout=240)
    assert (run.returncode, out) == (1, "")
    assert err.splitlines()[-1].startswith("error: 1 of 3 shards not done, shard-000001.tar (shard was changed since")


@pytest.mark.slow
def test_two_processes_align_the_faces_of_one(photographs, tmp_path):
    words = [sys.executable, "-m", "facerep", "align", str(photographs)]
    subprocess.run([*words, "-o", "one", "--workers", "0"], cwd=tmp_path, check=True, capture_output=True)
    run = subprocess.run([*words, "-o", "two", "--devices", "2"], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert whole(tmp_path / "two") == whole(tmp_path / "one")
