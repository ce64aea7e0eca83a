"""Commands in this process: for what needs no process of its own, since torch takes seconds to import."""

from __future__ import annotations

import json
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from facerep.console import console


class Told:
    """What a command did: its exit code and its two streams, as `facerep` of ../conftest.py gives them."""

    def __init__(self, code: int, stdout: str, stderr: str) -> None:
        self.code, self.stdout, self.stderr = code, stdout, stderr

    @property
    def json(self) -> dict:
        return json.loads(self.stdout)

    @property
    def error(self) -> str:
        """The last line of stderr, which must be the only error line."""
        *before, last = self.stderr.splitlines()
        assert last.startswith("error: "), self.stderr
        assert not any(line.startswith("error: ") for line in before), self.stderr
        return last


@pytest.fixture
def here(tmp_path: Path, monkeypatch, capsys) -> Callable[..., Told]:
    """Run `facerep ARGUMENTS` by its entry point, in this process and in the test's own folder."""
    from facerep.cli.main import main

    def run(*arguments: object) -> Told:
        monkeypatch.setattr(sys, "argv", ["facerep", *map(str, arguments)])
        console.quiet, console.debug = False, False
        console.said.clear()
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        capsys.readouterr()
        try:
            main()
            code: object = 0
        except SystemExit as end:
            code = end.code or 0
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        said = capsys.readouterr()
        assert "bug in facerep" not in said.err, said.err
        assert isinstance(code, int)
        return Told(code, said.out, said.err)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FACEREP_CACHE", str(tmp_path / "cache"))
    return run


@pytest.fixture
def full_disk() -> Callable[[int], AbstractContextManager[None]]:
    """A disk that is full: inside it no file can grow beyond a number of bytes (Python itself ignores SIGXFSZ)."""

    @contextmanager
    def files_of_at_most(size: int) -> Iterator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return files_of_at_most


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Weights that nobody trained, of a small network that takes one face in the middle of a picture."""
    import torch

    from facerep.faces.crops import parse_crop
    from facerep.networks.catalog import row
    from facerep.networks.deepid import DeepID
    from facerep.networks.weights import save_model

    torch.manual_seed(0)
    path = tmp_path / "m.safetensors"
    network = DeepID(row("deepid-31x31"), normalise=True).eval()
    save_model(path, network, crop=parse_crop("loose@31x31/1"), normalise=True, dropout=0.0, card={})
    return path
