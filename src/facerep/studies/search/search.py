"""Search: which faces of a gallery are most like each query?

No file is written and nothing is printed here. Source: docs/search.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from facerep.codes.vector_search import Metric
from facerep.errors import Usage, refuse_meaningless
from facerep.extraction.picture_query import Taken, finds_itself, is_query, other_crop, query
from facerep.files.features import read_rows
from facerep.files.rows import Codes, Features
from facerep.files.streams import Stream, open_stream
from facerep.studies.search.gallery_file import match, search_by_index, search_exactly
from facerep.studies.search.reranking import open_vectors, rerank
from facerep.studies.search.result import NOTHING, Answers, Reranking, Search

COLLECTION = "faces"
"""What a gallery is called in a store where no name is given."""


def search(
    queries: Path,
    gallery: Path | None = None,
    *,
    k: int = 10,
    metric: Metric | None = None,
    index: str | None = None,
    effort: int | None = None,
    first: int | None = None,
    rerank_with: Sequence[Path] = (),
    store: str | None = None,
    collection: str | None = None,
    device: str = "cpu",
    seed: int = 0,
    taken: Taken = Taken(),
) -> Search:
    """Find the k gallery faces that are most like each query.

    Args:
        queries: feature or code file, read whole; or a picture of one face, which the gallery's network is shown.
        gallery: a file of the same kind, read in blocks. May be left out where a store holds it.
        k: how many.
        metric: cosine (default), euclidean or inner, of vectors; codes are compared by Hamming distance.
        index: an approximate index, as FAISS writes it, or a server's of that name; left out, the answer is exact.
        effort: lists or candidates that a query of the index looks at.
        first: re-rank so many of each query,
        rerank_with: by the vectors of this feature file, or of one of the queries and one of the gallery.
        store: a Milvus file or address that holds the gallery's codes, or is given them.
        collection: the gallery's name in the store; left out, "faces".
        device: where exact search is computed.
        seed: of the faces that an index is trained on, and of the queries that its recall is measured on.
        taken: how a picture is taken, where the gallery does not decide it.

    Raises:
        Usage: choices that contradict each other, or more faces wanted than there are.
        Mismatch: the files do not belong together.
        BadInput: an all-zero vector under cosine, or a file that cannot be used.
        NotAvailable: the device, the store or its client.
    """
    if store is None:
        refuse_meaningless({"--collection": collection}, "without --store")
    collection = collection or COLLECTION
    picture, stored = is_query(queries, taken), None if gallery is None else open_stream(gallery)
    if picture:
        _refuse_for_picture(queries, stored, rerank_with)
    asked = stored.head if picture and stored is not None else read_rows(queries)
    _refuse(asked, gallery, k, metric, index, effort, first, rerank_with, store, device)
    if stored is not None:
        if picture:
            asked = query(queries, stored.head, replace(taken, device=device))
        else:
            match(asked, stored.head)
    vectors = open_vectors(rerank_with) if rerank_with else None
    if vectors is not None:
        match(vectors[0].head, vectors[1].head)
    wanted, by_index = first or k, None
    if store is not None and isinstance(asked, Codes):
        from facerep.codes.milvus import opened
        from facerep.codes.milvus_collection import MOST
        from facerep.studies.search.gallery_store import search_store, search_store_by_index, settle

        with opened(store, collection, new=stored is not None) as kept:
            count = settle(kept, asked, stored, index)
            _enough(wanted, min(count, MOST), kept.full_name)
            if index is None:
                (scores, rows), faces, persons = search_store(kept, asked, wanted)
            else:
                (scores, rows), faces, persons, by_index = search_store_by_index(
                    kept, asked, wanted, index, effort, seed
                )
            where = {"store": kept.where, "collection": collection, "rows": count}
    else:
        assert stored is not None
        _enough(wanted, len(stored), str(gallery))
        if index is not None:
            (scores, rows), by_index = search_by_index(asked, stored, wanted, metric or "cosine", index, effort, seed)
        else:
            scores, rows = search_exactly(asked, stored, wanted, metric or "cosine", _device(device))
        faces, persons = np.full(rows.shape, "", dtype=object), np.full(rows.shape, "", dtype=object)
        there = rows != NOTHING
        faces[there], persons[there] = stored.names(rows[there]), stored.people(rows[there])
        where = {"file": stored.path.name, "rows": len(stored)}
    before, second = None, None
    if vectors is not None:
        second = Reranking(wanted, metric or "cosine", tuple(path.name for path in rerank_with))
        (again, rows), order = rerank(*vectors, asked.names, faces, rows, metric or "cosine", k)
        faces, persons, before = (np.take_along_axis(each, order, 1) for each in (faces, persons, scores))
        scores = again
    about_picture = _of_picture(asked, stored, rows[0, 0]) if picture and stored else ()
    return Search(
        metric="hamming" if isinstance(asked, Codes) else metric or "cosine",
        k=k,
        queries={"file": queries.name, "rows": len(asked), **asdict(asked.contract)},
        gallery=where,
        index=by_index,
        reranking=second,
        seed=seed,
        warnings=(*about_picture, *_warnings(asked, faces, rows)),
        answers=Answers(
            names=asked.names, people=asked.people, rows=rows, faces=faces, persons=persons,
            scores=scores.astype(np.float64), before=None if before is None else before.astype(np.float64),
        ),
    )  # fmt: skip


def _refuse_for_picture(picture: Path, stored: Stream | None, rerank_with: Sequence[Path]) -> None:
    if stored is None:
        raise Usage("a picture wants the file of the gallery, which says its network", hint=f"name it behind {picture}")
    if rerank_with:
        raise Usage("--rerank-with wants files that hold queries and gallery", hint="extract the picture first")


def _refuse(
    asked: Features | Codes,
    gallery: Path | None,
    k: int,
    metric: str | None,
    index: str | None,
    effort: int | None,
    first: int | None,
    rerank_with: Sequence[Path],
    store: str | None,
    device: str,
) -> None:
    """Refuse choices that contradict each other, before any work is done."""
    codes = isinstance(asked, Codes)
    if gallery is None and store is None:
        raise Usage("no gallery", hint="name a file, or a --store that holds one")
    if (first is None) != (not rerank_with):
        raise Usage("--rerank says how many, --rerank-with by which vectors: give both")
    if len(rerank_with) > 2:
        raise Usage("--rerank-with is given once, or once for the queries and once for the gallery")
    if first is not None and first < k:
        raise Usage(f"the best {k} are wanted, and only {first} are re-ranked", hint="give a larger --rerank")
    if codes and metric is not None and first is None:
        raise Usage(f"{asked.where} holds codes, {metric} compares vectors", hint="leave --metric out")
    if store is not None and not codes:
        raise Usage(f"{asked.where} holds vectors, a store holds codes", hint="run facerep binarize first")
    if effort is not None and index is None:
        raise Usage("--effort is for an --index")
    if index is not None and store is not None:
        from facerep.codes.milvus_collection import lists_of

        lists_of(index)
        if "://" not in store:
            raise Usage("a store in a file has no --index", hint="leave --index out, or name a server")
    if index is not None and device != "cpu":
        raise Usage("--index is FAISS's, on the CPU", hint="leave --device out")
    if store is not None and device != "cpu":
        raise Usage("a store computes where it stands", hint="leave --device out")


def _enough(wanted: int, there_are: int, where: str) -> None:
    if wanted > there_are:
        raise Usage(f"{wanted} faces are wanted of each query, {where} gives {there_are}", hint="ask for fewer")


def _device(name: str) -> Any:
    """The torch device, None for the CPU."""
    if name == "cpu":
        return None
    from facerep.networks.device import device

    found = device(name)
    return None if found.type == "cpu" else found


def _of_picture(asked: Features | Codes, stored: Stream, first: int) -> list[str]:
    """What to warn of where one picture was asked; `first` is the row of the face that is most like it."""
    row = np.array([first] if first != NOTHING else [], np.int64)
    itself = finds_itself(asked, stored.take(row), stored.names(row)) if len(row) else []
    return [*other_crop(asked.contract, stored.head.contract), *itself]


def _warnings(asked: Features | Codes, faces: np.ndarray, rows: np.ndarray) -> list[str]:
    warnings = []
    if itself := int(np.sum(faces[:, 0] == asked.names)):
        warnings.append(f"{itself} of {len(asked)} queries stand in the gallery themselves, and found themselves first")
    if short := int(np.sum((rows == NOTHING).any(axis=1))):
        warnings.append(f"the index found too few faces for {short} of {len(asked)} queries; give a larger --effort")
    return warnings
