"""Export: networks into an ONNX file, which is kept only if it gives the features of the network it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from facerep.errors import BadInput, Usage
from facerep.extraction.in_memory import extract_by
from facerep.faces.table import Faces
from facerep.files.atomic import replacing
from facerep.files.inputs import command
from facerep.networks.onnx_files.export import stated, to_onnx
from facerep.networks.onnx_files.input_contract import parse_input
from facerep.networks.onnx_files.load import load_onnx
from facerep.networks.weights import Model, is_onnx

MOST_FACES = 50
"""Faces that a file is compared on, spread over the set."""
APART = 1e-4
"""How far a value may lie from the network's own, in units of the largest value of all, at least 1."""


@dataclass(frozen=True)
class Exported:
    """What an export came to.

    Attributes:
        output: the file.
        network, layer, crop, input: what is in it, and what it wants to see.
        dimension: length of a feature.
        size: bytes of the file.
        faces: how many it was compared on, of the set `compared_on`.
        apart: the largest difference of a value from the network's own.
        largest: the largest value.
    """

    JSON: ClassVar = (
        "output", "network", "layer", "crop", "input", "dimension", "size", "faces", "compared_on", "apart", "largest",
    )  # fmt: skip

    output: Path
    network: str
    layer: str
    crop: str
    input: str
    dimension: int
    size: int
    faces: int
    compared_on: str
    apart: float
    largest: float


@command()
def export(
    models: Sequence[Model], faces: Faces, output: Path, *, layer: str = "feature", crop: str = "auto",
    overwrite: bool = False,
) -> Exported:  # fmt: skip
    """Write networks as ONNX, after comparing the file with them on some faces.

    Args:
        models: of ours, whose features are concatenated; or one ONNX network, which gets its contract written into it.
        faces: any; 50 of them are used.
        output: the file.
        layer: of all networks.
        crop: preset of these faces.
        overwrite: replace the file.

    Raises:
        BadInput: the file gives other features than the networks: it is not written.
        Usage: see `to_onnx`; an ONNX network beside others, or with a layer.
    """
    if not output.name.lower().endswith(".onnx"):
        raise Usage(f"{output} does not end in .onnx", hint="`--model` knows a network of others by its name")
    some = faces.take(np.unique(np.linspace(0, len(faces) - 1, MOST_FACES).round().astype(int)))
    if any(is_onnx(model.path) for model in models):
        if len(models) > 1 or layer != "feature":
            raise Usage("an ONNX network is exported alone and as it is", hint="leave out --layer and other networks")
        model = models[0]
        said = parse_input(model.card["input"], model.crop)
        proto = stated(Path(model.path), replace(said, name=model.row.name, rule=model.rule))
    else:
        proto = to_onnx(models, layer)
    how: dict[str, Any] = {"crop": crop, "mirror": "none", "device": "cpu"}
    wanted = extract_by(models, some, layer=layer, **how)
    with replacing(output, overwrite=overwrite) as temporary:
        temporary.write_bytes(proto.SerializeToString())
        made = load_onnx(temporary)
        found = extract_by([made], some, **how)
        apart = float(np.abs(found.values - wanted.values).max())
        largest = float(np.abs(wanted.values).max())
        if not apart <= APART * max(1.0, largest):
            raise BadInput(f"the ONNX file gives features that are {apart:.2g} away from the network's own", output)
        size = temporary.stat().st_size
    return Exported(
        output, made.row.name, layer, wanted.contract.crop, made.card["input"], found.dimension, size, len(found),
        faces.kind, apart, largest,
    )  # fmt: skip
