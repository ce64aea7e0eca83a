"""Threads of arithmetic: how many there are and how they wait, unless the user said so.

The libraries read both from the environment when they are loaded, so `choose` comes before numpy and torch.
A waiting OpenMP thread spins by default: beside other work it keeps the core from the thread that it waits for.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

Made = TypeVar("Made")

COUNTS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
WAITING = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")
"""How threads of OpenMP wait: the standard's word for it, and those of GNU's and of Intel's and LLVM's libraries."""

_ours: dict[str, str] = {}
"""What `choose` and `ask` wrote, by name: the rest of the environment is the user's."""


def choose() -> None:
    """Let waiting threads sleep, and take no more threads than the cgroup's quota pays for.

    Without a quota the number stays the libraries' own: they respect the affinity, and leave out second threads of a
    core where these do not help.
    """
    if not any(map(_by_user, WAITING)):
        _write("OMP_WAIT_POLICY", "passive")
    allowed = quota()
    if allowed is not None and not any(map(_by_user, COUNTS)) and math.ceil(allowed) < affinity():
        ask(math.ceil(allowed))


def ask(count: int) -> None:
    """Let all libraries take so many threads; for `--threads`, which outdoes the environment."""
    for name in COUNTS:
        _write(name, str(count))


def cores() -> int:
    """How many processes or threads can work at once: the cores of the affinity or those of the quota, at least 1.

    A part of a core counts as one: two threads get more out of a quota of 1.5 cores than one.
    """
    allowed = quota()
    return affinity() if allowed is None else max(1, min(affinity(), math.ceil(allowed)))


def count() -> int:
    """How many threads arithmetic of our own takes: what the environment says, else all `cores`."""
    said = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return max(1, int(said)) if said.isdecimal() else cores()


class Each(Protocol):
    """What does tasks: `each` here by threads, `ray_cluster.RayCluster.each` on others."""

    def __call__(
        self, function: Callable[..., Made], shared: Sequence[Any], tasks: Iterable[Sequence[Any]], /
    ) -> Iterator[Made]:
        """What the function gives of the shared arguments and those of each task, in the order of the tasks."""
        ...


def each(function: Callable[..., Made], shared: Sequence[Any], tasks: Iterable[Sequence[Any]]) -> Iterator[Made]:
    """See `Each`: as many threads as arithmetic may have.

    >>> list(each(pow, [2], [[1], [2], [3]]))
    [2, 4, 8]
    """
    with ThreadPoolExecutor(count()) as pool:
        yield from pool.map(lambda task: function(*shared, *task), tasks)


def affinity() -> int:
    """How many cores the system lets this process run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def environment(said: dict[str, str]) -> Iterator[None]:
    """Environment variables for processes that start in here; afterwards they are as before."""
    before = {name: os.environ.get(name) for name in said}
    os.environ.update(said)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def one_each() -> Iterator[None]:
    """Processes that start in here get one thread of arithmetic each: side by side they fill the cores already."""
    with environment(dict.fromkeys(COUNTS, "1")):
        yield


def reasons() -> dict[str, str]:
    """What holds here and why, by name, in words: the cores, the threads and how they wait."""
    allowed = quota()
    limits = [f"{os.cpu_count()} in the machine", f"{affinity()} by affinity"]
    limits += [] if allowed is None else [f"{allowed:g} by the cgroup's quota"]
    counted = next((name for name in COUNTS if name in os.environ), None)
    waits = next((name for name in WAITING if name in os.environ), None)
    return {
        "cores": f"{cores()} ({', '.join(limits)})",
        "threads chosen by": _who(counted) if counted else "the libraries, one a core",
        "waiting threads": _who(waits) if waits else "as the libraries do",
    }


def _who(name: str) -> str:
    return f"{'the user' if _by_user(name) else 'facerep'}: {name}={os.environ[name]}"


def _by_user(name: str) -> bool:
    return name in os.environ and os.environ[name] != _ours.get(name)


def _write(name: str, value: str) -> None:
    os.environ[name] = _ours[name] = value


def quota(process: Path = Path("/proc/self")) -> float | None:
    """How many cores the control groups pay for, the tightest of the process's own group and those above it.

    Args:
        process: the folder with `cgroup` and `mountinfo` of the process.

    Returns:
        Cores, which may be a part of one; None where nothing limits them or there are no control groups.
    """
    found = [limit for folder in _groups(process) if (limit := _limit(folder)) is not None]
    return min(found, default=None)


def _groups(process: Path) -> Iterator[Path]:
    """The folders of the control groups that may limit processor time."""
    try:
        memberships = (process / "cgroup").read_text().splitlines()
        mounts = (process / "mountinfo").read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return
    inside = {}  # of the second version, "", and of the first one's controllers by name
    for membership in memberships:
        _, controllers, path = membership.split(":", 2)
        inside |= dict.fromkeys(controllers.split(","), path)
    for mount in mounts:
        left, _, right = mount.partition(" - ")
        kind, options = right.split(" ")[0], right.split(" ")[-1].split(",")
        if kind == "cgroup2":
            path = inside.get("")
        else:
            path = inside.get("cpu") if kind == "cgroup" and "cpu" in options else None
        if path is None:
            continue
        root, top = left.split(" ")[3:5]
        below = Path(path)
        # in a container the mount may begin at the group itself, which then goes by its name outside
        below = below.relative_to(root) if below.is_relative_to(root) and ".." not in below.parts else Path()
        yield from (Path(top) / part for part in (below, *below.parents))


def _limit(folder: Path) -> float | None:
    try:
        if (folder / "cpu.max").exists():
            allowed, period = (folder / "cpu.max").read_text().split()
        else:
            allowed = (folder / "cpu.cfs_quota_us").read_text()
            period = (folder / "cpu.cfs_period_us").read_text()
        cores = int(allowed) / int(period)
    except (OSError, ValueError, ZeroDivisionError):  # no such file, or "max"
        return None
    return cores if cores > 0 else None
