"""Attributes by a network that is taught them, from random weights or from a recognition network.

The network's own answers are thrown away: linear SVMs on its features judge, as they do on any features.
Source: Liu, Luo, Wang, Tang, ICCV 2015, sections 3 and 4.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from facerep.faces.batches import face_and_twin
from facerep.faces.crops import Crop
from facerep.faces.table import Faces
from facerep.files.features import Contract, Features
from facerep.networks.device import device as pick_device
from facerep.networks.weights import Model, load_model
from facerep.progress import progress
from facerep.readers.cache import CutFaces, cut_all
from facerep.studies.attributes.fit import DEFAULT, SvmChoice, fit_attributes, refuse_run
from facerep.studies.attributes.labelling import AttributeChoice, label_faces
from facerep.studies.attributes.model_file import AttributeModel
from facerep.studies.attributes.result import AttributeResult
from facerep.training.attributes.recipe import AttributeRecipe
from facerep.training.attributes.train import Lesson, teach_attributes
from facerep.training.machine import Machine
from facerep.training.train import crop_of

_BATCH = 256


def teach_and_judge(
    faces: Faces,
    choice: AttributeChoice,
    recipe: AttributeRecipe,
    folder: Path,
    *,
    machine: Machine,
    svms: SvmChoice = DEFAULT,
    run: Path | None = None,
    resume: bool = False,
    overwrite: bool = False,
) -> tuple[AttributeModel, AttributeResult]:
    """Teach a network the attributes of the train part, fit SVMs on its features, judge them on the test part.

    Args:
        faces: of all three splits.
        choice: labels and splits.
        recipe: every choice of the training; network.start makes it a fine-tuning.
        folder: the run folder.
        machine: where it is computed.
        svms: see fit_attributes.
        run: where the people are named whom the network to start from has seen; None: the start, if it is a run.
        resume, overwrite: see open_run.

    Raises:
        Usage: `run`, and no network to start from.
        BadInput: see label_faces, cut_all and open_run.
        Mismatch, FacerepError: see teach_attributes.
    """
    start, joint = recipe.network.start, recipe.signal.id > 0
    if not start:
        refuse_run("scratch", run)
    label_faces(faces, choice, faces.root)  # bad input is told before a pixel is read
    crop = crop_of(faces, recipe.network.name, recipe.data.crop, recipe.data.patch)
    cut = cut_all(faces, crop, workers=machine.workers)
    labelling = label_faces(cut.faces, choice, faces.root)
    splits = labelling.splits
    lesson = Lesson(labelling.names, labelling.answers, splits.train, splits.validation, splits.by)
    teach_attributes(cut, crop, lesson, recipe, folder, machine=machine, resume=resume, overwrite=overwrite)
    features = _features(cut, crop, load_model(folder), machine.device)
    if run is None and start and Path(start).is_dir():
        run = Path(start)
    kind = "joint" if joint else "fine-tuned" if start else "scratch"
    return fit_attributes(features, choice, svms=svms, run=run, kind=kind)


@torch.inference_mode()
def _features(cut: CutFaces, crop: Crop, model: Model, device: str) -> Features:
    """The features of all cut faces, face and mirrored face averaged, as `extract` gives them."""
    place = pick_device(device)
    network = model.network.to(place)
    values = []
    with progress("features", len(cut.pixels)) as advance:
        for start in range(0, len(cut.pixels), _BATCH):
            pixels = torch.from_numpy(np.array(cut.pixels[start : start + _BATCH])).to(place)
            face, twin = face_and_twin(pixels)
            values.append(((network(face) + network(twin)) / 2).cpu().numpy())
            advance(len(pixels))
    contract = Contract(
        network=model.row.name, weights=model.sha256, layer="feature", rule=model.rule, crop=str(crop), mirror="mean",
        dataset=cut.faces.kind, fingerprint=cut.faces.fingerprint(),
    )  # fmt: skip
    return Features(
        names=cut.faces.names, people=cut.faces.people, labels=cut.faces.labels, failures=cut.failures,
        values=np.concatenate(values), contract=contract, trained_people=model.trained_people,
    )  # fmt: skip
