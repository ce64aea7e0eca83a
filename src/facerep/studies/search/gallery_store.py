"""A gallery in a database: put there once, searched by any number of query files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

import numpy as np

from facerep.codes.exact_search import Nearest
from facerep.codes.milvus_collection import EFFORT, CollectionInfo, Store, lists_of
from facerep.console import console
from facerep.errors import BadInput, Mismatch, Stopped, Usage
from facerep.files.rows import Codes
from facerep.files.streams import Stream
from facerep.progress import progress
from facerep.studies.search.gallery_file import recall, sample
from facerep.studies.search.result import NOTHING, ApproximateIndex


def settle(store: Store, asked: Codes, gallery: Stream | None, index: str | None) -> int:
    """Make sure that the store holds the gallery, whole, and that the queries fit it; gives the number of faces.

    Args:
        store: the open collection.
        asked: the queries.
        gallery: the file to load where the collection is absent or not complete; None: it is there.
        index: what the collection is to be indexed by, None: whatever it has.

    Raises:
        BadInput: no collection, or one that is not complete, and no file to load.
        Mismatch: the collection holds another gallery, or codes of another rule, or has another index.
    """
    stored, where = store.info, store.full_name
    if gallery is not None:
        assert isinstance(gallery.head, Codes)
        wanted = CollectionInfo(
            len(gallery), gallery.head.bits, _rule(gallery.head), gallery.head.contract.fingerprint, index or ""
        )
        stored = stored or _created(store, wanted)
        if replace(stored, index=wanted.index) != wanted:
            sides = f"{where} has {stored.codes} codes, {gallery.path} has {len(gallery)}"
            raise Mismatch("store holds another gallery", sides, "name another --collection or --store")
    elif stored is None:
        raise BadInput("no such collection", where, "give the gallery's code file too, which is then loaded")
    if index is not None and index != stored.index:
        has = stored.index or "none, a query is compared with every code"
        raise Mismatch("index differs", f"{index} is wanted, {where} has {has}", "name another --collection")
    if gallery is not None:
        _load(store, gallery)
    if (count := store.count()) != stored.codes:
        what = f"collection is not complete: {count} of {stored.codes} codes"
        raise BadInput(what, where, "give the gallery's code file too, which goes on loading")
    if stored.bits != asked.bits or stored.rule != _rule(asked):
        sides = f"{asked.where} has {asked.bits} bits, {where} has {stored.bits} bits"
        raise Mismatch("network, crop or rule of the bits differs", sides, "make both alike, by binarize --like")
    return stored.codes


def search_store(store: Store, asked: Codes, k: int) -> tuple[Nearest, np.ndarray, np.ndarray]:
    """The k best for each query: scores and rows, faces, people."""
    with progress(f"search {store.where}", len(asked), "queries") as done:
        nearest = store.nearest(asked.packed, k, done=done)
    return nearest, *_names(store, nearest[1])


def search_store_by_index(
    store: Store, asked: Codes, k: int, index: str, effort: int | None, seed: int
) -> tuple[Nearest, np.ndarray, np.ndarray, ApproximateIndex]:
    """What is found in some of the index's lists; and its recall against the exact answer on some queries.

    Args:
        store, asked, k: as in `search_store`.
        index: that of the collection.
        effort: lists that a query looks at, None: 8, or all where there are fewer.
        seed: of the queries that recall is measured on.

    Raises:
        Usage: more lists are to be looked at than there are.
    """
    lists = lists_of(index)
    if effort is not None and effort > lists:
        raise Usage(
            f"index {index!r} has {lists} lists, and {effort} are to be looked at", hint="give a smaller --effort"
        )
    effort = effort or min(EFFORT, lists)
    with progress(f"search {store.where}", len(asked), "queries") as done:
        scores, rows = store.nearest(asked.packed, k, effort, done)
    some = sample(len(asked), np.random.default_rng(seed))
    true, _ = store.nearest(asked.packed[some], k)
    found = ApproximateIndex(index, effort, recall(scores[some], true), len(some))
    return (scores, rows), *_names(store, rows), found


def _names(store: Store, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    held = store.faces(rows) | {NOTHING: ("", "")}
    faces, people = np.empty(rows.shape, dtype=object), np.empty(rows.shape, dtype=object)
    for place, row in np.ndenumerate(rows):
        faces[place], people[place] = held[int(row)]
    return faces, people


def _created(store: Store, wanted: CollectionInfo) -> CollectionInfo:
    """The new collection, or what somebody else has created at the same time."""
    store.create(wanted)
    made = store.info
    assert made is not None
    return made


def _load(store: Store, gallery: Stream) -> None:
    """Put in what is missing of the gallery."""
    missing = list(store.missing(len(gallery)))
    count = sum(stop - start for start, stop in missing)
    if not count:
        return
    console.note(f"loading {count:,} codes of {gallery.path} into {store.where}")
    try:
        with progress(f"load {gallery.path.name}", count) as done:
            store.fill(_parts(gallery, missing), done)
        with progress(f"index {store.collection}", len(gallery)) as done:
            store.index_rows(done)
    except Stopped as stopped:
        stopped.advice = "give the same command again to go on loading"
        raise


def _parts(gallery: Stream, missing: list[tuple[int, int]]) -> Iterator[tuple[int, np.ndarray, np.ndarray, np.ndarray]]:
    for start, stop in missing:
        rows = np.arange(start, stop)
        yield start, gallery.take(rows), gallery.names(rows), gallery.people(rows)


def _rule(codes: Codes) -> str:
    """One digest of all that must agree where codes are compared."""
    contract = codes.contract
    said = [contract.network, contract.weights, contract.layer, contract.crop, contract.mirror, codes.rule]
    return sha256(json.dumps(said).encode()).hexdigest()
