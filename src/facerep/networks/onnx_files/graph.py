"""An ONNX file as strangers may have made it: what is read and refused before a runtime sees it.

Nothing that a file brings is run: operators are those of the standard and of onnxruntime itself, weights lie in the
file or in its own folder. Loops are refused, since a network of faces has none and they need not end.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facerep.errors import BadInput, NotAvailable, first_line
from facerep.files.inputs import remember
from facerep.files.text import read_bytes

DOMAINS = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft")
"""Whose operators are known: the standard's, and onnxruntime's own."""
ENDLESS = ("Loop", "Scan")
MOST = (1 << 31) - 1
"""Bytes of a file, weights beside it included: what one message of protobuf can hold."""
TIMES = 4
"""Copies of a network that are in memory while it is made ready."""
HOW = "pip install 'facerep[onnx]'"

INPUT_TYPES = {1: "float32", 2: "uint8", 10: "float16", 11: "float64"}
"""Numbers that an input may have, by ONNX's code."""
_SILENT = ("Constant", "DequantizeLinear", "Shape", "Identity")


@dataclass(frozen=True)
class Graph:
    """A network that may be run.

    Attributes:
        proto: the file's message, with weights, without inputs that no node reads.
        input: name of the input that takes faces.
        shape: of this input, four numbers, None where a size is open.
        type: of its numbers, as numpy calls it.
        outputs: names of the outputs, as the file lists them.
        inside: names of what is computed on the way, bottom up.
        metadata: what the file says of itself, by key.
        quantised: whether activations are quantised, so that arithmetic is of whole numbers.
    """

    proto: Any
    input: str
    shape: tuple[int | None, ...]
    type: str
    outputs: tuple[str, ...]
    inside: tuple[str, ...]
    metadata: dict[str, str]
    quantised: bool


def onnx_package() -> Any:
    """The package `onnx`.

    Raises:
        NotAvailable: it is not installed.
    """
    try:
        import onnx
    except ImportError as error:
        raise NotAvailable("ONNX files need the packages onnx and onnxruntime", hint=HOW) from error
    return onnx


def read_graph(path: Path) -> Graph:
    """Read and check an ONNX file.

    Raises:
        BadInput: no such file, no ONNX network, larger than memory; operators that a file brings itself or that need
            not end; weights outside its folder; not one input of rank 4.
        NotAvailable: the package onnx is not installed.
    """
    onnx = onnx_package()
    from google.protobuf.message import DecodeError

    remember(path)
    if not path.is_file():
        raise BadInput("no such ONNX file", path)
    _refuse_giant(path.stat().st_size, path)
    proto = onnx.ModelProto()
    try:
        proto.ParseFromString(read_bytes(path, MOST))
    except (DecodeError, RecursionError) as error:
        raise BadInput("no ONNX network, or cut short", path, "download or copy it again") from error
    if not _is_text(proto):
        raise BadInput("ONNX file has names that are no text", path, "download or copy it again")
    if not proto.graph.node or not proto.graph.output:
        raise BadInput("no ONNX network: it computes nothing", path)
    nodes = list(_nodes(proto.graph, onnx))
    for function in proto.functions:
        nodes += [node for each in function.node for node in _with_inner(each, onnx)]
    _refuse_operators(nodes, {function.domain for function in proto.functions}, path)
    _bring_weights(proto, nodes, onnx, path)
    read = {name for node in nodes for name in node.input} | {output.name for output in proto.graph.output}
    kept = [given for given in proto.graph.input if given.name in read]
    del proto.graph.input[:]
    proto.graph.input.extend(kept)
    filled = {weight.name for weight in proto.graph.initializer}
    filled |= {weight.values.name for weight in proto.graph.sparse_initializer}
    wanted = [given for given in kept if given.name not in filled]
    name, shape, kind = _faces(wanted, path)
    inside = [out for node in proto.graph.node if node.op_type not in _SILENT for out in node.output if out]
    outputs = tuple(output.name for output in proto.graph.output)
    return Graph(
        proto, name, shape, kind, outputs, tuple(dict.fromkeys(inside)),
        {entry.key: entry.value for entry in proto.metadata_props},
        any(node.op_type.startswith(("Quantize", "DynamicQuantize", "QLinear")) for node in nodes),
    )  # fmt: skip


def _refuse_giant(size: int, path: Path) -> None:
    if size > MOST:
        raise BadInput(f"ONNX file has {size:,} bytes, more than 2 GiB", path)
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # a system that does not say
        return
    if TIMES * size > memory:
        raise BadInput(f"ONNX file has {size:,} bytes, {TIMES} times that is more than the memory here", path)


