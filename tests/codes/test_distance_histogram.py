"""Histograms of Hamming distances against a slow loop over all pairs."""

from itertools import combinations

import numpy as np
import pytest

from facerep.codes import distance_histogram
from facerep.codes.distance_histogram import histograms


def slow(codes, person):
    counts = np.zeros((2, 8 * codes.shape[1] + 1), int)
    for i, j in combinations(range(len(codes)), 2):
        counts[int(person[i] != person[j]), int(np.unpackbits(codes[i] ^ codes[j]).sum())] += 1
    return counts


@pytest.mark.parametrize("width", [1, 3, 8, 17, 24, 32, 40])
def test_counts_are_those_of_a_slow_loop_at_any_length_and_order(width):
    rng = np.random.default_rng(width)
    codes = rng.integers(0, 256, (60, width), np.uint8)
    person = rng.permutation(np.repeat(np.arange(20), 3)).astype(str)
    np.testing.assert_array_equal(histograms(codes, person), slow(codes, person))


def test_small_blocks_and_several_threads_give_the_same(monkeypatch):
    rng = np.random.default_rng(0)
    codes, person = rng.integers(0, 256, (50, 9), np.uint8), rng.integers(0, 6, 50)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    whole = histograms(codes, person)
    monkeypatch.setattr(distance_histogram, "PAIRS", 5)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    for size in (8, 8 * 7, 8 * 120):
        monkeypatch.setattr(distance_histogram, "BLOCK_BYTES", size)
        np.testing.assert_array_equal(histograms(codes, person), whole)


@pytest.mark.parametrize("width", [32, 512])
def test_codes_that_differ_in_all_bits_are_counted_at_the_far_end(width):
    codes = np.array([[0] * width, [255] * width, [0] * width], np.uint8)
    genuine, impostor = histograms(codes, np.array([0, 1, 0]))
    assert genuine[0] == genuine.sum() == 1
    assert impostor[8 * width] == impostor.sum() == 2


def test_people_without_a_pair_of_one_kind_have_empty_histograms():
    codes = np.zeros((3, 2), np.uint8)
    genuine, impostor = histograms(codes, np.array(["a", "b", "c"]))
    assert (genuine.sum(), impostor.sum()) == (0, 3)
    genuine, impostor = histograms(codes, np.array(["a", "a", "a"]))
    assert (genuine.sum(), impostor.sum()) == (3, 0)
