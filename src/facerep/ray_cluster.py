"""A Ray cluster: started on this machine or reached by its address, of one version, and what it is given to do.

Ray is an extra. It is loaded here, and in extraction/many/ray_engine.py what it has for data sets; nowhere else.
Who does what, retries, autoscaling and back-pressure are Ray's.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from facerep import __version__, threads
from facerep.console import console, counted, unheard
from facerep.errors import FacerepError, Mismatch, NotAvailable, Stopped, Usage, first_line

RETRIES = 3
"""How often Ray begins again what was given to a worker that died or does not answer."""

AHEAD = 4
"""So many tasks for each core are sent before the first answer is waited for."""
Made = TypeVar("Made")

_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0", "RAY_USAGE_STATS_PROMPT_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}  # fmt: skip
STORE = 200_000_000
"""Bytes of memory that a cluster of this machine keeps for what travels: tasks and answers."""
_ANSWER = 10.0
"""Seconds in which a cluster must take a connection and begin to speak."""
_HEAD, _SETTINGS = 9, 4
"""Bytes of the head of a frame of HTTP/2, and the type of the first one."""
_PROBED = 60.0
"""Seconds in which a machine of the cluster must say what it has."""


@dataclass(frozen=True)
class RayCluster:
    """A Ray cluster that work is sent to.

    Attributes:
        address: HOST:PORT of its head, or "auto"; None is a cluster of this machine, for this command.

    Raises:
        NotAvailable: ray is not installed.
        Usage: an address that only a client takes.
    """

    address: str | None = None

    def __post_init__(self) -> None:
        if self.address is not None and "://" in self.address:
            hint = "give HOST:PORT, on a machine of the cluster"
            raise Usage(f"no address of a cluster: {self.address}", hint=hint)
        if find_spec("ray") is None or find_spec("pyarrow") is None:
            raise NotAvailable("ray is not installed", hint="pip install 'facerep[ray]'")

    @contextmanager
    def connected(self, store: int = STORE) -> Iterator[Any]:
        """Ray's module, connected; a cluster that was started here ends with it.

        Args:
            store: bytes of memory that a cluster of this machine keeps for what travels.

        Raises:
            NotAvailable: nothing answers.
            Mismatch: a machine of the cluster has another facerep, another ray or another Python.
        """
        with _connected(self.address, store) as ray:
            _require_same(ray)
            yield ray

    @contextmanager
    def each(self, store: int = STORE) -> Iterator[threads.Each]:
        """What does tasks on the cluster as `threads.each` does them here: one core a task, results in their order.

        A task whose worker dies is begun again, `RETRIES` times. Raises what `connected` does, and `FacerepError` where
        workers die again and again.
        """
        with self.connected(store) as ray:
            warn_of_no_room(ray, {"CPU": 1.0, "GPU": 0.0})
            yield partial(_each, ray)


def cluster_of(engine: str | None, address: str | None = None) -> RayCluster | None:
    """The cluster of `--engine` and `--address`; None where this process does the work itself."""
    return RayCluster(address) if engine == "ray" else None


def _each(
    ray: Any, function: Callable[..., Made], shared: Sequence[Any], tasks: Iterable[Sequence[Any]]
) -> Iterator[Made]:
    there, send = ray.put(tuple(shared)), ray.remote(num_cpus=1, max_retries=RETRIES)(_do)
    sent: deque[Any] = deque()
    try:
        for task in tasks:
            if len(sent) >= AHEAD * max(1, int(ray.cluster_resources().get("CPU", 0))):
                yield ray.get(sent.popleft())
            sent.append(send.remote(function, there, task))
        while sent:
            yield ray.get(sent.popleft())
    except ray.exceptions.RayError as error:
        raise broken(error, "give the command again") from error


def _do(function: Callable[..., Made], shared: Sequence[Any], task: Sequence[Any]) -> Made:
    return function(*shared, *task)


@contextmanager
def _connected(address: str | None, store: int) -> Iterator[Any]:
    """Ray's module; its servers listen on all interfaces, so a cluster of ours takes only who has the token, which
    nobody is told."""
    if address is not None:
        _require_answer(address)
    said = {name: value for name, value in _QUIET.items() if name not in os.environ}
    with ExitStack() as after:
        where: dict[str, Any] = {"address": address}
        if address is None:
            said |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": _token()}
            where = {
                "address": "local", "include_dashboard": False, "_temp_dir": str(after.enter_context(_temporary())),
                "num_cpus": threads.cores(), "object_store_memory": store,
            }  # fmt: skip
        after.enter_context(threads.environment(said))
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
        except (KeyboardInterrupt, SystemError):  # what ray makes of what a signal's handler raises within it
            if stops.number:
                raise Stopped(stops.number) from None
            raise


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
    """Refuse an address where nobody listens, or who does speaks something else; ray itself would ask for minutes.

    Raises:
        NotAvailable: so it is.
    """
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdecimal():
        return  # a word such as "auto", which ray knows or refuses
    end = time.monotonic() + _ANSWER
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER) as connection:
            answers = _secret() or _speaks_http2(connection, end)
    except (OSError, OverflowError, ValueError) as error:
        raise _no_answer(address) from error
    if not answers:
        raise _no_answer(address)


def _secret() -> bool:
    """Whether clusters speak by TLS here, which only ray can."""
    return os.environ.get("RAY_USE_TLS", "0").lower() in ("1", "true")


def _speaks_http2(connection: socket.socket, end: float) -> bool:
    """Whether who listens answers as HTTP/2 begins (RFC 9113, section 3.4), which gRPC and so every cluster speaks.

    Args:
        connection: to whoever listens; what is sent means nothing but the beginning.
        end: until when an answer is waited for, by time.monotonic.

    Raises:
        OSError: no answer.
    """
    connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, _SETTINGS, 0, 0, 0, 0, 0]))
    head = b""
    while len(head) < _HEAD:
        connection.settimeout(max(0.001, end - time.monotonic()))
        piece = connection.recv(_HEAD - len(head))
        if not piece:
            return False
        head += piece
    return head[3] == _SETTINGS


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


def warn_of_no_room(ray: Any, wants: dict[str, float]) -> None:
    """Warn where no machine has what a worker asks for: the work waits until one has."""
    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    if not any(all(machine.get(name, 0) >= need for name, need in wants.items()) for machine in machines):
        cores = counted(int(wants["CPU"]), "core") + (" and a GPU" if wants["GPU"] else "")
        console.warn(f"no machine of the cluster has {cores} for a worker: waiting for one; see --workers, --device")


def broken(error: Exception, hint: str) -> FacerepError:
    """What ended the work, in one line, and what to do."""
    said = str(error)
    for line in said.splitlines():
        if "version of facerep differs" in line:
            return Mismatch(line.rpartition("version of facerep differs")[2].strip(": "))
    return FacerepError(f"workers of the cluster ended ({first_line(error)})", hint=hint)
