"""A Milvus server for the bench and the slow test: PyPI's `milvus` in an environment of its own.

python -m venv server && server/bin/pip install 'setuptools<81' milvus==2.3.5
export FACEREP_MILVUS_SERVER=server/bin/milvus-server
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

EXECUTABLE = os.environ.get("FACEREP_MILVUS_SERVER") or shutil.which("milvus-server")
"""None where there is none."""

_UP_WITHIN, _STARTS = 45.0, 6  # seconds, each time
_ASK = "import sys; from pymilvus import MilvusClient; MilvusClient(sys.argv[1], timeout=5).list_collections()"
_LEASE = 5
"""Seconds after which a server that was killed counts as gone; by itself Milvus waits half a minute."""


class MilvusServer:
    """A server on a free port, with its data in a folder; a user must say a password. A machine runs one at a time.

    Attributes:
        place: host and port.
        address: the address, with user and password.
        process: the one that runs now; the server is a child of it, and both are one process group.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.process = folder, None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.place = f"127.0.0.1:{self.port}"
        self.address = f"http://root:Milvus@{self.place}"

    def start(self) -> None:
        """Start it, and wait until it answers.

        After a kill -9 it may stay unwell for minutes, under the number of its former self; another start mends that.
        """
        for _ in range(_STARTS):
            self._launch()
            end = time.monotonic() + _UP_WITHIN
            while time.monotonic() < end and self.process.poll() is None:
                if self.answers():
                    return
                time.sleep(0.5)
            self.kill()
        raise TimeoutError(f"no Milvus server after {_STARTS} starts: see {self.folder / 'server.log'}")

    def _launch(self) -> None:
        assert EXECUTABLE is not None
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    EXECUTABLE, "--data", str(self.folder / "data"), "--proxy-port", str(self.port),
                    "--authorization-enabled", "True", "--extra-config", f"common.session.ttl={_LEASE}",
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def answers(self) -> bool:
        """Whether it can be asked something now; in a process of its own, for gRPC, once refused, waits ever longer.

        Not by its health page, which is well before any part of it has begun.
        """
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            done = subprocess.run([sys.executable, "-c", _ASK, self.address], capture_output=True, timeout=20)
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0

    def kill(self) -> None:
        """Kill it, as kill -9 does."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
