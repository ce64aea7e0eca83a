"""Joint Bayesian at 10,000 people, 100,000 faces, 256 dimensions: ours against two ways of doing a round by person.

One round of each is EM with the same result (checked here). The dense rival inverts the (m d)^2 covariance of a
person's m faces; the other uses the closed form of that inverse, once for each m, and goes through people one by one.
Both are timed on a sample that has every m equally often, as the whole has, and scaled: the dense one would take
hours. Ours is the whole: a tenth of reading the sums, which ten rounds share, and one round.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from facerep.scorers import joint_bayesian_em as expectation

PEOPLE, DIMENSION, REPEATS, ROUNDS = 10_000, 256, 3, 10
FACES = (6, 8, 10, 12, 14)
"""How many faces a person has, each equally often: 10 in the mean."""
DENSE_SAMPLE, CLOSED_SAMPLE = len(FACES), 250

Row = tuple[str, float, float, float, str]


def measure() -> list[Row]:
    """(name, ratio, spread of the ratio over repeats, peak memory in MB, note) of each comparison."""
    faces = np.tile(FACES, PEOPLE // len(FACES))
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(PEOPLE), faces)
    values = random.standard_normal((PEOPLE, DIMENSION), dtype=np.float32)[groups]
    values += random.standard_normal((len(groups), DIMENSION), dtype=np.float32)
    first, sums = _timed(lambda: expectation.collect(values, groups, faces))
    model = expectation.start(sums)
    _agree(values, groups, faces, model)

    ours, dense, closed = [], [], []
    dense_peak = closed_peak = peak = 0.0
    for _ in range(REPEATS):
        collecting = _timed(lambda: expectation.collect(values, groups, faces))[0]
        rounds = _timed(lambda: [_round(model, sums) for _ in range(ROUNDS)])[0]
        ours.append((collecting + rounds) / ROUNDS)
        peak = peak or _peak()
        closed.append(_by_person(_closed, values, groups, faces, model, CLOSED_SAMPLE))
        closed_peak = closed_peak or _peak()
        dense.append(_by_person(_dense, values, groups, faces, model, DENSE_SAMPLE))
        dense_peak = dense_peak or _peak()
    round_ = f"ours {np.median(ours):.2f} s a round, sums once {first:.1f} s, peak {peak:.0f} MB"
    hours = np.median(dense) / 3600
    return [
        ("joint bayesian: dense (m d)^2 / ours", *_ratio(dense, ours), dense_peak,
         f"dense {hours:.1f} h a round, scaled from {DENSE_SAMPLE} people; {round_}"),
        ("joint bayesian: closed form by person / ours", *_ratio(closed, ours), closed_peak,
         f"closed {np.median(closed):.1f} s a round, scaled from {CLOSED_SAMPLE} people; {round_}"),
    ]  # fmt: skip


def main() -> None:
    """Print the two ratios."""
    for name, ratio, spread, peak, note in measure():
        print(f"{name}: {ratio:,.1f} +- {spread:,.1f}, peak {peak:,.0f} MB ({note})")


def _round(model: expectation.Covariances, sums: expectation.Sums) -> expectation.Covariances:
    diagonal = expectation.diagonalise(model)
    expectation.likelihood(diagonal, sums)
    return expectation.maximise(diagonal, sums)


def _dense(x: np.ndarray, between: np.ndarray, within: np.ndarray, _known: dict) -> tuple[np.ndarray, np.ndarray]:
    """E[mu] and Cov(mu) of one person from the inverse of the covariance of all their faces."""
    m, d = x.shape
    covariance = np.kron(np.ones((m, m)), between) + np.kron(np.eye(m), within)
    inverse = np.linalg.inv(covariance).reshape(m, d, m, d)
    with_faces = between @ inverse.sum(axis=0).reshape(d, m * d)
    return with_faces @ x.ravel(), between - with_faces.reshape(d, m, d).sum(axis=1) @ between


def _closed(x: np.ndarray, between: np.ndarray, within: np.ndarray, known: dict) -> tuple[np.ndarray, np.ndarray]:
    """The same from W_m = between (m between + within)^-1, kept for the next person with as many faces."""
    m = len(x)
    if m not in known:
        shrink = np.linalg.solve(m * between + within, between).T
        known[m] = shrink, between - m * shrink @ between
    shrink, covariance = known[m]
    return shrink @ x.sum(axis=0), covariance


def _pass(
    person: Callable,
    values: np.ndarray,
    groups: np.ndarray,
    sample: int,
    mean: np.ndarray,
    model: expectation.Covariances,
) -> tuple[np.ndarray, np.ndarray]:
    """One round of EM over the first `sample` people, one by one."""
    between, within = model.between.numpy(), model.within.numpy()
    ends = np.searchsorted(groups, np.arange(sample + 1))
    of_people, repeated, crossed, scatter = np.zeros((4, *between.shape))
    known = {}
    for start, end in pairwise(ends):
        x = values[start:end] - mean
        expected, covariance = person(x, between, within, known)
        square = np.outer(expected, expected) + covariance
        of_people += square
        repeated += len(x) * square
        crossed += np.outer(expected, x.sum(axis=0))
        scatter += x.T @ x
    stretch = np.linalg.solve(repeated, crossed)
    return stretch.T @ of_people @ stretch / sample, (scatter - stretch.T @ crossed) / ends[-1]


def _by_person(
    person: Callable,
    values: np.ndarray,
    groups: np.ndarray,
    faces: np.ndarray,
    model: expectation.Covariances,
    sample: int,
) -> float:
    mean = values.mean(axis=0, dtype=np.float64)
    return _timed(lambda: _pass(person, values, groups, sample, mean, model))[0] * len(faces) / sample


def _agree(values: np.ndarray, groups: np.ndarray, faces: np.ndarray, model: expectation.Covariances) -> None:
    """All three ways give the same covariances; on the first 20 dimensions, where the dense one is quick."""
    few = expectation.Covariances(model.between[:20, :20], model.within[:20, :20])
    people = 2 * len(FACES)
    part = groups < people
    sums = expectation.collect(values[part, :20], groups[part], faces[:people])
    ours = _round(few, sums)
    for person in (_dense, _closed):
        between, within = _pass(person, values[part, :20], groups[part], people, sums.mean.numpy(), few)
        assert np.allclose(ours.between.numpy(), between, atol=1e-9)
        assert np.allclose(ours.within.numpy(), within, atol=1e-9)


def _ratio(slow: list[float], fast: list[float]) -> tuple[float, float]:
    """The median ratio, and half the distance of the largest from the smallest."""
    ratios = np.array(slow) / np.array(fast)
    return float(np.median(ratios)), float(np.ptp(ratios)) / 2


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    found = work()
    return time.perf_counter() - begun, found


def _peak() -> float:
    """The most memory this process has had, in MB; it never falls, so the lighter one is measured first."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    main()
