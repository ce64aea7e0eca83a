"""An ONNX file as a model: its graph, its input contract, a first run in a child process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from facerep.console import console
from facerep.errors import BadInput, Usage
from facerep.files import people
from facerep.files.hdf5.sandbox import End, read_in_child
from facerep.files.json_file import parse
from facerep.files.provenance import file_sha256
from facerep.networks.catalog import CatalogRow
from facerep.networks.onnx_files.graph import Graph, read_graph
from facerep.networks.onnx_files.input_contract import (
    MOST_SIDE,
    PRESETS,
    InputContract,
    contract_of,
    filled_in,
    read_contract,
)  # fmt: skip
from facerep.networks.onnx_files.runtime import OnnxNetwork, onnxruntime_package
from facerep.networks.weights import Model

FORMAT, VERSION = "facerep/onnx", 1
KEY = "facerep"
"""Of the metadata: what `facerep export` writes there."""


def load_onnx(path: Path, given: InputContract | None = None, known: dict[str, Any] | None = None) -> Model:
    """The network in an ONNX file.

    Args:
        path: the file.
        given: its input contract; None takes that in its metadata, else that in NAME.toml beside NAME.onnx.
        known: what is known of it beside its own metadata.

    Raises:
        BadInput: see `read_graph`; the contract does not fit the network; it does not end, or needs far more memory
            than its file has bytes.
        NotAvailable: onnx or onnxruntime is not installed.
        Usage: no contract is known.
    """
    graph = read_graph(path)
    onnxruntime_package()
    said = _said(graph, path)
    contract = _fitting(given or _stated(said, path), graph, path)
    stated = known is not None or (given is None and "input" in said)
    network = OnnxNetwork(graph, contract, path, stated=stated).eval()
    size = (contract.height, contract.width, contract.channels)
    black = torch.from_numpy(np.zeros((1, *size), np.uint8))
    _first_run(network, black, path)
    feature = network.layers(black, ("feature",))[0].shape[1]
    row = CatalogRow(
        name=contract.name, family="onnx", height=size[0], width=size[1], channels=size[2], feature=feature, maps=(),
        outputs=_layers(graph, contract.output), paper="a network of others",
    )  # fmt: skip
    card = {name: value for name, value in said.items() if name not in ("format", "version")}
    card |= {**(known or {}), "input": str(contract)}
    return Model(network, row, contract.crop, contract.rule, file_sha256(path), str(path), card)


def _said(graph: Graph, path: Path) -> dict[str, Any]:
    """What `facerep export` has written into the file; nothing where another program made it."""
    if KEY not in graph.metadata:
        return {}
    try:
        said = parse(graph.metadata[KEY])
    except ValueError as error:
        raise BadInput("the contract in the ONNX file is damaged", path, "export it again") from error
    if not isinstance(said, dict) or said.get("format") != FORMAT or not isinstance(said.get("input"), dict):
        raise BadInput("the contract in the ONNX file is damaged", path, "export it again")
    try:
        people.from_text(said.get("trained_people", ""))
    except (ValueError, TypeError, AttributeError) as error:
        raise BadInput("the contract in the ONNX file is damaged", path, "export it again") from error
    if said.get("version") != VERSION:
        raise BadInput(f"the contract in the ONNX file is of version {str(said.get('version'))[:20]}", path)
    return said


def _stated(said: dict[str, Any], path: Path) -> InputContract:
    """The contract in the metadata, or in the TOML file beside."""
    if "input" in said:
        return contract_of(said["input"], path)
    beside = path.with_suffix(".toml")
    if beside.is_file():
        console.note(f"input contract: {beside}")
        return read_contract(beside)
    hint = f"give `extract` --preset ({', '.join(PRESETS)}) or --contract FILE.toml, or write {beside.name} beside it"
    raise Usage(f"{path} does not say what its input is", hint=hint)


def _fitting(contract: InputContract, graph: Graph, path: Path) -> InputContract:
    """The contract with what it leaves open, held against the network.

    Raises:
        BadInput: layout, size, channels or output are not those of the network.
    """
    _, second, _, last = graph.shape
    told = "nhwc" if last in (1, 3) and second not in (1, 3) else "nchw"
    layout = told if contract.layout == "auto" else contract.layout
    channels, height, width = (graph.shape[place] for place in ((1, 2, 3) if layout == "nchw" else (3, 1, 2)))
    contract = filled_in(
        contract, layout=layout, height=height or 0, width=width or 0, name=_plain(path.stem),
        output=graph.outputs[0] if len(graph.outputs) == 1 else "",
    )  # fmt: skip
    shape = "x".join(str(size or "?") for size in graph.shape)
    if not (0 < contract.height <= MOST_SIDE and 0 < contract.width <= MOST_SIDE):
        raise BadInput(
            f"neither network ({shape}) nor input contract says the size of a face", path, "give height and width"
        )
    wanted = (contract.channels, contract.height, contract.width)
    if any(size not in (None, ours) for size, ours in zip((channels, height, width), wanted, strict=True)):
        ours = f"{contract.colour} {contract.height}x{contract.width} {layout}"
        raise BadInput(f"input of the ONNX network is {shape}, the input contract has {ours}", path)
    if graph.type == "uint8" and (set(contract.mean) != {0.0} or set(contract.scale) != {1.0}):
        raise BadInput("the ONNX network takes whole numbers, its contract cannot have mean and scale", path)
    if not contract.output:
        names = ", ".join(graph.outputs[:8])
        raise BadInput(
            f"the ONNX network has {len(graph.outputs)} outputs ({names})", path, "name one, `output` of a contract"
        )
    if contract.output not in (*graph.outputs, *graph.inside):
        names = ", ".join(graph.outputs[:8])
        raise BadInput(f"the ONNX network has no output {contract.output[:40]!r}", path, f"it has: {names}")
    return contract


def _first_run(network: OnnxNetwork, black: torch.Tensor, path: Path) -> None:
    """One black face in a child process, which may hang, crash or swell without harm."""

    def look() -> None:
        try:
            network.layers(black, ("feature",))
        except BadInput as error:
            if "alloc" in f"{error} {error.__cause__}".casefold():
                raise MemoryError from error
            raise

    ends = {
        End.MEMORY: "needs far more memory than its file has bytes, refused",
        End.ENDLESS: "does not end with one face, refused", End.CRASH: "crashes onnxruntime, refused",
    }  # fmt: skip
    if words := ends.get(read_in_child(look, path.stat().st_size)):
        raise BadInput(f"the ONNX network {words}", path)


def _layers(graph: Graph, output: str) -> tuple[str, ...]:
    """What `--layer` takes: what is computed on the way, bottom up, the other outputs, the feature last."""
    others = dict.fromkeys(name for name in (*graph.inside, *graph.outputs) if name != output)
    return (*others, output)


def _plain(stem: str) -> str:
    """A file's name as a network's: "+" joins networks."""
    return "".join(sign if sign.isalnum() or sign in "._-" else "-" for sign in stem)[:100]


def metadata(contract: InputContract, card: dict[str, Any]) -> str:
    """What `_said` reads."""
    from facerep.networks.onnx_files.input_contract import as_said

    return json.dumps({**card, "format": FORMAT, "version": VERSION, "input": as_said(contract)})
