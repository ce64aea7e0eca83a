"""Five points: where eyes, nose and mouth corners are, from the box that a detector gives.

Both stages of the cascade learn at once: the first sees squares around boxes, the second squares around the marked
points; both are moved as far as a detector and a first stage err. Validated as `align` uses them, one behind the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch import Tensor

from facerep.console import counted
from facerep.detection.cascade import refined
from facerep.errors import BadInput
from facerep.faces.alignment import SWAPPED
from facerep.faces.crops import Crop, preset
from facerep.faces.patches import parse_patch
from facerep.faces.table import Faces
from facerep.metrics.clusters import clusters
from facerep.metrics.intervals import rate
from facerep.networks.catalog import row
from facerep.networks.network import Network
from facerep.networks.pointing.cascade import STAGES, PointCascade
from facerep.networks.pointing.frames import box_frames, point_frames, positions
from facerep.readers.cache import CutFaces
from facerep.readers.hash_splits import TRAIN, share
from facerep.results.figures import Rate
from facerep.signals.points import point_loss
from facerep.training.lessons.attributes import EpochOrder
from facerep.training.lessons.lesson import Lesson, Note, require_finite
from facerep.training.lessons.points.changes import lit, look, moved
from facerep.training.lessons.points.recipe import PointRecipe
from facerep.training.lessons.points.squares import Squares, squares

NEAR = 0.05
"""Share of the eyes' distance within which a point is right."""


class PointLesson(Lesson):
    """Where are the five points?

    Args:
        recipe: every choice.
        material: the squares; which of them train says `split`.

    Attributes:
        error: mean distance of the validation's points over the eyes' distance, by the last validation.
    """

    COLUMNS: ClassVar = ("points", "error")
    SHOWN: ClassVar = ("points", "error")

    recipe: PointRecipe

    def __init__(self, recipe: PointRecipe, material: Squares) -> None:
        train, validating, by = _split(material.faces, recipe)
        shape = row(recipe.network.name)
        crop = Crop(preset("box"), shape.height, shape.width, parse_patch("face", "grey"))
        super().__init__(recipe, crop, CutFaces(material.faces, material.pixels, material.failures), train, by)
        self.answers = material.points, material.boxes
        self.validation = material.pixels, validating
        self.truth, self.boxes = material.points[validating], torch.from_numpy(material.boxes[validating])
        whose = np.where(material.faces.people == "", material.faces.names, material.faces.people)
        self.people, self.held_out = (
            sorted(set(material.faces.people[rows]) - {""}) for rows in (train, validating)
        )  # fmt: skip
        self.whose = whose[validating]
        self.faces_per_step = min(recipe.data.batch_size, len(train))
        self.judged = len(validating)
        self.card = {"taught": "points", "detector": recipe.data.detector}
        self.error = float("nan")
        self._found: list[np.ndarray] = []

    @classmethod
    def prepare(cls, material: Faces, recipe: PointRecipe, workers: int) -> Self:
        """The lesson on faces with five points.

        Raises:
            BadInput: see squares; no face is left to train or to validate.
            NotAvailable: the detector is not here.
        """
        return cls(recipe, squares(material, recipe.data.detector, workers))

    def describe(self) -> str:
        return (
            f"five points of {counted(len(self.train), 'face')}, {len(self.failures)} failed; "
            f"validation by {self.by}, {counted(self.judged, 'face')}"
        )

    def batches(self, *, rank: int, replicas: int, now: Callable[[], int]) -> EpochOrder:
        size = self.recipe.data.batch_size
        return EpochOrder(self.train, size, self.recipe.seed, now, rank=rank, replicas=replicas)

    def step(
        self,
        network: Network,
        pictures: Tensor,
        answers: Sequence[Tensor],
        epochs: float,  # noqa: ARG002
        note: Note,
        draws: torch.Generator,
    ) -> Tensor:
        assert isinstance(network, PointCascade)
        data, side = self.recipe.data, network.row.height
        seen, (points, boxes) = pictures[:, 0, :, :, 0].float(), answers
        if data.mirror:
            seen, points, boxes = mirrored(seen, points, boxes, torch.rand(len(seen), generator=draws) < 0.5)
        losses = []
        for number, frames in enumerate((box_frames(boxes), point_frames(points))):
            frames = moved(frames, number, data.move, draws)
            shown = lit(look(seen, frames, side), data.light, draws)
            losses.append(point_loss(network.positions(number, shown / 127.5 - 1), positions(frames, points)))
        loss = torch.stack(losses).sum()
        note("points", loss / STAGES)
        return loss

    def validate(self, network: Network, pictures: Tensor) -> None:
        assert isinstance(network, PointCascade)
        start = sum(map(len, self._found))
        seen = pictures[:, 0, :, :, 0].float()
        boxes = self.boxes[start : start + len(seen)].to(seen.device)
        found = refined(network, boxes, lambda frames: look(seen, frames, network.row.height) / 127.5 - 1)
        self._found.append(found.cpu().numpy())

    def judge(self) -> tuple[Rate, dict[str, Any]]:
        found = np.concatenate(self._found)
        self._found = []
        require_finite(found, "points")
        errors = np.hypot(*np.moveaxis(found - self.truth[: len(found)], 2, 0))
        eyes = np.hypot(*(self.truth[: len(found), 1] - self.truth[: len(found), 0]).T)
        shares = errors / np.maximum(eyes, 1e-6)[:, None]
        self.error = float(shares.mean())
        whose = np.repeat(self.whose[: len(found)], shares.shape[1])
        return rate((shares <= NEAR).ravel(), clusters(whose, whose, "faces")), {"error": self.error}

    def measured(self) -> dict[str, float]:
        return {"error": self.error}


def mirrored(pictures: Tensor, points: Tensor, boxes: Tensor, which: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Some of the pictures mirrored, with their points and boxes.

    Args:
        pictures: (n, height, width).
        points: (n, 5, 2), counted from the centre of the first pixel.
        boxes: (n, 4), counted from its edge.
        which: bool (n,).
    """
    width, which = pictures.shape[2], which.to(pictures.device)
    other = points[:, SWAPPED] * points.new_tensor([-1.0, 1.0]) + points.new_tensor([width - 1.0, 0.0])
    turned = torch.cat([width - boxes[:, :1] - boxes[:, 2:3], boxes[:, 1:]], dim=1)
    return (
        torch.where(which[:, None, None], pictures.flip(2), pictures),
        torch.where(which[:, None, None], other, points),
        torch.where(which[:, None], turned, boxes),
    )


def _split(faces: Faces, recipe: PointRecipe) -> tuple[np.ndarray, np.ndarray, str]:
    """Rows that train, rows that validate, and by what.

    Raises:
        BadInput: one of them is empty.
    """
    given = faces.labels.get("split")
    name = recipe.data.validation
    if given is not None and (given == name).any():
        train, validating, by = given == TRAIN, given == name, f"split {name}"
    else:
        whose = np.where(faces.people == "", faces.names, faces.people)
        validating = np.array([share(person) < recipe.data.held_out for person in whose])
        if given is not None and (given == TRAIN).any():
            validating &= given == TRAIN
            train = (given == TRAIN) & ~validating
        else:
            train = ~validating
        by = "a hash of person or name"
    if not train.any() or not validating.any():
        what = f"{int(train.sum())} faces to train and {int(validating.sum())} to validate"
        raise BadInput(what, faces.root, "name more faces with points, or a column `split` with train and validation")
    judged = np.random.default_rng(recipe.seed).permutation(np.flatnonzero(validating))[: recipe.data.validation_faces]
    return np.flatnonzero(train), np.sort(judged), by
