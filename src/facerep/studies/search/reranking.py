"""Real-valued scores of queries with the gallery faces that were found for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facerep.codes.exact_search import Nearest
from facerep.codes.vector_search import Metric, Score, score_pairs
from facerep.errors import Usage
from facerep.files import streams
from facerep.files.rows import Features
from facerep.files.streams import Stream, open_stream
from facerep.pairs.inputs import no_direction
from facerep.scorers.cosine import Cosine
from facerep.scorers.euclidean import Euclidean
from facerep.studies.search.result import NOTHING


def score_of(metric: Metric) -> Score:
    """Scores of aligned rows, float64: the scorers' own, or the inner product."""
    return {"cosine": Cosine().score, "euclidean": Euclidean().score, "inner": _inner}[metric]


def score_found(queries: np.ndarray, file: Stream, rows: np.ndarray, metric: Metric) -> np.ndarray:
    """Scores of each query with some rows of a feature file, of which a block is in memory at a time.

    Args:
        queries: vectors, shape (q, d).
        file: the file.
        rows: shape (q, m); NOTHING scores minus infinity.
        metric: how they are compared.

    Returns:
        float64, shape (q, m).
    """
    scores = np.full(rows.shape, -np.inf)
    step = max(1, streams.BLOCK_BYTES // (4 * queries.shape[1] * rows.shape[1]))
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        known = part != NOTHING
        if known.any():
            wanted = np.unique(part[known])
            vectors = file.take(wanted)
            if metric == "cosine":
                refuse_zeros(vectors, file, wanted)
            query = np.arange(start, start + len(part))[:, None]
            place = np.searchsorted(wanted, part)
            scores[start : start + step] = score_pairs(score_of(metric), queries, vectors, query, place, known)
    return scores


def open_vectors(files: Sequence[Path]) -> tuple[Stream, Stream]:
    """The feature files of the queries and of the gallery: one that holds both, or one of each."""
    ours, theirs = open_stream(files[0]), open_stream(files[-1])
    for file in (ours, theirs):
        if not isinstance(file.head, Features):
            raise Usage(f"{file.path} holds codes, --rerank-with wants vectors")
    return ours, theirs


def rerank(
    ours: Stream, theirs: Stream, names: np.ndarray, faces: np.ndarray, rows: np.ndarray, metric: Metric, k: int
) -> tuple[Nearest, np.ndarray]:
    """The k best of what was found, by the vectors that other files hold of the same faces.

    Args:
        ours, theirs: of the queries, of the gallery.
        names: of the queries, shape (q,).
        faces, rows: of the gallery faces that were found, shape (q, m); equal scores are ordered by row.
        metric: how vectors are compared.
        k: at most m.

    Returns:
        Scores and rows, shape (q, k); and where among the m they stood.

    Raises:
        BadInput: a face that a file lacks, or an all-zero vector under cosine.
    """
    places = ours.rows_of(names)
    vectors = ours.take(places)
    if metric == "cosine":
        refuse_zeros(vectors, ours, places)
    known, there = rows != NOTHING, np.full(rows.shape, NOTHING, np.int64)
    there[known] = theirs.rows_of(faces[known])
    scores = score_found(vectors, theirs, there, metric)
    order = np.lexsort((rows, -scores))[:, :k]
    return (np.take_along_axis(scores, order, 1), np.take_along_axis(rows, order, 1)), order


def refuse_zeros(vectors: np.ndarray, file: Features | Stream, rows: np.ndarray) -> None:
    """A vector of length 0 has no direction: cosine is not defined.

    Args:
        vectors: shape (n, d).
        file: the file they are of.
        rows: which rows of it they are, shape (n,).
    """
    zero = np.flatnonzero(~vectors.any(axis=1))
    if len(zero):
        first = rows[zero[:3]]
        if isinstance(file, Features):
            raise no_direction(len(zero), file.names[first], file.where)
        raise no_direction(len(zero), file.names(first), file.path)


def _inner(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", np.ascontiguousarray(a, np.float64), np.ascontiguousarray(b, np.float64))
