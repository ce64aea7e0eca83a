"""Ray: the shards of an extraction as rows of a Ray Data set, done by a pool of actors; nothing else imports ray.

An actor loads the networks once and writes the parts itself: what travels are tasks and lines. Retries, autoscaling and
back-pressure are Ray's. What runs on a worker before versions are compared is sent by value, so that a facerep of
another version there is told and not tripped over.
"""

from __future__ import annotations

import logging
import os
import pickle
import secrets
import shutil
import signal
import socket
import tempfile
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from facerep import __version__, threads
from facerep.console import console, counted, unheard
from facerep.errors import FacerepError, Mismatch, NotAvailable, Stopped, Usage, first_line
from facerep.extraction.many.work import Job, Line, Task
from facerep.threads import environment

RETRIES = 3
"""How often Ray begins a shard again whose worker died or does not answer, before it leaves it to the next round."""

_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0", "RAY_USAGE_STATS_PROMPT_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}  # fmt: skip
_STORE = 200_000_000
"""Bytes of memory that a cluster of this machine keeps for what travels: tasks and lines."""
_ANSWER = 10.0
"""Seconds in which a cluster must take a connection."""
_PROBED = 60.0
"""Seconds in which a machine of the cluster must say what it has."""


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
        self.address, self.devices = address, devices
        if address is not None and "://" in address:
            raise Usage(f"no address of a cluster: {address}", hint="give HOST:PORT, on a machine of the cluster")
        _require_ray()

    def __call__(self, job: Job, tasks: Sequence[Task]) -> Iterator[Line]:
        """A line of each shard; of one whose workers died, none.

        Raises:
            NotAvailable: the cluster does not answer, or has no device that was asked for.
            Mismatch: a machine of it has another facerep, another ray or another Python.
            FacerepError: what ends all work, such as a full disk.
        """
        with _connected(self.address) as ray:
            _require_same(ray)
            job, wants = _placed(ray, replace(job, folder=job.folder.absolute()), here=self.address is None)
            left = {task.shard.source: task for task in tasks}
            while left:
                before = len(left)
                _warn_of_no_room(ray, wants)
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
        if self.address is None:
            return ActorPoolStrategy(size=max(1, min(room, tasks)))
        return ActorPoolStrategy(min_size=1, max_size=tasks, initial_size=max(1, min(room, tasks)))


def _require_ray() -> None:
    from importlib.util import find_spec

    if find_spec("ray") is None or find_spec("pyarrow") is None:
        raise NotAvailable("ray is not installed", hint="pip install 'facerep[ray]'")


@contextmanager
def _connected(address: str | None) -> Iterator[Any]:
    """Ray's module, connected to a cluster; one that was started here ends with it.

    Ray's servers listen on all interfaces, so a cluster of ours takes only who has the token, which nobody is told.

    Raises:
        NotAvailable: nothing answers.
        Mismatch: the cluster has another ray or another Python.
    """
    if address is not None:
        _require_answer(address)
    said = {name: value for name, value in _QUIET.items() if name not in os.environ}
    with ExitStack() as after:
        where: dict[str, Any] = {"address": address}
        if address is None:
            said |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": _token()}
            where = {
                "address": "local", "include_dashboard": False, "_temp_dir": str(after.enter_context(_temporary())),
                "num_cpus": threads.cores(), "object_store_memory": _STORE,
            }  # fmt: skip
        after.enter_context(environment(said))
        import ray  # pyright: ignore[reportMissingImports]

        after.enter_context(
            redirect_stdout(after.enter_context(Path(os.devnull).open("w")))
        )  # ray tells of errors there
        stops = after.enter_context(_stops())
        after.callback(_shut, ray)
        try:
            try:
                with unheard():
                    ray.init(**where, log_to_driver=False, logging_level=logging.CRITICAL)
            except (ConnectionError, RuntimeError, ValueError, OSError) as error:
                raise _refused(address, error) from error
            finally:
                stops.listen()  # ray takes SIGTERM for itself
            yield ray
        except KeyboardInterrupt:  # what ray makes of whatever a signal's handler raises while it waits
            raise (Stopped(stops.number) if stops.number else KeyboardInterrupt) from None


class _Stops:
    """The signals that stop a command: `number` is the one that came, 0 before."""

    def __init__(self) -> None:
        self.number = 0
        self.handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def listen(self) -> None:
        """Note what comes, and do what was done before; outside of the main thread there is nothing to do."""
        for number, handler in self.handlers.items():
            if callable(handler) and threading.current_thread() is threading.main_thread():
                signal.signal(number, self._note)

    def end(self) -> None:
        """Leave the signals as they were."""
        if threading.current_thread() is threading.main_thread():
            for number, handler in self.handlers.items():
                signal.signal(number, handler)

    def _note(self, number: int, frame: Any) -> None:
        self.number = number
        handler = self.handlers[signal.Signals(number)]
        assert callable(handler)
        handler(number, frame)


