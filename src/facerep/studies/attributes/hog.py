"""Attributes by HOG and colour histograms, FaceTracer's kind: vectors without a network, judged as features are."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np

from facerep.faces.crop_advice import no_face
from facerep.faces.hog import NAME, hog_and_colour, hog_crop, require_hog
from facerep.faces.preset_choice import chosen_preset
from facerep.faces.table import Faces
from facerep.files.contract import Contract
from facerep.files.rows import Features
from facerep.networks.device import device as pick_device
from facerep.progress import progress
from facerep.readers.decode_many import pictures
from facerep.studies.attributes.fit import DEFAULT, SvmChoice, fit_attributes, refuse_run
from facerep.studies.attributes.labelling import AttributeChoice, label_faces
from facerep.studies.attributes.model_file import AttributeModel
from facerep.studies.attributes.result import AttributeResult


def hog_attributes(
    faces: Faces,
    choice: AttributeChoice,
    *,
    crop: str = "auto",
    svms: SvmChoice = DEFAULT,
    run: Path | None = None,
    workers: int = -1,
    device: str = "cpu",
) -> tuple[AttributeModel, AttributeResult]:
    """Fit and judge SVMs on HOG and colour.

    Raises:
        Usage: a `run`: no recognition network has been trained.
        NotAvailable, BadInput: see hog_features and label_faces.
    """
    require_hog()
    refuse_run("hog", run)
    pick_device(device)
    label_faces(faces, choice, faces.root)  # bad input is refused before a pixel is read
    return fit_attributes(hog_features(faces, crop=crop, workers=workers), choice, svms=svms, device=device, kind="hog")


def hog_features(faces: Faces, *, crop: str = "auto", workers: int = -1) -> Features:
    """One vector a face; those that cannot be cut are failures.

    Args:
        faces: the table.
        crop: a preset's name; auto as `extract` chooses.
        workers: processes that decode and compute.

    Raises:
        NotAvailable: scikit-image is not installed.
        BadInput: no face gave a vector.
    """
    require_hog()
    cut = hog_crop(chosen_preset(faces, crop))
    rows, values, failures = [], [], list(faces.failures)
    with progress("HOG and colour", len(faces)) as advance:
        for row, answer in pictures(faces, functools.partial(hog_and_colour, cut), workers=workers):
            if isinstance(answer, str):
                failures.append((faces.names[row], answer))
            else:
                rows.append(row)
                values.append(answer)
            advance(1)
    if not rows:
        raise no_face("no face gave features", faces, failures)
    kept = faces.take(np.array(rows))
    contract = Contract(
        network=NAME, layer="vector", crop=str(cut), mirror="none", dataset=faces.kind, fingerprint=faces.fingerprint()
    )
    return Features(
        names=kept.names, people=kept.people, labels=kept.labels, failures=tuple(failures), contract=contract,
        trained_people=np.empty(0, np.uint64), values=np.stack(values),
    )  # fmt: skip
