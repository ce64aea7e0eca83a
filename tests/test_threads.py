"""How many threads arithmetic takes, and how they wait: chosen from what the system allows, unless the user chose."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from facerep import threads

V1 = "31 23 0:28 / {top} rw,relatime - cgroup cgroup rw,cpu,cpuacct"
V2 = "31 23 0:28 {root} {top} rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate"


@pytest.fixture
def untouched(monkeypatch):
    """An environment in which nobody has chosen anything."""
    for name in (*threads.COUNTS, *threads.WAITING):
        monkeypatch.setenv(name, "")  # so that what is set in a test is taken back
        monkeypatch.delenv(name)
    monkeypatch.setattr(threads, "_ours", {})
    return monkeypatch


@pytest.fixture
def process(tmp_path):
    """Make the two files of a process that name its control groups."""

    def made(membership: str, mount: str, root: str = "/") -> Path:
        (tmp_path / "cgroup").write_text(membership + "\n")
        other = "30 23 0:27 / /sys rw - sysfs sysfs rw\n"
        (tmp_path / "mountinfo").write_text(other + mount.format(top=tmp_path / "groups", root=root) + "\n")
        return tmp_path

    return made


def write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(content + "\n")


def test_the_tightest_group_above_the_process_is_its_quota(process, tmp_path) -> None:
    where = process("0::/a/b", V2)
    write(tmp_path / "groups" / "a" / "b", cpu__max="400000 100000")
    write(tmp_path / "groups" / "a", cpu__max="150000 100000")
    write(tmp_path / "groups", cpu__max="max 100000")
    assert threads.quota(where) == 1.5


def test_a_quota_of_the_first_version_is_read_too(process, tmp_path) -> None:
    where = process("4:memory:/m\n3:cpu,cpuacct:/job\n0::/", V1)
    write(tmp_path / "groups" / "job", cpu__cfs_quota_us="50000", cpu__cfs_period_us="100000")
    write(tmp_path / "groups", cpu__cfs_quota_us="-1", cpu__cfs_period_us="100000")
    assert threads.quota(where) == 0.5


@pytest.mark.parametrize(("inside", "root"), [("/docker/1f", "/docker/1f"), ("/docker/1f", "/"), ("/../other", "/")])
def test_in_a_container_the_group_is_found_at_its_mount(process, tmp_path, inside: str, root: str) -> None:
    where = process(f"0::{inside}", V2, root)
    write(tmp_path / "groups", cpu__max="200000 100000")
    assert threads.quota(where) == 2


@pytest.mark.parametrize("content", ["max 100000", "many 100000", "100000", "100000 0", "-1 100000"])
def test_what_sets_no_limit_is_none(process, tmp_path, content: str) -> None:
    where = process("0::/", V2)
    write(tmp_path / "groups", cpu__max=content)
    assert threads.quota(where) is None
    assert threads.quota(tmp_path / "absent") is None


def test_cores_are_those_of_the_affinity_or_of_the_quota(untouched) -> None:
    untouched.setattr(threads, "affinity", lambda: 8)
    for quota, cores in ((None, 8), (2.0, 2), (1.5, 2), (0.25, 1), (64.0, 8)):
        untouched.setattr(threads, "quota", lambda quota=quota: quota)
        assert (threads.cores(), threads.count()) == (cores, cores)


@pytest.mark.parametrize(("said", "count"), [("3", 3), ("3,2", 3), ("0", 1), ("some", 8)])
def test_our_own_arithmetic_takes_as_many_threads_as_the_environment_says(untouched, said: str, count: int) -> None:
    untouched.setattr(threads, "cores", lambda: 8)
    untouched.setenv("OMP_NUM_THREADS", said)
    assert threads.count() == count


def test_waiting_threads_sleep_and_a_quota_bounds_their_number(untouched) -> None:
    untouched.setattr(threads, "affinity", lambda: 8)
    untouched.setattr(threads, "quota", lambda: None)
    threads.choose()
    assert os.environ["OMP_WAIT_POLICY"] == "passive"
    assert not any(name in os.environ for name in threads.COUNTS)  # the libraries know the affinity themselves
    untouched.setattr(threads, "quota", lambda: 1.5)
    threads.choose()
    assert {os.environ[name] for name in threads.COUNTS} == {"2"}
    assert (
        threads.reasons()["cores"] == f"2 ({os.cpu_count()} in the machine, 8 by affinity, 1.5 by the cgroup's quota)"
    )
    assert threads.reasons()["threads chosen by"] == "facerep: OMP_NUM_THREADS=2"


@pytest.mark.parametrize(
    "chosen", [{"OMP_WAIT_POLICY": "active"}, {"GOMP_SPINCOUNT": "7"}, {"KMP_BLOCKTIME": "1"}, {"MKL_NUM_THREADS": "5"}]
)
def test_what_the_user_chose_stays(untouched, chosen: dict[str, str]) -> None:
    untouched.setattr(threads, "affinity", lambda: 8)
    untouched.setattr(threads, "quota", lambda: 2.0)
    ((name, value),) = chosen.items()
    untouched.setenv(name, value)
    threads.choose()
    assert os.environ[name] == value
    kind = threads.WAITING if name in threads.WAITING else threads.COUNTS
    assert [other for other in kind if other in os.environ] == [name]
    assert f"the user: {name}={value}" in threads.reasons().values()


def test_the_option_outdoes_the_environment(untouched) -> None:
    untouched.setenv("OMP_NUM_THREADS", "5")
    threads.ask(3)
    assert [os.environ[name] for name in threads.COUNTS] == ["3", "3", "3"]


def test_a_command_chooses_before_torch_is_loaded_and_its_workers_have_one_thread(tmp_path) -> None:
    script = """
import json, os, sys
from facerep.cli import main, program
program.program = lambda: lambda **_: print(
    json.dumps([sorted({"torch", "numpy"} & set(sys.modules)), os.environ["OMP_WAIT_POLICY"]])
)
try:
    main.main()
except SystemExit:
    pass
import numpy as np
from pathlib import Path
from PIL import Image
from facerep.faces.table import make_faces
from facerep.readers.decode_many import pictures
from threads_of_a_worker import threads_of
Image.new("RGB", (4, 4)).save("a.png")
faces = make_faces("folders", [f"{n}.png" for n in range(40)], [""] * 40, [Path("a.png")] * 40)
print(json.dumps([sorted({int(found[0]) for _, found in pictures(faces, threads_of, workers=2)}),
                  os.environ["OMP_NUM_THREADS"]]))
"""
    (tmp_path / "threads_of_a_worker.py").write_text(
        "import os\nimport numpy as np\n"
        "def threads_of(picture, points):\n    return np.array([int(os.environ['OMP_NUM_THREADS'])], np.uint8)\n"
    )
    (tmp_path / "it.py").write_text(
        "if __name__ == '__main__':\n" + "".join(f"    {line}\n" for line in script.splitlines())
    )
    environment = {name: value for name, value in os.environ.items() if name not in threads.WAITING}
    done = subprocess.run(
        [sys.executable, "it.py"], cwd=tmp_path, env={**environment, "OMP_NUM_THREADS": "3"}, capture_output=True,
        text=True, timeout=100, check=True,
    )  # fmt: skip
    before, workers = map(json.loads, done.stdout.splitlines())
    assert before == [[], "passive"]
    assert workers == [[1], "3"]
