"""Batches side by side: several on their way through networks at once, while others are made."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import torch

Sent = TypeVar("Sent")
"""What a batch becomes."""


@contextmanager
def side_by_side(
    work: Callable[[np.ndarray], Sent], device: torch.device
) -> Iterator[Callable[[np.ndarray], Future[Sent]]]:
    """Send batches through networks while others are made: on a CPU as many batches at once as torch has threads.

    Each has one thread. Threads that share a batch wait for each other, spinning, after every operation, which doubled
    the processor time where other work was on the cores, as decoding is. And no row depends on `--threads`.
    """
    threads = torch.get_num_threads()
    at_once = threads if device.type == "cpu" else 1
    try:
        with ThreadPoolExecutor(at_once, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            try:
                yield functools.partial(pool.submit, work)
            except BaseException:  # such as Ctrl-C: what has not begun would be waited for, a block of a slow network
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    finally:
        torch.set_num_threads(threads)


def in_order(
    send: Callable[[np.ndarray], Future[Sent]], batches: Iterable[np.ndarray], ahead: int = 4
) -> Iterator[Sent]:
    """What batches become, in their order; no more than `ahead` of them are held at a time."""
    waiting: deque[Future[Sent]] = deque()
    for batch in batches:
        waiting.append(send(batch))
        if len(waiting) == ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
