"""Is a run better than the weights in the box? Both on the run's held-out pairs, with features as `extract` has them.

Put only where none of the people whom the box was trained on is found among the held-out ones.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch

from facerep.errors import NotAvailable
from facerep.extraction.extract import Plan, Runner
from facerep.faces.crops import Crop
from facerep.faces.table import Faces
from facerep.files.people import mark_of
from facerep.metrics.differences import compare
from facerep.networks.device import device as pick_device
from facerep.networks.trained_people import named_as_known_set, people_trained_on
from facerep.networks.weights import Model, load_model
from facerep.readers.cache import CutFaces, cut_all
from facerep.training.held_out import Beside, HeldOut, judge_pairs, write_held_out
from facerep.training.train import Trained

_BATCH = 128


def judge_held_out(trained: Trained, *, device: str = "auto", workers: int = -1) -> HeldOut:
    """Judge the best weights of a run and those in the box on the run's held-out pairs, and write it into the run."""
    place, held = pick_device(device), trained.data.held
    pairs, clusters = trained.data.pairs, trained.data.clusters
    run = load_model(trained.folder)
    accuracy, hits = judge_pairs(features_of(run, held.pixels, trained.crop, place), pairs, clusters)
    bundled, remark = None, ""
    try:
        box = load_model(None)
    except NotAvailable as absent:
        remark = absent.what
    else:
        remark = recur(box, held.faces)
        if not remark:
            bundled = _beside(box, held, trained, place, workers, hits)
            remark = cannot_be_known(held.faces)
    same = pairs[2]
    found = HeldOut(
        weights=run.sha256, people=len(set(held.faces.people)), genuine=int(same.sum()), impostor=int((~same).sum()),
        accuracy=accuracy, bundled=bundled, remark=remark,
    )  # fmt: skip
    write_held_out(trained.folder, found)
    return found


def _beside(
    box: Model, held: CutFaces, trained: Trained, place: torch.device, workers: int, hits: np.ndarray
) -> Beside | None:
    crop = Crop(trained.crop.preset, box.crop.height, box.crop.width, box.crop.patch)
    cut = held if crop == trained.crop else cut_all(held.faces, crop, workers=workers, mirrored=True)
    pairs, clusters = trained.data.pairs, trained.data.clusters
    accuracy, theirs = judge_pairs(features_of(box, cut.pixels, crop, place), pairs, clusters)
    difference = compare(theirs, hits, clusters, seed=0)
    return Beside(box.sha256, accuracy, difference, difference.significant)


def recur(box: Model, held: Faces) -> str:
    """Why the weights in the box cannot be judged by these people; "" where nothing speaks against it."""
    people = set(held.people.astype(str))
    if "trained_people" not in box.card:
        return "the weights do not say whom they were trained on"
    if found := people_trained_on(box.card, people):
        number = f"{len(found):,} of the {len(people):,} held-out people"
        return f"they were trained on {number}, such as {found[0]}"
    name = named_as_known_set(held.root)
    if name and not all(map(mark_of, people)):
        return f"they were trained on people of {name}, and numbers do not tell whether these are among them"
    return ""


def cannot_be_known(held: Faces) -> str:
    """What labels do not tell."""
    if held.kind == "orl":  # staff of a laboratory in 1992 to 1994
        return ""
    return (
        "no label here is that of a person whom the bundled weights were trained on; "
        "whether such a person stands here under another name cannot be known"
    )


def features_of(model: Model, pixels: np.ndarray, crop: Crop, place: torch.device) -> np.ndarray:
    """Features as `extract` gives them, face and mirrored face averaged; float32 (n, d).

    Args:
        pixels: uint8 (n, 2, height, width, channels), as `cut_all` gives them with `mirrored`.
    """
    runner = Runner(Plan((model,), (crop,), "mean", "feature"), place)
    starts: Iterable[int] = range(0, len(pixels), _BATCH)
    parts = [np.array(pixels[start : start + _BATCH]) for start in starts]
    return np.concatenate([runner(part.reshape(len(part), -1)) for part in parts])
