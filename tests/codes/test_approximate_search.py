"""Approximate indexes: by name, repeatable, and no name that FAISS would die of."""

from __future__ import annotations

import numpy as np
import pytest

from facerep.codes import approximate_search
from facerep.codes.exact_search import nearest_codes
from facerep.errors import BadInput, Usage


def codes(n: int = 2000) -> np.ndarray:
    random = np.random.default_rng(0)
    centres = random.integers(0, 256, (40, 16), dtype=np.uint8)
    return centres[np.arange(n) % 40] ^ np.packbits(random.random((n, 128)) < 0.1, axis=1)


def in_blocks(rows: np.ndarray):
    return ((start, rows[start : start + 300]) for start in range(0, len(rows), 300))


@pytest.mark.parametrize(
    "name",
    ["", "Flat", "BIVF", "BIVF0", "BIVF-3", "BIVF2001", "BIVF99999999999999", "BHNSW1", "IVF16,Flat", "BIVF16\n"],
)
def test_a_name_that_is_no_index_of_codes_is_a_usage_error(name: str) -> None:
    with pytest.raises(Usage):
        approximate_search.check(name, codes=True, rows=2000)


@pytest.mark.parametrize("name", ["BIVF16", "IVF16", "IVF0,Flat", "IVF16,Flat,Flat", "OPQ8,IVF16,PQ8", "HNSW", "LSH"])
def test_a_name_that_is_no_index_of_vectors_is_a_usage_error(name: str) -> None:
    with pytest.raises(Usage):
        approximate_search.check(name, codes=False, rows=2000)


def test_what_faiss_refuses_is_one_line() -> None:
    rows = np.random.default_rng(0).normal(size=(500, 10)).astype(np.float32)
    with pytest.raises(BadInput, match=r"FAISS refused \(.*multiple.*\): --index IVF4,PQ3"):
        approximate_search.build("IVF4,PQ3", rows, in_blocks(rows))


@pytest.mark.parametrize("name", ["BIVF16", "BHNSW16"])
def test_an_index_is_the_same_each_time_and_more_effort_finds_more(name: str) -> None:
    gallery = codes()
    queries = gallery[:50] ^ np.packbits(np.random.default_rng(1).random((50, 128)) < 0.1, axis=1)
    true, _ = nearest_codes(queries, gallery, 10)
    recalls = []
    for effort in (1, 16):
        answers = []
        for _ in range(2):
            index = approximate_search.build(
                name, gallery[: approximate_search.check(name, codes=True, rows=2000)], in_blocks(gallery)
            )
            assert approximate_search.set_effort(index, effort) == effort
            answers.append(approximate_search.nearest(index, queries, 10))
        assert all((one == other).all() for one, other in zip(*answers, strict=True))
        recalls.append(np.mean(answers[0][0] >= true[:, -1:]))
    assert recalls[0] <= recalls[1]
    if name == "BIVF16":  # every list was looked into
        assert recalls[1] == 1


def test_true_distances_and_nothing_where_too_few_were_found() -> None:
    gallery = codes(64)
    index = approximate_search.build("BIVF32", gallery, in_blocks(gallery))
    scores, rows = approximate_search.nearest(index, gallery[:5], 60)
    assert (rows[:, 0] == np.arange(5)).all()
    assert (scores[rows < 0] == -np.inf).all()
    assert (rows < 0).any()
    for query, (line, found) in enumerate(zip(scores, rows, strict=True)):
        known = found >= 0
        distances = np.bitwise_count(gallery[query] ^ gallery[found[known]]).sum(axis=1)
        assert (line[known] == -distances.astype(float)).all()
