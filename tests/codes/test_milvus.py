"""The vector database in its embedded form: its answers are ours, and a load that was cut off goes on."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from facerep.codes import milvus, milvus_collection
from facerep.codes.exact_search import nearest_codes
from facerep.codes.milvus import opened
from facerep.codes.milvus_collection import CollectionInfo, Store, lists_of
from facerep.errors import BadInput, NotAvailable, Usage

needs_milvus = pytest.mark.skipif(
    not all(map(find_spec, ("pymilvus", "milvus_lite", "pkg_resources"))),
    reason="pymilvus, milvus-lite or setuptools<81 is not installed: the extra `milvus`",
)
INFO = CollectionInfo(codes=300, bits=20, rule="r", faces="f")


def gallery() -> np.ndarray:
    """300 codes of 20 bits, most of them several times."""
    random = np.random.default_rng(0)
    few = np.packbits(random.integers(0, 2, (40, 20), dtype=np.uint8), axis=1)
    return few[random.integers(0, 40, 300)]


def parts(start: int, size: int = 100):
    names = np.array([f"p{row}/é.png" for row in range(300)], dtype=object)
    people = np.array([f"p{row}" if row % 3 else "" for row in range(300)], dtype=object)
    for first in range(start, 300, size):
        yield first, *(column[first : first + size] for column in (gallery(), names, people))


@needs_milvus
def test_a_filled_store_answers_as_exact_search_does_and_remembers_what_it_holds(tmp_path: Path) -> None:
    queries = gallery()[:7] ^ np.uint8(0b10000)
    path = tmp_path / "g.db"
    with opened(str(path), "faces") as held:
        assert held.info is None
        held.create(INFO)
        told = []
        held.fill(parts(0), told.append)
        assert told == [100, 100, 100]
    with opened(str(path), "faces") as held:
        assert (held.info, held.count()) == (INFO, 300)
        for k in (1, 10, 300):
            scores, rows = held.nearest(queries, k)
            faces = held.faces(rows)
            wanted = nearest_codes(queries, gallery(), k)
            assert (scores == wanted[0]).all()
            assert (rows == wanted[1]).all()
            assert {row: faces[row] for row in (int(rows[0, 0]),)} == {
                rows[0, 0]: (f"p{rows[0, 0]}/é.png", f"p{rows[0, 0]}" if rows[0, 0] % 3 else "")
            }
        with opened(str(path), "others") as other:
            assert other.info is None
    assert path.stat().st_mode & 0o077 == 0


@needs_milvus
def test_what_is_missing_is_counted_and_a_part_that_is_sent_again_stands_there_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milvus_collection, "AT_ONCE", 40)
    with opened(str(tmp_path / "g.db"), "faces") as held:
        held.create(INFO)
        assert list(held.missing(300)) == [(first, min(first + 40, 300)) for first in range(0, 300, 40)]
        whole = list(parts(0, 40))
        holes = [whole[0], (40, *(column[:7] for column in whole[1][1:])), *whole[2:5], whole[6]]
        held.fill(holes, lambda _: None)
        assert list(held.missing(300)) == [(40, 80), (200, 240), (280, 300)]
        held.fill([whole[1], whole[5], whole[7], whole[2]], lambda _: None)
        assert list(held.missing(300)) == []
        assert (held.count(), held.count(40, 47)) == (300, 7)
        scores, rows = held.nearest(gallery()[100:140], 5)
        wanted = nearest_codes(gallery()[100:140], gallery(), 5)
        assert (scores == wanted[0]).all()
        assert (rows == wanted[1]).all()


@needs_milvus
def test_collections_of_others_are_left_alone(tmp_path: Path) -> None:
    with opened(str(tmp_path / "g.db"), "faces") as held:
        held.client.create_collection("faces", dimension=8)
        with pytest.raises(BadInput, match="collection was not made by facerep"):
            _ = held.info


@pytest.mark.parametrize(("made", "has", "says"), [
    ("", "BIN_IVF_FLAT", "indexed by BIN_IVF_FLAT, which is not exact: here, collection faces"),
    ("BIVF16", "BIN_FLAT", "indexed by BIN_FLAT: here, collection faces; index it by BIN_IVF_FLAT"),
    ("BIVF0", "BIN_IVF_FLAT", "was not made by facerep"),
])  # fmt: skip
def test_an_index_that_is_not_the_one_it_was_made_with_is_refused(made: str, has: str, says: str) -> None:
    """milvus-lite has one index only, so a stand-in answers as a server's client does."""
    client = SimpleNamespace(
        has_collection=lambda *_, **__: True,
        describe_collection=lambda _: {"description": json.dumps({"facerep": {**vars(INFO), "index": made}})},
        describe_index=lambda *_, **__: {"index_type": has},
    )
    with pytest.raises(BadInput, match=says):
        _ = Store(client, "here", "faces").info


@pytest.mark.parametrize("index", ["BHNSW32", "IVF16,Flat", "BIVF0", "BIVF99999", "BIVF", "é"])
def test_an_index_that_no_store_has_is_a_usage_error(index: str) -> None:
    with pytest.raises(Usage, match="store"):
        lists_of(index)


@needs_milvus
def test_a_server_that_is_not_there_is_one_line_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(milvus, "REMOTE_WAIT", 1.0)
    with pytest.raises(NotAvailable) as told, opened("http://root:secret@127.0.0.1:1", "faces"):
        pass
    assert str(told.value) == "store does not answer: http://127.0.0.1:1; start the server, or correct the address"


@needs_milvus
def test_a_file_that_is_no_database_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(milvus, "LOCAL_WAIT", 1.0)
    (tmp_path / "g.db").write_text("not a database", encoding="utf-8")
    with pytest.raises(NotAvailable, match="g.db"), opened(str(tmp_path / "g.db"), "faces") as held:
        _ = held.info
    assert (tmp_path / "g.db").read_text(encoding="utf-8") == "not a database"


def test_without_the_client_the_error_names_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(NotAvailable) as told, opened(str(tmp_path / "g.db"), "faces"):
        pass
    assert str(told.value) == "a store wants the package pymilvus; pip install 'facerep[milvus]'"


@pytest.mark.parametrize(
    "address",
    [
        "gallery",
        "gallery.h5",
        "a b.db",
        "x" * 34 + ".db",
        "ftp://host",
        "http://",
        "http://host:port",
        "http://[bad",
        "é.db",
    ],
)
def test_an_address_that_cannot_be_is_a_usage_error(address: str) -> None:
    with pytest.raises(Usage), opened(address, "faces"):
        pass


@pytest.mark.parametrize("collection", ["", "1st", "a b", "a-b", "é", "x" * 256])
def test_a_name_that_no_collection_has_is_a_usage_error(tmp_path: Path, collection: str) -> None:
    with pytest.raises(Usage), opened(str(tmp_path / "g.db"), collection):
        pass
