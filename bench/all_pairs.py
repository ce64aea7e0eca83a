"""All pairs of 13,233 faces: the histogram of Hamming distances of 256-bit codes against the ROC of their features.

The histogram holds the codes' whole ROC. One rival makes the cosines of all pairs, keeps them and sorts them once, the
other goes over them block by block, twice, and keeps few (`verify --pairs all`). Faces are made up, as many as LFW has.

`python bench/all_pairs.py 100000` prints the processor time of so many codes; with `ray` behind it the time on Ray's
workers of this machine beside that of this process, by turns, and whether the results are the same; with `disk` the
processor time of `verify --pairs all` of so many vectors in memory and in parts.
What the intervals need, sums over people at five thresholds: by distances of codes against the same by their scores.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from facerep import threads
from facerep.codes.distance_histogram import histograms
from facerep.files.features import write_features
from facerep.files.rows import Codes, Features
from facerep.metrics import eer_auc
from facerep.metrics.person_sums import FaceCounts
from facerep.metrics.roc import Curve
from facerep.pairs.all_pairs import AllPairs
from facerep.pairs.blocks.hamming_blocks import HammingBlocks
from facerep.pairs.blocks.score_blocks import NumpyBlocks, PairFaces
from facerep.pairs.choice import choose
from facerep.ray_cluster import RayCluster
from facerep.scorers.cosine import Cosine
from facerep.scorers.hamming import Hamming
from facerep.studies.verification.verify import verify
from row import Row, peak, row

FACES, PEOPLE, UNITS, ROUNDS = 13_233, 5749, 256, 3
FARS = (0.1, 0.01, 0.001)
AIM = 10


def measure(faces: int = FACES, people: int = PEOPLE, units: int = UNITS, rounds: int = ROUNDS) -> list[Row]:
    """How many times as long the curves of the features take."""
    draw = np.random.default_rng(0)
    person = np.sort(np.concatenate([np.arange(people), draw.integers(0, people, faces - people)]))
    features = (draw.normal(size=(people, units))[person] + draw.normal(size=(faces, units))).astype(np.float32)
    codes = np.packbits(features > 0, axis=1)
    histograms(codes, person)
    ours_peak = peak()
    _agree(codes, person)
    times: dict[str, list[float]] = {"ours": [], "a full sort": [], "blocks": []}
    for _ in range(rounds):
        times["ours"].append(_timed(lambda: histograms(codes, person)))
        times["blocks"].append(_timed(lambda: _blocks(features, person)))
        times["a full sort"].append(_timed(lambda: _sorted(features, person)))
    rows = []
    for name in ("a full sort", "blocks"):
        ratios = [theirs / mine for theirs, mine in zip(times[name], times["ours"], strict=True)]
        note = f"{np.median(times[name]):,.2f} s against {np.median(times['ours']):,.3f} s"
        title = f"all pairs of {faces:,} faces: float ROC by {name} / histogram of codes"
        rows.append(row(title, ratios, AIM if name == "a full sort" else None, ours_peak, note))
    return [*rows, _sums(codes, person, rounds)]


def _sums(codes: np.ndarray, person: np.ndarray, rounds: int) -> Row:
    """How many times as long sums over people take by scores."""
    faces = PairFaces(codes, person, FaceCounts(np.bincount(person)), np.arange(len(person)).astype(str))
    thresholds = (-0.3 * 8 * codes.shape[1] - np.arange(5.0) * 8).tolist()
    by_distance = HammingBlocks(faces, lambda _: None)
    by_distance.sums(thresholds)
    ours_peak, times = peak(), []
    for _ in range(rounds):
        mine = _timed(lambda: by_distance.sums(thresholds))
        times.append((mine, _timed(lambda: NumpyBlocks(Hamming(), faces, lambda _: None).sums(thresholds))))
    note = "{1:,.2f} s against {0:,.2f} s".format(*np.median(times, axis=0))
    title = f"sums over people of {len(codes):,} codes: by scores / by distances"
    return row(title, [theirs / mine for mine, theirs in times], 1.5, ours_peak, note)


def _blocks(features: np.ndarray, person: np.ndarray) -> Curve:
    names = np.arange(len(person)).astype(str).astype(object)
    return AllPairs(Cosine(), features, person, np.arange(len(person)), names).curve(FARS)


def _sorted(features: np.ndarray, person: np.ndarray, step: int = 256) -> Curve:
    """The whole curve from all scores at once; single precision, half the memory and time of double."""
    rows = features / np.linalg.norm(features, axis=1, keepdims=True)
    pairs = len(rows) * (len(rows) - 1) // 2
    scores, same, filled = np.empty(pairs, np.float32), np.empty(pairs, bool), 0
    for start in range(0, len(rows), step):
        block = rows[start : start + step] @ rows[start:].T
        for row_, line in enumerate(block):
            end = filled + len(line) - row_ - 1
            scores[filled:end] = line[row_ + 1 :]
            same[filled:end] = person[start + row_ + 1 :] == person[start + row_]
            filled = end
    return _swept(scores, same)


def _swept(scores: np.ndarray, same: np.ndarray) -> Curve:
    order = np.argsort(-scores)
    accepted = np.cumsum(same[order])
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    true = accepted[ends]
    return Curve(scores[order][ends], true, ends + 1 - true, int(true[-1]), len(scores) - int(true[-1]))


def _agree(codes: np.ndarray, person: np.ndarray) -> None:
    """The histogram of some faces is that of their scores, one by one."""
    few = np.random.default_rng(0).choice(len(codes), min(len(codes), 300), replace=False)
    codes, person = codes[few], person[few]
    left, right = np.triu_indices(len(codes), 1)
    distances, same = -Hamming().score(codes[left], codes[right]).astype(int), person[left] == person[right]
    for counts, kind in zip(histograms(codes, person), (same, ~same), strict=True):
        np.testing.assert_array_equal(counts, np.bincount(distances[kind], minlength=len(counts)))


def of_codes(faces: int, bits: int = 512, each: int = 5) -> None:
    """Print the processor time of the histogram, and of all that `verify --pairs all` does, for made-up codes.

    Args:
        faces: how many.
        bits: of a code.
        each: faces a person has; in each of them 30 % of a code's bits are turned.
    """
    packed, person, codes = _made_codes(faces, bits, each)
    for what, work in {"histogram": lambda: histograms(packed, person), "verify": lambda: verify(codes, "all")}.items():
        begun = time.process_time()
        work()
        print(f"{what}: {time.process_time() - begun:,.1f} s of {faces * (faces - 1) // 2:,} pairs")


def on_ray(faces: int, rounds: int = 3) -> None:
    """Print how many times as fast Ray's workers are, one a core of this machine, as this process with as many threads.

    Both do what `verify --pairs all` does; Ray is started once, which is not counted.
    """
    _, person, codes = _made_codes(faces, 512, 5)
    chosen, ratios, lines = choose(codes, "all", None, "stop", 0), [], []
    assert chosen.rows is not None
    begun = time.perf_counter()
    with RayCluster().each() as workers:  # what is printed in here goes nowhere, as Ray prints there
        list(workers(pow, [1], [[1]] * 8))  # its processes are there
        lines.append(f"Ray was there after {time.perf_counter() - begun:.1f} s")
        for number in range(rounds):
            times, found = {}, {}
            for who, each in (("here", threads.each), ("ray", workers)):
                judged = AllPairs(
                    Hamming(), codes.packed[chosen.rows], np.sort(person), chosen.rows, codes.names, each=each
                )  # fmt: skip
                begun = time.perf_counter()
                curve = judged.curve(FARS)
                found[who] = repr(judged.measure([eer_auc.best_threshold(curve)], curve))
                times[who] = time.perf_counter() - begun
            assert found["here"] == found["ray"]
            ratios.append(times["here"] / times["ray"])
            here, there = times["here"], times["ray"]
            lines.append(f"round {number + 1}: here {here:.1f} s, Ray {there:.1f} s, ratio {ratios[-1]:.3f}")
    print(*lines, sep="\n")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"median {np.median(ratios):.3f}; {threads.count()} threads, {threads.cores()} workers, load {load:.1f}")


def on_disk(faces: int, people: int = 2000, units: int = 256) -> None:
    """Print the processor time of all pairs of vectors: all in memory, half of them, and as few as may be."""
    draw = np.random.default_rng(0)
    person = draw.integers(0, people, faces)
    values = draw.normal(size=(people, units))[person] + 1.5 * draw.normal(size=(faces, units))
    names = np.arange(faces).astype(str).astype(object)
    held = Features(names=names, people=person.astype(str).astype(object), values=values.astype(np.float32))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "features.h5"
        write_features(held, path)
        counts = set()
        for memory in (1 << 60, held.values.nbytes // 2, 1):
            begun = time.process_time()
            result = verify(path, "all", memory=memory, device="cpu")
            counts.add((result.accuracy, result.threshold.far, result.threshold.tar))
            print(f"memory {memory:,} bytes: {time.process_time() - begun:.1f} s of a core")
    print(f"rates the same: {len(counts) == 1}")


def _made_codes(faces: int, bits: int, each: int) -> tuple[np.ndarray, np.ndarray, Codes]:
    draw, person = np.random.default_rng(0), np.arange(faces) % (faces // each)
    own = draw.integers(0, 2, (faces // each, bits), np.uint8)
    packed = np.packbits(own[person] ^ (draw.random((faces, bits), np.float32) < 0.3), axis=1)
    codes = Codes(
        names=np.arange(faces).astype(str).astype(object), people=person.astype(str).astype(object), packed=packed,
        bits=bits, thresholds=np.zeros(bits, np.float32),
    )  # fmt: skip
    return packed, person, codes


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    {"ray": on_ray, "disk": on_disk}.get(sys.argv[-1], of_codes)(int(sys.argv[1]))
