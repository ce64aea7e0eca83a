"""Training with threads as facerep sets them, against those of the libraries: quiet, and beside other work.

Each side is a process of its own, since libraries read the environment when they are loaded; both stay, and train one
epoch in turn. The other work is one process that computes without end, as an installer or a compiler does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from facerep import threads
from row import Row, row

QUIET_AIM, BUSY_AIM, PEOPLE, PICTURES, QUIET_ROUNDS, BUSY_ROUNDS = 0.97, 3.0, 64, 32, 9, 5


def measure(
    people: int = PEOPLE, pictures: int = PICTURES, quiet: int = QUIET_ROUNDS, busy: int = BUSY_ROUNDS
) -> list[Row]:
    """Images a second with our threads over those with the libraries' threads.

    Args:
        people, pictures: of training; a round is one epoch, people * pictures / 128 steps.
        quiet, busy: how often both sides train, one after another, without and with other work.
    """
    with _side(True, people, pictures) as ours, _side(False, people, pictures) as theirs:
        alone = [(_epoch(ours)[0], _epoch(theirs)[0]) for _ in range(quiet)]
        with _other_work():
            beside = [(_epoch(ours)[0], _epoch(theirs)[0]) for _ in range(busy)]
        images, peak_mb = _epoch(ours)[1:]
    return [
        _row("training, quiet", alone, QUIET_AIM, images, peak_mb),
        _row("training beside a busy process", beside, BUSY_AIM, images, peak_mb),
    ]


def _row(what: str, times: list[tuple[float, float]], aim: float, images: float, peak_mb: float) -> Row:
    ours, theirs = np.array(times).T
    note = f"{images / np.median(ours):,.0f} against {images / np.median(theirs):,.0f} images/s"
    return row(f"{what}: threads of facerep / of the libraries", theirs / ours, aim, peak_mb, note)


@contextmanager
def _side(ours: bool, people: int, pictures: int) -> Iterator[subprocess.Popen]:
    """A process that trains an epoch for each line that it is given."""
    environment = {name: value for name, value in os.environ.items() if name not in (*threads.COUNTS, *threads.WAITING)}
    command = [sys.executable, "epochs.py", "facerep" if ours else "libraries", str(people), str(pictures)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=Path(__file__).parent
    ) as process:
        try:
            _epoch(process)  # the first one is slower
            yield process
        finally:
            process.kill()


def _epoch(process: subprocess.Popen) -> list[float]:
    """Seconds, images and the process's peak memory."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    found = process.stdout.readline()
    time.sleep(0.1)  # the other side's threads may still be spinning
    return [float(figure) for figure in found.split()]


@contextmanager
def _other_work() -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        try:
            yield
        finally:
            process.kill()
