"""Approximate search: FAISS's own indexes, by FAISS's own names. What it misses has to be measured.

Only names that were seen to work are passed on: FAISS ends the whole program on some that it cannot make.
Source: faiss.index_binary_factory and faiss.index_factory; docs/search.md has a recall on faces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import faiss
import numpy as np

from facerep.codes.exact_search import Nearest, best
from facerep.errors import BadInput, Usage

CODES = r"B(?:IVF(?P<lists>\d{1,7})|HNSW(?P<links>\d{1,3}))"
VECTORS = r"IVF(?P<lists>\d{1,7}),(?:Flat|SQ8|PQ\d{1,3})|HNSW(?P<links>\d{1,3})"
TRAINED_ON = 128
"""Rows a list that it is trained on; FAISS wants 39 and takes no more than 256."""


def check(name: str, *, codes: bool, rows: int) -> int:
    """How many gallery rows the index is trained on, none for HNSW.

    Args:
        name: as FAISS writes it.
        codes: an index of codes, not of vectors.
        rows: of the gallery.

    Raises:
        Usage: no such index, or lists or links that cannot be.
    """
    found = re.fullmatch(CODES if codes else VECTORS, name)
    if found is None:
        kinds = "BIVF1024 or BHNSW32 for codes" if codes else "IVF1024,Flat, IVF1024,SQ8, IVF1024,PQ64 or HNSW32"
        raise Usage(f"no index {name!r} {'of codes' if codes else 'of vectors'}", hint=f"give such as {kinds}")
    if found["links"] is not None:
        if int(found["links"]) < 2:
            raise Usage(f"index {name!r} wants at least 2 links")
        return 0
    lists = int(found["lists"])
    if not 1 <= lists <= rows:
        raise Usage(f"index {name!r} wants 1 to {rows} lists, one a gallery face at most")
    return min(rows, max(TRAINED_ON * lists, 65_536))


def build(name: str, training: np.ndarray, blocks: Iterable[tuple[int, np.ndarray]], *, closest: bool = False) -> Any:
    """The index of a gallery, which is held in memory; the same each time.

    Args:
        name: checked by `check`.
        training: rows that its lists are made from, shape (t, columns); t is 0 for HNSW.
        blocks: the gallery, in order: uint8 codes, or float32 vectors.
        closest: vectors are compared by their distance, not by their inner product.

    Raises:
        BadInput: FAISS refused; its own words.
    """
    codes, columns = training.dtype == np.uint8, training.shape[1]
    measure = faiss.METRIC_L2 if closest else faiss.METRIC_INNER_PRODUCT
    threads = faiss.omp_get_max_threads()
    try:
        if codes:
            index = faiss.index_binary_factory(8 * columns, name)
        else:
            index = faiss.index_factory(columns, name, measure)
        for clustering in (getattr(index, "cp", None), getattr(getattr(index, "pq", None), "cp", None)):
            if clustering is not None:
                clustering.min_points_per_centroid = 1  # recall is measured here, a warning tells less
        if "HNSW" in name:
            faiss.omp_set_num_threads(1)  # links made side by side depend on who came first
        else:
            index.train(training)
        for _, block in blocks:
            index.add(np.ascontiguousarray(block))
    except RuntimeError as error:
        said = " ".join(str(error).split()).rpartition("failed: ")[2] or str(error)
        raise BadInput(f"FAISS refused ({said})", f"--index {name}") from error
    finally:
        faiss.omp_set_num_threads(threads)
    return index


def set_effort(index: Any, effort: int | None) -> int:
    """How far a query looks, set where it is given: lists (IVF) or candidates (HNSW)."""
    holder, name = (index.hnsw, "efSearch") if hasattr(index, "hnsw") else (index, "nprobe")
    if effort is not None:
        setattr(holder, name, effort)
    return int(getattr(holder, name))


def nearest(index: Any, queries: np.ndarray, k: int) -> Nearest:
    """What the index finds: scores, larger is more alike, and rows; row -1 where it found fewer than k."""
    scores, rows = index.search(np.ascontiguousarray(queries), k)
    if queries.dtype == np.uint8 or index.metric_type == faiss.METRIC_L2:
        scores = -scores.astype(np.float64)
    return best(np.where(rows < 0, -np.inf, scores), rows, k)
