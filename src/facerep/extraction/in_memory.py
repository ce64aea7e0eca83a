"""Extract for Python: faces in, Features out, no file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facerep.extraction.extract import Runner, doubt, parts_of, plan
from facerep.extraction.input_doubts import doubt_inputs
from facerep.extraction.side_by_side import in_order, side_by_side
from facerep.faces.crop_advice import no_face
from facerep.faces.table import Faces
from facerep.files.rows import Features
from facerep.networks.device import device as pick_device
from facerep.networks.weights import Model, load_model
from facerep.readers.decode_many import pictures


def extract(
    faces: Faces,
    model: str | Path | None = None,
    *,
    crop: str = "auto",
    mirror: str = "mean",
    layer: str = "feature",
    moved: int = 1,
    device: str = "auto",
    workers: int = 0,
    batch_size: int = 128,
) -> Features:
    """Features of all faces.

    Args:
        faces: as `load` gives them.
        model: a run folder or weights file; None takes the bundled weights.
        crop, mirror, layer, moved: as `facerep extract` has them.
        device, workers, batch_size: where and how it is computed.

    Raises:
        BadInput: no face gave features; no such model.
        Usage: no such preset or layer.
    """
    how = {"crop": crop, "mirror": mirror, "layer": layer, "moved": moved}
    return extract_by([load_model(model)], faces, **how, device=device, workers=workers, batch_size=batch_size)


def extract_by(
    models: Sequence[Model],
    faces: Faces,
    *,
    crop: str = "auto",
    mirror: str = "mean",
    layer: str = "feature",
    moved: int = 1,
    device: str = "auto",
    workers: int = 0,
    batch_size: int = 128,
) -> Features:
    """The same by networks that are loaded already; several are concatenated."""
    doing = plan(models, faces, crop=crop, mirror=mirror, layer=layer, moved=moved)
    doubt_inputs(doing.models, doing.crops, faces)
    runner = Runner(doing, pick_device(device))
    rows, failures, cuts = [], list(faces.failures), []
    for row, answer in pictures(faces, doing.cut, workers=workers):
        if isinstance(answer, str):
            failures.append((faces.names[row], answer))
        else:
            rows.append(row)
            cuts.append(answer)
    if not rows:
        raise no_face("no face gave features", faces, failures)
    batches = (np.stack(cuts[start : start + batch_size]) for start in range(0, len(cuts), batch_size))
    with side_by_side(runner, runner.device) as send:
        values = np.concatenate([*in_order(send, batches)])
    kept = faces.take(np.array(rows))
    parts = parts_of(doing, values.shape[1])
    doubt(doing, values, parts)
    return Features(
        names=kept.names, people=kept.people, labels=kept.labels, failures=tuple(failures), protocols=faces.protocols,
        contract=doing.contract(faces), trained_people=doing.trained_people, values=values, parts=parts,
    )  # fmt: skip
