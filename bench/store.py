"""Codes in a Milvus server that is really run: loaded and searched by facerep, and by its client alone.

The codes are made: ten of each person, 15 % of the bits flipped. The client alone puts the rows in by `insert`, and
asks once for as many answers as facerep does at first: it does not know what is there already, looks after no equal
distances and fetches no names. Without a server (bench/milvus_server.py) the rows are left out.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from facerep.codes.exact_search import nearest_codes
from facerep.codes.milvus import opened
from facerep.codes.milvus_collection import AT_ONCE, CollectionInfo, Store
from facerep.console import console
from milvus_server import EXECUTABLE, MilvusServer
from row import Row, peak, row

CODES, QUERIES, ROUNDS, PART = 1_000_000, 1000, 5, 100_000
BITS, FLIPPED, EACH, K, INDEX = 512, 0.15, 10, 10, "BIVF1024"
EFFORTS = (8, 64)


def measure(codes: int = CODES, queries: int = QUERIES, rounds: int = ROUNDS, index: str = INDEX) -> list[Row]:
    """How many times as long the client alone takes, and the exact search beside the approximate one.

    Args:
        codes, queries: how many.
        rounds: how often the searches run, one after another, and loads of PART codes; the whole is loaded once.
        index: the approximate one.
    """
    if EXECUTABLE is None:
        console.note("bench store: no milvus-server, FACEREP_MILVUS_SERVER names none")
        return []
    draw = np.random.default_rng(0)
    centres = draw.integers(0, 256, (-(-codes // EACH), BITS // 8), dtype=np.uint8)
    gallery = _flipped(centres[np.arange(codes) // EACH], draw)
    asked = _flipped(centres[draw.integers(0, len(centres), queries)], draw)
    with tempfile.TemporaryDirectory() as folder:
        server = MilvusServer(Path(folder))
        try:
            server.start()
            return _measured(server.address, gallery, asked, rounds, index)
        finally:
            server.kill()


def _measured(address: str, gallery: np.ndarray, asked: np.ndarray, rounds: int, index: str) -> list[Row]:
    with opened(address, "exact") as exact, opened(address, "lists") as lists, opened(address, "part") as part:
        loads = [(_loaded(part, gallery[:PART], ""), _inserted(part, gallery[:PART])) for _ in range(rounds)]
        whole = _loaded(exact, gallery, "")
        _loaded(lists, gallery, index)
        truth = nearest_codes(asked, gallery, K)
        scores, rows = exact.nearest(asked, K)
        assert (scores == truth[0]).all()
        assert (rows == truth[1]).all()
        all_lists = lists.nearest(asked, K)
        assert (all_lists[1] == truth[1]).all()
        times = [
            (_timed(lambda: exact.faces(exact.nearest(asked, K)[1])), _timed(lambda: _searched(exact, asked)))
            for _ in range(rounds)
        ]
        searched, alone = np.array(times).T
        upserted, inserted = np.array(loads).T
        count, size = f"{len(gallery):,} codes", len(gallery[:PART])
        found = [
            row(
                f"store, load {size:,} codes: client alone / facerep", inserted / upserted, 0.8, peak(),
                f"{size / np.median(upserted):,.0f} against {size / np.median(inserted):,.0f} codes a second; "
                f"{count} by facerep {len(gallery) / whole:,.0f} a second",
            ),
            row(
                f"store, {len(asked):,} queries, {count}: client alone / facerep", alone / searched, 0.5, peak(),
                f"{np.median(alone):.2f} s against {np.median(searched):.2f} s",
            ),
        ]  # fmt: skip
        for effort in EFFORTS:
            recall = float(np.mean(lists.nearest(asked, K, effort)[0] >= truth[0][:, -1:]))
            near = np.array(
                [_timed(lambda n=effort: lists.faces(lists.nearest(asked, K, n)[1])) for _ in range(rounds)]
            )
            found.append(row(
                f"store, {count}: exact / {index}, effort {effort}", searched / near, None, peak(),
                f"{np.median(searched):.2f} s against {np.median(near):.2f} s; recall of the {K} best "
                f"{100 * recall:.2f} % of {K * len(asked):,}",
            ))  # fmt: skip
    return found


def _loaded(store: Store, gallery: np.ndarray, index: str) -> float:
    """Seconds that facerep takes to load, without the index."""
    store.client.drop_collection(store.collection)
    store.create(CollectionInfo(len(gallery), BITS, "made", "made", index))
    begun = time.perf_counter()
    store.fill(((start, *_columns(gallery, start)) for start, _ in store.missing(len(gallery))), lambda _: None)
    took = time.perf_counter() - begun
    store.index_rows(lambda _: None)
    return took


def _inserted(store: Store, gallery: np.ndarray) -> float:
    """Seconds that the client alone takes."""
    store.client.drop_collection(store.collection)
    store.create(CollectionInfo(len(gallery), BITS, "made", "made"))
    begun = time.perf_counter()
    for start in range(0, len(gallery), AT_ONCE):
        codes, names, people = _columns(gallery, start)
        store.client.insert(store.collection, [
            {"row": number, "name": name, "person": person, "code": code.tobytes()}
            for number, (code, name, person) in enumerate(zip(codes, names, people, strict=True), start)
        ])  # fmt: skip
    store.client.flush(store.collection)
    took = time.perf_counter() - begun
    store.index_rows(lambda _: None)
    return took


def _searched(store: Store, asked: np.ndarray) -> None:
    store.client.search(
        store.collection, [code.tobytes() for code in asked], anns_field="code", limit=K + 4,
        search_params={"metric_type": "HAMMING"}, consistency_level="Eventually",
    )  # fmt: skip


def _columns(gallery: np.ndarray, start: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    codes = gallery[start : start + AT_ONCE]
    numbers = range(start, start + len(codes))
    names = np.array([f"{number // EACH:07d}/{number:08d}.jpg" for number in numbers], dtype=object)
    return codes, names, np.array([f"{number // EACH:07d}" for number in numbers], dtype=object)


def _flipped(codes: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    blocks = [
        block ^ np.packbits(draw.random((len(block), BITS), dtype=np.float32) < FLIPPED, axis=1)
        for block in np.array_split(codes, -(-len(codes) // 50_000))
    ]
    return np.concatenate(blocks)


def _timed(work) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
