"""`search --store` on a Milvus server that is really run: FACEREP_MILVUS_SERVER names it (bench/milvus_server.py)."""

from __future__ import annotations

import csv
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from facerep.codes.milvus import opened
from facerep.errors import NotAvailable
from facerep.files.contract import Contract
from facerep.files.features import write_codes
from facerep.files.rows import Codes

BENCH = str(Path(__file__).parents[2] / "bench")
sys.path.insert(0, BENCH)
milvus_server = importlib.import_module("milvus_server")
sys.path.remove(BENCH)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not find_spec("pymilvus"), reason="pymilvus is not installed: the extra `milvus`"),
    pytest.mark.skipif(
        milvus_server.EXECUTABLE is None, reason="no milvus-server: FACEREP_MILVUS_SERVER names none (docs/scale.md)"
    ),
]
MANY, FEW, ASKED, BITS = 400_000, 12_000, 3000, 128


def codes(rows: int, seed: int, prefix: str, rule: float = 0.0) -> Codes:
    """Codes of people with six faces each, with many equal distances among them."""
    draw = np.random.default_rng(seed)
    people = np.arange(rows) // 6
    centres = np.random.default_rng(9).integers(0, 256, (people[-1] + 1, BITS // 8), dtype=np.uint8)
    flips = np.packbits(draw.random((rows, BITS), dtype=np.float32) < 0.12, axis=1)
    return Codes(
        names=np.array([f"{prefix}/{row}é.jpg" for row in range(rows)], dtype=object),
        people=np.array([f"p{person}" for person in people], dtype=object),
        packed=centres[people] ^ flips, bits=BITS, thresholds=np.full(BITS, rule, np.float32),
        contract=Contract(network="net", crop="box/1"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("codes")
    write_codes(codes(MANY, 0, "many"), folder / "many.h5")
    write_codes(codes(FEW, 1, "few"), folder / "few.h5")
    write_codes(codes(ASKED, 2, "q"), folder / "q.h5")
    write_codes(codes(ASKED, 2, "q", rule=0.5), folder / "other.h5")
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    held = milvus_server.MilvusServer(tmp_path_factory.mktemp("milvus"))
    try:
        held.start()
        yield held
    finally:
        held.kill()


class Searching:
    """`facerep search` in a process of its own."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "facerep.cli.main", "search", *arguments],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
        )  # fmt: skip

    def end(self) -> tuple[int, str]:
        """Its exit code, and stderr."""
        _, stderr = self.process.communicate(timeout=300)
        assert "Traceback" not in stderr, stderr
        return self.process.returncode, stderr


def count(server, collection: str) -> int:
    from pymilvus import MilvusException

    with opened(server.address, collection) as held:
        try:  # not by `info`, which would bring in what the load has just made
            return held.count()
        except MilvusException:
            return 0


def wait_for_rows(server, collection: str, least: int) -> int:
    until = time.monotonic() + 120
    while (rows := count(server, collection)) < least:
        assert time.monotonic() < until
        time.sleep(0.05)
    return rows


def test_a_server_gives_the_file_that_the_local_search_gives(facerep, files: Path, server) -> None:
    assert facerep("search", "q.h5", "few.h5", "-k", 7, "-o", "local.csv", cwd=files).code == 0
    run = facerep("search", "q.h5", "few.h5", "-k", 7, "--store", server.address, "-o", "server.csv", cwd=files)
    assert run.code == 0, run.stderr
    assert f"loading 12,000 codes of few.h5 into http://{server.place}" in run.stderr
    assert "Milvus@" not in run.stdout + run.stderr
    assert "exact; equal scores in the order of the gallery" in run.stdout
    assert (files / "server.csv").read_bytes() == (files / "local.csv").read_bytes()
    again = facerep("search", "q.h5", "-k", 7, "--store", server.address, "--json", cwd=files)
    assert again.json["exact"]
    assert again.json["gallery"] == {"store": f"http://{server.place}", "collection": "faces", "rows": FEW}


def test_what_does_not_belong_together_is_one_line(facerep, files: Path, server) -> None:
    where = f"http://{server.place}, collection faces"
    for arguments, line in (
        (("other.h5",), f"network, crop or rule of the bits differs: other.h5 has 128 bits, {where} has 128 bits; "
         "make both alike, by binarize --like"),
        (("q.h5", "q.h5"), f"store holds another gallery: {where} has 12000 codes, q.h5 has 3000; "
         "name another --collection or --store"),
        (("q.h5", "--index", "BIVF64"), f"index differs: BIVF64 is wanted, {where} has none, a query is compared with "
         "every code; name another --collection"),
        (("q.h5", "--collection", "nobody"), f"no such collection: http://{server.place}, collection nobody; "
         "give the gallery's code file too, which is then loaded"),
    ):  # fmt: skip
        run = facerep("search", *arguments, "--store", server.address, cwd=files)
        assert (run.code, run.stdout, run.stderr.strip()) == (1, "", f"error: {line}")


@pytest.mark.parametrize("user", ["root:wrong@", "nobody:Milvus@", ""])
def test_a_user_whom_the_server_does_not_know_is_one_line(facerep, files: Path, server, user: str) -> None:
    run = facerep("search", "q.h5", "--store", f"http://{user}{server.place}", cwd=files)
    assert (run.code, run.stdout) == (1, "")
    assert run.stderr.strip() == (
        f"error: store refuses this user: http://{server.place}; give such as http://USER:PASSWORD@HOST:19530"
    )


def test_an_approximate_index_is_named_in_every_result_and_without_it_the_answer_is_exact(
    facerep, files: Path, server
) -> None:
    store = ("--store", server.address, "--collection", "lists")
    facerep("search", "q.h5", "few.h5", "-k", 7, "-o", "local.csv", "--overwrite", cwd=files)
    run = facerep(
        "search", "q.h5", "few.h5", "-k", 7, *store, "--index", "BIVF64", "--effort", 2, "-o", "near.csv", cwd=files
    )
    assert run.code == 0, run.stderr
    assert "approximate: BIVF64, effort 2; recall of the 7 best: " in run.stdout
    told = facerep("search", "q.h5", "-k", 7, *store, "--index", "BIVF64", "--json", cwd=files).json
    assert (told["exact"], told["index"]["name"], told["index"]["effort"]) == (False, "BIVF64", 8)
    with (files / "near.csv").open(encoding="utf-8", newline="") as file:
        assert {line["index"] for line in csv.DictReader(file)} == {"BIVF64, effort 2"}
    exact = facerep("search", "q.h5", "-k", 7, *store, "-o", "all-lists.csv", cwd=files)
    assert "exact; equal scores" in exact.stdout
    assert (files / "all-lists.csv").read_bytes() == (files / "local.csv").read_bytes()
    wrong = facerep("search", "q.h5", *store, "--index", "BIVF32", cwd=files)
    assert wrong.stderr.startswith("error: index differs: BIVF32 is wanted, ")
    wide = facerep("search", "q.h5", *store, "--index", "BIVF64", "--effort", 65, cwd=files)
    assert (wide.code, wide.stderr.strip()) == (
        2, "error: index 'BIVF64' has 64 lists, and 65 are to be looked at; give a smaller --effort"
    )  # fmt: skip


def test_two_loads_at_once_leave_every_row_there_once(facerep, files: Path, server) -> None:
    arguments = ("q.h5", "few.h5", "-k", "7", "--store", server.address, "--collection", "both")
    for code, stderr in [one.end() for one in [Searching(files, *arguments) for _ in range(2)]]:
        assert code == 0, stderr
    assert count(server, "both") == FEW
    facerep("search", "q.h5", "few.h5", "-k", 7, "-o", "local.csv", "--overwrite", cwd=files)
    facerep("search", "q.h5", "-k", 7, "--store", server.address, "--collection", "both", "-o", "both.csv", cwd=files)
    assert (files / "both.csv").read_bytes() == (files / "local.csv").read_bytes()


def test_a_client_and_a_server_that_are_killed_in_the_middle_lose_nothing(facerep, files: Path, server) -> None:
    arguments = ("q.h5", "many.h5", "-k", "7", "--store", server.address, "--collection", "killed")
    begun = Searching(files, *arguments)
    wait_for_rows(server, "killed", 20_000)
    begun.process.send_signal(signal.SIGKILL)
    begun.process.communicate()
    there = count(server, "killed")
    assert 20_000 <= there < MANY

    begun = Searching(files, *arguments)
    wait_for_rows(server, "killed", there + 10_000)
    begun.process.send_signal(signal.SIGINT)
    code, stderr = begun.end()
    assert (code, stderr.splitlines()[-1]) == (130, "error: stopped; give the same command again to go on loading")
    there = count(server, "killed")

    begun = Searching(files, *arguments)
    wait_for_rows(server, "killed", there + 20_000)
    server.kill()
    code, stderr = begun.end()
    assert code == 1
    assert stderr.splitlines()[-1] == (
        f"error: store does not answer any more: http://{server.place}; once it is back, the same command goes on"
    )
    absent = facerep("search", *arguments, cwd=files)
    assert absent.stderr.strip() == (
        f"error: store does not answer: http://{server.place}; start the server, or correct the address"
    )

    server.start()
    whole = facerep("search", *arguments, "-o", "killed.csv", cwd=files)
    assert whole.code == 0, whole.stderr
    loaded = int(whole.stderr.partition("loading ")[2].partition(" codes")[0].replace(",", ""))
    assert loaded <= MANY - there
    assert count(server, "killed") == MANY
    facerep("search", "q.h5", "many.h5", "-k", 7, "-o", "many.csv", cwd=files)
    assert (files / "killed.csv").read_bytes() == (files / "many.csv").read_bytes()


def test_a_server_that_is_killed_in_the_middle_of_a_search_is_one_line(facerep, files: Path, server) -> None:
    asked = codes(ASKED, 2, "q").packed

    def kill(_count: int) -> None:
        server.kill()

    with pytest.raises(NotAvailable, match="does not answer any more"), opened(server.address, "faces") as held:
        held.nearest(asked, 7, done=kill)
    server.start()
    again = facerep("search", "q.h5", "-k", 7, "--store", server.address, "--json", cwd=files)
    assert again.code == 0, again.stderr
    assert json.loads(again.stdout)["exact"]
