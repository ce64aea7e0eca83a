"""The first look: a stranger's file is read in a child process first, which may hang, crash or swell without harm.

A library that is stuck in a damaged file answers no signal; its process is ended from outside. The child is a fork: it
needs some milliseconds and no start of Python. Where a system has no fork there is no first look.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import warnings
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import Any, NoReturn

SECONDS = 3.0
"""Of processor time that a look may take, whatever the file's size; a busy machine does not shorten it."""
BYTES_A_SECOND = 10_000_000
"""Of a file's size that give the look another second each."""
MEMORY = 1 << 29
"""Bytes that a look may take, whatever the file's size."""
TIMES = 8
"""Bytes of memory that each byte of the file gives the look: a short text in a list of texts takes the most."""


class End(IntEnum):
    """How a look ended."""

    WELL = 0
    MEMORY = 3
    ERROR = 4
    ENDLESS = 5
    CRASH = 6


def first_look(look: Callable[[], Any], size: int) -> End:
    """Run `look` in a child process, and tell how it ended; what it gives is lost.

    Args:
        look: reads the file; touches nothing else.
        size: bytes of the file, which set how long and how much it may take.
    """
    if not hasattr(os, "fork") or sys.platform == "win32":
        return End.WELL
    try:
        with warnings.catch_warnings():
            # other threads may hold locks: the child uses none of theirs, it reads one file and ends
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
    except OSError:  # no process more is allowed here
        return End.WELL
    if child == 0:
        _child(look, size)
    try:
        _, status = os.waitpid(child, 0)  # a signal's handler runs here and may raise
    except BaseException:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    if os.WIFEXITED(status):
        return End(os.WEXITSTATUS(status))
    return End.ENDLESS if os.WTERMSIG(status) == signal.SIGPROF else End.CRASH


def _child(look: Callable[[], Any], size: int) -> NoReturn:
    end = End.ERROR
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPROF):
            signal.signal(number, signal.SIG_DFL)
        faulthandler.disable()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what the library has to say about a damaged file
        _bound(size)
        look()
        end = End.WELL
    except MemoryError:
        end = End.MEMORY
    finally:
        os._exit(end)  # nothing of the parent's is tidied up, flushed or told


def _bound(size: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.setitimer(signal.ITIMER_PROF, SECONDS + size / BYTES_A_SECOND)
    pages = Path("/proc/self/statm")
    if pages.exists():  # else no one tells how much there is already
        held = int(pages.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        most, hard = held + MEMORY + TIMES * size, resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (most if hard < 0 else min(most, hard), hard))
