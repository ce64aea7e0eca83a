"""What a run starts from: the weights in the box, of a run, or in a file; they say which network it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from facerep.console import console
from facerep.errors import BadInput, Mismatch
from facerep.files import people
from facerep.networks.catalog import LOCALIZING
from facerep.networks.localizing.lnet import LNet
from facerep.networks.network import Network
from facerep.networks.sparsity.masks import copy_masks
from facerep.networks.weights import Model, load_model
from facerep.training.checkpoint import read_checkpoint
from facerep.training.run_folder import read_people


def load_start(source: str) -> Model:
    """The network that `network.start` names.

    Raises:
        BadInput: no such run or weights file, or a network without weights.
    """
    model = load_model(source)
    if not model.sha256 or model.row.family == "onnx":
        raise BadInput("no weights to start from", source, "name a run, a weights file or `bundled`")
    return model


def start_keys(source: str, *, other_network: bool = False) -> dict[str, Any]:
    """Recipe keys, dotted, of a run that goes on from these weights.

    Args:
        source: see load_start.
        other_network: the run's network may be another one, which takes what fits it; such as an LNet.

    Raises:
        BadInput: see load_start.
    """
    model = load_start(source)
    if other_network and model.row.family not in LOCALIZING:
        return {"network.start": source, "network.normalise": model.card["normalise"]}
    card = {f"network.{name}": model.card[name] for name in ("normalise", "dropout") if name in model.card}
    return {"network.start": source, "network.name": model.row.name, **card}


def start_from(network: Network, model: Model) -> None:
    """Take the weights of a trained network of the same row; feature layers that it lacks stay as they are.

    Layers that are sparse in it are so in `network` from now on.

    An LNet takes the first convolutions of a network of another family.

    Raises:
        Mismatch: another row, or one with batch normalisation and one without.
    """
    if isinstance(network, LNet) and not isinstance(model.network, LNet):
        network.take_convolutions(model.network, model.path)
        return
    if replace(model.row, supervised=network.row.supervised) != network.row:
        raise Mismatch(f"network differs: {network.row.name} cannot start from {model.row.name}", model.path)
    copy_masks(model.network, network)
    missing, unknown = network.load_state_dict(model.network.state_dict(), strict=False)
    if unknown or any(not name.startswith("below.") for name in missing):
        raise Mismatch("network differs: one has batch normalisation, the other has not", model.path)


def take_signals(tutor: nn.Module, run: Path, training: list[str]) -> None:
    """Go on with the heads, margins and lower feature layers of a run; where they do not fit, start anew and say so.

    Args:
        tutor: its network is left as it is.
        run: its checkpoint is read.
        training: the training people, whom the heads must know.
    """
    checkpoint, listed = run / "checkpoints" / "last.ckpt", run / "people.txt"
    if not checkpoint.exists():
        console.note(f"signals start anew: {checkpoint} is not there")
        return
    if not listed.exists() or read_people(listed) != training:
        console.note(f"signals start anew: {run} was trained on other people")
        return
    state = read_checkpoint(checkpoint)["state_dict"]
    kept = {name: tensor for name, tensor in state.items() if not name.startswith("network.")}
    kept |= {name: tensor for name, tensor in state.items() if name.startswith("network.below.")}
    wanted = tutor.state_dict()
    if any(name not in wanted or wanted[name].shape != tensor.shape for name, tensor in kept.items()):
        console.note(f"signals start anew: {run} was taught with others")
        return
    tutor.load_state_dict(kept, strict=False)


def trained_people(own: Iterable[str], start: Model | None, others: np.ndarray | None = None) -> str:
    """The training people as weights keep them: of the run, of the weights that it started from, and of others."""
    before = None if start is None else start.trained_people
    known = people.together([people.hashes(own), before, others])
    assert known is not None
    return people.as_text(known)
