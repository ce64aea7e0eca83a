"""Shards on a Ray cluster: the bytes of one process, whatever is killed or damaged on the way."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from many import at_once, many, same, whole

from facerep.detection.aligned_faces import Finding
from facerep.errors import NotAvailable, Usage
from facerep.extraction.many.align_many import align_many
from facerep.extraction.many.aligning import AlignJob
from facerep.extraction.many.engines import engine_of
from facerep.extraction.many.extracting import ExtractJob
from facerep.files.features import read_features
from facerep.readers.in_shards import in_shards

needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="ray is not installed: pip install -e '.[ray]'")
FACES, ROWS = 1200, 100


def test_without_ray_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setattr("facerep.ray_cluster.find_spec", lambda _name: None)
    with pytest.raises(NotAvailable, match=r"ray is not installed; pip install 'facerep\[ray\]'"):
        engine_of("ray")


@needs_ray
def test_an_address_of_a_client_and_one_that_does_not_answer_are_told(shards, job):
    with pytest.raises(Usage, match="no address of a cluster: ray://host:10001; give HOST:PORT"):
        engine_of("ray", address="ray://host:10001")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(NotAvailable, match=f"no Ray cluster answers: {address}; give the address"):
            many(shards, job, engine_of("ray", address=address))


def wait_for(what: Callable[[], object], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until
        time.sleep(0.05)


class Here:
    """A cluster of two machines on this one, and a command that runs on it."""

    def __init__(self, cluster, folder: Path) -> None:
        self.cluster, self.folder = cluster, folder
        self.begun: list[subprocess.Popen[str]] = []
        self.nodes = [cluster.add_node(num_cpus=1), cluster.add_node(num_cpus=1)]

    def begin(self, *arguments: object) -> subprocess.Popen[str]:
        return self.begin_any("extract", *arguments, "--device", "cpu")

    def begin_any(self, *words: object) -> subprocess.Popen[str]:
        run = subprocess.Popen(
            [sys.executable, "-m", "facerep", *map(str, words), "--engine", "ray", "--address", self.cluster.address],
            cwd=self.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.begun.append(run)
        return run

    def wait_for(self, what: Callable[[], object], seconds: float = 120) -> None:
        """Wait until something is so, while the last command runs."""

        def so() -> object:
            assert self.begun[-1].poll() is None, self.begun[-1].communicate()[1]
            return what()

        wait_for(so, seconds)

    def actors(self) -> list[int]:
        """The processes that extract."""
        listed = subprocess.run(
            ["ps", "-ww", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True
        ).stdout
        rows = [line.split(None, 2) for line in listed.splitlines()[1:]]
        raylets = {str(node.all_processes["raylet"][0].process.pid) for node in self.nodes}
        return [int(pid) for pid, parent, name in rows if parent in raylets and "MapWorker(Map(Doing" in name]


@pytest.fixture
def two_machines(tmp_path) -> Iterator[Here]:
    import ray
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    made = Here(cluster, tmp_path)
    try:
        yield made
    finally:
        for run in made.begun:
            run.kill()
            run.communicate()
        ray.shutdown()
        cluster.shutdown()


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough faces for a few seconds of a core, as a table; they are few pictures with many names."""
    import numpy as np
    from PIL import Image

    root = tmp_path_factory.mktemp("faces")
    draw = np.random.default_rng(0)
    for number in range(FACES):
        pixels = np.kron(draw.integers(0, 256, (8, 8, 3), np.uint8), np.ones((14, 14, 1), np.uint8))
        Image.fromarray(pixels).save(root / f"{number}.png")
    lines = [f"{number}.png,p{number % 40}" for number in range(FACES)]
    (root / "faces.csv").write_text("\n".join(["path,person", *lines]) + "\n")
    return root / "faces.csv"


def parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("part-*.h5"))


def ended_well(run: subprocess.Popen[str], folder: Path, faces: Path, tmp_path: Path) -> None:
    out, err = run.communicate(timeout=240)
    assert run.returncode == 0, err
    assert "Traceback" not in err
    assert [line.split()[0] for line in out.splitlines()][:3] == ["features", "shards", "done"]
    as_one = at_once(faces, ExtractJob(tmp_path / "feats", ("bundled",), crop="loose"))
    assert same(read_features(folder), as_one)
    assert not list(folder.glob(".*"))


@pytest.mark.slow
@needs_ray
def test_a_worker_and_then_a_machine_that_are_killed_cost_no_row(two_machines, faces, tmp_path):
    folder = tmp_path / "feats"
    run = two_machines.begin(faces, "-o", folder, "--rows", ROWS, "--crop", "loose")
    two_machines.wait_for(lambda: len(parts(folder)) >= 2)
    actors = two_machines.actors()
    assert len(actors) == 2
    os.kill(actors[0], signal.SIGKILL)
    two_machines.wait_for(lambda: len(parts(folder)) >= 5)
    two_machines.cluster.remove_node(two_machines.nodes[1], allow_graceful=False)
    assert len(parts(folder)) < FACES / ROWS
    ended_well(run, folder, faces, tmp_path)


