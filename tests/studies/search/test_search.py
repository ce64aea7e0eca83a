"""Search over files: exact whatever the blocks, re-ranked by other files, approximate with its recall, in a store."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from facerep.codes import milvus_collection
from facerep.codes.binarize import binarize
from facerep.errors import BadInput, Mismatch, Usage
from facerep.files import streams
from facerep.files.contract import Contract
from facerep.files.features import write_codes, write_features
from facerep.files.rows import Features
from facerep.results.to_json import to_json
from facerep.scorers.cosine import Cosine
from facerep.studies.search import gallery_file
from facerep.studies.search.search import search

PEOPLE, EACH, UNITS = 30, 8, 20


def faces(seed: int, each: int = EACH, prefix: str = "g", spread: float = 0.6) -> Features:
    """Faces around one centre a person; the centres are the same for every seed."""
    centres = np.random.default_rng(7).normal(size=(PEOPLE, UNITS))
    person = np.repeat(np.arange(PEOPLE), each)
    values = centres[person] + spread * np.random.default_rng(seed).normal(size=(len(person), UNITS))
    return Features(
        names=np.array([f"{prefix}/{row}.png" for row in range(len(person))], dtype=object),
        people=np.array([f"p{number}" for number in person], dtype=object),
        values=values.astype(np.float32),
        contract=Contract(network="net", crop="box/1"),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    gallery, queries = faces(0), faces(1, 1, "q")
    write_features(gallery, tmp_path / "gallery.h5")
    write_features(queries, tmp_path / "queries.h5")
    write_codes(binarize(gallery), tmp_path / "gallery-codes.h5")
    write_codes(binarize(queries), tmp_path / "query-codes.h5")
    return tmp_path


def same(one, other) -> bool:
    columns = ("rows", "faces", "persons", "scores")
    return all((getattr(one.answers, name) == getattr(other.answers, name)).all() for name in columns)


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "inner", "hamming"])
def test_a_gallery_read_in_small_blocks_gives_the_same_bit_for_bit(
    folder: Path, metric: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = ("query-codes.h5", "gallery-codes.h5") if metric == "hamming" else ("queries.h5", "gallery.h5")
    chosen = None if metric == "hamming" else metric
    whole = search(*(folder / name for name in files), k=12, metric=chosen)
    assert whole.metric == metric
    for size in (1, 200, 1000):
        monkeypatch.setattr(streams, "BLOCK_BYTES", size)
        monkeypatch.setattr(streams, "NAMES_AT_ONCE", 1 + size // 50)
        assert same(search(*(folder / name for name in files), k=12, metric=chosen), whole)
    assert same(search(*(folder / name for name in files), k=12, metric=chosen, device="auto"), whole)


def test_the_best_faces_carry_name_person_and_score(folder: Path) -> None:
    found = search(folder / "queries.h5", folder / "gallery.h5", k=3).answers
    gallery, queries = faces(0), faces(1, 1, "q")
    scores = Cosine().matrix(queries.values, gallery.values)
    best = scores.argmax(axis=1)
    assert (found.rows[:, 0] == best).all()
    assert (found.faces[:, 0] == gallery.names[best]).all()
    assert (found.persons[:, 0] == gallery.people[best]).all()
    assert (found.scores[:, 0] == Cosine().score(queries.values, gallery.values[best])).all()
    assert found.before is None


def test_ranking_again_orders_the_best_codes_by_their_vectors(folder: Path) -> None:
    codes = search(folder / "query-codes.h5", folder / "gallery-codes.h5", k=40)
    again = search(
        folder / "query-codes.h5", folder / "gallery-codes.h5", k=5, first=40, metric="euclidean",
        rerank_with=[folder / "queries.h5", folder / "gallery.h5"],
    )  # fmt: skip
    gallery, queries = faces(0), faces(1, 1, "q")
    for query in range(PEOPLE):
        rows = codes.answers.rows[query]
        apart = np.linalg.norm(gallery.values[rows].astype(float) - queries.values[query], axis=1)
        order = np.lexsort((rows, apart))[:5]
        assert again.answers.rows[query].tolist() == rows[order].tolist()
        assert again.answers.scores[query] == pytest.approx(-apart[order])
        assert again.answers.before is not None
        assert again.answers.before[query].tolist() == codes.answers.scores[query, order].tolist()
        assert again.answers.faces[query].tolist() == gallery.names[rows[order]].tolist()
    assert to_json(again)["reranking"] == {"first": 40, "metric": "euclidean", "files": ["queries.h5", "gallery.h5"]}


def test_ranking_again_wants_every_face_that_was_found(folder: Path) -> None:
    with pytest.raises(BadInput, match=r"faces are not in the file .*queries\.h5"):
        search(
            folder / "query-codes.h5", folder / "gallery-codes.h5", k=5, first=9, rerank_with=[folder / "queries.h5"]
        )


def test_recall_counts_the_exact_answers_that_an_index_finds(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery_file, "SAMPLED", 20)
    exact = search(folder / "query-codes.h5", folder / "gallery-codes.h5")
    found = search(folder / "query-codes.h5", folder / "gallery-codes.h5", index="BIVF24", effort=2)
    assert found.index is not None
    assert (found.exact, exact.exact) == (False, True)
    recall = found.index.recall
    assert (recall.of, found.index.queries, found.index.effort) == (200, 20, 2)
    draw = np.random.default_rng(0)
    draw.choice(PEOPLE * EACH, PEOPLE * EACH, replace=False)  # what the index is trained on
    some = np.sort(draw.choice(PEOPLE, 20, replace=False))
    hits = found.answers.scores[some] >= exact.answers.scores[some, -1:]
    assert recall.count == hits.sum() < 200
    assert recall.low < recall.value < recall.high
    assert "queries" in recall.interval
    every = search(folder / "query-codes.h5", folder / "gallery-codes.h5", index="BIVF24", effort=24)
    assert every.index is not None
    assert every.index.recall.value == 1
    assert (every.answers.scores == exact.answers.scores).all()


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "inner"])
def test_an_index_that_looks_everywhere_has_the_exact_scores(folder: Path, metric) -> None:
    exact = search(folder / "queries.h5", folder / "gallery.h5", metric=metric)
    found = search(folder / "queries.h5", folder / "gallery.h5", metric=metric, index="IVF8,Flat", effort=8)
    assert same(found, exact)


def test_scores_of_an_index_that_rounds_are_true(folder: Path) -> None:
    found = search(folder / "queries.h5", folder / "gallery.h5", index="IVF4,SQ8", effort=4).answers
    gallery, queries = faces(0), faces(1, 1, "q")
    for query in range(PEOPLE):
        one = np.repeat(queries.values[query][None], 10, 0)
        assert (found.scores[query] == Cosine().score(one, gallery.values[found.rows[query]])).all()


def test_an_index_that_finds_too_little_says_so(folder: Path) -> None:
    found = search(folder / "query-codes.h5", folder / "gallery-codes.h5", k=100, index="BIVF24", effort=1)
    assert any("found too few faces" in warning for warning in found.warnings)
    assert all(len(answer["found"]) < 100 for answer in to_json(found)["answers"])


def test_queries_that_stand_in_the_gallery_are_told(folder: Path) -> None:
    found = search(folder / "gallery.h5", folder / "gallery.h5", k=1)
    assert found.warnings == ("240 of 240 queries stand in the gallery themselves, and found themselves first",)
    assert not search(folder / "queries.h5", folder / "gallery.h5", k=1).warnings


def test_files_that_do_not_belong_together_are_refused(folder: Path) -> None:
    gallery = faces(0)
    write_features(replace(gallery, values=gallery.values[:, :9].copy()), folder / "short.h5")
    write_features(replace(gallery, contract=Contract(network="other")), folder / "other.h5")
    write_codes(binarize(gallery, 0.5), folder / "half.h5")
    for queries, file, words in (
        ("queries.h5", "gallery-codes.h5", "codes against vectors"),
        ("query-codes.h5", "gallery.h5", "codes against vectors"),
        ("queries.h5", "short.h5", "length differs"),
        ("queries.h5", "other.h5", "network differs"),
        ("query-codes.h5", "half.h5", "rule of the bits differs"),
    ):
        with pytest.raises(Mismatch, match=words):
            search(folder / queries, folder / file)


def test_an_all_zero_vector_has_no_cosine_and_is_named(folder: Path) -> None:
    for name, seed in (("gallery", 0), ("queries", 1)):
        held = faces(seed)
        held.values[17] = 0
        write_features(held, folder / f"zero-{name}.h5")
    for files in (("queries.h5", "zero-gallery.h5"), ("zero-queries.h5", "gallery.h5")):
        with pytest.raises(BadInput, match=r"1 face has an all-zero vector, which has no cosine \('g/17.png'\)"):
            search(*(folder / name for name in files))
        with pytest.raises(BadInput, match="no cosine"):
            search(*(folder / name for name in files), index="IVF8,Flat")
    assert search(folder / "queries.h5", folder / "zero-gallery.h5", metric="euclidean").k == 10


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"k": 241}, "241 faces are wanted of each query, .*gallery.h5 gives 240"),
        ({"first": 20}, "give both"),
        ({"first": 5, "rerank_with": [Path("a.h5")]}, "only 5 are re-ranked"),
        ({"first": 50, "rerank_with": [Path("a.h5")] * 3}, "given once, or once for"),
        ({"effort": 3}, "--effort is for an --index"),
        ({"index": "IVF8,Flat", "device": "cuda"}, "leave --device out"),
        ({"index": "IVF8,Flat", "store": "g.db"}, "a store holds codes"),
        ({"store": "g.db"}, "a store holds codes"),
    ],
)
def test_choices_that_contradict_each_other_are_usage_errors(folder: Path, choices: dict, words: str) -> None:
    with pytest.raises(Usage, match=words):
        search(folder / "queries.h5", folder / "gallery.h5", **choices)
    with pytest.raises(Usage, match="no gallery"):
        search(folder / "queries.h5")
    with pytest.raises(Usage, match="holds codes, inner compares vectors"):
        search(folder / "query-codes.h5", folder / "gallery-codes.h5", metric="inner")


@pytest.mark.skipif(
    not all(map(find_spec, ("pymilvus", "milvus_lite", "pkg_resources"))),
    reason="pymilvus, milvus-lite or setuptools<81 is not installed: the extra `milvus`",
)
def test_a_store_is_given_the_gallery_once_and_answers_as_the_file_does(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = str(folder / "faces.db")
    queries, gallery = folder / "query-codes.h5", folder / "gallery-codes.h5"
    exact = search(queries, gallery, k=7)
    with pytest.raises(BadInput, match="no such store"):
        search(queries, store=database)
    monkeypatch.setattr(milvus_collection, "AT_ONCE", 100)
    fill, cut_off = milvus_collection.Store.fill, RuntimeError("cut off")

    def first_part_only(self, parts, done):
        fill(self, [next(parts)], done)
        raise cut_off

    monkeypatch.setattr(milvus_collection.Store, "fill", first_part_only)
    with pytest.raises(RuntimeError, match="cut off"):
        search(queries, gallery, store=database)
    monkeypatch.setattr(milvus_collection.Store, "fill", fill)
    with pytest.raises(BadInput, match="not complete: 100 of 240 codes"):
        search(queries, store=database)
    assert same(search(queries, gallery, k=7, store=database), exact)
    found = search(queries, k=7, store=database)
    assert same(found, exact)
    assert found.gallery == {"store": database, "collection": "faces", "rows": 240}
    vectors = [folder / "queries.h5", folder / "gallery.h5"]
    again = search(queries, k=2, store=database, first=30, rerank_with=vectors)
    assert same(again, search(queries, gallery, k=2, first=30, rerank_with=vectors))

    write_codes(binarize(faces(0), 0.5), folder / "half.h5")
    with pytest.raises(Mismatch, match="rule of the bits differs"):
        search(folder / "half.h5", store=database)
    with pytest.raises(Mismatch, match="store holds another gallery"):
        search(queries, queries, store=database, k=3)
    with pytest.raises(Usage, match="a store in a file has no --index"):
        search(queries, gallery, store=database, k=3, index="BIVF16")
    with pytest.raises(BadInput, match="no such collection"):
        search(queries, store=database, collection="others")
    with pytest.raises(Usage, match="gives 240"):
        search(queries, k=241, store=database)
