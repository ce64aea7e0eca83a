"""Locks: one process at a time works on a file or in a folder; whatever ends the process, the lock ends with it."""

from __future__ import annotations

import os
from pathlib import Path

from facerep.errors import BadInput


def lock_on(place: Path, *, wait: bool = False) -> int | None:
    """A lock on a file or folder that is there; None where the system has no locks, as Windows and some network drives.

    Raises:
        BlockingIOError: another process has it, and it was not waited for.
        OSError: it is not there, or cannot be opened.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    handle = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        os.close(handle)
        raise
    except OSError:  # some network file systems
        os.close(handle)
        return None
    return handle


def unlock(lock: int | None) -> None:
    """Let other processes have it."""
    if lock is not None:
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_UN)  # processes that were forked meanwhile hold it too
        os.close(lock)


def work_alone(place: Path, folder: Path) -> int | None:
    """A lock on `place`, so that no other process works in `folder`; None where it is not there, or there are no locks.

    Raises:
        BadInput: another process does.
    """
    try:
        return lock_on(place)
    except BlockingIOError as error:
        raise BadInput("another process works in it", folder, "wait for it, or give another --output") from error
    except OSError:
        return None
