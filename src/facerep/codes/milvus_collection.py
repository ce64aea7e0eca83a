"""One collection of a vector database: how its rows are put in, what is missing, and which are nearest.

A row stands there once, by whomever and however often it is sent: rows are upserted by their number. What is missing is
counted by the server, so a load goes on after any stop, of the client or of the server.
Source: the client is pymilvus 2.6; docs/scale.md has what was measured on a server.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from facerep.codes.exact_search import Nearest, best
from facerep.errors import BadInput, Usage

MOST = 16_384  # answers to a query, by Milvus's limits
AT_ONCE = 5000
"""Rows in one message of a load."""

PATIENCE = 12
"""How often the client tries again where a server does not answer: about 20 seconds."""

_ANSWERS = 131_072  # in one message of a search
_QUERIES = 1024  # the same; more gain nothing
_NAMES = 4096  # faces in one message of names
_INDEX = "code"
_NAME = 65_535  # bytes of a name, by Milvus's limits
_NOTHING = -1
LISTS = r"BIVF(\d{1,5})"
MOST_LISTS = 65_536  # by Milvus's limits
EFFORT = 8
"""Lists that a query looks at where nothing is said; Milvus's own choice."""


@dataclass(frozen=True)
class CollectionInfo:
    """What a collection says of itself.

    Attributes:
        codes: how many there are when it is whole.
        bits: of a code.
        rule: what decides the bits and made the vectors, as one digest.
        faces: the fingerprint of the gallery's faces, "" where unknown.
        index: "" where a query is compared with every code, such as BIVF1024 where codes are sorted into 1024 lists.
    """

    codes: int
    bits: int
    rule: str
    faces: str
    index: str = ""

    @property
    def lists(self) -> int:
        """How many lists the index has, 0 where it has none."""
        return lists_of(self.index) if self.index else 0


def lists_of(index: str) -> int:
    """How many lists an index of a store has, by its name.

    Raises:
        Usage: a store has no such index.

    >>> lists_of("BIVF1024")
    1024
    """
    found = re.fullmatch(LISTS, index)
    if found is None:
        raise Usage(f"a store has no index {index!r}", hint="give such as BIVF1024")
    if not 1 <= int(found[1]) <= MOST_LISTS:
        raise Usage(f"index {index!r} of a store wants 1 to {MOST_LISTS} lists")
    return int(found[1])


