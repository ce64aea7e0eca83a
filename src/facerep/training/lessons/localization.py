"""Localization: which attributes a picture shows, somewhere; never where. A box is in no loss.

Validated by how surely the mean of the response map, stage by stage, separates held-out pictures with a face from those
without. Source: Liu, Luo, Wang, Tang, ICCV 2015, section 3.1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch import Tensor

from facerep.console import counted
from facerep.errors import BadInput, Usage
from facerep.faces.batches import normalise
from facerep.faces.crops import Crop
from facerep.faces.pasted import HEAD
from facerep.faces.preset_choice import chosen_preset
from facerep.faces.table import Faces
from facerep.metrics.clusters import clusters
from facerep.metrics.intervals import rate
from facerep.networks.build import build
from facerep.networks.catalog import row
from facerep.networks.localizing.calibration import calibrate
from facerep.networks.localizing.lnet import ImageNetBlocks, LNet, geometry_of
from facerep.networks.mobilenet import load_mobilenet
from facerep.networks.network import Network
from facerep.progress import progress
from facerep.readers.cache import CutFaces, cut_all
from facerep.readers.hash_splits import TRAIN, VALIDATION, by_share
from facerep.readers.lists.attribute_labels import own_labels
from facerep.results.figures import Rate
from facerep.signals.attributes import answers_loss
from facerep.training.lessons.attributes import EpochOrder
from facerep.training.lessons.lesson import Lesson, Note, require_finite
from facerep.training.lessons.localization_recipe import LocalizationRecipe
from facerep.training.lessons.made_up import HEAD_SIDE, MadeUp, make_up, squares

_AT_ONCE = 128


class Localization(Lesson):
    """What does this picture show of a face, if there is one?

    Args:
        recipe: every choice.
        crop, cut: the heads that are pasted.
        attributes: names.
        answers: int8 (n, k) of the heads.
        made: pictures that train, and pictures that validate; their rows are those of `cut`.
        photographs: names of those that backgrounds were cut from.
    """

    COLUMNS: ClassVar = ("attributes",)
    SHOWN: ClassVar = ("attributes",)
    ALONE: ClassVar = True

    recipe: LocalizationRecipe

    def __init__(
        self, recipe: LocalizationRecipe, crop: Crop, cut: CutFaces, attributes: tuple[str, ...], answers: np.ndarray,
        made: tuple[MadeUp, MadeUp], photographs: list[str],
    ) -> None:  # fmt: skip
        taught, judged = made
        super().__init__(recipe, crop, replace(cut, pixels=taught.pixels), np.arange(len(taught.rows)), "their split")
        self.attributes, self.judging_pictures = attributes, judged
        people = cut.faces.people
        own = np.append(np.where(people == "", cut.faces.names, people), "")[judged.rows]
        alone = np.array([f"picture {place}" for place in range(len(own))], dtype=object)
        self.judging_people = np.where(judged.rows >= 0, own, alone)
        self.geometry = geometry_of(row(recipe.network.name))
        self.people, self.held_out = (
            sorted(set(people[each.rows[each.rows >= 0]]) - {""}) for each in (taught, judged)
        )
        absent = np.full((1, len(attributes)), -1, np.int8)
        self.answers = (np.concatenate([answers, absent])[taught.rows],)
        self.validation = judged.pixels, np.arange(len(judged.rows))
        self.faces_per_step = min(recipe.data.batch_size, len(taught.rows))
        self.judged = 2 * len(judged.rows)
        self.card = {"taught": "localization"}
        self.split = {"attributes": list(attributes), "photographs": photographs}
        self._responses: list[list[np.ndarray]] = [[], []]

    @classmethod
    def prepare(cls, material: Faces, recipe: LocalizationRecipe, workers: int) -> Self:
        """The lesson on faces with attributes, and on photographs with boxes and without attributes.

        Raises:
            BadInput: no attributes, or no faces of a split; see cut_all.
            Usage: a network that localizes nothing; more attributes asked for than there are; nothing to keep frozen.
        """
        labels, data = own_labels(material.labels, None, material.root), recipe.data
        attributes = _drawn_attributes(labels.names, recipe)
        faces = material.take(labels.known)
        parts = ((TRAIN, data.pictures), (VALIDATION, data.validation))
        faces = faces.take(np.concatenate([_drawn_faces(faces, split, count, recipe.seed) for split, count in parts]))
        crop = Crop(chosen_preset(faces, data.crop), HEAD_SIDE, HEAD_SIDE, HEAD)
        cut = cut_all(faces, crop, workers=workers)
        photographs = material.take(~labels.known & np.isfinite(material.boxes).all(axis=1))
        validating = np.array([by_share(name) == VALIDATION for name in photographs.names], dtype=bool)
        side, made = row(recipe.network.name).height, []
        for number, ((split, count), some) in enumerate(zip(parts, (~validating, validating), strict=True)):
            many = max(2, data.backgrounds * count // (data.pictures + data.validation))
            ground = squares(photographs.take(some), many, data.cut, (recipe.seed, number))
            rows = np.flatnonzero(cut.faces.labels["split"] == split)
            made.append(make_up(cut.pixels[:, 0], rows, ground, count, side, (recipe.seed, number)))
        answers = own_labels(cut.faces.labels, attributes, material.root).values
        return cls(recipe, crop, cut, attributes, answers, (made[0], made[1]), sorted(photographs.names))

    def describe(self) -> str:
        return (
            f"{counted(len(self.attributes), 'attribute')} of {counted(len(self.train), 'made-up picture')} of each "
            f"stage, half of them with a face, {len(self.failures)} failed; validation by {self.by}"
        )

    def remarks(self) -> list[str]:
        if self.split["photographs"]:
            return []
        return ["no photographs with boxes named: all backgrounds are drawn, faces in photographs will be found less"]

    def batches(self, *, rank: int, replicas: int, now: Callable[[], int]) -> EpochOrder:  # noqa: ARG002
        return EpochOrder(self.train, self.recipe.data.batch_size, self.recipe.seed, now)

    def make_network(self) -> Network:
        choice = self.recipe.network
        drawn = replace(row(choice.name), classes=len(self.attributes))
        network = build(drawn, normalise=choice.normalise, dropout=choice.dropout)
        assert isinstance(network, LNet)
        for number in range(2):
            if isinstance(trunk := network.stage(number).trunk, ImageNetBlocks):
                trunk.take(load_mobilenet())
        return network

    @property
    def frozen(self) -> bool:
        """Whether the trunks stay as they start: then what they make of the pictures is computed once."""
        choice = self.recipe.network
        return row(choice.name).family == "lnet-mobilenet" or (bool(choice.start) and choice.frozen)

    def begin(self, network: Network, device: torch.device) -> None:
        assert isinstance(network, LNet)
        if not self.frozen:
            return
        for number in range(2):
            network.stage(number).trunk.requires_grad_(False)
        pixels, rows = self.validation
        self.cut = replace(self.cut, pixels=_seen_by(network, self.cut.pixels, device))
        self.validation = _seen_by(network, pixels, device), rows

    def step(
        self,
        network: Network,
        pictures: Tensor,
        answers: Sequence[Tensor],
        epochs: float,  # noqa: ARG002
        note: Note,
        draws: torch.Generator,  # noqa: ARG002
    ) -> Tensor:
        assert isinstance(network, LNet)
        (wanted,) = answers
        each = [
            answers_loss(stage.scores(maps), wanted)
            for stage, maps in zip(map(network.stage, range(2)), self._last_maps(network, pictures), strict=True)
        ]
        loss = torch.stack(each).sum()
        note("attributes", loss / 2)
        return loss

    def _last_maps(self, network: LNet, pictures: Tensor) -> list[Tensor]:
        """The last maps of both stages, of pictures or of what the trunks made of them."""
        if self.frozen:
            return [network.stage(number).top(pictures[:, number].float()) for number in range(2)]
        return [network.stage(number)(normalise(pictures[:, number])) for number in range(2)]

    def validate(self, network: Network, pictures: Tensor) -> None:
        assert isinstance(network, LNet)
        for kept, maps in zip(self._responses, self._last_maps(network, pictures), strict=True):
            kept.append(maps.float().mean(dim=1).cpu().numpy())

    def judge(self) -> tuple[Rate, dict[str, Any]]:
        responses = [np.concatenate(kept) for kept in self._responses]
        self._responses = [[], []]
        made, hits, stages = self.judging_pictures, [], []
        for number, maps in enumerate(responses):
            require_finite(maps, "responses")
            found = calibrate(maps, made.boxes[:, number], self.geometry)
            stages.append(asdict(found.calibration))
            hits.append(found.hits)
        whose = self.judging_people
        card = {"localization": {"attributes": list(self.attributes), "stages": stages}}
        return rate(np.concatenate(hits), clusters(np.tile(whose, 2), np.tile(whose, 2), "pictures")), card


def _seen_by(network: LNet, pixels: np.ndarray, device: torch.device) -> np.ndarray:
    """What the trunks make of pictures, uint8 (n, 2, side, side, 3): float16 (n, 2, maps, height, width)."""
    network = network.to(device).eval()
    found: np.ndarray | None = None
    with torch.inference_mode(), progress("pictures through the frozen convolutions", len(pixels)) as advance:
        for start in range(0, len(pixels), _AT_ONCE):
            some = torch.from_numpy(pixels[start : start + _AT_ONCE]).to(device)
            maps = [network.stage(number).trunk(normalise(some[:, number])) for number in range(2)]
            both = torch.stack(maps, dim=1).half().cpu().numpy()
            if found is None:
                found = np.empty((len(pixels), *both.shape[1:]), np.float16)
            found[start : start + len(both)] = both
            advance(len(both))
    network.train()
    assert found is not None
    return found


def _drawn_attributes(names: tuple[str, ...], recipe: LocalizationRecipe) -> tuple[str, ...]:
    """The attributes that are taught, in the order of the labels."""
    wanted = recipe.signal.attributes
    if wanted > len(names):
        raise Usage(f"signal.attributes asks for {wanted}, there are {len(names)}", hint="0 takes all")
    if not wanted:
        return names
    chosen = np.random.default_rng((recipe.signal.drawn, wanted)).permutation(len(names))[:wanted]
    return tuple(names[place] for place in sorted(chosen.tolist()))


def _drawn_faces(faces: Faces, split: str, pictures: int, seed: int) -> np.ndarray:
    """Rows of the faces of a split that so many made-up pictures show; every second shows one.

    Raises:
        BadInput: there are none.
    """
    given = faces.labels.get("split")
    rows = np.flatnonzero(given == split) if given is not None else np.empty(0, int)
    if not len(rows):
        what = f"no face with attributes in split {split!r}"
        raise BadInput(what, faces.root, "faces to be pasted need a column `split`, as CelebA's have")
    return np.random.default_rng((seed, len(rows))).permutation(rows)[: -(-pictures // 2)]
