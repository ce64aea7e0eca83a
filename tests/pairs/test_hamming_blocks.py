"""Sums over people of impostor pairs of codes: those of scores, in whatever ranges and in whichever process."""

from __future__ import annotations

import pickle
from functools import partial

import numpy as np
import pytest

from facerep.codes import distance_histogram
from facerep.codes.distance_histogram import count_block, histograms, pairs_of_block, row_blocks, words_of
from facerep.metrics.ladder import ladder
from facerep.metrics.person_sums import FaceCounts, ImpostorSums
from facerep.pairs import hamming_blocks
from facerep.pairs.hamming_blocks import HammingBlocks, people_ranges, sums_of_people
from facerep.pairs.score_blocks import NumpyBlocks, PairFaces
from facerep.scorers.hamming import Hamming


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
        task = partial(sums_of_people, columns, counts, first, last, [45], None)
        whole.join(pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(task))()))[0])
    same(whole, NumpyBlocks(Hamming(), faces, lambda _: None).sums([-45.0])[0])