@dataclass(frozen=True)
class Store:
    """One collection of an open database."""

    client: Any
    where: str
    collection: str

    @property
    def info(self) -> CollectionInfo | None:
        """What is there, ready to be asked; None where there is no such collection.

        Raises:
            BadInput: somebody else's collection, or an index that is not the one it was made with.
        """
        if not self.client.has_collection(self.collection, retry_times=PATIENCE):
            return None
        stated, where = self.client.describe_collection(self.collection).get("description", ""), self.full_name
        try:
            info = CollectionInfo(**json.loads(stated)["facerep"])
            wanted = "BIN_IVF_FLAT" if info.lists else "BIN_FLAT"
        except (ValueError, TypeError, KeyError, Usage) as error:
            raise BadInput("collection was not made by facerep", where, "name another --collection") from error
        index = self._index().get("index_type", "nothing")
        if index != wanted:
            said = "" if info.lists else ", which is not exact"
            raise BadInput(f"collection is indexed by {index}{said}", where, f"index it by {wanted}")
        self._bring_in()
        return info

    def _bring_in(self) -> None:
        """Wait until the codes are in the server's memory: one that was started again has them on its disk."""
        while (state := self.client.get_load_state(self.collection)["state"].name) != "Loaded":
            if state != "Loading":  # somebody else may have begun it: asking twice has been seen to wait for ever
                self.client.load_collection(self.collection)
            time.sleep(0.1)

    @property
    def full_name(self) -> str:
        """Store and collection, for messages."""
        return f"{self.where}, collection {self.collection}"

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
        kind = (
            {"index_type": "BIN_IVF_FLAT", "params": {"nlist": info.lists}}
            if info.lists
            else {"index_type": "BIN_FLAT"}
        )
        index.add_index("code", index_name=_INDEX, metric_type="HAMMING", **kind)
        self.client.create_collection(self.collection, schema=schema, index_params=index, consistency_level="Strong")

    def count(self, start: int = 0, stop: int | None = None) -> int:
        """How many codes are in the collection now; of the rows from `start` to `stop`, if given."""
        return self._count(start, stop, self._as_of_now())

    def missing(self, codes: int) -> Iterator[tuple[int, int]]:
        """The rows that are not there, of so many: parts of AT_ONCE rows, from one to before the other, in order.

        Halves are counted until they are whole, or empty, or one part; so it takes few questions.
        """
        as_of = self._as_of_now()
        waiting = [(0, codes)]
        while waiting:
            start, stop = waiting.pop()
            count = self._count(start, stop, as_of)
            if count == stop - start:
                continue
            if count == 0 or stop - start <= AT_ONCE:
                yield from ((first, min(first + AT_ONCE, stop)) for first in range(start, stop, AT_ONCE))
                continue
            middle = start + -(-(stop - start) // AT_ONCE) // 2 * AT_ONCE
            waiting += [(middle, stop), (start, middle)]

    def fill(self, parts: Iterable[tuple[int, np.ndarray, np.ndarray, np.ndarray]], done: Callable) -> None:
        """Put faces in; those that are there already are replaced.

        Args:
            parts: the first row, and codes, names and people from it on, at most AT_ONCE.
            done: is given how many more are in.
        """
        for start, codes, names, people in parts:
            columns = zip(codes, names.tolist(), people.tolist(), strict=True)
            rows = [
                {"row": row, "name": name, "person": person, "code": code.tobytes()}
                for row, (code, name, person) in enumerate(columns, start)
            ]
            self.client.upsert(self.collection, rows, retry_times=PATIENCE)
            done(len(codes))
        self.client.flush(self.collection, retry_times=PATIENCE)

    def index_rows(self, done: Callable) -> None:
        """Wait until the server has indexed what was put in; `done` is given how many more codes are."""
        told = 0
        while (said := self._index()).get("pending_index_rows", 0):
            done(max(0, said["indexed_rows"] - told))
            told = max(told, said["indexed_rows"])
            time.sleep(0.5)

    def nearest(self, queries: np.ndarray, k: int, lists: int = 0, done: Callable = lambda _count: None) -> Nearest:
        """The codes that differ in the fewest bits: minus the distances, float64, and rows, best first.

        Milvus promises no order among equal distances, so an exact search asks for more until the k-th and the last
        differ.

        Args:
            queries: packed codes, uint8, shape (q, bytes).
            k: how many.
            lists: that a query looks at, where not all are wanted; 0: the answer is exact. Then `k` may be more than
                are found: rows -1 with scores of minus infinity.
            done: is given how many more queries are answered.

        Raises:
            BadInput: an exact answer lacks faces.
        """
        info, as_of = self.info, self._as_of_now()
        assert info is not None
        looked = {"nprobe": lists or info.lists} if info.lists else {}
        scores, rows = np.empty((len(queries), k)), np.empty((len(queries), k), np.int64)
        most = min(MOST, self._count(0, None, as_of))
        pending, width = np.arange(len(queries)), k + max(4, k // 4)
        while len(pending):
            width = min(width, most)
            again, at_once = [], max(1, min(_QUERIES, _ANSWERS // width))
            for start in range(0, len(pending), at_once):
                some = pending[start : start + at_once]
                near, found = self._ask(queries[some], width, looked, as_of)
                scores[some], rows[some] = best(near, found, k)
                if not lists and (found == _NOTHING).any():
                    raise BadInput("store gave fewer faces than it holds", self.full_name, "give the command again")
                unsure = np.zeros(len(some), bool)
                if not lists and width < most:
                    unsure = near.min(axis=1) == scores[some, -1]
                again.append(some[unsure])
                done(len(some) - int(unsure.sum()))
            pending, width = np.concatenate(again), 4 * width
        return scores, rows

    def faces(self, rows: np.ndarray) -> dict[int, tuple[str, str]]:
        """Name and person of rows, by row."""
        wanted, as_of = np.unique(rows[rows != _NOTHING]).tolist(), self._as_of_now()
        held: dict[int, tuple[str, str]] = {}
        for start in range(0, len(wanted), _NAMES):
            for face in self.client.query(
                self.collection, ids=wanted[start : start + _NAMES], output_fields=["row", "name", "person"],
                retry_times=PATIENCE, **as_of,
            ):  # fmt: skip
                held[face["row"]] = (face["name"], face["person"])
        return held

    def _ask(self, queries: np.ndarray, width: int, looked: dict[str, int], as_of: dict[str, Any]) -> Nearest:
        answers = self.client.search(
            self.collection, [query.tobytes() for query in queries], anns_field="code", limit=width,
            search_params={"metric_type": "HAMMING", "params": looked}, retry_times=PATIENCE, **as_of,
        )  # fmt: skip
        near, found = np.full((len(queries), width), -np.inf), np.full((len(queries), width), _NOTHING, np.int64)
        for place, hits in enumerate(answers):
            near[place, : len(hits)] = 0.0 - np.asarray(hits.distances)  # and not minus zero
            found[place, : len(hits)] = hits.ids
        return near, found

    def _count(self, start: int, stop: int | None, as_of: dict[str, Any]) -> int:
        which = "" if stop is None else f"row >= {start} and row < {stop}"
        answer = self.client.query(
            self.collection, filter=which, output_fields=["count(*)"], retry_times=PATIENCE, **as_of
        )
        return int(answer[0]["count(*)"])

    def _as_of_now(self) -> dict[str, Any]:
        """What makes a question see all that was put in before now.

        `Strong` says the same of each question anew, and the server then lets each wait 0.2 s for its next tick.
        """
        now = self.client._get_connection().alloc_timestamp(retry_times=PATIENCE)
        return {"consistency_level": "Customized", "guarantee_timestamp": now}

    def _index(self) -> dict[str, Any]:
        return self.client.describe_index(self.collection, _INDEX, retry_times=PATIENCE) or {}
