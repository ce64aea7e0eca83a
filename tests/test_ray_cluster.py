"""What a Ray cluster says is one line of ours, and what it is given to do comes back in order, so much at a time."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from facerep import ray_cluster, threads
from facerep.errors import FacerepError, Mismatch
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
