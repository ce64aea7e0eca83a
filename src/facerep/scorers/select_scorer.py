"""Catalog: from the name of a metric to the scorer, and the rows that it takes.

What is chosen is checked here: vectors or codes, all-zero rows, and whether a scorer file belongs to the vectors.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from facerep.codes.binarize import binarize
from facerep.console import console
from facerep.errors import BadInput, Usage
from facerep.files.rows import Codes, Features
from facerep.scorers.chain import FittedChain
from facerep.scorers.cosine import Cosine
from facerep.scorers.euclidean import Euclidean
from facerep.scorers.hamming import Hamming
from facerep.scorers.scorer import Scorer
from facerep.scorers.scorer_file import read_scorer

RowMaker = Callable[[Features | Codes], np.ndarray]
METRICS = ("cosine", "euclidean", "joint-bayesian", "hamming")


def scorer(metric: str, rows: Features | Codes, scorer_path: Path | None = None) -> tuple[Scorer, np.ndarray]:
    """The scorer of a metric and the rows that it takes, in the order of `rows`.

    Args:
        metric: cosine, euclidean, joint-bayesian or hamming.
        rows: vectors; or codes, for hamming. Vectors under hamming are cut by their network's own rule.
        scorer_path: scorer file, for joint-bayesian, on vectors or on the codes that it was fitted on; learned weights,
            for hamming; with a chain of projections only, also for cosine and euclidean, which then compare what the
            chain gives.

    Returns:
        The scorer, and one row a face: float64 or float32 (n, k), uint8 (n, bytes) for hamming. Each face is
        projected once, here.

    Raises:
        Usage: no such metric, or metric, file and scorer file contradict each other.
        BadInput: hamming on vectors whose network states no rule for bits.
        Mismatch: the scorer file was fitted on another network, layer, crop or mirror rule, or on other bits.
    """
    judge, take = row_maker(metric, rows.take(np.arange(1)), scorer_path)
    values = take(rows)
    if isinstance(judge, Cosine):
        judge = Cosine([str(name) for name in rows.names[~values.any(axis=1)]], rows.where)
    return judge, values


def row_maker(metric: str, head: Features | Codes, scorer_path: Path | None = None) -> tuple[Scorer, RowMaker]:
    """The scorer of a metric, and what makes the rows that it takes of some rows of a file, each of itself alone.

    Args:
        metric, scorer_path: see `scorer`.
        head: a row of the file, with what is said of all of them; only it is checked.

    Raises:
        Usage, BadInput, Mismatch: as `scorer` does.
    """
    if metric not in METRICS:
        near = get_close_matches(metric, METRICS, n=1)
        what = f"no metric {metric!r}"
        raise Usage(what, hint=f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(METRICS)}")
    cut: Callable[[Features | Codes], Features | Codes] = _cut(head) if metric == "hamming" else _as_it_is
    if scorer_path is not None:
        fitted = _fitted(metric, cut(head), scorer_path)
        model = fitted.joint_bayesian or fitted.weighted_hamming
        return model if model is not None else _plain(metric), lambda rows: fitted.prepare(cut(rows))
    if metric == "hamming":
        return Hamming(), lambda rows: held_values(cut(rows))
    if metric == "joint-bayesian":
        raise Usage("joint-bayesian wants a scorer file", hint="give --scorer; `facerep fit` makes one")
    if isinstance(head, Codes):
        what = f"{head.where} holds codes, {metric} compares vectors"
        raise Usage(what, hint="give --metric hamming or a feature file")
    return _plain(metric), held_values


def _as_it_is(rows: Features | Codes) -> Features | Codes:
    return rows


def held_values(rows: Features | Codes) -> np.ndarray:
    """Vectors, or packed codes."""
    return rows.packed if isinstance(rows, Codes) else rows.values


def _plain(metric: str) -> Scorer:
    return Euclidean() if metric == "euclidean" else Cosine()


def _fitted(metric: str, rows: Features | Codes, path: Path) -> FittedChain:
    fitted = read_scorer(path)
    model = fitted.joint_bayesian or fitted.weighted_hamming
    if metric != fitted.metric and (model or metric != "euclidean"):
        wanted = "weighted-hamming" if metric == "hamming" else metric
        hint = f"give --metric {fitted.metric}" if model else f"fit a chain that ends with {wanted}"
        raise Usage(f"{path} holds the chain {fitted.text}, the metric is {metric}", hint=hint)
    fitted.require(rows)
    if not rows.contract.network:
        matched = f"{path} and {rows.where} are matched by their {fitted.dimension} dimensions alone"
        console.warn(f"network unknown: {matched}")
    return fitted


def _cut(head: Features | Codes) -> Callable[[Features | Codes], Codes]:
    """What makes codes of rows: nothing where they are, else their network's own rule."""
    if not isinstance(head, Codes):
        if head.contract.rule != "> 0":
            rule = head.contract.rule or "unknown"
            raise BadInput(f"rule for bits is {rule}, hamming wants codes", head.where, "run facerep binarize first")
        console.note(f"hamming: {head.dimension} bits, a unit is 1 where it is > 0")
    return lambda rows: rows if isinstance(rows, Codes) else binarize(rows, "zero")
