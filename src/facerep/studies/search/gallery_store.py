"""A gallery in a database: put there once, searched by any number of query files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256

import numpy as np

from facerep.codes.exact_search import Nearest
from facerep.codes.milvus import AT_ONCE, CollectionInfo, Store
from facerep.console import console
from facerep.errors import BadInput, Mismatch
from facerep.files.features import Codes
from facerep.files.streams import Stream
from facerep.progress import progress


def settle(store: Store, asked: Codes, gallery: Stream | None) -> int:
    """Make sure that the store holds the gallery, whole, and that the queries fit it; gives the number of faces.

    Args:
        store: the open collection.
        asked: the queries.
        gallery: the file to load where the collection is absent or not complete; None: it is there.

    Raises:
        BadInput: no collection, or one that is not complete, and no file to load.
        Mismatch: the collection holds another gallery, or codes of another rule.
    """
    stored, where = store.info, store.full_name
    if gallery is not None:
        assert isinstance(gallery.head, Codes)
        wanted = CollectionInfo(len(gallery), gallery.head.bits, _rule(gallery.head), gallery.head.contract.fingerprint)
        if stored is None:
            store.create(wanted)
            stored = wanted
        elif stored != wanted:
            sides = f"{where} has {stored.codes} codes, {gallery.path} has {len(gallery)}"
            raise Mismatch("store holds another gallery", sides, "name another --collection or --store")
        _load(store, gallery)
    elif stored is None:
        raise BadInput("no such collection", where, "give the gallery's code file too, which is then loaded")
    if (count := store.count()) != stored.codes:
        what = f"collection is not complete: {count} of {stored.codes} codes"
        raise BadInput(what, where, "give the gallery's code file too, which goes on loading")
    if stored.bits != asked.bits or stored.rule != _rule(asked):
        sides = f"{asked.where} has {asked.bits} bits, {where} has {stored.bits}"
        raise Mismatch("network, crop or rule of the bits differs", sides, "make both alike, by binarize --like")
    return stored.codes


def search_store(store: Store, asked: Codes, k: int) -> tuple[Nearest, np.ndarray, np.ndarray]:
    """The k best for each query: scores and rows, faces, people."""
    nearest, faces_of = store.nearest(asked.packed, k)
    faces, people = np.empty(nearest[1].shape, dtype=object), np.empty(nearest[1].shape, dtype=object)
    for place, row in np.ndenumerate(nearest[1]):
        faces[place], people[place] = faces_of[int(row)]
    return nearest, faces, people


def _load(store: Store, gallery: Stream) -> None:
    """Put the rest of the gallery in; a part that was cut off is sent again."""
    start = store.count() // AT_ONCE * AT_ONCE
    if start == len(gallery) or store.count() == len(gallery):
        return
    console.note(f"loading {len(gallery) - start:,} codes of {gallery.path} into {store.where}")
    with progress(f"load {gallery.path.name}", len(gallery) - start) as done:
        store.fill(_parts(gallery, start), start, done)


def _parts(gallery: Stream, start: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    for first in range(start, len(gallery), AT_ONCE):
        rows = np.arange(first, min(first + AT_ONCE, len(gallery)))
        yield gallery.take(rows), gallery.names(rows), gallery.people(rows)


def _rule(codes: Codes) -> str:
    """One digest of all that must agree where codes are compared."""
    contract = codes.contract
    said = [contract.network, contract.weights, contract.layer, contract.crop, contract.mirror, codes.rule]
    return sha256(json.dumps(said).encode()).hexdigest()
