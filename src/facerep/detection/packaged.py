"""Files of packages that are installed and not imported, since their modules want libraries that clash or are gone."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from facerep.networks.onnx_files.runtime import onnxruntime_package


def file_of(module: str, name: str) -> Path:
    """A file in the folder of a package.

    Raises:
        ImportError: the package, or the file in it, is not here.
    """
    found = find_spec(module)
    path = Path(found.origin).parent / name if found and found.origin else None
    if path is None or not path.is_file():
        raise ImportError(f"no {name} in {module}")
    return path


def session(network: bytes | Path) -> Any:
    """What runs an ONNX network that a package brought, by one thread: several of a small network wait for each other.

    Raises:
        NotAvailable: onnxruntime is not installed.
    """
    runtime = onnxruntime_package()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    content = network if isinstance(network, bytes) else network.read_bytes()
    return runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
