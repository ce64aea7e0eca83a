"""Blocks by torch count and sum as blocks by numpy do; here on the CPU, which torch takes for any device."""

import numpy as np
import pytest
import torch

from facerep.errors import BadInput, NotAvailable
from facerep.metrics.ladder import ladder
from facerep.metrics.person_sums import FaceCounts
from facerep.pairs.all_pairs import AllPairs
from facerep.pairs.blocks import score_blocks
from facerep.pairs.blocks.device_blocks import DeviceBlocks
from facerep.pairs.blocks.score_blocks import NumpyBlocks, PairFaces
from facerep.scorers.cosine import Cosine
from facerep.scorers.euclidean import Euclidean
from facerep.scorers.hamming import Hamming
from facerep.scorers.joint_bayesian import JointBayesian, fit_joint_bayesian


def faces(rows, person):
    names = np.array([f"{k}.png" for k in range(len(rows))], dtype=object)
    return PairFaces(rows, person, FaceCounts(np.bincount(person)), names)


def values(seed=0):
    rng = np.random.default_rng(seed)
    person = np.sort(np.concatenate([np.arange(9), rng.integers(0, 9, 40)]))
    return (rng.normal(size=(9, 5))[person] + rng.normal(size=(len(person), 5))).astype(np.float32), person


def scored(kind):
    rows, person = values()
    if kind is Hamming:
        return Hamming(), np.packbits(rows > 0, axis=1), person
    if kind is JointBayesian:
        model = fit_joint_bayesian(rows.astype(np.float64), person)
        return model, model.prepare(rows.astype(np.float64)), person
    return kind(), rows, person


class Odd:
    name = "odd"

    def score(self, a, b):
        return a[:, 0] * b[:, 0]

    def matrix(self, a, b):
        return np.outer(a[:, 0], b[:, 0])


@pytest.mark.parametrize("kind", [Cosine, Euclidean, Hamming, JointBayesian])
def test_what_torch_counts_and_sums_is_what_numpy_does(monkeypatch, kind):
    judge, rows, person = scored(kind)
    monkeypatch.setattr(score_blocks, "BLOCK_BYTES", 8 * len(rows) * 4)
    told = [[], []]
    ours = NumpyBlocks(judge, faces(rows, person), told[0].append)
    theirs = DeviceBlocks(judge, faces(rows, person), told[1].append, torch.device("cpu"))
    left, right = np.triu_indices(len(rows), 1)
    apart = person[left] != person[right]
    some = np.unique(np.round(judge.score(rows[left], rows[right]), 1)) + (0.5 if kind is Hamming else 0.03)
    table = ladder(some)
    counts = theirs.tally(table)
    np.testing.assert_array_equal(ours.tally(table), counts)
    assert counts.sum() == apart.sum()
    low, high = some[[1, 3]], some[[2, 5]]
    for one, other in zip(ours.between(low, high), theirs.between(low, high), strict=True):
        np.testing.assert_allclose(np.sort(one), np.sort(other), atol=1e-6)
    share = np.linspace(1, 0, 2 * len(table.values))
    for one, other in zip(ours.sums(some[:3], table, share), theirs.sums(some[:3], table, share), strict=True):
        np.testing.assert_allclose(one.touching, other.touching, rtol=1e-12)
        assert (one.total, one.squared, one.weighted, one.squares) == pytest.approx(
            (other.total, other.squared, other.weighted, other.squares), rel=1e-12
        )
    assert told[0] == told[1]


def test_torch_names_the_faces_of_a_nan_and_a_scorer_that_it_cannot_do():
    rows, person = values()
    rows[20, 0] = np.inf
    broken = DeviceBlocks(Euclidean(), faces(rows, person), print, torch.device("cpu"))
    rows[30, 0] = np.inf
    both = DeviceBlocks(Euclidean(), faces(rows, person), print, torch.device("cpu"))
    broken.tally(ladder(np.array([0.0])))  # one infinite coordinate: far away, and no NaN
    with pytest.raises(BadInput, match="NaN: 20.png, 30.png"):
        both.tally(ladder(np.array([0.0])))

    with pytest.raises(NotAvailable, match="scorer odd"):
        DeviceBlocks(Odd(), faces(*values()), print, torch.device("cpu"))


def test_a_scorer_without_a_form_for_the_gpu_is_left_to_the_cpu_unless_the_gpu_was_asked_for(monkeypatch):
    monkeypatch.setattr("facerep.networks.device.device", lambda _name: torch.device("cuda"))
    rows, person = values()
    names = np.arange(len(rows)).astype(str).astype(object)
    asked = {name: AllPairs(Odd(), rows, person, np.arange(len(rows)), names, device=name) for name in ("auto", "cuda")}
    assert isinstance(asked["auto"].blocks, NumpyBlocks)
    with pytest.raises(NotAvailable, match="scorer odd"):
        _ = asked["cuda"].blocks
