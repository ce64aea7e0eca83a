"""Features of faces that are cut already, as after training, with the bits that `extract` gives them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from facerep.extraction.extract import Plan, Runner
from facerep.extraction.side_by_side import in_order, side_by_side
from facerep.faces.crops import Crop
from facerep.files.rows import Features
from facerep.networks.weights import Model
from facerep.progress import progress
from facerep.readers.cache import CutFaces

_BATCH = 128


def extract_cut(model: Model, crop: Crop, cut: CutFaces, device: torch.device) -> Features:
    """Features of faces that were cut by `crop`, face and mirrored face averaged."""
    doing = Plan((model,), (crop,), "mean", "feature")
    with progress("features", len(cut.pixels)) as advance, side_by_side(Runner(doing, device), device) as send:
        values = []
        for part in in_order(send, _batches(cut.pixels)):
            values.append(part)
            advance(len(part))
    faces = cut.faces
    return Features(
        names=faces.names, people=faces.people, labels=faces.labels, failures=cut.failures,
        values=np.concatenate(values), contract=doing.contract(faces), trained_people=model.trained_people,
    )  # fmt: skip


def _batches(pixels: np.ndarray) -> Iterator[np.ndarray]:
    """Faces and mirrored faces in rows, as `cut_for` gives them."""
    for start in range(0, len(pixels), _BATCH):
        faces = np.array(pixels[start : start + _BATCH])
        if faces.shape[1] == 1:  # the mirrored face is the mirror image of the crop
            faces = np.concatenate([faces, faces[:, :, :, ::-1]], axis=1)
        yield faces.reshape(len(faces), -1)
