"""Scores of probes with the templates of a gallery, block by block."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from facerep.pairs.rows_on_disk import RowsOnDisk
from facerep.scorers.select_scorer import Scorer
from facerep.studies.identification.templates import Templates

BLOCK_BYTES = 16_000_000
LEAST = 32
"""Probes of a block at least: a scorer prepares the gallery anew for each block."""
CLOSE = 1e-6
"""Scores of a block agree with those of single pairs within this share; nearer ones are scored pair by pair."""


def probe_scores(
    judge: Scorer, templates: Templates, rows: np.ndarray | RowsOnDisk, probes: np.ndarray, person: np.ndarray
) -> Iterator[tuple[slice, np.ndarray]]:
    """Scores of each probe with each gallery person, in blocks of bounded memory.

    A block comes from `matrix`. What lies close to the score of the probe's own person, or to the largest, is scored
    again pair by pair: so ranks and the scores that decide them do not depend on blocks or threads, and equal
    templates tie.

    Args:
        judge: the scorer.
        templates: of the gallery.
        rows: of the file, as the scorer takes them, shape (n, k); in memory, or on disk.
        probes: which of them are probes, shape (p,).
        person: the column of each probe's own person, negative for an unknown probe; shape (p,).

    Yields:
        The place of the block among the probes, and float64 scores, shape (block, people).
    """
    against = templates.rows
    step = max(LEAST, BLOCK_BYTES // (8 * len(against)))
    wide = max(1, BLOCK_BYTES // (8 * against.shape[1]))
    for part, some in _some_probes(rows, probes, step):
        block = np.empty((len(some), len(against)))
        for left in range(0, len(against), wide):
            block[:, left : left + wide] = judge.matrix(some, against[left : left + wide])
        _settle_close(judge, templates, some, person[part], block)
        yield part, _by_person(block, templates)


def _some_probes(rows: np.ndarray | RowsOnDisk, probes: np.ndarray, step: int) -> Iterator[tuple[slice, np.ndarray]]:
    """The place of `step` probes and their rows, from those that were read together."""
    most = step if isinstance(rows, np.ndarray) else max(1, rows.at_once(len(probes)) // step) * step
    for begin in range(0, len(probes), most):
        held = rows[probes[begin : begin + most]]
        for start in range(0, len(held), step):
            some = held[start : start + step]
            yield slice(begin + start, begin + start + len(some)), some


def _by_person(block: np.ndarray, templates: Templates) -> np.ndarray:
    if len(templates.starts) == block.shape[1]:
        return block
    return np.maximum.reduceat(block, templates.starts, axis=1)


def _settle_close(
    judge: Scorer, templates: Templates, probes: np.ndarray, person: np.ndarray, block: np.ndarray
) -> None:
    """Write the scores that decide a rank anew, from `score`."""
    best = _by_person(block, templates)
    top = best.max(axis=1)
    own = np.where(person >= 0, best[np.arange(len(best)), np.maximum(person, 0)], top)
    with np.errstate(invalid="ignore"):  # an infinity less itself is NaN, which is close
        close = np.zeros(block.shape, bool)
        for level in (own, top):
            close |= ~(np.abs(block - level[:, None]) > CLOSE * np.maximum(1, np.abs(level))[:, None])
    rows, columns = np.nonzero(close)
    step = max(1, BLOCK_BYTES // (16 * max(1, probes.shape[1])))
    for start in range(0, len(rows), step):
        row, column = rows[start : start + step], columns[start : start + step]
        block[row, column] = judge.score(probes[row], templates.rows[column])
