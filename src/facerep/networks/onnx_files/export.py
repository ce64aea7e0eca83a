"""Our networks as ONNX: one input of faces, a batch of any size, one output, the whole contract in the metadata."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from facerep.errors import NotAvailable, Usage
from facerep.files import people
from facerep.networks.catalog import DRAWN_LAYERS
from facerep.networks.onnx_files.graph import HOW, onnx_package, read_graph
from facerep.networks.onnx_files.input_contract import InputContract
from facerep.networks.onnx_files.load import KEY, metadata
from facerep.networks.weights import Model

INPUT = "faces"
_OF_FILES = ("format", "version", "row", "normalise", "dropout", "crop", "rule", "sparse", "dtype", "input")
"""What a card says of its own file or of facerep's networks."""
_OF_FEATURES = ("typical", "thresholds")
"""What it says of the last layer alone."""


class _Features(nn.Module):
    """One layer of networks that see the same faces, side by side."""

    def __init__(self, models: Sequence[Model], layer: str) -> None:
        super().__init__()
        self.networks, self.layer = nn.ModuleList(model.network for model in models), layer

    def forward(self, faces: Tensor) -> Tensor:
        found = [network.layers(faces, (self.layer,))[0] for network in self.networks]  # pyright: ignore
        return found[0] if len(found) == 1 else torch.cat(found, dim=1)


def to_onnx(models: Sequence[Model], layer: str) -> Any:
    """Networks of ours as one message of ONNX.

    Args:
        models: whose features are concatenated; all see the same window of a face in the same size.
        layer: of every one.

    Raises:
        Usage: no such layer; a baseline; networks that see different crops.
        NotAvailable: the packages are not installed.
    """
    for model in models:
        if model.row.baseline:
            raise Usage(f"{model.path} has no weights to export")
        if layer not in (*model.row.layers, "feature"):
            raise Usage(
                f"network {model.row.name} has no layer {layer!r}", hint="it has: " + ", ".join(model.row.layers)
            )
    crops = {(model.crop.height, model.crop.width, model.crop.patch) for model in models}
    if len(crops) > 1:
        what = "these networks see different crops of a face, an ONNX file has one input: " + ", ".join(
            str(model.crop) for model in models
        )
        raise Usage(what, hint="export each alone")
    _require_exporter()
    crop = models[0].crop
    two = torch.zeros(2, crop.channels, crop.height, crop.width)
    with warnings.catch_warnings(), _quiet_log():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            _Features(models, layer).eval(), (two,), dynamo=True, verbose=False, input_names=[INPUT],
            output_names=[layer], dynamic_shapes={INPUT: {0: torch.export.Dim("n")}},
        )  # fmt: skip
    assert program is not None
    proto = program.model_proto
    assert proto.graph.input[0].type.tensor_type.shape.dim[0].dim_param, "torch has fixed the batch"
    for node in [*proto.graph.node, *(node for function in proto.functions for node in function.node)]:
        del node.metadata_props[:]  # where torch and this program lie on this machine
        node.doc_string = ""
    state(proto, _contract(models, layer), _card(models, layer))
    return proto


def stated(path: Path, contract: InputContract) -> Any:
    """A network of others with its input contract in its metadata, and without inputs that nothing reads."""
    proto = read_graph(path).proto
    state(proto, contract, {})
    return proto


def state(proto: Any, contract: InputContract, card: dict[str, Any]) -> None:
    """Write contract and card into the metadata of a network."""
    kept = {entry.key: entry.value for entry in proto.metadata_props} | {KEY: metadata(contract, card)}
    onnx_package().helper.set_model_props(proto, kept)


def _contract(models: Sequence[Model], layer: str) -> InputContract:
    crop = models[0].crop
    rules = {"" if layer in DRAWN_LAYERS else model.rule for model in models}
    name = "-".join(model.row.name for model in models)
    return InputContract(
        height=crop.height, width=crop.width, colour="grey" if crop.channels == 1 else "rgb", mean=(127.5,),
        scale=(1 / 127.5,), layout="nchw", output=layer, patch=f"{crop.patch.region}*{crop.patch.scale:g}",
        rule=rules.pop() if len(rules) == 1 else "", name=name.replace("+", "p"),
    )  # fmt: skip


def _card(models: Sequence[Model], layer: str) -> dict[str, Any]:
    """What is known of the networks beside the contract; of several, whom they were trained on."""
    if len(models) == 1:
        others = () if layer in ("feature", models[0].row.layers[-1]) else _OF_FEATURES
        return {name: value for name, value in models[0].card.items() if name not in (*_OF_FILES, *others)}
    known = people.together(model.trained_people for model in models)
    return {} if known is None else {"trained_people": people.as_text(known)}


def _require_exporter() -> None:
    onnx_package()
    try:
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise NotAvailable("torch exports ONNX with the package onnxscript", hint=HOW) from error


class _quiet_log:
    """torch.onnx names every operator of packages that are not here."""

    def __enter__(self) -> None:
        self.log = logging.getLogger("torch.onnx")
        self.before = self.log.level
        self.log.setLevel(logging.CRITICAL)

    def __exit__(self, *_: object) -> None:
        self.log.setLevel(self.before)
