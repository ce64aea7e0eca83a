"""Exact search of codes, against a slow loop: scores, rows and the order of ties."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from facerep.codes import device_search, exact_search
from facerep.errors import Mismatch


def slow(queries: np.ndarray, gallery: np.ndarray, k: int) -> tuple[list, list]:
    scores, rows = [], []
    for query in queries:
        pairs = sorted((sum(bin(x ^ y).count("1") for x, y in zip(query.tolist(), code.tolist(), strict=True)), row)
                       for row, code in enumerate(gallery))  # fmt: skip
        scores.append([-distance for distance, _ in pairs[:k]])
        rows.append([row for _, row in pairs[:k]])
    return scores, rows


@st.composite
def searches(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int]:
    """Queries, gallery and k; few different codes, so that most distances are tied."""
    size, n, q = draw(st.integers(1, 20)), draw(st.integers(1, 60)), draw(st.integers(1, 5))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    few = random.integers(0, 256, (draw(st.integers(1, 60)), size), dtype=np.uint8)
    return (
        random.integers(0, 256, (q, size), dtype=np.uint8),
        few[random.integers(0, len(few), n)],
        draw(st.integers(1, n)),
    )


@given(searches())
@settings(max_examples=60, deadline=None)
def test_the_nearest_codes_are_those_of_a_slow_loop_with_ties_by_row(search: tuple) -> None:
    scores, rows = exact_search.nearest_codes(*search)
    assert (scores.tolist(), rows.tolist()) == slow(*search)


@given(searches(), st.sampled_from([0, 99]), st.integers(1, 400))
@settings(max_examples=60, deadline=None)
def test_torch_gives_the_same_by_bit_operations_and_by_products(search: tuple, few: int, at_once: int) -> None:
    before, device_search.AT_ONCE, device_search._QUERIES = device_search.AT_ONCE, at_once, 2
    try:
        ours = device_search.nearest_codes(*search, few=few)
    finally:
        device_search.AT_ONCE, device_search._QUERIES = before, 1024
    for one, other in zip(ours, exact_search.nearest_codes(*search), strict=True):
        assert one.dtype == other.dtype
        assert (one == other).all()


def test_codes_longer_than_a_half_float_counts_are_exact_by_products() -> None:
    random = np.random.default_rng(0)
    gallery, queries = (random.integers(0, 256, (n, 600), dtype=np.uint8) for n in (50, 4))
    queries[0] = ~gallery[7]
    scores, rows = device_search.nearest_codes(queries, gallery, 50, few=0)
    assert (scores.tolist(), rows.tolist()) == slow(queries, gallery, 50)
    assert scores[0, -1] == -4800


@pytest.mark.gpu
def test_a_gpu_gives_the_same_bit_for_bit() -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    random = np.random.default_rng(0)
    gallery = random.integers(0, 256, (300_000, 64), dtype=np.uint8)
    queries = gallery[:300] ^ np.packbits(random.random((300, 512)) < 0.15, axis=1)
    for count in (1, 2, 3, 300):
        ours = device_search.nearest_codes(queries[:count], gallery, 100, "cuda")
        for one, other in zip(ours, exact_search.nearest_codes(queries[:count], gallery, 100), strict=True):
            assert (one == other).all()


def test_the_number_of_threads_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    gallery = random.integers(0, 2, (10_007, 2), dtype=np.uint8)
    answers = []
    for threads in (1, 2, 7):
        monkeypatch.setattr(exact_search.faiss, "omp_get_max_threads", lambda threads=threads: threads)
        answers.append(exact_search.nearest_codes(gallery[:3], gallery, 3000))
    assert all((one == other).all() for found in answers[1:] for one, other in zip(found, answers[0], strict=True))


def test_the_threads_of_others_are_left_as_they_are() -> None:
    before = exact_search.faiss.omp_get_max_threads()
    exact_search.nearest_codes(np.zeros((1, 2), np.uint8), np.zeros((4, 2), np.uint8), 1)
    assert exact_search.faiss.omp_get_max_threads() == before


def test_strided_codes_are_the_same_codes() -> None:
    wide = np.random.default_rng(2).integers(0, 256, (40, 32), dtype=np.uint8)
    view = wide[::2, :16]
    for one, other in zip(
        exact_search.nearest_codes(view, view, 3), exact_search.nearest_codes(view.copy(), view.copy(), 3), strict=True
    ):
        assert (one == other).all()


def test_codes_of_different_lengths_are_refused() -> None:
    for search in (exact_search.nearest_codes, device_search.nearest_codes):
        with pytest.raises(Mismatch, match="2 and 3 bytes"):
            search(np.zeros((1, 2), np.uint8), np.zeros((4, 3), np.uint8), 1)
