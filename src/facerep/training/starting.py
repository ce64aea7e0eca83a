"""What a run starts from: the weights in the box, of a run, or in a file; they say which network it is."""

from __future__ import annotations

from typing import Any

from facerep.errors import BadInput
from facerep.networks.weights import Model, load_model


def load_start(source: str) -> Model:
    """The network that `network.start` names.

    Raises:
        BadInput: no such run or weights file, or a network without weights.
    """
    model = load_model(source)
    if not model.sha256:
        raise BadInput("no weights to start from", source, "name a run, a weights file or `bundled`")
    return model


def start_keys(source: str) -> dict[str, Any]:
    """Recipe keys, dotted, of a run that goes on from these weights.

    Raises:
        BadInput: see load_start.
    """
    model = load_start(source)
    card = {f"network.{name}": model.card[name] for name in ("normalise", "dropout") if name in model.card}
    return {"network.start": source, "network.name": model.row.name, **card}
