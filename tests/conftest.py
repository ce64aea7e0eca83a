"""Fixtures that all tests share: the program as a user runs it, and small faces made here."""

from __future__ import annotations

import os

# One thread of arithmetic a process, said before numpy and torch are imported and inherited by what tests start.
# Workers side by side with as many threads each as there are cores spend most of their time waiting for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

# no test asserts a time, neither does an example of one
settings.register_profile("without times", deadline=None)
settings.load_profile("without times")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the fuzzer, tests/attacks/test_fuzz.py."""
    fuzzer = parser.getgroup("fuzz", "the fuzzer of tests/attacks")
    fuzzer.addoption("--fuzz-seed", type=int, default=0, help="Of all cases.")
    fuzzer.addoption("--fuzz-minutes", type=float, default=3, help="How long new cases are begun.")
    fuzzer.addoption("--fuzz-only", type=int, default=None, help="Run the case of this number alone, and show it.")
    fuzzer.addoption("--fuzz-jobs", type=int, default=2, help="Cases at once.")


@dataclass(frozen=True)
class Run:
    """What a command did: its exit code and its two streams."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> dict:
        return json.loads(self.stdout)


@pytest.fixture
def facerep(tmp_path: Path) -> Callable[..., Run]:
    """Run `facerep ARGUMENTS` as a subprocess in `cwd` (default: the test's own folder), with no data beside it."""

    def run(*arguments: object, cwd: Path | None = None, timeout: float = 240, **environment: str) -> Run:
        variables = {**os.environ, "FACEREP_CACHE": str(tmp_path / "cache"), **environment}
        variables.pop("PYTEST_CURRENT_TEST", None)
        done = subprocess.run(
            [sys.executable, "-m", "facerep.cli.main", *map(str, arguments)],
            cwd=cwd or tmp_path, capture_output=True, text=True, timeout=timeout, env=variables,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return Run(done.returncode, done.stdout, done.stderr)

    return run


def die() -> None:
    """Kill this process, as kill -9 does."""
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def killed() -> Callable[[Callable[[Callable[[], None]], object]], bool]:
    """Do work that is given `die` in a process of its own, forked off; True where it was killed, False at its end."""

    def begin(work: Callable[[Callable[[], None]], object]) -> bool:
        child = os.fork()
        if not child:
            try:
                work(die)
                os._exit(0)
            finally:
                os._exit(1)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code in (0, -signal.SIGKILL)
        return code != 0

    return begin


@pytest.fixture
def data_root() -> Path:
    """The folder of real faces named by FACEREP_DATA; the test is skipped where there is none."""
    root = os.environ.get("FACEREP_DATA")
    if not root:
        pytest.skip("FACEREP_DATA is not set: the real faces are not here")
    return Path(root)


def draw_face(person: int, picture: int, size: tuple[int, int] = (64, 64)) -> Image.Image:
    """A picture that depends on the person (its smooth shape) and a little on the picture (noise); not a face."""
    height, width = size
    shape = np.random.default_rng(person).normal(size=(6, 6, 3))
    noise = np.random.default_rng(1000 * person + picture).normal(size=(height, width, 3))
    smooth = Image.fromarray(np.uint8(np.clip(128 + 50 * shape, 0, 255))).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    return Image.fromarray(np.uint8(np.clip(np.asarray(smooth) + 12 * noise, 0, 255)))


@pytest.fixture(scope="session")
def drawn_people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `people_folder` is a copy of."""
    root = tmp_path_factory.mktemp("drawn") / "people"
    for person in range(6):
        (root / f"person_{person}").mkdir(parents=True)
        for picture in range(4):
            draw_face(person, picture).save(root / f"person_{person}" / f"{picture}.png")
    return root


@pytest.fixture
def people_folder(drawn_people: Path, tmp_path: Path) -> Path:
    """A folder of 6 people with 4 pictures each, one folder a person; the test's own."""
    return Path(shutil.copytree(drawn_people, tmp_path / "people"))


VIEWS, LIGHTS = ("-60", "-30", "0", "30", "60"), ("0", "3", "7")
"""Of `viewed_people`."""


def draw_view(person: int, view: float, light: int) -> Image.Image:
    """A grey 32x32 picture: the view shows another part of a person's smooth pattern, the light shades it."""
    pattern = np.random.default_rng(7000 + person).normal(size=(7, 14))
    wide = Image.fromarray(np.uint8(np.clip(128 + 45 * pattern, 0, 255))).resize((64, 32), Image.Resampling.BICUBIC)
    left = 16 + round(view * 0.17)
    shade = 1 + 0.3 * np.sin(light) * np.linspace(-1, 1, 32)
    return Image.fromarray(np.uint8(np.clip(np.asarray(wide)[:, left : left + 32] * shade, 0, 255)))


@pytest.fixture(scope="session")
def drawn_views(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `viewed_people` is a copy of."""
    root = tmp_path_factory.mktemp("views") / "viewed"
    root.mkdir()
    lines = ["path,person,view,light,expression,split"]
    for person in range(10):
        split = "train" if person < 6 else "validation" if person < 8 else "test"
        for view in VIEWS:
            for light in LIGHTS:
                name = f"{person}_{view}_{light}.png"
                draw_view(person, float(view), int(light)).save(root / name)
                lines.append(f"{name},person {person},{view},{light},neutral,{split}")
    (root / "faces.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root


@pytest.fixture
def viewed_people(drawn_views: Path, tmp_path: Path) -> Path:
    """A table of 10 people in 5 views and 3 lights, six to train, two to validate, two to test; crop `whole`."""
    return Path(shutil.copytree(drawn_views, tmp_path / "viewed")) / "faces.csv"
