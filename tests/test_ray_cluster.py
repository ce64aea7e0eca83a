"""What a Ray cluster says is one line of ours, and what it is given to do comes back in order, so much at a time."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from facerep import ray_cluster, threads
from facerep.errors import FacerepError, Mismatch, NotAvailable, Stopped
from facerep.ray_cluster import cluster_of


class Lost(Exception):
    """What Ray raises where workers die again and again."""


class OneCore:
    """As much of Ray as tasks need: a task is done when its answer is asked for."""

    exceptions = SimpleNamespace(RayError=Lost)

    def __init__(self, dies: int = -1) -> None:
        self.dies, self.sent, self.got = dies, 0, 0
        self.most = 0

    def put(self, value):
        return value

    def cluster_resources(self):
        return {"CPU": 1.0}

    def remote(self, **options):
        assert options == {"num_cpus": 1, "max_retries": ray_cluster.RETRIES}

        def send(function):
            def begin(*arguments):
                self.sent += 1
                self.most = max(self.most, self.sent - self.got)
                return lambda: function(*arguments)

            return SimpleNamespace(remote=begin)

        return send

    def get(self, answer):
        if self.got == self.dies:
            raise Lost("The worker died unexpectedly\nwith more lines")
        self.got += 1
        return answer()


def test_tasks_come_back_in_their_order_and_few_are_sent_ahead():
    ray, tasks = OneCore(), [(number,) for number in range(23)]
    assert list(ray_cluster._each(ray, pow, [2], tasks)) == [2**number for number in range(23)]
    assert list(threads.each(pow, [2], tasks)) == [2**number for number in range(23)]
    assert (ray.sent, ray.got, ray.most) == (23, 23, ray_cluster.AHEAD)


def test_workers_that_die_again_and_again_are_one_line():
    with pytest.raises(FacerepError, match="workers of the cluster ended .The worker died unexpectedly.; give the com"):
        list(ray_cluster._each(OneCore(dies=5), pow, [2], [(number,) for number in range(9)]))


def test_what_ray_makes_of_a_signal_is_the_signal_again(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(init=lambda **_how: None, shutdown=lambda: None))

    def wait(number: int = 0) -> None:
        with ray_cluster._connected(None, 1):
            if number:
                os.kill(os.getpid(), number)
            raise SystemError("returned a result with an exception set")

    before = signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    try:
        with pytest.raises(Stopped) as stopped:
            wait(signal.SIGTERM)
        assert stopped.value.exit_code == 143
        with pytest.raises(SystemError):
            wait()
    finally:
        signal.signal(signal.SIGTERM, before)


def test_only_the_engine_ray_is_a_cluster():
    assert cluster_of(None) is None
    assert cluster_of("local") is None


def test_what_ray_says_of_versions_and_tokens_is_one_line_of_ours():
    said = RuntimeError("Version mismatch: The cluster was started with:\n    Ray: 2.50.0\n    Python: 3.11.7")
    refused = ray_cluster._refused("host:6379", said)
    assert isinstance(refused, Mismatch)
    assert str(refused).startswith(
        "version differs: host:6379: Version mismatch: The cluster was started with: Ray: 2.50."
    )
    said = ConnectionError("Failed to connect")
    said.__cause__ = RuntimeError("RPC error: InvalidAuthToken: Authentication token is missing or incorrect.")
    assert str(ray_cluster._refused("host:6379", said)).startswith(
        "the Ray cluster wants its token: host:6379; set RAY_"
    )
    with pytest.raises(Mismatch, match=r"version of facerep differs: one has 9.9, this machine \d"):
        ray_cluster._require_version("9.9", "one")
    with pytest.raises(Mismatch, match=r"version of facerep differs: one has none, this machine \d"):
        ray_cluster._require_version("", "one")


@contextmanager
def listening(answer: bytes | None) -> Iterator[tuple[str, list[bytes]]]:
    """The address of who takes one connection, and answers with these bytes; None says nothing. What it heard."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                heard.append(connection.recv(100))
                if answer is not None:
                    connection.sendall(answer)
                else:
                    over.wait(30)

        over = threading.Event()
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}", heard
        finally:
            over.set()
            thread.join()


@pytest.mark.parametrize("answer", [None, b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 400 No\r\n\r\n", b"\0\0"])
def test_who_listens_and_is_no_cluster_is_told_before_ray_asks(monkeypatch, answer):
    monkeypatch.setattr(ray_cluster, "_ANSWER", 0.3 if answer is None else 20.0)
    with listening(answer) as (address, heard):
        with pytest.raises(NotAvailable, match=f"no Ray cluster answers: {address}; give the address of a cluster"):
            ray_cluster._require_answer(address)
        assert heard[0].startswith(b"PRI * HTTP/2.0")


def test_who_begins_as_http_2_does_is_left_to_ray():
    settings = bytes([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0])
    with listening(settings) as (address, _):
        ray_cluster._require_answer(address)


def test_a_cluster_with_tls_is_not_asked_in_clear(monkeypatch):
    monkeypatch.setenv("RAY_USE_TLS", "1")
    with listening(b"") as (address, heard):
        ray_cluster._require_answer(address)
    assert heard == [b""]
