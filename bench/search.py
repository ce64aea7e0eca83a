"""Search among made-up 512-bit codes: ours against FAISS as it comes, against memory, against float vectors.

A query is a code of the gallery with 15 % of its bits flipped. Ours and FAISS's binary index must give the same
distances. What memory gives is a plain reduction, a sum of the same bytes as 64-bit words, by one thread and by two;
numpy reads them without Python's lock.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import faiss
import numpy as np

from facerep.codes.exact_search import nearest_codes
from row import Row, peak, row

CODES, QUERIES, VECTORS, ROUNDS, LONG_ROUNDS = 10_000_000, 256, 1_000_000, 15, 3
BITS, FLIPPED, K, THREADS = 512, 0.15, 10, 2


def measure(
    codes: int = CODES,
    queries: int = QUERIES,
    vectors: int = VECTORS,
    rounds: int = ROUNDS,
    long_rounds: int = LONG_ROUNDS,
) -> list[Row]:
    """How many times as long the others take.

    Args:
        codes: in the gallery of the first rows.
        queries: at once, in the rows of many queries.
        vectors: in the gallery of the last row, of codes and of float vectors as long as a code has bits.
        rounds: how often all run, one after another, where there is one query.
        long_rounds: the same for many queries.
    """
    draw = np.random.default_rng(0)
    gallery = draw.integers(0, 256, (codes, BITS // 8), dtype=np.uint8)
    asked = gallery[draw.integers(0, codes, queries)] ^ np.packbits(draw.random((queries, BITS)) < FLIPPED, axis=1)
    nearest_codes(asked, gallery, K)
    ours_peak = peak()
    rows = _one_query(gallery, asked[:1], rounds, ours_peak)
    rows.append(_many_queries(gallery, asked, long_rounds, ours_peak))
    return [*rows, _against_floats(gallery[:vectors], asked[:1], rounds, ours_peak)]


def _one_query(gallery: np.ndarray, query: np.ndarray, rounds: int, ours_peak: float) -> list[Row]:
    parts = np.array_split(gallery.view(np.uint64), THREADS)
    with ThreadPoolExecutor(THREADS) as threads:
        ours = _Timed(lambda: nearest_codes(query, gallery, K))
        two = _Timed(lambda: list(threads.map(np.sum, parts)))
        one = _Timed(lambda: np.sum(gallery.view(np.uint64)))
        index = _flat(gallery)
        theirs = _Timed(lambda: index.search(query, K))
        _agree(ours.answer, theirs.answer)
        for _ in range(rounds):
            for each in (ours, theirs, two, one):
                each.again()
    name = f"search, 1 query, {len(gallery):,} codes"
    gain, memory_gain = theirs.times / ours.times, one.times / two.times
    note = f"{theirs} against {ours}"
    return [
        row(f"{name}: FAISS / ours", gain, 1.7, ours_peak, note),
        row(f"{name}: sum of the bytes / ours", two.times / ours.times, 0.8, ours_peak, f"{two} against {ours}"),
        row(
            f"{name}: gain over FAISS / gain of a sum by its second thread", gain / memory_gain, 0.85, ours_peak,
            f"{np.median(gain):.2f} against {np.median(memory_gain):.2f}",
        ),
    ]  # fmt: skip


def _many_queries(gallery: np.ndarray, queries: np.ndarray, rounds: int, ours_peak: float) -> Row:
    ours = _Timed(lambda: nearest_codes(queries, gallery, K))
    index = _flat(gallery)
    theirs = _Timed(lambda: index.search(queries, K))
    _agree(ours.answer, theirs.answer)
    for _ in range(rounds):
        ours.again()
        theirs.again()
    name = f"search, {len(queries)} queries, {len(gallery):,} codes: FAISS / ours"
    return row(name, theirs.times / ours.times, 1.0, ours_peak, f"{theirs} against {ours}")


def _against_floats(gallery: np.ndarray, query: np.ndarray, rounds: int, ours_peak: float) -> Row:
    ours = _Timed(lambda: nearest_codes(query, gallery, K))
    index = faiss.IndexFlatIP(BITS)
    step = 65_536
    for start in range(0, len(gallery), step):
        index.add(_signs(gallery[start : start + step]))
    vector = _signs(query)
    theirs = _Timed(lambda: index.search(vector, K))
    products = np.asarray(theirs.answer[0])
    assert (products == BITS + 2 * np.asarray(ours.answer[0])).all()  # a product of ±1 is bits - 2 distance
    for _ in range(rounds):
        ours.again()
        theirs.again()
    name = f"search, 1 query, {len(gallery):,}: float vectors in FAISS / our codes"
    return row(name, theirs.times / ours.times, 15, ours_peak, f"{theirs} against {ours}")


class _Timed:
    """Work that is done once to be looked at, then again to be timed."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work, self._times = work, []
        self.answer: object = work()

    def again(self) -> None:
        time.sleep(0.02)  # the threads of the one before may still be spinning
        begun = time.perf_counter()
        self._work()
        self._times.append(time.perf_counter() - begun)

    @property
    def times(self) -> np.ndarray:
        return np.array(self._times)

    def __str__(self) -> str:
        return f"{1000 * np.median(self.times):,.1f} ms"


def _flat(gallery: np.ndarray) -> faiss.IndexBinaryFlat:
    index = faiss.IndexBinaryFlat(BITS)
    index.add(gallery)
    return index


def _signs(codes: np.ndarray) -> np.ndarray:
    return np.unpackbits(codes, axis=1).astype(np.float32) * 2 - 1


def _agree(ours: object, theirs: object) -> None:
    scores, rows = ours
    distances, theirs_rows = theirs
    assert (-scores == distances).all()
    assert (rows == theirs_rows).all()
