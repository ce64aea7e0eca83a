"""Checkpoints: whole or absent when they are written, only tensors and plain values when they are read."""

from __future__ import annotations

import pickle
import warnings
import zipfile
from pathlib import Path
from typing import Any

import torch
from pytorch_lightning.plugins.io import TorchCheckpointIO

from facerep.errors import BadInput, first_line
from facerep.files.atomic import replacing

AGAIN = "remove it: --resume then begins with the first epoch"
MAKE_ROOM = "make room on the disk and give --resume"


class WholeCheckpoints(TorchCheckpointIO):
    """How Lightning writes a checkpoint: whole or absent, and readable without unpickling anything."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None) -> None:  # noqa: ARG002
        """Write a state; it is read back once, and only then replaces the one before it.

        Raises:
            BadInput: the disk refused the bytes.
        """
        with replacing(Path(path), overwrite=True) as temporary:
            try:
                torch.save(checkpoint, temporary)
                torch.load(temporary, map_location="cpu", weights_only=True)
            except RuntimeError as error:
                raise BadInput(f"checkpoint cannot be written ({first_line(error)})", path, MAKE_ROOM) from error


def read_checkpoint(path: Path) -> dict[str, Any]:
    """The state in a checkpoint; nothing in it is run.

    Raises:
        BadInput: damaged, cut short, a pickle of other things, or not a checkpoint of ours.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of pickles of other kinds before it refuses them
            state = torch.load(path, map_location="cpu", weights_only=True)
    except (
        RuntimeError, pickle.UnpicklingError, EOFError, LookupError, ValueError, TypeError, AttributeError, OSError,
        OverflowError, zipfile.BadZipFile,
    ) as error:  # fmt: skip
        # what torch says advises to trust the file, which nobody should
        raise BadInput("checkpoint is damaged, or none of facerep", path, AGAIN) from error
    weights = state.get("state_dict") if isinstance(state, dict) else None
    if not isinstance(state, dict) or not isinstance(weights, dict):
        raise BadInput("checkpoint is none of facerep", path, AGAIN)
    if not all(isinstance(name, str) and isinstance(tensor, torch.Tensor) for name, tensor in weights.items()):
        raise BadInput("checkpoint is none of facerep", path, AGAIN)
    return state


def not_ours(path: Path) -> BadInput:
    """What is raised where a checkpoint's state does not fit the run."""
    return BadInput("checkpoint does not fit this run, or is damaged", path, AGAIN)
