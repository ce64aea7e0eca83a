"""Search times: how long one query takes against a gallery, kind by kind, in rounds that alternate.

A time is not reproducible: it goes into a file of its own and is only ever compared within one run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import ClassVar

import faiss
import numpy as np

from facerep.codes.exact_search import nearest_codes, nearest_products
from facerep.results.kinds import SEARCH_TIMES
from facerep.scorers.joint_bayesian import JointBayesian
from facerep.scorers.weighted_hamming import WeightedHamming

NEAREST, ROUNDS = 10, 15
MOST_BYTES = 1 << 31
"""Of the largest gallery: 2 GB."""
MOST_FACES = 10_000_000

Search = Callable[[], object]


@dataclass(frozen=True)
class Quartiles:
    """Of a time over the rounds."""

    lower_quartile: float
    median: float
    upper_quartile: float


@dataclass(frozen=True)
class SearchTime:
    """Milliseconds of one query, and their ratio to one kind in the same round."""

    milliseconds: Quartiles
    ratio: Quartiles


@dataclass(frozen=True)
class SearchTimes:
    """The times of several kinds of search, and what they were measured with."""

    KIND: ClassVar = SEARCH_TIMES

    gallery: int
    nearest: int
    rounds: int
    threads: int
    kinds: dict[str, SearchTime]


def measure(searches: Mapping[str, Search], gallery: int, *, over: str, rounds: int = ROUNDS) -> SearchTimes:
    """Time the searches one after the other, round by round; ratios are to the one called `over`."""
    taken = np.empty((rounds, len(searches)))
    for search in searches.values():
        search()
    for row in taken:
        for place, search in enumerate(searches.values()):
            start = perf_counter()
            search()
            row[place] = 1000 * (perf_counter() - start)
    ratios = taken / taken[:, [list(searches).index(over)]]
    kinds = {
        name: SearchTime(_quartiles(taken[:, place]), _quartiles(ratios[:, place]))
        for place, name in enumerate(searches)
    }
    return SearchTimes(gallery, NEAREST, rounds, faiss.omp_get_max_threads(), kinds)


def cosine_search(values: np.ndarray, gallery: np.ndarray) -> Search:
    """Look the first face up by cosine among faces drawn as `gallery` says: inner products of unit vectors, float32."""
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    rows = (values / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return partial(nearest_products, rows[:1], rows[gallery], NEAREST)


def joint_bayesian_search(model: JointBayesian, rows: np.ndarray, gallery: np.ndarray) -> Search:
    """The same by Joint Bayesian: inner products of prepared rows, in which a face's own term is one more number.

    The query's own term and the constant are the same for all and stay out.
    """
    assert rows.shape[1] == len(model.ratios) + 1
    mine, theirs = rows.astype(np.float32), rows.astype(np.float32)
    mine[:, -1] = 1
    theirs[:, -1] *= -1
    return partial(nearest_products, mine[:1], theirs[gallery], NEAREST)


def hamming_search(packed: np.ndarray, gallery: np.ndarray) -> Search:
    """The same by Hamming distance of packed codes."""
    return partial(nearest_codes, packed[:1], packed[gallery], NEAREST)


def weighted_search(model: WeightedHamming, packed: np.ndarray, gallery: np.ndarray) -> Search:
    """The same by weighted Hamming distance of packed codes."""
    codes = packed[gallery]

    def search() -> np.ndarray:
        scores = model.score(np.broadcast_to(packed[:1], codes.shape), codes)
        return np.argpartition(scores, len(scores) - NEAREST)[-NEAREST:]

    return search


def draw_gallery(faces: int, wanted: int, longest: int, *, seed: int) -> np.ndarray:
    """Rows of a gallery of `wanted` faces, drawn with replacement; fewer where vectors of `longest` would not fit."""
    count = max(NEAREST, min(wanted, MOST_FACES, MOST_BYTES // (4 * longest)))
    return np.random.default_rng(seed).integers(faces, size=count)


def _quartiles(values: np.ndarray) -> Quartiles:
    return Quartiles(*np.quantile(values, [0.25, 0.5, 0.75]).tolist())
