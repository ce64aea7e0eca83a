"""Attributes by a network that is taught them, from random weights or from a recognition network.

The network's own answers are thrown away: linear SVMs on its features judge, as they do on any features.
Source: Liu, Luo, Wang, Tang, ICCV 2015, sections 3 and 4.
"""

from __future__ import annotations

from pathlib import Path

from facerep.extraction.cut_faces import extract_cut
from facerep.faces.table import Faces
from facerep.networks.device import device as pick_device
from facerep.networks.weights import load_model
from facerep.readers.cache import cut_all
from facerep.studies.attributes.fit import DEFAULT, SvmChoice, fit_attributes, refuse_run
from facerep.studies.attributes.labelling import AttributeChoice, label_faces
from facerep.studies.attributes.model_file import AttributeModel
from facerep.studies.attributes.result import AttributeResult
from facerep.training.lessons.attribute_recipe import AttributeRecipe
from facerep.training.lessons.attributes import AnsweredFaces
from facerep.training.lessons.lesson import crop_of
from facerep.training.machine import Machine
from facerep.training.train import train


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
        Mismatch, FacerepError: see train.
    """
    start, joint = recipe.network.start, recipe.signal.id > 0
    if not start:
        refuse_run("scratch", run)
    label_faces(faces, choice, faces.root)  # bad input is reported before a pixel is read
    crop = crop_of(faces, recipe)
    cut = cut_all(faces, crop, workers=machine.workers)
    labelling = label_faces(cut.faces, choice, faces.root)
    splits = labelling.splits
    material = AnsweredFaces(crop, cut, labelling.names, labelling.answers, splits.train, splits.validation, splits.by)
    train(material, recipe, folder, machine=machine, resume=resume, overwrite=overwrite)
    features = extract_cut(load_model(folder), crop, cut, pick_device(machine.device))
    if run is None and start and Path(start).is_dir():
        run = Path(start)
    kind = "joint" if joint else "fine-tuned" if start else "scratch"
    return fit_attributes(features, choice, svms=svms, run=run, kind=kind)
