"""Where a file comes from: fingerprints, versions, time."""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_PACKAGES = ("facerep", "torch", "pytorch-lightning", "numpy", "scipy", "scikit-learn", "h5py", "pillow")


def software() -> dict[str, str]:
    """Versions of what takes part in a number: Python, facerep and the packages it computes with."""
    return {"python": platform.python_version()} | {package: _version(package) for package in _PACKAGES}


@cache  # a package's metadata is parsed anew each time
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def now() -> str:
    """The time in UTC to the second, ISO 8601."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def made(command: str) -> dict[str, Any]:
    """How a result was made: the command line ("" in Python), the time, the versions."""
    return {"command": command, "time": now(), "software": software()}


def fingerprint(parts: Iterable[str]) -> str:
    """SHA-256 of strings in their order, in hex; parts are kept apart by a zero byte."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode("utf-8", "surrogateescape") + b"\0")
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