@contextmanager
def _stops() -> Iterator[_Stops]:
    made = _Stops()
    made.listen()
    try:
        yield made
    finally:
        made.end()


@cache
def _token() -> str:
    """That of all clusters that this process starts: ray reads it once."""
    return secrets.token_hex(32)


def _refused(address: str | None, error: Exception) -> FacerepError:
    chain: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        chain.append(" ".join(str(cause).split()))
        cause = cause.__cause__ or cause.__context__
    said = " ".join(chain)
    if "ersion mismatch" in said:
        return Mismatch("version differs", f"{address}: {_cut(chain[0])}", "install the same on all machines")
    if "AuthToken" in said:
        hint = "set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN, or RAY_AUTH_TOKEN_PATH, as on its machines"
        return NotAvailable("the Ray cluster wants its token", address, hint)
    if address is None:
        return NotAvailable(f"ray cannot be started here ({_cut(chain[0])})")
    return _no_answer(address)


def _no_answer(address: str) -> NotAvailable:
    hint = "give the address of a cluster that this machine is of, as `ray start` printed it"
    return NotAvailable("no Ray cluster answers", address, hint)


def _require_answer(address: str) -> None:
    """Refuse an address where nobody listens; ray itself would ask there for minutes.

    Raises:
        NotAvailable: nobody does.
    """
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdecimal():
        return  # a word such as "auto", which ray knows or refuses
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER).close()
    except (OSError, OverflowError, ValueError) as error:
        raise _no_answer(address) from error


def _cut(said: str) -> str:
    return said[:200]


def _shut(ray: Any) -> None:
    with unheard(), suppress(Exception):
        ray.shutdown()


@contextmanager
def _temporary() -> Iterator[Path]:
    """A folder for what a cluster of this machine writes; its sockets want a short path."""
    place = Path(tempfile.mkdtemp(prefix="fr-", dir="/tmp" if Path("/tmp").is_dir() else None))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _require_same(ray: Any) -> None:
    """Refuse a machine with another facerep, before any work.

    Raises:
        Mismatch: with the machine and both versions.
    """
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy  # pyright: ignore[reportMissingImports]

    def probe() -> str:  # by value: a worker need not have this module
        try:
            from facerep import __version__ as version
        except ImportError:
            return ""
        return str(version)

    task = ray.remote(num_cpus=0, max_retries=0)(probe)
    nodes = [node for node in ray.nodes() if node["Alive"]]
    for node in nodes:
        at = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        try:
            found = ray.get(task.options(scheduling_strategy=at).remote(), timeout=_PROBED)
        except ray.exceptions.RayError:  # a machine that went away: Ray knows what to do about it
            continue
        _require_version(found, str(node["NodeManagerHostname"]))


def _require_version(found: str, machine: str) -> None:
    if found != __version__:
        has = f"{machine} has {found or 'none'}, this machine {__version__}"
        raise Mismatch("version of facerep differs", has, "install the same on all machines of the cluster")


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


def _warn_of_no_room(ray: Any, wants: dict[str, float]) -> None:
    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    if not any(all(machine.get(name, 0) >= need for name, need in wants.items()) for machine in machines):
        cores = counted(int(wants["CPU"]), "core") + (" and a GPU" if wants["GPU"] else "")
        console.warn(f"no machine of the cluster has {cores} for a worker: waiting for one; see --workers, --device")


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
            _extracting(), fn_constructor_args=(pickle.dumps(job), __version__), compute=pool, num_cpus=wants["CPU"],
            num_gpus=wants["GPU"], max_task_retries=RETRIES,
        )  # fmt: skip
    try:
        for row in done.iter_rows():
            answer = pickle.loads(row["line"])
            if isinstance(answer, Exception):
                raise answer
            yield answer
    except ray.exceptions.RayError as error:
        raise _broken(error) from error


def _broken(error: Exception) -> FacerepError:
    """What ended the work, in one line."""
    said = str(error)
    for line in said.splitlines():
        if "version of facerep differs" in line:
            return Mismatch(line.rpartition("version of facerep differs")[2].strip(": "))
    return FacerepError(f"workers of the cluster ended ({first_line(error)})", hint="with --resume the work goes on")


def _extracting() -> type:
    """What an actor does; by value, as no module of facerep is loaded before versions are known to be the same."""

    class Extracting:
        def __init__(self, job: bytes, version: str) -> None:
            import pickle

            from facerep import __version__ as found

            if found != version:
                raise RuntimeError(f"version of facerep differs: a worker has {found}, this machine {version}")
            import torch

            from facerep.extraction.many.work import Worker

            said = pickle.loads(job)
            torch.set_num_threads(max(1, said.workers))
            self.worker = Worker(said)

        def __call__(self, row: dict[str, bytes]) -> dict[str, bytes]:
            import pickle

            try:
                answer = self.worker(pickle.loads(row["task"]))
            except Exception as error:  # what ends all work: it is raised where the command runs
                answer = error
            return {"line": pickle.dumps(answer)}

    return Extracting
