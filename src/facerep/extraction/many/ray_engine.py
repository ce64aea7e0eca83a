"""Ray Data: the shards of a data set as rows of a set of its own, done by a pool of actors.

The cluster is that of ray_cluster.py. An actor loads what the job needs once and writes the parts itself: what travels
are tasks and lines. What runs on a worker before versions are compared is sent by value, so that a facerep of another
version there is told and not tripped over.
"""

from __future__ import annotations

import logging
import pickle
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from facerep import __version__
from facerep.console import counted
from facerep.errors import NotAvailable, Usage
from facerep.extraction.many.tasks import Line, Task
from facerep.extraction.many.work import Job
from facerep.ray_cluster import RETRIES, RayCluster, broken, warn_of_no_room


class RayEngine:
    """Sends shards to the workers of a Ray cluster.

    Args:
        address: HOST:PORT of the cluster's head, or "auto"; None starts a cluster on this machine, for this command.
        devices: workers; None takes as many as there is room for, and more when the cluster grows.

    Raises:
        NotAvailable: ray is not installed.
        Usage: an address that only a client takes.
    """

    def __init__(self, address: str | None = None, devices: int | None = None) -> None:
        self.cluster, self.devices = RayCluster(address), devices

    def __call__(self, job: Job, tasks: Sequence[Task]) -> Iterator[Line]:
        """A line of each shard; of one whose workers died, none.

        Raises:
            NotAvailable: the cluster does not answer, or has no device that was asked for.
            Mismatch: a machine of it has another facerep, another ray or another Python.
            FacerepError: what ends all work, such as a full disk.
        """
        with self.cluster.connected() as ray:
            job, wants = _placed(ray, replace(job, folder=job.folder.absolute()), here=self.cluster.address is None)
            left = {task.shard.source: task for task in tasks}
            while left:
                before = len(left)
                warn_of_no_room(ray, wants)
                some = list(left.values())
                for line in _lines(ray, job, some, wants, self._pool(ray, len(some), wants)):
                    del left[line.source]
                    yield line
                if len(left) == before:  # whatever worker takes them dies of it
                    return

    def _pool(self, ray: Any, tasks: int, wants: dict[str, float]) -> Any:
        from ray.data import ActorPoolStrategy  # pyright: ignore[reportMissingImports]

        if self.devices is not None:
            return ActorPoolStrategy(size=min(self.devices, tasks))
        free = ray.available_resources()
        room = min(int(free.get(name, 0) // need) for name, need in wants.items() if need)
        if self.cluster.address is None:
            return ActorPoolStrategy(size=max(1, min(room, tasks)))
        return ActorPoolStrategy(min_size=1, max_size=tasks, initial_size=max(1, min(room, tasks)))


def _placed(ray: Any, job: Job, *, here: bool) -> tuple[Job, dict[str, float]]:
    """The job with the device and processes of each worker, and what a worker asks of the cluster.

    Raises:
        NotAvailable: a GPU was asked for and the cluster has none; no machine has so many cores.
        Usage: one GPU was named: Ray chooses.
    """
    there = ray.cluster_resources()
    gpus, cpus = int(there.get("GPU", 0)), int(there.get("CPU", 0))
    if job.device.partition(":")[2]:
        raise Usage(f"--device {job.device} names one GPU", hint="Ray chooses among them: give --device cuda")
    if job.device == "cuda" and not gpus:
        raise NotAvailable("device cuda is not in the cluster", hint="give --device cpu")
    cuda = job.device == "cuda" or (job.device == "auto" and gpus > 0)
    workers = job.workers if job.workers >= 0 else (max(1, cpus // gpus) if cuda else 0)
    if here and max(1, workers) > cpus:
        raise NotAvailable(f"--workers {workers} in each: this machine has {counted(cpus, 'core')}")
    wants = {"CPU": float(max(1, workers)), "GPU": 1.0 if cuda else 0.0}
    return replace(job, device="cuda" if cuda else "cpu", workers=workers), wants


def _lines(ray: Any, job: Job, tasks: Sequence[Task], wants: dict[str, float], pool: Any) -> Iterator[Line]:
    """Lines as they come.

    Raises:
        FacerepError: what ends all work.
    """
    with warnings.catch_warnings():
        # Ray 2.60 warns of its own settings, and has no other name for how often a task is begun again, yet warns
        warnings.simplefilter("ignore")
        import ray.data as data  # pyright: ignore[reportMissingImports]

        logging.getLogger("ray.data").setLevel(logging.CRITICAL)
        context = data.DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        context.max_errored_blocks = -1  # shards whose workers died: they are left to the next round
        rows = data.from_items([{"task": pickle.dumps(task)} for task in tasks], override_num_blocks=len(tasks))
        done = rows.map(
            _doing(), fn_constructor_args=(pickle.dumps(job), __version__), compute=pool, num_cpus=wants["CPU"],
            num_gpus=wants["GPU"], max_task_retries=RETRIES,
        )  # fmt: skip
    try:
        for row in done.iter_rows():
            answer = pickle.loads(row["line"])
            if isinstance(answer, Exception):
                raise answer
            yield answer
    except ray.exceptions.RayError as error:
        raise broken(error, "with --resume the work goes on") from error


def _doing() -> type:
    """What an actor does; by value, as no module of facerep is loaded before versions are known to be the same."""

    class Doing:
        def __init__(self, job: bytes, version: str) -> None:
            import pickle

            from facerep import __version__ as found

            if found != version:
                raise RuntimeError(f"version of facerep differs: a worker has {found}, this machine {version}")
            import torch

            said = pickle.loads(job)
            torch.set_num_threads(max(1, said.workers))
            self.worker = said.worker()

        def __call__(self, row: dict[str, bytes]) -> dict[str, bytes]:
            import pickle

            try:
                answer = self.worker(pickle.loads(row["task"]))
            except Exception as error:  # what ends all work: it is raised where the command runs
                answer = error
            return {"line": pickle.dumps(answer)}

    return Doing
