"""A gallery of codes in a vector database: Milvus, in a file beside us or on a cluster by its address.

Milvus has bits and Hamming distance, and one client for both forms. The index is BIN_FLAT, which is exact. Of the
embedded form, milvus-lite, only version 2.5 has binary vectors.
Source: the client is pymilvus 2.6; docs/scale.md tells how a server is set up.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from facerep.codes.exact_search import Nearest, best
from facerep.errors import BadInput, NotAvailable, Usage

MOST = 16_384  # answers to a query, by Milvus's limits
AT_ONCE = 5000
_QUERIES = 64
_INDEX = "code"
_NAME = 65_535  # bytes of a name, by Milvus's limits
LOCAL_WAIT, REMOTE_WAIT = 30.0, 10.0  # seconds


@dataclass(frozen=True)
class CollectionInfo:
    """What a collection says of itself.

    Attributes:
        codes: how many there are when it is whole.
        bits: of a code.
        rule: what decides the bits and made the vectors, as one digest.
        faces: the fingerprint of the gallery's faces, "" where unknown.
    """

    codes: int
    bits: int
    rule: str
    faces: str


@dataclass(frozen=True)
class Store:
    """One collection of an open database."""

    client: Any
    where: str
    collection: str

    @property
    def info(self) -> CollectionInfo | None:
        """What is there, None where there is no such collection.

        Raises:
            BadInput: somebody else's collection, or an index that somebody has made approximate.
        """
        if not self.client.has_collection(self.collection):
            return None
        stated, where = self.client.describe_collection(self.collection).get("description", ""), self.full_name
        try:
            info = CollectionInfo(**json.loads(stated)["facerep"])
        except (ValueError, TypeError, KeyError) as error:
            raise BadInput("collection was not made by facerep", where, "name another --collection") from error
        index = (self.client.describe_index(self.collection, _INDEX) or {}).get("index_type", "nothing")
        if index != "BIN_FLAT":
            raise BadInput(f"collection is indexed by {index}, which is not exact", where, "index it by BIN_FLAT")
        return info

    @property
    def full_name(self) -> str:
        """Store and collection, for messages."""
        return f"{self.where}, collection {self.collection}"

    def count(self) -> int:
        """How many codes are in the collection now."""
        return int(self.client.query(self.collection, filter="", output_fields=["count(*)"])[0]["count(*)"])

    def create(self, info: CollectionInfo) -> None:
        """Make an empty collection."""
        from pymilvus import DataType, MilvusClient  # pyright: ignore[reportMissingImports]

        description = json.dumps({"facerep": asdict(info)})
        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False, description=description)
        schema.add_field("row", DataType.INT64, is_primary=True)
        schema.add_field("name", DataType.VARCHAR, max_length=_NAME)
        schema.add_field("person", DataType.VARCHAR, max_length=_NAME)
        schema.add_field("code", DataType.BINARY_VECTOR, dim=-(-info.bits // 8) * 8)
        index = self.client.prepare_index_params()
        index.add_index("code", index_type="BIN_FLAT", index_name=_INDEX, metric_type="HAMMING")
        self.client.create_collection(self.collection, schema=schema, index_params=index, consistency_level="Strong")

    def fill(self, parts: Iterable[tuple[np.ndarray, np.ndarray, np.ndarray]], start: int, done: Callable) -> None:
        """Put faces in, at most AT_ONCE in a part.

        Args:
            parts: codes, names and people of the faces from row `start` on.
            start: the first row; some of the first part may be in the collection already.
            done: is given how many more are in.
        """
        send = self.client.upsert
        for codes, names, people in parts:
            columns = zip(codes, names.tolist(), people.tolist(), strict=True)
            send(self.collection, [
                {"row": row, "name": name, "person": person, "code": code.tobytes()}
                for row, (code, name, person) in enumerate(columns, start)
            ])  # fmt: skip
            send = self.client.insert
            start += len(codes)
            done(len(codes))
        self.client.flush(self.collection)

    def nearest(self, queries: np.ndarray, k: int) -> tuple[Nearest, dict[int, tuple[str, str]]]:
        """The codes that differ in the fewest bits, as `exact_search` gives them; and name and person by row.

        Milvus promises no order among equal distances, so it is asked for more until the k-th and the last differ.
        """
        scores, rows = np.empty((len(queries), k), np.int64), np.empty((len(queries), k), np.int64)
        faces_of: dict[int, tuple[str, str]] = {}
        pending, width, most = np.arange(len(queries)), k + 1, min(MOST, self.count())
        while len(pending):
            width = min(width, most)
            again = []
            for start in range(0, len(pending), _QUERIES):
                some = pending[start : start + _QUERIES]
                for query, hits in zip(some, self._ask(queries[some], width), strict=True):
                    faces = {hit["entity"]["row"]: hit for hit in hits}
                    near = np.array([[-int(hit["distance"]) for hit in faces.values()]])
                    (scores[query],), (rows[query],) = best(near, np.array([list(faces)]), k)
                    if near.min() == scores[query, -1] and width < most:
                        again.append(query)
                    else:
                        kept = (faces[row]["entity"] for row in rows[query].tolist())
                        faces_of |= {face["row"]: (face["name"], face["person"]) for face in kept}
            pending, width = np.array(again, np.int64), 4 * width
        return (scores, rows), faces_of

    def _ask(self, queries: np.ndarray, width: int) -> Any:
        return self.client.search(
            self.collection, [query.tobytes() for query in queries], anns_field="code", limit=width,
            search_params={"metric_type": "HAMMING"}, output_fields=["row", "name", "person"],
        )  # fmt: skip


@contextmanager
def opened(address: str, collection: str, *, new: bool = True) -> Iterator[Store]:
    """A collection of the database at an address: a file whose name ends in .db, or http://host:port.

    Raises:
        Usage: an address or a collection's name that cannot be.
        BadInput: no such file, and it is not to be `new`.
        NotAvailable: the client is not installed, or the database does not answer or refuses.
    """
    remote = "://" in address
    where = _without_password(address) if remote else address
    if not re.fullmatch(r"[A-Za-z_]\w{0,254}", collection, re.ASCII):
        raise Usage(f"no collection can be named {collection!r}", hint="use letters, digits and _")
    if not remote:
        _check_file(Path(address), new)
    try:
        from pymilvus import MilvusException  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise _not_installed("pymilvus") from error
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it writes a traceback for what it raises anyway
    try:
        client = _connected(address, REMOTE_WAIT) if remote else _connected(address, LOCAL_WAIT, starting=True)
    except MilvusException as error:
        if "milvus-lite is required" in error.message:
            raise _not_installed("milvus-lite") from error
        hint = "start the server, or correct the address" if remote else "end what else uses it, or name another file"
        raise NotAvailable("store does not answer", where, hint) from error
    try:
        yield Store(client, where, collection)
    except MilvusException as error:
        raise NotAvailable(f"store refused ({' '.join(error.message.split())[:200]})", where) from error
    finally:
        client.close()
        if not remote and Path(address).exists():
            os.chmod(address, 0o600)  # faces are biometric data


def _connected(address: str, wait: float, *, starting: bool = False) -> Any:
    """A client; the embedded server is `starting`, and on a busy machine it takes longer than the client waits."""
    from pymilvus import MilvusClient, MilvusException  # pyright: ignore[reportMissingImports]

    end = time.monotonic() + wait
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # milvus-lite imports pkg_resources, which warns
                return MilvusClient(address, timeout=wait)
        except MilvusException as error:
            if not starting or "Fail connecting" not in error.message or time.monotonic() > end:
                raise
        time.sleep(0.1)


def _check_file(path: Path, new: bool) -> None:
    if path.suffix != ".db" or not re.fullmatch(r"[\w.-]{1,36}", path.name, re.ASCII):
        hint = "name a file of letters, digits, `.`, `_` and `-` that ends in .db, or http://host:19530"
        raise Usage(f"no store can be at {str(path)!r}", hint=hint)
    if not path.parent.is_dir():
        raise BadInput("no such folder", path.parent)
    if path.is_dir():
        raise BadInput("a folder, a database file is wanted", path)
    if not path.exists() and not new:
        raise BadInput("no such store", path, "give the gallery's code file too, which is then loaded")


def _not_installed(package: str) -> NotAvailable:
    return NotAvailable(f"a store wants the package {package}", hint="pip install 'facerep[milvus]'")


def _without_password(address: str) -> str:
    try:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https", "tcp") or not parts.hostname or parts.port == 0:
            raise ValueError
    except ValueError as error:  # the port is checked when it is looked at
        what = f"no address of a store: {address.rpartition('@')[2]!r}"
        raise Usage(what, hint="give such as http://host:19530") from error
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
