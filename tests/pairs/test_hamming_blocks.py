"""Sums over people of impostor pairs of codes: those of scores, in whatever ranges and in whichever process."""

from __future__ import annotations

import pickle
from contextlib import contextmanager
from functools import partial

import numpy as np
import pytest

from facerep.codes import distance_histogram
from facerep.codes.distance_histogram import count_block, histograms, pairs_of_block, row_blocks, words_of
from facerep.errors import Usage
from facerep.files.rows import Codes, Features
from facerep.metrics.ladder import ladder
from facerep.metrics.person_sums import FaceCounts, ImpostorSums
from facerep.pairs import choice
from facerep.pairs.blocks import hamming_blocks
from facerep.pairs.blocks.hamming_blocks import HammingBlocks, people_ranges, sums_of_people
from facerep.pairs.blocks.score_blocks import NumpyBlocks, PairFaces
from facerep.ray_cluster import RayCluster
from facerep.results.to_json import to_json
from facerep.scorers.hamming import Hamming
from facerep.studies.verification.verify import verify


def faces_of(bits: int, counts: list[int]) -> PairFaces:
    draw = np.random.default_rng(bits)
    person = np.repeat(np.arange(len(counts)), counts)
    codes = np.packbits(draw.random((len(person), bits)) < 0.5, axis=1)
    return PairFaces(codes, person, FaceCounts(np.array(counts)), np.array([f"{row}" for row in range(len(person))]))


def same(one: ImpostorSums, other: ImpostorSums) -> None:
    for name in ("total", "squared", "weighted", "squares"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-12), name
    np.testing.assert_allclose(one.touching, other.touching, rtol=1e-12)


@pytest.mark.parametrize("bits", [7, 64, 200, 512])
@pytest.mark.parametrize("small", [False, True])
def test_sums_are_those_of_scores(bits: int, small: bool, monkeypatch) -> None:
    if small:
        monkeypatch.setattr(distance_histogram, "BLOCK_BYTES", 8 * 11)
        monkeypatch.setattr(hamming_blocks, "PEOPLE_VALUES", 7)
        monkeypatch.setattr(hamming_blocks, "people_ranges", partial(people_ranges, pairs=40))
        monkeypatch.setenv("OMP_NUM_THREADS", "3")
    faces = faces_of(bits, [1, 5, 2, 9, 1, 1, 3])
    table = ladder(-np.array([0.0, bits / 2, bits / 2 + 1]))
    share = np.random.default_rng(0).random(2 * len(table.values))
    thresholds = [np.inf, 0.0, -bits / 2, -bits / 2 + 0.5, -bits / 2 - 1.0, -float(bits), -np.inf]
    advanced: list[int] = []
    mine = HammingBlocks(faces, advanced.append)
    theirs = NumpyBlocks(Hamming(), faces, lambda _: None)
    for one, other in zip(mine.sums(thresholds, table, share), theirs.sums(thresholds, table, share), strict=True):
        same(one, other)
    n = len(faces.rows)
    assert sum(advanced) == 2 * (n * (n - 1) // 2)
    for one, other in zip(mine.sums(thresholds), theirs.sums(thresholds), strict=True):
        same(one, other)


def test_blocks_of_both_passes_are_work_for_other_processes_and_add_up() -> None:
    faces = faces_of(96, [3] * 40)
    codes, counts = faces.rows, faces.people.faces
    columns = words_of(codes)
    work = [partial(count_block, columns, *block) for block in row_blocks(len(codes), 500)]
    assert len(work) > 5
    every = sum(pickle.loads(pickle.dumps(each))() for each in work)
    assert (every[: 96 + 1] == sum(histograms(codes, faces.person))).all()
    assert not every[97:].any()
    assert sum(pairs_of_block(len(codes), *block) for block in row_blocks(len(codes), 500)) == 120 * 119 // 2
    whole = ImpostorSums(faces.people)
    ranges = list(people_ranges(counts, 900))
    assert len(ranges) > 5
    assert [first for first, _ in ranges[1:]] == [last for _, last in ranges[:-1]]
    for first, last in ranges:
        task = partial(sums_of_people, columns, counts, [45], None, first, last)
        whole.join(pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(task))()))[0])
    same(whole, NumpyBlocks(Hamming(), faces, lambda _: None).sums([-45.0])[0])


def elsewhere(function, shared, tasks):
    """Does tasks as another process would: what goes and what comes is pickled."""
    there = pickle.dumps(tuple(shared))
    for task in tasks:
        yield pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(function))(*pickle.loads(there), *task)))


def test_who_does_the_tasks_changes_no_bit_of_the_result(monkeypatch) -> None:
    monkeypatch.setattr(choice, "MOST_LISTED", 0)
    monkeypatch.setattr(distance_histogram, "TASK_PAIRS", 300)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    draw, faces = np.random.default_rng(1), 150
    people = np.array([f"p{number}" for number in draw.integers(0, 40, faces)], dtype=object)
    codes = Codes(
        names=np.arange(faces).astype(str).astype(object), people=people, bits=96,
        packed=np.packbits(draw.random((faces, 96)) < 0.4, axis=1), thresholds=np.zeros(96, np.float32),
    )  # fmt: skip
    done: list[str] = []

    @contextmanager
    def each(_cluster, store):
        assert store > codes.packed.nbytes

        def doing(function, shared, tasks):
            done.extend([function.__name__] * len(tasks))
            return elsewhere(function, shared, tasks)

        yield doing

    monkeypatch.setattr(RayCluster, "__post_init__", lambda _cluster: None)
    monkeypatch.setattr(RayCluster, "each", each)
    there, here = (to_json(verify(codes, "all", machines=one, far=[0.1])) for one in (RayCluster(), None))
    assert there == here
    assert done.count("count_block") > 20
    assert done.count("sums_of_people") > 20


def test_a_cluster_is_for_codes_and_for_all_pairs(monkeypatch) -> None:
    monkeypatch.setattr(RayCluster, "__post_init__", lambda _cluster: None)
    people = np.array(["a", "a", "b", "b"], dtype=object)
    few = Features(names=np.array(list("wxyz"), dtype=object), people=people, values=np.eye(4, dtype=np.float32))
    with pytest.raises(Usage, match="--engine ray is for all pairs of many codes; cosine is scored here"):
        verify(few, "all", machines=RayCluster())
    codes = Codes(
        names=few.names, people=people, bits=8, packed=np.arange(4, dtype=np.uint8)[:, None],
        thresholds=np.zeros(8, np.float32),
    )  # fmt: skip
    with pytest.raises(Usage, match="--engine ray is for all pairs of many codes; these few are scored here"):
        verify(codes, "all", machines=RayCluster())
    monkeypatch.setattr(choice, "MOST_LISTED", 0)
    with pytest.raises(Usage, match="--device cuda means nothing with --engine ray"):
        verify(codes, "all", machines=RayCluster(), device="cuda")
