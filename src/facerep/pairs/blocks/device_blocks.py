"""Blocks of scores by torch, for a GPU: scored, counted and summed there; little comes back.

The same as `score_blocks.NumpyBlocks` within rounding: scores agree within 1e-6, what is counted of them is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch

from facerep.errors import NotAvailable
from facerep.metrics.ladder import Ladder
from facerep.metrics.person_sums import ImpostorSums
from facerep.pairs.blocks.score_blocks import PairFaces
from facerep.scorers.cosine import Cosine
from facerep.scorers.euclidean import Euclidean
from facerep.scorers.hamming import Hamming
from facerep.scorers.joint_bayesian import JointBayesian
from facerep.scorers.scorer import Scorer

Matrix = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class DeviceBlocks:
    """The scores of all impostor pairs, on a device; `advance` is called with how many pairs were scored."""

    def __init__(self, scorer: Scorer, faces: PairFaces, advance: Callable[[int], None], device: torch.device) -> None:
        prepared, self._matrix = _forms(scorer, faces.rows)
        self._rows = torch.from_numpy(prepared).to(device)
        self._person = torch.from_numpy(faces.person.astype(np.int64)).to(device)
        self._faces, self._advance, self._device = faces, advance, device

    def tally(self, table: Ladder) -> np.ndarray:
        """See `ScoreSource`."""
        values = self._to(table.values[:-1])
        counts = torch.zeros(2 * len(table.values), dtype=torch.int64, device=self._device)
        for scores in self._impostors():
            counts += torch.bincount(_slots(values, scores), minlength=len(counts))
        return counts.cpu().numpy()

    def between(self, low: np.ndarray, high: np.ndarray) -> list[np.ndarray]:
        """See `ScoreSource`."""
        kept: list[list[torch.Tensor]] = [[] for _ in low]
        for scores in self._impostors():
            for least, most, pieces in zip(low, high, kept, strict=True):
                pieces.append(scores[(scores >= float(least)) & (scores <= float(most))])
        return [torch.cat(pieces).cpu().numpy() for pieces in kept]

    def sums(
        self, thresholds: Sequence[float], table: Ladder | None = None, share: np.ndarray | None = None
    ) -> list[ImpostorSums]:
        """See `NumpyBlocks`."""
        faces, people = self._faces, len(self._faces.people.faces)
        sums = [ImpostorSums(faces.people) for _ in range(len(thresholds) + (table is not None))]
        values = None if table is None else self._to(table.values[:-1])
        shares = None if share is None else self._to(share)
        for start, scores, impostor in self._scored():
            stop = start + len(scores)
            first, last = int(faces.person[start]), int(faces.person[stop - 1])
            goes_on = stop < len(faces.person) and int(faces.person[stop]) == last
            columns, lines = self._person[start:] - first, self._person[start:stop] - first
            for of_hits, threshold in zip(sums, thresholds, strict=False):
                hits = ((scores >= float(threshold)) & impostor).to(scores.dtype)
                of_hits.add(first, _summed(hits, lines, columns, last - first + 1, people - first), goes_on=goes_on)
            if values is not None and shares is not None:
                wins = shares[_slots(values, scores.ravel())].reshape(scores.shape) * impostor
                between = _summed(wins, lines, columns, last - first + 1, people - first)
                sums[-1].add(first, between, float((wins * wins).sum()), goes_on=goes_on)
        return sums

    def _scored(self) -> Iterator[tuple[int, torch.Tensor, torch.Tensor]]:
        """Block by block: its first face, its scores with the faces from that one on, and which are impostor pairs."""
        for start, stop, _ in self._faces.blocks():
            scores = self._matrix(self._rows[start:stop], self._rows[start:])
            impostor = self._person[start:] > self._person[start:stop, None]
            missing = torch.isnan(scores) & impostor
            if bool(missing.any()):
                self._faces.refuse_nan(missing.cpu().numpy(), start, start)
            yield start, scores, impostor
            self._advance(scores.numel() - (stop - start) ** 2 // 2)

    def _impostors(self) -> Iterator[torch.Tensor]:
        return (scores[impostor] for _, scores, impostor in self._scored())

    def _to(self, array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self._device)


def _slots(values: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    """Where scores stand among sorted values, as `Ladder.slots` gives it."""
    return torch.searchsorted(values, scores) + torch.searchsorted(values, scores, right=True)


def _summed(scores: torch.Tensor, lines: torch.Tensor, columns: torch.Tensor, tall: int, wide: int) -> np.ndarray:
    """ImpostorSums over the people of both sides, (tall, wide), from scores of their faces."""
    across = scores.new_zeros(len(scores), wide).index_add_(1, columns, scores)
    return scores.new_zeros(tall, wide).index_add_(0, lines, across).cpu().numpy()


def _forms(scorer: Scorer, rows: np.ndarray) -> tuple[np.ndarray, Matrix]:
    """The rows as the device takes them, and the scorer's matrix in torch.

    Raises:
        NotAvailable: the scorer has no such form.
    """
    if isinstance(scorer, Hamming):
        bits = np.unpackbits(rows, axis=1).astype(np.float64)
        return bits, lambda a, b: 2 * (a @ b.T) - a.sum(1, keepdim=True) - b.sum(1)  # whole numbers: exact
    rows = np.ascontiguousarray(rows, np.float64)
    if isinstance(scorer, Cosine):
        unit = rows / np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
        return unit, lambda a, b: torch.clamp(a @ b.T, -1.0, 1.0)
    if isinstance(scorer, Euclidean):
        return rows, lambda a, b: 0.0 - torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist")
    if isinstance(scorer, JointBayesian):
        return rows, lambda a, b: a[:, :-1] @ b[:, :-1].T - (a[:, -1:] + b[:, -1]) + scorer.constant
    raise NotAvailable(f"scorer {scorer.name} runs on the CPU only", hint="give --device cpu")
