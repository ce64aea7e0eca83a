"""Worker processes: clean ones, which leave Ctrl-C to the first process and end with it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.connection import wait
from typing import Any


def pool(workers: int, prepare: Callable[..., Any] | None = None, *given: Any) -> ProcessPoolExecutor:
    """A pool of worker processes; each first calls `prepare` with what is given."""
    # forkserver is cheaper where there is one; both start clean processes, so threads of ours cannot be
    # copied
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(prepare, given))


def _start(prepare: Callable[..., Any] | None, given: tuple[Any, ...]) -> None:
    # Ctrl-C reaches every process of a terminal: the first one decides, workers end with it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    if prepare is not None:
        prepare(*given)


def _end_with(sentinel: int) -> None:
    # a parent that was killed cannot end its workers: they would wait for work for ever
    wait([sentinel])
    os._exit(1)
