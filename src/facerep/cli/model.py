"""Which network a command takes: the one that is named, or where none is, the best at hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from facerep.networks.onnx_files.input_contract import InputContract


def default_model() -> Path | None:
    """A run under `runs/`, or None for the bundled weights; which and why stands on stderr, under -q too."""
    from facerep.console import console
    from facerep.training.default_run import default_run

    chosen = default_run()
    console.tell(f"model: {chosen.why}")
    return chosen.run


def require_known(network: str) -> None:
    """Refuse a name that is no row of the catalog: a fault of the option that gave it, not of a recipe.

    Raises:
        Usage: with the nearest row.
    """
    from facerep.errors import BadInput, Usage
    from facerep.networks.catalog import row

    try:
        row(network)
    except BadInput as unknown:
        raise Usage(unknown.what, hint=unknown.hint) from unknown


def input_contract(
    sources: Sequence[str | Path | None], preset: str | None, contract: Path | None
) -> InputContract | None:
    """What `--preset` or `--contract` says of ONNX networks; None where neither was given.

    Raises:
        Usage: both were given, or no ONNX network is among the models.
    """
    if preset is None and contract is None:
        return None
    from facerep.errors import Usage
    from facerep.networks.onnx_files.input_contract import input_preset, read_contract
    from facerep.networks.weights import is_onnx

    if preset is not None and contract is not None:
        raise Usage("--preset and --contract say the same thing", hint="give one of them")
    if not any(source is not None and is_onnx(source) for source in sources):
        option = "--preset" if contract is None else "--contract"
        raise Usage(f"{option} means nothing without an ONNX network", hint="give --model NET.onnx")
    return read_contract(contract) if contract is not None else input_preset(str(preset))
