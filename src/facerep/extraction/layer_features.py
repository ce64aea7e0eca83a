"""One pass of cut faces through networks: each network sees a face once, in however many systems it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from facerep.extraction.extract import Plan, Runner
from facerep.extraction.model_groups import ModelGroup
from facerep.faces.crops import Crop, length_of
from facerep.networks.weights import Model


class LayerFeatures:
    """Batches through networks.

    Attributes:
        networks: in this order the answers come.
        crops: of all of them, each once; in this order their pixels lie in a row.
        mirror: the rule, which all share.
    """

    def __init__(self, networks: Sequence[ModelGroup], device: torch.device) -> None:
        self.networks = tuple(networks)
        self.mirror = networks[0].doing.mirror
        self.crops = tuple(dict.fromkeys(crop for part in networks for crop in part.doing.crops))
        start = 0
        self._columns: dict[Crop, slice] = {}
        for crop in self.crops:
            length = length_of(crop, self.mirror)
            self._columns[crop] = slice(start, start + length)
            start += length
        asked: dict[tuple[str, Crop], tuple[Model, dict[str, None]]] = {}
        for part in networks:
            for model, crop in zip(part.doing.models, part.doing.crops, strict=True):
                asked.setdefault((model.path, crop), (model, {}))[1].update(dict.fromkeys(part.layers))
        self._runners = {
            key: (Runner(Plan((model,), (key[1],), self.mirror, "feature"), device), tuple(layers))
            for key, (model, layers) in asked.items()
        }

    def __call__(self, flat: np.ndarray) -> list[np.ndarray]:
        """Cut faces uint8 (n, length), as cut_for gives them, to float32 (n, d) of each layer of each of `networks`."""
        seen = {
            (key, layer): values
            for key, (runner, layers) in self._runners.items()
            for layer, values in zip(layers, runner.layers(flat[:, self._columns[key[1]]], layers), strict=True)
        }
        return [
            np.concatenate(
                [seen[(model.path, crop), layer]
                 for model, crop in zip(part.doing.models, part.doing.crops, strict=True)], axis=1,
            )
            for part in self.networks for layer in part.layers
        ]  # fmt: skip
