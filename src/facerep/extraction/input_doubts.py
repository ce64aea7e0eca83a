"""Before an extraction: do some of the faces speak against the input contract of a network of others?"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from facerep.console import console
from facerep.faces.crops import Crop, cut_for
from facerep.faces.table import Faces
from facerep.networks.onnx_files.contract_check import doubts, sample
from facerep.networks.onnx_files.runtime import OnnxNetwork
from facerep.networks.weights import Model
from facerep.readers.decode_many import pictures


def doubt_inputs(models: Sequence[Model], crops: Sequence[Crop], faces: Faces) -> None:
    """Warn of each network of others whose features of some of the faces are not as those of a right contract.

    Args:
        models: of the extraction, one crop each; those of ours are passed over.
        faces: at most forty of them are looked at, and their mirrored twins.
    """
    foreign = [
        (model, crop) for model, crop in zip(models, crops, strict=True) if isinstance(model.network, OnnxNetwork)
    ]
    if not foreign or not len(faces):
        return
    some = faces.take(sample(faces.people.tolist()))
    for model, crop in foreign:
        cuts = dict(pictures(some, functools.partial(cut_for, (crop,), "mean"), workers=0))
        rows = [row for row, cut in sorted(cuts.items()) if not isinstance(cut, str)]
        if not rows:
            continue
        shape = (len(rows), 2, crop.height, crop.width, crop.channels)
        cut = np.stack([cuts[row] for row in rows]).reshape(shape)
        for words in doubts(model.network, cut, some.people.astype(str)[rows]):  # pyright: ignore[reportArgumentType]
            hint = "look at the crops with --sheet"
            hint += "" if model.network.stated else ", and at --preset or --contract"
            console.warn(f"network {model.row.name}: {words}: {hint}")
