"""Is a run better than the weights in the box? Both on the run's held-out pairs, with features as `extract` has them.

Put only where none of the people whom the box was trained on is found among the held-out ones.
"""

from __future__ import annotations

import numpy as np
import torch

from facerep.errors import NotAvailable
from facerep.extraction.cut_faces import extract_cut
from facerep.faces.crops import Crop
from facerep.faces.table import Faces
from facerep.files.people import mark_of
from facerep.metrics.differences import compare
from facerep.networks.device import device as pick_device
from facerep.networks.trained_people import named_as_known_set, people_trained_on
from facerep.networks.weights import Model, load_model, load_pair_model
from facerep.pairs.pair_network import PairNetwork
from facerep.readers.cache import cut_all
from facerep.training.held_out import Beside, HeldOut, judge_scores, write_held_out
from facerep.training.lessons.held_out_faces import HeldOutFaces
from facerep.training.lessons.pair import PairLesson
from facerep.training.train import Trained


def judge_held_out(trained: Trained, *, device: str = "auto", workers: int = -1) -> HeldOut | None:
    """Judge the best weights of a run and those in the box on the run's held-out pairs, and write it into the run.

    None of a lesson without pairs, such as localization, which its epochs judged.
    """
    if isinstance(trained.lesson, PairLesson):
        return _of_pairs(trained, trained.lesson, device)
    place, crop, judging = pick_device(device), trained.lesson.crop, trained.lesson.judging
    if judging is None:
        return None
    run, faces = load_model(trained.folder), judging.judges.faces
    accuracy, hits = judging.judge_features(extract_cut(run, crop, judging.judges, place).values)
    bundled, remark = None, ""
    try:
        box = load_model(None)
    except NotAvailable as absent:
        remark = absent.what
    else:
        remark = recur(box, faces)
        if not remark:
            bundled = _beside(box, crop, judging, place, workers, hits)
            remark = cannot_be_known(faces)
    same = judging.pairs[2]
    held_out = HeldOut(
        weights=run.sha256, people=len(judging.people), genuine=int(same.sum()), impostor=int((~same).sum()),
        accuracy=accuracy, bundled=bundled, remark=remark,
    )  # fmt: skip
    write_held_out(trained.folder, held_out)
    return held_out


def _of_pairs(trained: Trained, lesson: PairLesson, device: str) -> HeldOut:
    run, (left, right, same) = load_pair_model(trained.folder), lesson.pairs
    scores = PairNetwork(run, lesson.cut.pixels[:, 0], device=device).score(left, right)
    held_out = HeldOut(
        weights=run.sha256, people=len(lesson.held_out), genuine=int(same.sum()), impostor=int((~same).sum()),
        accuracy=judge_scores(scores, same, lesson.clusters)[0], bundled=None,
        remark="a run of pairs has no features", metric="pair",
    )  # fmt: skip
    write_held_out(trained.folder, held_out)
    return held_out


def _beside(
    box: Model, seen: Crop, judging: HeldOutFaces, place: torch.device, workers: int, hits: np.ndarray
) -> Beside:
    crop = Crop(seen.preset, box.crop.height, box.crop.width, box.crop.patch)
    cut = judging.judges if crop == seen else cut_all(judging.judges.faces, crop, workers=workers, mirrored=True)
    accuracy, theirs = judging.judge_features(extract_cut(box, crop, cut, place).values)
    difference = compare(theirs, hits, judging.clusters, seed=0)
    return Beside(box.sha256, accuracy, difference, difference.significant)


def recur(box: Model, faces: Faces) -> str:
    """Why the weights in the box cannot be judged by these people; "" where nothing speaks against it."""
    people = set(faces.people.astype(str))
    if "trained_people" not in box.card:
        return "the weights do not say whom they were trained on"
    if known := people_trained_on(box.card, people):
        number = f"{len(known):,} of the {len(people):,} held-out people"
        return f"they were trained on {number}, such as {known[0]}"
    name = named_as_known_set(faces.root)
    if name and not all(map(mark_of, people)):
        return f"they were trained on people of {name}, and numbers do not tell whether these are among them"
    return ""


def cannot_be_known(faces: Faces) -> str:
    """What labels do not tell."""
    if faces.kind == "orl":  # staff of a laboratory in 1992 to 1994
        return ""
    return (
        "no label here is that of a person whom the bundled weights were trained on; "
        "whether such a person stands here under another name cannot be known"
    )
