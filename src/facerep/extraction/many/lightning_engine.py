"""Lightning: the shards of a data set by several processes of this machine, one a GPU, or several on a CPU.

Each process takes the next shard that nobody has; what it writes and tells goes the way of all engines.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import queue
import signal
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import torch
from lightning_fabric import Fabric

from facerep import threads
from facerep.console import unheard
from facerep.errors import FacerepError, NotAvailable
from facerep.extraction.many.tasks import Line, Task
from facerep.extraction.many.work import Job
from facerep.networks.device import device

_LOOK = 0.2
"""Seconds after which it is looked whether the processes live."""


class LightningEngine:
    """Several processes of this machine.

    Args:
        devices: how many.
    """

    def __init__(self, devices: int) -> None:
        self.devices = devices

    def __call__(self, job: Job, tasks: Sequence[Task]) -> Iterator[Line]:
        """A line of each shard.

        Raises:
            NotAvailable: this machine has not so many GPUs.
            FacerepError: a process ended before its work did; or what ends all work, such as a full disk.
        """
        on = device(job.device)
        if on.type == "cuda" and (self.devices > torch.cuda.device_count() or on.index):
            found = f"{torch.cuda.device_count()} GPUs found"
            raise NotAvailable(f"--devices {self.devices} from cuda:0 on are not here ({found})", hint="give fewer")
        job = replace(job, workers=job.workers if job.workers >= 0 else max(1, threads.cores() // self.devices))
        for name in ("pytorch_lightning", "lightning_fabric", "lightning.fabric", "torch.multiprocessing.spawn"):
            logging.getLogger(name).setLevel(logging.ERROR)
        fabric = Fabric(accelerator="gpu" if on.type == "cuda" else "cpu", devices=self.devices, strategy="ddp_spawn")
        clean = multiprocessing.get_context("spawn")
        answers, place = clean.Queue(), clean.Value("q", 0)
        said = pickle.dumps((job, list(tasks)))  # Lightning looks into what it is given, and refuses what is frozen
        ended: list[BaseException | None] = []
        before = multiprocessing.active_children()

        def launch() -> None:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    fabric.launch(_work, said, answers, place, os.getpid())  # pyright: ignore[reportArgumentType]
                ended.append(None)
            except BaseException as error:  # it is told where lines are waited for
                ended.append(error)

        run = threading.Thread(target=launch, daemon=True)
        with unheard():  # each process tells of having met the others; what there is to say comes with the lines
            run.start()
            while not ended and len(set(multiprocessing.active_children()) - set(before)) < self.devices:
                time.sleep(0.01)
        try:
            yield from _lines(answers, ended)
        finally:
            while not ended and run.is_alive():  # who waits for lines was stopped
                for child in multiprocessing.active_children():
                    if child not in before:
                        child.kill()
                run.join(timeout=_LOOK)
        if ended and ended[0] is not None:
            hint = "memory may be short; with --resume the work goes on"
            raise FacerepError("a process of the run ended", hint=hint) from ended[0]


def _lines(answers: Any, ended: list[BaseException | None]) -> Iterator[Line]:
    """What the processes tell, until all have ended.

    Raises:
        FacerepError: what ends all work.
    """
    while True:
        over = bool(ended)
        try:
            answer = answers.get(timeout=_LOOK)
        except queue.Empty:
            if over:
                return
            continue
        if isinstance(answer, Exception):
            raise answer
        yield answer


def _work(fabric: Fabric, said: bytes, answers: Any, place: Any, parent: int) -> None:
    """What each process does."""
    job, tasks = pickle.loads(said)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all of a terminal: the first process decides
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    torch.set_num_threads(max(1, threads.cores() // fabric.world_size))
    try:
        worker = replace(job, device=str(fabric.device)).worker()
        while True:
            with place.get_lock():
                number, place.value = place.value, place.value + 1
            if number >= len(tasks):
                return
            answers.put(worker(tasks[number]))
    except FacerepError as error:
        answers.put(error)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
