"""TAR at six FARs from 20,000 genuine and 15 million impostor scores: ours against pyeer and scikit-learn.

The rivals sort all scores for the whole curve and read the six points off it: scikit-learn's roc_curve at the last
point with FAR at most the target, pyeer at the FAR nearest to it, which at these targets is the target itself. Ours
counts the scores in blocks and sorts the few around each point; it gives the area and the equal error rate with them.
pyeer is of the extra `bench`; without it its row is left out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
from sklearn.metrics import roc_curve

from facerep.console import console
from facerep.metrics.operating_points import tar_at_far
from facerep.metrics.streamed import ScoreBlocks, streamed_curve
from row import Row, peak, row

GENUINE, IMPOSTOR, ROUNDS, BLOCK = 20_000, 15_000_000, 3, 1 << 18
FARS = (0.1, 0.03, 0.01, 0.001, 0.0001, 0.00001)
AIMS = {"pyeer": 40, "roc_curve": 8}


def measure(genuine: int = GENUINE, impostor: int = IMPOSTOR, rounds: int = ROUNDS) -> list[Row]:
    """How many times as long the rivals take; all three must give the same six rates."""
    draw = np.random.default_rng(0)
    ours_of, theirs_of = draw.normal(3, 1, genuine), draw.normal(0, 1, impostor)
    expected = _ours(ours_of, theirs_of)
    ours_peak = peak()
    rivals = {"roc_curve": _by_roc_curve} | ({"pyeer": _by_pyeer} if _has_pyeer() else {})
    times: dict[str, list[float]] = {name: [] for name in ("ours", *rivals)}
    for _ in range(rounds):
        times["ours"].append(_timed(lambda: _ours(ours_of, theirs_of), expected))
        for name, rival in rivals.items():
            times[name].append(_timed(lambda work=rival: work(ours_of, theirs_of), expected))
    rows = []
    for name in rivals:
        ratios = [theirs / mine for theirs, mine in zip(times[name], times["ours"], strict=True)]
        note = f"{np.median(times[name]):,.2f} s against {np.median(times['ours']):,.3f} s; the same six rates"
        title = f"TAR at six FARs, {genuine:,} genuine and {impostor:,} impostor scores: {name} / ours"
        rows.append(row(title, ratios, AIMS[name], ours_peak, note))
    return rows


def _ours(genuine: np.ndarray, impostor: np.ndarray) -> list[float | None]:
    def blocks() -> Iterator[np.ndarray]:
        return (impostor[start : start + BLOCK] for start in range(0, len(impostor), BLOCK))

    some = impostor[:: max(1, len(impostor) // 10_000)]
    curve = streamed_curve(genuine, ScoreBlocks(blocks), FARS, np.quantile(some, np.linspace(0, 1, 256)))
    return [tar_at_far(curve, far).tar for far in FARS]


def _by_roc_curve(genuine: np.ndarray, impostor: np.ndarray) -> list[float]:
    labels = np.concatenate([np.ones(len(genuine), bool), np.zeros(len(impostor), bool)])
    far, tar, _ = roc_curve(labels, np.concatenate([genuine, impostor]), drop_intermediate=False)
    return [float(tar[np.searchsorted(far, target, side="right") - 1]) for target in FARS]


def _by_pyeer(genuine: np.ndarray, impostor: np.ndarray) -> list[float]:
    from pyeer.eer_stats import calculate_roc, get_fmr_op  # pyright: ignore[reportMissingImports]

    _, far, frr = calculate_roc(genuine, impostor)
    return [1 - float(get_fmr_op(far, frr, target)[1]) for target in FARS]


def _has_pyeer() -> bool:
    try:
        import pyeer.eer_stats  # noqa: F401 # pyright: ignore[reportMissingImports]
    except ImportError:
        console.note("pyeer is not here: pip install 'facerep[bench]'")
        return False
    return True


def _timed(work: Callable[[], list], expected: list) -> float:
    begun = time.perf_counter()
    found = work()
    took = time.perf_counter() - begun
    wanted = [0.0 if rate is None else rate for rate in expected]
    seen = [rate if known is not None else 0.0 for rate, known in zip(found, expected, strict=True)]
    np.testing.assert_allclose(seen, wanted, atol=1e-12)
    return took
