"""The fuzzer: every kind of file and every option spoiled, and never more than one error line comes of it.

pytest tests/attacks/test_fuzz.py -m slow --fuzz-seed 1 --fuzz-minutes 10
pytest tests/attacks/test_fuzz.py -m slow --fuzz-seed 1 --fuzz-only 17
"""

from __future__ import annotations

import itertools
import sys
import time
from pathlib import Path

import pytest
from fuzz_cases import End, run_all, told
from fuzz_world import WORLD, make_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of everything that facerep reads."""
    from facerep.cli.main import main

    place = tmp_path_factory.mktemp("world")

    def run(*words: str) -> None:
        sys.argv = ["facerep", *words]
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 0, words

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setenv("FACEREP_CACHE", str(place / "cache"))
        patch.setattr(sys, "argv", [])
        make_world(run)
    assert all((place / name).exists() for name in WORLD)
    return place


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_no_spoiled_file_and_no_odd_option_ends_in_more_than_one_error_line(world, tmp_path, request):
    option = request.config.getoption
    seed, minutes, only = option("--fuzz-seed"), option("--fuzz-minutes"), option("--fuzz-only")
    numbers = iter([only]) if only is not None else itertools.count()
    end = time.monotonic() + 60 * minutes
    faults: list[tuple[str, End]] = []
    cases = 0
    for ended in run_all(numbers, seed, world, tmp_path, jobs=option("--fuzz-jobs"), end=end):
        cases += 1
        faults += [(fault, ended) for fault in ended.faults()]
        if only is not None:
            print(ended.case, ended.status, ended.resident, ended.stdout, ended.stderr, sep="\n")
    print(f"{cases} cases of seed {seed}")
    assert not faults, f"{len(faults)} faults in {cases} cases of seed {seed}\n{told(faults)}"
