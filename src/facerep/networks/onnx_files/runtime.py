"""Networks of others as facerep's own: uint8 faces in, layers out, by onnxruntime."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from facerep.errors import BadInput, NotAvailable, first_line
from facerep.networks.onnx_files.graph import HOW, Graph
from facerep.networks.onnx_files.input_contract import InputContract

ON_DEVICE = 32
"""Faces at a time on a CUDA device, where the network takes any number."""


def onnxruntime_package() -> Any:
    """The package `onnxruntime`, which keeps its warnings to itself.

    Raises:
        NotAvailable: it is not installed.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise NotAvailable("ONNX files need the packages onnx and onnxruntime", hint=HOW) from error
    onnxruntime.set_default_logger_severity(4)
    return onnxruntime


class OnnxNetwork(nn.Module):
    """A network of others, behind the two things that extraction asks of a network: `to` and `layers`.

    On a CPU each face goes through alone, by one thread of arithmetic: so its bits do not depend on what is beside it,
    and threads that call side by side fill the cores. A batch that the file fixes is filled up with the last face.

    Attributes:
        graph, contract: what is run, and what it wants.
        path: of the file, for messages.
        stated: the contract is known with the file, and not what somebody believes of it.
        device: where it computes.
    """

    def __init__(self, graph: Graph, contract: InputContract, path: Path, *, stated: bool = False) -> None:
        super().__init__()
        self.graph, self.contract, self.path, self.stated = graph, contract, path, stated
        self.device = torch.device("cpu")
        self._sessions: dict[tuple[str, ...], Any] = {}
        self._lock = threading.Lock()
        self._whole = graph.proto.SerializeToString()

    def to(self, device: torch.device) -> OnnxNetwork:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Compute there from now on.

        Raises:
            NotAvailable: this onnxruntime has no such device.
        """
        if device.type == "cuda" and "CUDAExecutionProvider" not in onnxruntime_package().get_available_providers():
            hint = "give --device cpu, or install onnxruntime-gpu in place of onnxruntime"
            raise NotAvailable("this onnxruntime has no CUDA", hint=hint)
        if device != self.device:
            self.device, self._sessions = device, {}
        return self

    def layers(self, faces: Tensor, names: Sequence[str]) -> list[Tensor]:
        """Layers of uint8 faces (n, height, width, channels): float32 (n, length) each; "feature" is the output.

        Raises:
            BadInput: onnxruntime cannot run it; a layer has no row a face; values are not finite.
        """
        inputs = self._as_wanted(faces.cpu().numpy())
        wanted = tuple(self.contract.output if name == "feature" else name for name in names)
        batch = self.graph.shape[0] or (1 if self.device.type == "cpu" else ON_DEVICE)
        found: list[list[np.ndarray]] = [[] for _ in wanted]
        for start in range(0, len(inputs), batch):
            some = inputs[start : start + batch]
            short = (batch - len(some)) if self.graph.shape[0] else 0
            whole = np.concatenate([some, np.repeat(some[-1:], short, axis=0)]) if short else some
            for parts, values, name in zip(found, self._run(wanted, whole), names, strict=True):
                if values.ndim < 1 or len(values) != len(whole):
                    shape = "x".join(map(str, values.shape)) or "a single number"
                    raise BadInput(f"layer {name[:40]!r} has no row a face, its shape is {shape}", self.path)
                parts.append(values[: len(some)].reshape(len(some), -1))
        rows = [torch.from_numpy(np.concatenate(parts)) for parts in found]
        for values, name in zip(rows, names, strict=True):
            if not torch.isfinite(values).all():
                hint = "look at mean and scale of the input contract"
                raise BadInput(
                    f"layer {name[:40]!r} of the ONNX network has values that are no numbers", self.path, hint
                )
        return rows

    def _as_wanted(self, faces: np.ndarray) -> np.ndarray:
        """Colour order, mean, scale, layout and type as the network has them."""
        contract = self.contract
        values = faces[..., ::-1] if contract.colour == "bgr" else faces
        if self.graph.type != "uint8":
            values = (values - np.array(contract.mean, np.float32)) * np.array(contract.scale, np.float32)
        if contract.layout == "nchw":
            values = values.transpose(0, 3, 1, 2)
        return np.ascontiguousarray(values, self.graph.type)

    def _run(self, names: tuple[str, ...], values: np.ndarray) -> list[np.ndarray]:
        try:
            answers = self._session(names).run(list(names), {self.graph.input: values})
        except BadInput:
            raise
        except Exception as error:  # onnxruntime's errors have no class in common
            raise _cannot_run(error, self.path) from error
        if any(not isinstance(answer, np.ndarray) or answer.dtype.kind not in "fiu" for answer in answers):
            raise BadInput(f"layers {', '.join(names)[:80]} of the ONNX network are no tensors of numbers", self.path)
        return [answer.astype(np.float32) for answer in answers]

    def _session(self, names: tuple[str, ...]) -> Any:
        """A session that answers with these layers: what lies inside the graph becomes one of its outputs."""
        with self._lock:
            if names not in self._sessions:
                self._sessions[names] = self._make_session(names)
            return self._sessions[names]

    def _make_session(self, names: tuple[str, ...]) -> Any:
        runtime, whole = onnxruntime_package(), self._whole
        missing = [name for name in dict.fromkeys(names) if name not in self.graph.outputs]
        if missing:
            proto = type(self.graph.proto)()
            proto.CopyFrom(self.graph.proto)
            for name in missing:
                proto.graph.output.add().name = name
            whole = proto.SerializeToString()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        if not self.graph.quantised:  # weights alone are quantised: they are made floats once, not at every face
            options.add_session_config_entry("session.disable_quant_qdq", "1")
        on = ["CPUExecutionProvider"]
        if self.device.type == "cuda":
            on.insert(0, ("CUDAExecutionProvider", {"device_id": self.device.index or 0}))  # pyright: ignore
        try:
            # else it prints on stdout that it tries again
            return runtime.InferenceSession(whole, options, providers=on, enable_fallback=0)
        except Exception as error:  # as above
            raise _cannot_run(error, self.path) from error


def _cannot_run(error: Exception, path: Path) -> BadInput:
    said = first_line(error).removeprefix("[ONNXRuntimeError] : ")
    return BadInput(f"onnxruntime cannot run the ONNX network ({said})", path)
