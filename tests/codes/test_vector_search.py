"""Exact search of vectors: the float64 scores of all pairs, sorted, whatever blocks and precision come between."""

from __future__ import annotations

import numpy as np
import pytest

from facerep.codes import device_search, vector_search
from facerep.codes.exact_search import nearest_products
from facerep.codes.vector_search import nearest_vectors
from facerep.studies.search.reranking import score_of

METRICS = ("cosine", "euclidean", "inner")


def sorted_scores(queries: np.ndarray, gallery: np.ndarray, k: int, metric) -> tuple[np.ndarray, np.ndarray]:
    """All pairs, one query at a time, ordered by score and then by row."""
    scores = np.stack([score_of(metric)(np.repeat(query[None], len(gallery), 0), gallery) for query in queries])
    rows = np.stack([sorted(range(len(gallery)), key=lambda row: (-line[row], row)) for line in scores])[:, :k]
    return np.take_along_axis(scores, rows, 1), rows


def blocks(gallery: np.ndarray, size: int):
    return ((start, gallery[start : start + size]) for start in range(0, len(gallery), size))


def galleries(random: np.random.Generator) -> dict[str, np.ndarray]:
    plain = random.normal(size=(150, 24))
    return {
        "plain": plain,
        "duplicates": plain[random.integers(0, 4, 150)],
        "nearly equal": plain[0] + 1e-6 * plain,
        "far from the origin": 1000 + plain,
        "lengths of all sizes": plain * 10.0 ** random.integers(-17, 17, (150, 1)),
        "as large as float32 gets": 3e38 * np.sign(plain),
        "one direction": np.ones((150, 24)),
    }


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("kind", list(galleries(np.random.default_rng(0))))
def test_scores_and_rows_are_those_of_all_pairs_sorted(kind: str, metric) -> None:
    random = np.random.default_rng(0)
    gallery = galleries(random)[kind].astype(np.float32)
    queries = np.concatenate([random.normal(size=(3, 24)).astype(np.float32), gallery[[0, 77]]])
    for k, size in ((1, 150), (7, 32), (150, 11)):
        scores, rows = nearest_vectors(queries, blocks(gallery, size), k, metric, score_of(metric))
        wanted = sorted_scores(queries, gallery, k, metric)
        assert (scores == wanted[0]).all()
        assert (rows == wanted[1]).all()


@pytest.mark.parametrize("metric", METRICS)
def test_products_that_are_as_wrong_as_they_may_be_change_nothing(metric) -> None:
    random = np.random.default_rng(1)
    gallery, queries = (random.normal(size=(n, 16)).astype(np.float32) for n in (400, 6))
    gallery[200:] = gallery[:200] * np.float32(1 + 2e-6)
    allowed = vector_search.margin(16)

    def off(left, right, k):
        wrong = left @ right.T + random.uniform(-allowed, allowed, (len(left), len(right))) / 2
        rows = np.argsort(-wrong, axis=1)[:, :k]
        return np.take_along_axis(wrong, rows, 1), rows

    found = nearest_vectors(queries, blocks(gallery, 90), 5, metric, score_of(metric), off)
    for one, other in zip(found, sorted_scores(queries, gallery, 5, metric), strict=True):
        assert (one == other).all()


def test_only_pairs_that_could_count_are_scored() -> None:
    random = np.random.default_rng(2)
    gallery, queries = (random.normal(size=(n, 64)).astype(np.float32) for n in (20_000, 10))
    scored = []

    def score(a, b):
        scored.append(len(a))
        return score_of("cosine")(a, b)

    nearest_vectors(queries, blocks(gallery, 2000), 10, "cosine", score)
    assert 10 * 10 <= sum(scored) < 10 * 10 * 10


def test_products_in_torch_lead_to_the_same_answer() -> None:
    random = np.random.default_rng(3)
    gallery, queries = (random.normal(size=(n, 32)).astype(np.float32) for n in (500, 5))
    for metric in METRICS:
        one, other = (
            nearest_vectors(queries, blocks(gallery, 128), 9, metric, score_of(metric), products)
            for products in (nearest_products, device_search.nearest_products)
        )
        assert all((a == b).all() for a, b in zip(one, other, strict=True))


def test_the_margin_holds_for_products_of_long_vectors() -> None:
    random = np.random.default_rng(4)
    for dimension in (3, 512, 5000):
        rows = random.normal(size=(200, dimension))
        rows[:100] = np.abs(rows[:100])  # no sum that cancels: the worst case
        unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        small = unit.astype(np.float32)
        scores, places = nearest_products(small, small, 200)
        exact = np.take_along_axis(unit @ unit.T, places, 1)
        assert np.abs(scores - exact).max() < vector_search.margin(dimension)
