"""Robustness: verification of faces that are covered in part, by scorers that know clean faces only.

Faces are decoded once; their crops lie in a temporary file, and each cover is put on them batch by batch.
Source: DeepID2+, section 6; what a cover is stands in faces/cover.py.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np

from facerep.console import console
from facerep.errors import Usage, refuse_meaningless
from facerep.extraction.layer_features import LayerFeatures
from facerep.extraction.model_groups import model_groups
from facerep.extraction.side_by_side import in_order, side_by_side
from facerep.faces.cover import Cover, covered, cut_to_cover, place_of
from facerep.faces.crop_advice import no_face
from facerep.faces.crops import Crop
from facerep.faces.table import Faces
from facerep.files.pairs import PairList
from facerep.files.people import overlap, together
from facerep.files.rows import Features
from facerep.metrics.pair_draws import count_pairs
from facerep.networks.device import device as pick_device
from facerep.pairs.choice import choose
from facerep.pairs.people_overlap import Overlaps
from facerep.progress import progress
from facerep.readers.decode_many import pictures
from facerep.studies.robustness.covered_scores import CoveredScores
from facerep.studies.robustness.result import Robustness
from facerep.studies.robustness.systems import CoveredSystem, systems_of

MOST_DRAWN = 3000
"""Pairs of each kind that are drawn where there is no list."""
BOTTOM, BLOCK = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7), (10, 20, 30, 40, 50, 60, 70)


def robustness(
    faces: Faces,
    models: Sequence[str],
    *,
    layers: Sequence[str] = ("feature",),
    scorers: Sequence[Path] = (),
    clean: Faces | None = None,
    chain: str | None = None,
    pairs: str | None = None,
    sample: int | None = None,
    missing: str = "stop",
    on: str = "both",
    bottom: Sequence[float] = BOTTOM,
    block: Sequence[float] = BLOCK,
    crop: str = "auto",
    mirror: str = "mean",
    device: str = "auto",
    workers: int = -1,
    batch_size: int = 128,
    seed: int = 0,
) -> Robustness:
    """Verify pairs of covered faces.

    Args:
        faces: whose pairs are judged.
        models, layers, scorers, clean, chain, crop, mirror: see systems.py.
        pairs, sample, missing: which pairs, as for verification; without a list, up to 3,000 drawn of each kind.
        on: "both" faces of a pair are covered, or the second "one".
        bottom: shares of the face's area, from the bottom up.
        block: sides of a block at a random place, in pixels of a face of 112x96.
        device, workers, batch_size: where and how it is computed.
        seed: of places, of a sample, and of fitting.

    Raises:
        BadInput, Usage, Mismatch: as there; a face that is in a pair and cannot be read; too many pairs.
    """
    _check_amounts("--bottom", bottom, 1)
    _check_amounts("--block", block, 96)
    if not bottom and not block:
        raise Usage("nothing is covered: --bottom and --block are both empty")
    if clean is None:
        refuse_meaningless({"--chain": chain}, "without --fit-on")
    if pairs is None and sample is None and not faces.protocols:
        # of all pairs nearly all are impostors, and one answer for all would be right
        sample = min(MOST_DRAWN, *count_pairs(faces.people)) or None
    chosen = choose(_as_rows(faces), pairs, sample, missing, seed)
    if chosen.streamed:
        raise Usage("too many pairs to cover them all", hint="name a list with --pairs, or draw some with --sample")
    left, right = faces.names[chosen.left], faces.names[chosen.right]
    listed = PairList(name=chosen.name, left=left, right=right, same=chosen.same, fold=chosen.fold)
    faces = faces.take(np.unique(np.concatenate([chosen.left, chosen.right])))
    networks, where = model_groups(models, layers, faces, crop=crop, mirror=mirror), pick_device(device)
    systems = systems_of(
        networks, faces, scorers=scorers, clean=clean, chain=chain, device=where, workers=workers,
        batch_size=batch_size, seed=seed,
    )  # fmt: skip
    through = LayerFeatures(networks, where)
    covers = [Cover(), *(Cover("bottom", share) for share in bottom), *(Cover("block", side) for side in block)]
    with tempfile.TemporaryFile() as file:
        store = _Cuts(file, faces, through.crops, mirror, workers)
        kept = choose(_as_rows(store.faces), listed, None, missing, seed)
        judge = CoveredScores(systems, kept, store.faces.people, on, seed)
        with progress("cover faces", len(covers) * len(store.faces)) as advance, side_by_side(through, where) as send:
            for cover in covers:
                answers = in_order(send, store.covered(cover, batch_size, seed, advance))
                batches = [list(map(CoveredSystem.prepare, systems, answer)) for answer in answers]
                judge.add(cover, [np.concatenate(rows) for rows in zip(*batches, strict=True)])
    first = networks[0].doing
    trained = together(part.doing.trained_people for part in networks)
    fitted = together(system.fitted.fitted_people for system in systems if system.fitted is not None)
    makers = Overlaps(network=overlap(store.faces.people, trained), scorer=overlap(store.faces.people, fitted))
    return Robustness(
        dataset=Path(faces.root).name, pairs=kept.name, genuine=int(kept.same.sum()), impostor=int((~kept.same).sum()),
        folds=kept.folds, faces=len(store.faces), crop=first.crops[0].preset.name, mirror=mirror,
        on=on, reference=systems[judge.reference].name, systems=judge.under_covers(), seed=seed,
        missing={kind: count + kept.missing[kind] for kind, count in chosen.missing.items()},
        overlap=makers, warnings=(*makers.warnings(), *chosen.warnings, *kept.warnings),
    )  # fmt: skip


def _check_amounts(option: str, amounts: Sequence[float], most: float) -> None:
    if not all(0 < amount <= most for amount in amounts):
        got = ",".join(f"{amount:g}" for amount in amounts)
        raise Usage(f"{option} wants numbers above 0 and at most {most:g} with commas between, got {got!r}")


def _as_rows(faces: Faces) -> Features:
    """The faces as a feature file of theirs would name them, for the choice of pairs."""
    none, root = np.zeros((len(faces), 1), np.float32), Path(faces.root)
    return Features(names=faces.names, people=faces.people, values=none, protocols=faces.protocols, path=root)


class _Cuts:
    """The crops of all faces, for all networks, in a file that is not held in memory."""

    def __init__(self, file: IO[bytes], faces: Faces, crops: tuple[Crop, ...], mirror: str, workers: int) -> None:
        self.crops, self.mirror = crops, mirror
        kept, failures, length = [], list(faces.failures), 0
        work = partial(cut_to_cover, self.crops, mirror)
        with progress("cut faces", len(faces)) as advance:
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

    def covered(self, cover: Cover, size: int, seed: int, advance: Callable[[int], None]) -> Iterator[np.ndarray]:
        """The crops of all faces under a cover, `size` faces at a time."""
        for start in range(0, len(self.faces), size):
            some = slice(start, start + size)
            places = np.array([place_of(name, seed) for name in self.faces.names[some]])
            yield covered(np.array(self.flat[some]), self.crops, self.mirror, cover, places)
            advance(len(places))