def _is_text(message: Any) -> bool:
    """Whether all strings in a message are; protobuf gives bytes for those that are not."""
    for field, value in message.ListFields():
        if field.type in (field.TYPE_STRING, field.TYPE_MESSAGE):
            several = [value] if isinstance(value, str | bytes) or hasattr(value, "ListFields") else value
            if not all(_is_text(one) if field.type == field.TYPE_MESSAGE else isinstance(one, str) for one in several):
                return False
    return True


def _nodes(graph: Any, onnx: Any) -> Iterator[Any]:
    """All nodes, those of graphs within nodes too."""
    for node in graph.node:
        yield from _with_inner(node, onnx)


def _with_inner(node: Any, onnx: Any) -> Iterator[Any]:
    yield node
    for attribute in node.attribute:
        if attribute.type == onnx.AttributeProto.GRAPH:
            yield from _nodes(attribute.g, onnx)
        for graph in attribute.graphs:
            yield from _nodes(graph, onnx)


def _refuse_operators(nodes: list[Any], functions: set[str], path: Path) -> None:
    for node in nodes:
        if node.domain not in DOMAINS and node.domain not in functions:
            operator = f"{node.domain}.{node.op_type}"[:60]
            hint = "facerep runs operators of the ONNX standard only, and loads no library for others"
            raise BadInput(f"ONNX file has a custom operator, {operator!r}", path, hint)
        if node.op_type in ENDLESS:
            raise BadInput(f"ONNX file has a loop ({node.op_type}), which a network of faces does not need", path)


def _tensors(proto: Any, nodes: list[Any]) -> Iterator[Any]:
    """All weights, wherever they stand in the message."""
    graphs = [proto.graph, *(attribute.g for node in nodes for attribute in node.attribute)]
    graphs += [graph for node in nodes for attribute in node.attribute for graph in attribute.graphs]
    sparse = [weight for graph in graphs for weight in graph.sparse_initializer]
    for graph in graphs:
        yield from graph.initializer
    for node in nodes:
        for attribute in node.attribute:
            yield attribute.t
            yield from attribute.tensors
            sparse += [attribute.sparse_tensor, *attribute.sparse_tensors]
    for weight in sparse:
        yield weight.values
        yield weight.indices


def _bring_weights(proto: Any, nodes: list[Any], onnx: Any, path: Path) -> None:
    """Read weights that lie beside the file, in its folder and nowhere else."""
    outside = [tensor for tensor in _tensors(proto, nodes) if tensor.data_location == onnx.TensorProto.EXTERNAL]
    folder, total = path.parent.resolve(), path.stat().st_size
    places = {entry.value for tensor in outside for entry in tensor.external_data if entry.key == "location"}
    for place in sorted(places):
        found = (folder / place).resolve()
        if not found.is_relative_to(folder):
            raise BadInput(f"ONNX file takes weights from outside its folder, {place[:60]!r}", path)
        if not found.is_file():
            raise BadInput(f"weights of the ONNX file are not beside it, {place[:60]!r}", path, "put them there")
        remember(found)
        total += found.stat().st_size
    if outside:
        _refuse_giant(total, path)
        try:
            for tensor in outside:
                onnx.external_data_helper.load_external_data_for_tensor(tensor, str(folder))
                tensor.data_location = onnx.TensorProto.DEFAULT
                del tensor.external_data[:]
        except (OSError, ValueError, onnx.checker.ValidationError) as error:
            raise BadInput(f"weights beside the ONNX file cannot be read ({first_line(error)})", path) from error


def _faces(wanted: list[Any], path: Path) -> tuple[str, tuple[int | None, ...], str]:
    """Name, shape and numbers of the input that takes faces."""
    if len(wanted) != 1:
        names = ", ".join(given.name[:40] for given in wanted[:5])
        raise BadInput(f"ONNX network has {len(wanted)} inputs ({names}), wanted one that takes faces", path)
    tensor = wanted[0].type.tensor_type
    sizes = tuple(size.dim_value if size.dim_value > 0 else None for size in tensor.shape.dim)
    if len(sizes) != 4:
        shape = "x".join(str(size or "?") for size in sizes)
        raise BadInput(f"input of the ONNX network has rank {len(sizes)} ({shape}), wanted faces by channel", path)
    if tensor.elem_type not in INPUT_TYPES:
        raise BadInput(f"input of the ONNX network has numbers of type {tensor.elem_type}, wanted float or uint8", path)
    return wanted[0].name, sizes, INPUT_TYPES[tensor.elem_type]
