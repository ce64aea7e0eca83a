"""Pairs scored by a network that looks at both faces: a hybrid ConvNet-RBM, at any of its steps.

The score does not depend on the order of the faces, on whether either is mirrored, or on the other pairs: of the eight
modes, which are the same eight then, the sum is taken in the order of their size, and every batch has one shape.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from facerep.errors import Usage
from facerep.faces.batches import normalise
from facerep.faces.crops import Crop
from facerep.faces.preset_choice import chosen_preset
from facerep.faces.table import Faces
from facerep.files.contract import Contract
from facerep.files.rows import Features
from facerep.networks.device import device as pick_device
from facerep.networks.hybrid.convnet_rbm import DIFFERENT, SAME, STAGES, ConvNetRBM
from facerep.networks.weights import Model
from facerep.progress import progress
from facerep.readers.cache import cut_all

METRIC = "pair"
"""What results call scores of this kind."""
_AT_ONCE = 32
"""Pairs in a batch, never more nor fewer: the last are filled up."""
_OF_ONE_GROUP = ("network", "modes", "networks")
_STAGE_OF: dict[str, str] = dict.fromkeys((*_OF_ONE_GROUP, "groups"), "networks")
"""The stage in which a step is there for the first time; others are stages themselves."""


@dataclass(frozen=True, kw_only=True)
class PairRows(Features):
    """Faces that are scored in pairs: `values` are their places in `pixels`, one column.

    Attributes:
        pixels: aligned faces, uint8 (n, height, width, channels).
    """

    ABSENT: ClassVar = "among the faces that could be cut", "give the data set that has them"

    pixels: np.ndarray


def uncut(faces: Faces) -> PairRows:
    """The same of faces that are not cut yet: enough to choose pairs by."""
    return PairRows(
        names=faces.names, people=faces.people, labels=faces.labels, protocols=faces.protocols, path=Path(faces.root),
        values=np.arange(len(faces), dtype=np.float32)[:, None], pixels=np.empty((0, 1, 1, 1), np.uint8),
    )  # fmt: skip


def pair_rows(faces: Faces, model: Model, *, crop: str = "auto", step: str = "", workers: int = 0) -> PairRows:
    """Faces as a run of pairs sees them; those that cannot be cut are in `failures`.

    Args:
        faces: the data set.
        model: of load_pair_model.
        crop: a preset, or `auto`.
        step: what they will be scored by, for the contract.
        workers: processes that decode.

    Raises:
        BadInput: not one face could be cut.
        Usage: no such preset.
    """
    seen = Crop(chosen_preset(faces, crop), model.crop.height, model.crop.width, model.crop.patch)
    cut = cut_all(faces, seen, workers=workers)
    kept = cut.faces
    contract = Contract(
        network=model.row.name, weights=model.sha256, layer=step, rule="", crop=str(seen), mirror="mean",
        dataset=kept.kind, fingerprint=kept.fingerprint(),
    )  # fmt: skip
    return replace(
        uncut(kept), failures=(*faces.failures, *cut.failures), contract=contract,
        trained_people=model.trained_people, pixels=cut.pixels[:, 0],
    )  # fmt: skip


class PairNetwork:
    """The scorer of a run of pairs, see scorers.scorer.Scorer; its rows are places in `pixels`, (n, 1).

    Args:
        model: of load_pair_model.
        pixels: aligned faces, uint8 (n, height, width, channels).
        step: one of networks.hybrid.convnet_rbm.STEPS; "" is the last that the run has come to.
        device: where it is computed.

    Raises:
        Usage: the run has not come to this step.
    """

    def __init__(self, model: Model, pixels: np.ndarray, step: str = "", device: str = "auto") -> None:
        assert isinstance(model.network, ConvNetRBM)
        self.device = pick_device(device)
        self.network, self.pixels = model.network.to(self.device), pixels
        stage = STAGES[int(model.network.stage)]
        self.step = step or ("groups" if stage == "networks" else stage)
        if STAGES.index(_STAGE_OF.get(self.step, self.step)) > STAGES.index(stage):
            raise Usage(f"{model.path} has no step {self.step}, its best weights are of the stage `{stage}`")
        self.before = stage == "tuned" and self.step != "tuned"
        self.name = f"{model.row.name}, {self.step}"

    def score(self, a: np.ndarray, b: np.ndarray, /) -> np.ndarray:
        """Scores of aligned rows, float64 (p,); bit-identical for (a, b) and (b, a)."""
        left, right = (np.asarray(side).reshape(-1).astype(np.int64) for side in (a, b))
        scores = np.empty(len(left))
        with progress("score pairs", len(left)) as advance, torch.inference_mode():
            for start in range(0, len(left), _AT_ONCE):
                here = slice(start, start + _AT_ONCE)
                scores[here] = self._batch(left[here], right[here])
                advance(len(left[here]))
        return scores

    def matrix(self, a: np.ndarray, b: np.ndarray, /) -> np.ndarray:
        """Scores of every row of `a` with every row of `b`, float64 (na, nb)."""
        one, other = np.broadcast_arrays(np.reshape(a, (-1, 1)), np.reshape(b, (1, -1)))
        return self.score(one.ravel(), other.ravel()).reshape(one.shape)

    def _batch(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        # a face that stands in several pairs goes through the first layers once
        there, place = np.unique(np.concatenate([left, right]), return_inverse=True)
        faces = np.zeros((2 * _AT_ONCE, *self.pixels.shape[1:]), np.uint8)
        faces[: len(there)] = self.pixels[there]
        sides = torch.zeros((2, _AT_ONCE), dtype=torch.int64)
        sides[:, : len(left)] = torch.from_numpy(place.reshape(2, -1))
        seen = normalise(torch.from_numpy(faces).to(self.device))
        groups = 1 if self.step in _OF_ONE_GROUP else None
        modes = self.network.modes(seen, *sides.to(self.device), before=self.before, groups=groups)
        return self._scores(modes.double()).cpu().numpy()[: len(left)]

    def _scores(self, modes: Tensor) -> Tensor:
        if self.step == "network":
            return modes[0, 0]
        each = modes.sort(dim=1).values.mean(dim=1)
        if self.step == "modes":
            return each[0]
        groups = each.reshape(-1, self.network.row.networks, each.shape[1]).mean(dim=1)
        if self.step in ("networks", "groups"):
            return groups[0] if self.step == "networks" else groups.mean(dim=0)
        rbm = (self.network.before if self.before else self.network.now).rbm
        logits = rbm(groups.T.float()).double()
        return logits[:, SAME] - logits[:, DIFFERENT]
