"""Held-out faces: how right a network is about people it is not taught, by cosine of its features, after each epoch."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from facerep.console import console
from facerep.faces.batches import normalise
from facerep.faces.crops import Crop
from facerep.faces.table import Faces
from facerep.metrics.clusters import clusters
from facerep.metrics.pair_draws import count_pairs, draw_pairs
from facerep.networks.feature_statistics import VIEWS, measured, reference
from facerep.networks.network import Network
from facerep.readers.cache import CutFaces, crop_bytes, cut_all, fits
from facerep.readers.streamed_crops import StreamedCrops
from facerep.results.figures import Rate
from facerep.training.held_out import judge_pairs
from facerep.training.lessons.lesson import crop_of, require_finite
from facerep.training.people_split import Split, doubts, split_people
from facerep.training.recipe import RunRecipe


class HeldOutFaces:
    """Pairs of faces of held-out people.

    Args:
        judges: the faces, each with its mirrored picture's crop, as extraction cuts them.
        most: how many pairs at most.
        seed: draws the pairs.

    Attributes:
        people: whose faces they are, sorted.
        validation: as Lesson has it.
        pairs: as metrics.pair_draws.draw_pairs gives them.
        clusters: their people, for the interval.
        judged: how many pairs.
    """

    def __init__(self, judges: CutFaces, most: int, seed: int) -> None:
        self.judges = judges
        self.people = sorted(set(judges.faces.people))
        self.validation = judges.pixels, np.arange(len(judges.pixels))
        whose = judges.faces.people
        # as many of one kind as of the other: else the accuracy of few genuine pairs would drown
        self.pairs = draw_pairs(whose, min(most // 2, *count_pairs(whose)), seed=seed)
        self.clusters = clusters(whose[self.pairs[0]], whose[self.pairs[1]], "people")
        self.judged = len(self.pairs[0])
        self._features: list[Tensor] = []
        self._measured: dict[str, list[np.ndarray]] = {view: [] for view in VIEWS}

    def validate(self, network: Network, pictures: Tensor) -> None:
        """Keep the features of a batch of pictures, uint8 (n, views, height, width, channels)."""
        # as extraction has it: the mean of the features of the face and of the mirrored picture's crop
        n, views = pictures.shape[:2]
        each = network(normalise(pictures.flatten(0, 1))).float().reshape(n, views, -1)
        features = each.mean(dim=1)
        for view, some in zip(VIEWS, (each[:, 0], features), strict=True):
            self._measured[view].append(measured(some.cpu().numpy()))
        self._features.append(features.cpu())

    def judge(self) -> tuple[Rate, dict[str, Any]]:
        """Accuracy on what was kept, which is dropped; and what features of faces are like, for the card.

        Raises:
            FacerepError: training diverged.
        """
        features = torch.cat(self._features).numpy()
        rows = {view: np.concatenate(parts) for view, parts in self._measured.items()}
        self._features, self._measured = [], {view: [] for view in VIEWS}
        require_finite(features, "features")
        typical = reference(rows, f"{len(features):,} faces of held-out people", self.clusters.count)
        return self.judge_features(features)[0], {"typical": typical} if typical else {}

    def judge_features(self, features: np.ndarray) -> tuple[Rate, np.ndarray]:
        """Accuracy of the held-out pairs, and which of them were right; features are float32 (m, d)."""
        return judge_pairs(features, self.pairs, self.clusters)


def cut_and_split(
    faces: Faces, recipe: RunRecipe, workers: int, *, streams: bool = False
) -> tuple[Crop, CutFaces, CutFaces, Split]:
    """The crop of a recipe, all faces cut by it, those that validate with their mirrored twins, and who does what.

    A lesson that `streams` is given crops that are cut when they are asked for, where they may not be kept.

    Raises:
        BadInput: see split_people and cut_all.
    """
    crop = crop_of(faces, recipe)
    # which people train is settled before a pixel is read, so that bad input is reported at once
    split_people(faces, recipe.data, recipe.seed)
    if streams and not fits(faces, crop):
        size = f"{crop_bytes(faces, crop) / 1e6:,.1f} MB"
        console.note(f"crops of all faces would take {size}: none is kept, they are cut anew in each epoch")
        cut = CutFaces(faces, StreamedCrops(faces, crop, workers), ())
    else:
        cut = cut_all(faces, crop, workers=workers)
    split = split_people(cut.faces, recipe.data, recipe.seed)
    judges = cut_all(cut.faces.take(split.validation), crop, workers=workers, mirrored=True)
    for doubt in doubts(cut.faces, split):
        console.warn(doubt)
    return crop, cut, judges, split
