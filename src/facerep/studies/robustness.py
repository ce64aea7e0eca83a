"""Robustness: verification of faces that are covered in part, by scorers that know clean faces only.

Faces are decoded once; their crops lie in a temporary file, and each cover is put on them batch by batch.
Source: DeepID2+, section 6; what a cover is stands in faces/cover.py.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np

from facerep.console import console
from facerep.errors import BadInput, Usage
from facerep.extraction.extract import Runner
from facerep.faces.advice import no_face
from facerep.faces.cover import Cover, covered, cut_to_cover, place_of
from facerep.faces.crops import Crop
from facerep.faces.table import Faces
from facerep.files.features import Features
from facerep.files.pairs import PairList
from facerep.metrics import intervals
from facerep.metrics.differences import compare
from facerep.metrics.folds import judge_folds, mean_and_error
from facerep.metrics.pair_draws import count_pairs
from facerep.metrics.rates import best_threshold
from facerep.metrics.result import Fold, FoldMean, Rate
from facerep.metrics.roc import sweep
from facerep.networks.device import device as pick_device
from facerep.progress import progress
from facerep.readers.decode_many import pictures
from facerep.studies.chosen_pairs import Chosen, choose
from facerep.studies.covered_systems import CHAIN, Networks, System, networks_of, systems_of
from facerep.studies.robustness_result import Curve, Point, Robustness

MOST_DRAWN = 3000
"""Pairs of each kind that are drawn where there is no list."""
BOTTOM, BLOCK = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7), (10, 20, 30, 40, 50, 60, 70)
_BYTES = 16_000_000


def robustness(
    faces: Faces, models: Sequence[str], *, layers: Sequence[str] = ("feature",), scorers: Sequence[Path] = (),
    clean: Faces | None = None, chain: str = CHAIN, pairs: str | None = None, sample: int | None = None,
    missing: str = "stop", on: str = "both", bottom: Sequence[float] = BOTTOM, block: Sequence[float] = BLOCK,
    crop: str = "auto", mirror: str = "mean", device: str = "auto", workers: int = -1, batch_size: int = 128,
    seed: int = 0,
) -> Robustness:  # fmt: skip
    """Verify pairs of covered faces.

    Args:
        faces: whose pairs are judged.
        models, layers, scorers, clean, chain, crop, mirror: see covered_systems.
        pairs, sample, missing: which pairs, as for verification; without a list, up to 3,000 drawn of each kind.
        on: "both" faces of a pair are covered, or the second "one".
        bottom: shares of the face's area, from the bottom up.
        block: sides of a block at a random place, in pixels of a face of 112x96.
        device, workers, batch_size: where and how it is computed.
        seed: of places, of a sample, and of fitting.

    Raises:
        BadInput, Usage, Mismatch: as there; a face that is in a pair and cannot be read; too many pairs.
    """
    if pairs is None and sample is None and not faces.protocols:
        # of all pairs nearly all are impostors, and one answer for all would be right
        sample = min(MOST_DRAWN, *count_pairs(faces.people)) or None
    chosen = choose(_as_rows(faces), pairs, sample, missing, seed)
    if chosen.streamed:
        raise Usage("too many pairs to cover them all", hint="name a list with --pairs, or draw some with --sample")
    names = faces.names
    listed = PairList(
        name=chosen.name, left=names[chosen.left], right=names[chosen.right], same=chosen.same, fold=chosen.fold
    )  # fmt: skip
    faces = faces.take(np.unique(np.concatenate([chosen.left, chosen.right])))
    networks = networks_of(models, layers, faces, crop=crop, mirror=mirror)
    runners = [Runner(part.doing, pick_device(device)) for part in networks]
    parts = [
        systems_of(
            part, faces, scorers=scorers, clean=clean, chain=chain, runner=runner, workers=workers,
            batch_size=batch_size, seed=seed,
        )
        for part, runner in zip(networks, runners, strict=True)
    ]  # fmt: skip
    systems = [system for part in parts for system in part]
    covers = [Cover(), *(Cover("bottom", share) for share in bottom), *(Cover("block", side) for side in block)]
    with tempfile.TemporaryFile() as file:
        store = _Cuts(file, faces, networks, mirror, workers)
        kept = choose(_as_rows(store.faces), listed, None, missing, seed)
        judge = _Judge(kept, store.faces.people, on, seed)
        with progress("cover faces", len(covers) * len(store.faces), shown=console.watched) as advance:
            for cover in covers:
                rows = _rows(store, networks, runners, parts, cover, batch_size, seed, advance)
                judge.add(cover, systems, rows)
    first = networks[0].doing
    return Robustness(
        dataset=Path(faces.root).name, pairs=kept.name, genuine=int(kept.same.sum()), impostor=int((~kept.same).sum()),
        folds=len(np.unique(kept.fold)), faces=len(store.faces), crop=first.crops[0].preset.name, mirror=mirror,
        on=on, curves=judge.curves(systems), seed=seed,
        missing={kind: count + kept.missing[kind] for kind, count in chosen.missing.items()},
        warnings=(*chosen.warnings, *kept.warnings),
    )  # fmt: skip


def _as_rows(faces: Faces) -> Features:
    """The faces as a feature file of theirs would name them, for the choice of pairs."""
    empty = np.zeros((len(faces), 1), np.float32)
    return Features(
        names=faces.names, people=faces.people, values=empty, protocols=faces.protocols, path=Path(faces.root)
    )  # fmt: skip


class _Cuts:
    """The crops of all faces, for all networks, in a file that is not held in memory."""

    def __init__(self, file: IO[bytes], faces: Faces, networks: Sequence[Networks], mirror: str, workers: int) -> None:
        self.crops = tuple(dict.fromkeys(crop for part in networks for crop in part.doing.crops))
        self.mirror, kept, failures, length = mirror, [], list(faces.failures), 0
        work = partial(cut_to_cover, self.crops, mirror)
        with progress("cut faces", len(faces), shown=console.watched) as advance:
            for row, answer in pictures(faces, work, workers=workers):
                if isinstance(answer, str):
                    failures.append((faces.names[row], answer))
                else:
                    file.write(answer.tobytes())
                    length = len(answer)
                    kept.append(row)
                advance(1)
        if not kept:
            raise no_face("no face could be cut", faces, failures)
        for name, reason in failures[len(faces.failures) :]:
            console.warn(f"{name}: {reason}")
        file.flush()
        self.faces = faces.take(np.array(kept))
        self.flat = np.memmap(file, np.uint8, "r", shape=(len(kept), length))

    def parts(self, crops: Sequence[Crop]) -> np.ndarray:
        """The columns of the crops of one plan, in its order."""
        views, starts, start = 1 if self.mirror == "none" else 2, {}, 0
        for crop in self.crops:
            size = views * crop.height * crop.width * crop.channels
            starts[crop] = np.arange(start, start + size)
            start += size
        return np.concatenate([starts[crop] for crop in dict.fromkeys(crops)])


def _rows(
    store: _Cuts, networks: Sequence[Networks], runners: Sequence[Runner], systems: Sequence[Sequence[System]],
    cover: Cover, batch_size: int, seed: int, advance,
) -> list[np.ndarray]:  # fmt: skip
    """What the scorer of each system takes of every face under a cover, (n, k) each."""
    found: list[list[np.ndarray]] = [[] for part in systems for _ in part]
    columns = [store.parts(part.doing.crops) for part in networks]
    for start in range(0, len(store.faces), batch_size):
        some = slice(start, start + batch_size)
        places = np.array([place_of(name, seed) for name in store.faces.names[some]])
        flat = covered(np.array(store.flat[some]), store.crops, store.mirror, cover, places)
        number = 0
        for part, runner, mine, its in zip(networks, runners, systems, columns, strict=True):
            seen = flat if len(networks) == 1 else flat[:, its]
            for system, values in zip(mine, runner.layers(seen, part.layers), strict=True):
                found[number].append(system.prepare(values))
                number += 1
        advance(len(flat))
    return [np.concatenate(parts) for parts in found]


class _Judge:
    """Scores, cover by cover; the clean faces come first and are remembered."""

    def __init__(self, chosen: Chosen, people: np.ndarray, on: str, seed: int) -> None:
        self.chosen, self.on, self.seed = chosen, on, seed
        left, right = people[chosen.left], people[chosen.right]
        known = bool((left != "").all() and (right != "").all())
        sides = (left, right) if known else (chosen.left, chosen.right)
        self.of = intervals.units(sides[0].astype(str), sides[1].astype(str), "people" if known else "faces")
        self.folds = len(np.unique(chosen.fold)) > 1
        self.clean: list[np.ndarray] = []
        self.thresholds: list[np.ndarray] = []
        self.right: list[np.ndarray] = []
        self.found: list[list[Point]] = []

    def add(self, cover: Cover, systems: Sequence[System], rows: Sequence[np.ndarray]) -> None:
        """Judge all systems under one cover, with the rows that their scorers take."""
        if not self.clean:
            self.clean, self.found = list(rows), [[] for _ in rows]
        for place, (system, mine) in enumerate(zip(systems, rows, strict=True)):
            scores = _scores(system, self.clean[place] if self.on == "one" else mine, mine, self.chosen)
            accuracy, thresholds = self._accuracy(scores)
            right, difference = (scores >= thresholds) == self.chosen.same, None
            if place == len(self.right):
                self.thresholds.append(thresholds)
                self.right.append(right)
            else:
                difference = compare(self.right[place], right, self.of, seed=self.seed)
            kept = intervals.rate((scores >= self.thresholds[place]) == self.chosen.same, self.of)
            self.found[place].append(Point(cover, accuracy, kept, difference))

    def _accuracy(self, scores: np.ndarray) -> tuple[FoldMean | Rate, np.ndarray]:
        """Accuracy, and the threshold that each pair was held against."""
        same, fold = self.chosen.same, self.chosen.fold
        if not self.folds:
            threshold = best_threshold(sweep(scores, same))
            return intervals.rate((scores >= threshold) == same, self.of), np.full(len(scores), threshold)
        folds, accepted = judge_folds(scores, same, fold)
        mean, error = mean_and_error([each.count / each.of for each in folds])
        pooled = intervals.rate(accepted == same, self.of)
        thresholds = np.array([each.threshold for each in folds])[np.unique(fold, return_inverse=True)[1]]
        return FoldMean(mean, error, len(folds), pooled, tuple[Fold, ...](folds)), thresholds

    def curves(self, systems: Sequence[System]) -> tuple[Curve, ...]:
        """All that was judged."""
        widths = [clean.shape[1] for clean in self.clean]
        lengths = [each.fitted.dimension if each.fitted else wide for each, wide in zip(systems, widths, strict=True)]
        return tuple(map(Curve, systems, lengths, map(tuple, self.found)))


def _scores(system: System, left: np.ndarray, right: np.ndarray, chosen: Chosen) -> np.ndarray:
    scores = np.empty(len(chosen.left))
    step = max(1, _BYTES // (8 * right.shape[1]))
    for start in range(0, len(scores), step):
        part = slice(start, start + step)
        scores[part] = system.score(left[chosen.left[part]], right[chosen.right[part]])
    if np.isnan(scores).any():
        pair = int(np.isnan(scores).argmax())
        raise BadInput(f"{system.name}: the score of pair {pair + 1} is NaN", chosen.name)
    return scores
