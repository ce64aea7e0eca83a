"""A gallery in a file, which may be larger than memory: searched exactly, or by an approximate index."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from facerep.codes import approximate_search, exact_search
from facerep.codes.exact_search import Nearest, merge
from facerep.codes.vector_search import Metric, nearest_vectors, normalised
from facerep.console import console
from facerep.errors import Mismatch
from facerep.files.rows import Codes, Features
from facerep.files.streams import Stream
from facerep.metrics import intervals
from facerep.metrics.clusters import Clusters
from facerep.progress import progress
from facerep.results.figures import Rate
from facerep.studies.search.reranking import refuse_zeros, score_found, score_of
from facerep.studies.search.result import ApproximateIndex

SAMPLED = 100
"""Queries that the recall of an approximate index is measured on."""


def search_exactly(asked: Features | Codes, gallery: Stream, k: int, metric: Metric, device: Any = None) -> Nearest:
    """The k best of a gallery for each query.

    Args:
        asked: the queries.
        gallery: the gallery, of the same kind.
        k: at most the faces of the gallery.
        metric: of vectors.
        device: a torch device; None is the CPU by FAISS. The answer is the same.
    """
    if device is None:
        codes, products = exact_search.nearest_codes, exact_search.nearest_products
    else:
        from facerep.codes import device_search

        codes = partial(device_search.nearest_codes, device=device)
        products = partial(device_search.nearest_products, device=device)
    if isinstance(asked, Features):
        if metric == "cosine":
            refuse_zeros(asked.values, asked, np.arange(len(asked)))
        return nearest_vectors(asked.values, _blocks(gallery, metric), k, metric, score_of(metric), products)
    nearest = None
    for start, block in _blocks(gallery, metric):
        scores, rows = codes(asked.packed, block, min(k, len(block)))
        nearest = merge(nearest, (scores, rows + start), k)
    assert nearest is not None  # a file has a row
    return nearest


def search_by_index(
    asked: Features | Codes, gallery: Stream, k: int, metric: Metric, name: str, effort: int | None, seed: int
) -> tuple[Nearest, ApproximateIndex]:
    """What an approximate index finds, with true scores; and its recall against the exact answer on some queries.

    Args:
        asked, gallery, k, metric: as in `search_exactly`; the index holds the gallery in memory.
        name: of the index, as FAISS writes it.
        effort: lists or candidates that a query looks at, None: FAISS's own choice.
        seed: of the faces that the index is trained on, and of the queries that recall is measured on.
    """
    codes = isinstance(asked, Codes)
    trained_on = approximate_search.check(name, codes=codes, rows=len(gallery))
    draw = np.random.default_rng(seed)
    rows = np.sort(draw.choice(len(gallery), trained_on, replace=False))
    training, blocks = gallery.take(rows), _blocks(gallery, metric)
    values = asked.packed if isinstance(asked, Codes) else asked.values
    if metric == "cosine" and isinstance(asked, Features):
        refuse_zeros(values, asked, np.arange(len(asked)))
        refuse_zeros(training, gallery, rows)
        values, training, blocks = (
            normalised(values),
            normalised(training),
            ((start, normalised(block)) for start, block in blocks),
        )
    index = approximate_search.build(name, training, blocks, closest=metric == "euclidean")
    effort = approximate_search.set_effort(index, effort)
    scores, rows = approximate_search.nearest(index, values, k)
    if isinstance(asked, Features):  # an index may have kept the vectors rounded
        scores = score_found(asked.values, gallery, rows, metric)
        scores, rows = exact_search.best(scores, rows, k)
    some = sample(len(asked), draw)
    true, _ = search_exactly(asked.take(some), gallery, k, metric)
    return (scores, rows), ApproximateIndex(name, effort, recall(scores[some], true), len(some))


def sample(queries: int, draw: np.random.Generator) -> np.ndarray:
    """Which of so many queries the recall of an approximate index is measured on, sorted."""
    return np.sort(draw.choice(queries, min(SAMPLED, queries), replace=False))


def recall(scores: np.ndarray, true: np.ndarray) -> Rate:
    """How many of the faces found are as alike as the exact k-th, of k for each query.

    Args:
        scores: of what was found, shape (q, k).
        true: of the exact answer, best first, shape (q, k).
    """
    hits = scores >= true[:, -1:]
    query = np.repeat(np.arange(len(true)), true.shape[1])
    return intervals.rate(hits.ravel(), Clusters(query, query, "queries"))


def match(ours: Features | Codes, theirs: Features | Codes) -> None:
    """Refuse to compare what was made by different rules.

    Raises:
        Mismatch: codes against vectors; other lengths; another network, layer or crop; other thresholds.
    """
    sides, lengths = (ours, theirs), []
    for side in sides:
        length, unit = (side.bits, "bits") if isinstance(side, Codes) else (side.dimension, "units")
        lengths.append(f"{side.where} has {length} {unit}")
    if isinstance(ours, Codes) != isinstance(theirs, Codes):
        raise Mismatch("codes against vectors", ", ".join(lengths), "run facerep binarize on the vectors")
    if lengths[0].removeprefix(ours.where) != lengths[1].removeprefix(theirs.where):
        raise Mismatch("length differs", ", ".join(lengths), "make both with the same network and crop")
    if isinstance(ours, Codes) and isinstance(theirs, Codes):
        ours.require(theirs)
    else:
        ours.contract.require(theirs.contract, ours.where, theirs.where)
    if not ours.contract.network:
        console.warn(f"network unknown: {ours.where} and {theirs.where} are matched by their length alone")


def _blocks(gallery: Stream, metric: Metric) -> Iterator[tuple[int, np.ndarray]]:
    """The gallery's rows block by block, with a progress bar; under cosine no vector is all zero."""
    with progress(f"search {gallery.path.name}", len(gallery)) as done:
        for start, block in gallery.blocks():
            if metric == "cosine" and not isinstance(gallery.head, Codes):
                refuse_zeros(block, gallery, np.arange(start, start + len(block)))
            yield start, block
            done(len(block))