@pytest.mark.slow
@needs_ray
def test_who_sends_the_shards_is_killed_and_resume_does_what_is_missing(two_machines, faces, tmp_path):
    folder = tmp_path / "feats"
    run = two_machines.begin(faces, "-o", folder, "--rows", ROWS, "--crop", "loose")
    two_machines.wait_for(lambda: len(parts(folder)) >= 3)
    run.kill()
    run.communicate()
    wait_for(lambda: not two_machines.actors())
    before = {path.name: path.stat().st_mtime_ns for path in parts(folder)}
    assert 3 <= len(before) < FACES / ROWS
    again = two_machines.begin(faces, "-o", folder, "--rows", ROWS, "--crop", "loose", "--resume")
    ended_well(again, folder, faces, tmp_path)
    after = {path.name: path.stat().st_mtime_ns for path in parts(folder)}
    assert sum(after[name] != when for name, when in before.items()) == 0


@pytest.mark.slow
@needs_ray
def test_a_damaged_shard_is_named_and_what_ctrl_c_stopped_goes_on(two_machines, shards, tmp_path):
    place = shards / "shard-000001.tar"
    good = place.read_bytes()
    place.write_bytes(good[:40_000])
    run = two_machines.begin(shards, "-o", "feats", "--model", "pixels-32")
    out, err = run.communicate(timeout=240)
    assert (run.returncode, out) == (1, "")
    assert err.splitlines()[-1].startswith("error: 1 of 3 shards not done, shard-000001.tar (shard was changed since")
    place.write_bytes(good)
    wait_for(lambda: not two_machines.actors())
    run = two_machines.begin(shards, "-o", "feats", "--model", "pixels-32", "--resume")
    two_machines.wait_for(two_machines.actors)
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=60)
    assert (run.returncode, err.splitlines()[-1]) == (
        130, "error: stopped; give the same command with --resume to go on",
    )  # fmt: skip
    run = two_machines.begin(shards, "-o", "feats", "--model", "pixels-32", "--resume")
    out, err = run.communicate(timeout=240)
    assert run.returncode == 0, err
    assert same(read_features(tmp_path / "feats"), at_once(shards, ExtractJob(tmp_path / "feats", ("pixels-32",))))


@pytest.mark.slow
@needs_ray
def test_faces_that_are_aligned_on_two_machines_are_those_of_one_process(two_machines, photographs, tmp_path):
    run = two_machines.begin_any("align", photographs, "-o", "out", "--faces", "all")
    two_machines.wait_for(lambda: len(list((tmp_path / "out").glob("*.tar"))) >= 2)
    os.kill(two_machines.actors()[0], signal.SIGKILL)
    out, err = run.communicate(timeout=240)
    assert run.returncode == 0, err
    assert [line.split()[0] for line in out.splitlines()][:3] == ["aligned", "shards", "done"]
    align_many(in_shards([photographs], photographs=True), AlignJob(tmp_path / "one", Finding(faces="all"), workers=0))
    assert whole(tmp_path / "out") == whole(tmp_path / "one")


@pytest.mark.slow
@needs_ray
def test_a_machine_with_another_facerep_is_told_before_any_work(two_machines, shards, tmp_path):
    other = tmp_path / "other" / "facerep"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text('__version__ = "9.9"\n')
    two_machines.cluster.add_node(num_cpus=1, env_vars={"PYTHONPATH": str(other.parent)})
    run = two_machines.begin(shards, "-o", "feats", "--model", "pixels-32")
    out, err = run.communicate(timeout=240)
    assert (run.returncode, out) == (1, "")
    assert "version of facerep differs: " in err.splitlines()[-1]
    assert " has 9.9, this machine " in err.splitlines()[-1]
    assert not parts(tmp_path / "feats")


@pytest.mark.slow
@needs_ray
def test_a_cluster_of_this_machine_leaves_nothing_behind(facerep, shards, tmp_path):
    before = set(Path("/tmp").glob("fr-*"))
    words = ("extract", shards, "-o", "feats", "--model", "pixels-32", "--engine", "ray", "--device", "cpu")
    run = facerep(*words, HOME=str(tmp_path))
    assert run.code == 0, run.stderr
    assert [line for line in run.stderr.splitlines() if not line.startswith("warning: no five points")] == []
    assert set(Path("/tmp").glob("fr-*")) <= before
    assert same(read_features(tmp_path / "feats"), at_once(shards, ExtractJob(tmp_path / "feats", ("pixels-32",))))
    assert not (tmp_path / ".ray").exists()


TWICE = """
import sys
from pathlib import Path
from facerep.extraction.many.engines import engine_of
from facerep.extraction.many.extract_many import extract_many
from facerep.extraction.many.extracting import ExtractJob
from facerep.readers.in_shards import in_shards
shards, folder, model = sys.argv[1:]
for number in (1, 2):
    job = ExtractJob(Path(folder), (model,), workers=0, batch_size=7, device="cpu")
    made = extract_many(in_shards([shards]), job, engine_of("ray", devices=number), overwrite=number == 2)
    assert (made.done, made.faces) == (3, 24)
"""


@pytest.mark.slow
@needs_ray
def test_clusters_may_be_started_one_after_another(shards, job):
    words = [sys.executable, "-c", TWICE, str(shards), str(job.folder), job.sources[0]]
    run = subprocess.run(words, capture_output=True, text=True, timeout=240)  # ray reads its token once a process
    assert run.returncode == 0, run.stderr
    assert same(read_features(job.folder), at_once(shards, job))
