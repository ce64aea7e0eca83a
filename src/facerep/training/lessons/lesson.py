"""A lesson: what a network is taught, from which faces, and how it is judged after each epoch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Sampler

from facerep.errors import FacerepError
from facerep.faces.augment import augment
from facerep.faces.batches import normalise, one_view
from facerep.faces.crops import Crop
from facerep.faces.patches import parse_patch
from facerep.faces.preset_choice import chosen_preset
from facerep.faces.table import Faces
from facerep.networks.build import build
from facerep.networks.catalog import row
from facerep.networks.network import Network
from facerep.readers.cache import CutFaces
from facerep.results.figures import Rate
from facerep.training.recipe import RunRecipe
from facerep.training.schedule import learning_rate

if TYPE_CHECKING:
    from facerep.training.lessons.held_out_faces import HeldOutFaces

Note = Callable[[str, Tensor], None]
"""Given a name and a scalar, adds it to the mean of the epoch."""


class Lesson(ABC):
    """One lesson on some faces; loop, optimizer, run folder and resumption are those of all lessons.

    Attributes:
        COLUMNS: of the class: the means in metrics.csv, by the names that `step` notes or `measured` gives them under.
        SHOWN: of the class: those of them that the line after each epoch has.
        ALONE: of the class: it is taught on one device only.
        answers: what each face of `cut` teaches, arrays (n, ...); `step` is given their rows.
        train: rows of `cut` that are taught.
        by: how these and those that validate were chosen, in words.
        validation: pixels uint8 (m, views, height, width, channels), and the rows of them that validate.
        people, held_out: who trains and who validates, by name, sorted.
        failures: (name, reason) of faces that could not be used.
        faces_per_step: in one batch.
        also_trained: hashes of people whom the lesson knows through others (files/people.py); None: of nobody.
        judged: how many pairs or answers each epoch is judged by.
        judging: the pairs, where a network is judged by its feature.
        card, split: further entries of the weights' card, and of split.json: what is the same in a resumed run.
    """

    COLUMNS: ClassVar[tuple[str, ...]]
    SHOWN: ClassVar[tuple[str, ...]]
    ALONE: ClassVar[bool] = False

    answers: tuple[np.ndarray, ...]
    validation: tuple[np.ndarray, np.ndarray]
    people: list[str]
    held_out: list[str]
    faces_per_step: int
    judged: int
    judging: HeldOutFaces | None = None
    also_trained: np.ndarray | None = None

    def __init__(self, recipe: RunRecipe, crop: Crop, cut: CutFaces, train: np.ndarray, by: str) -> None:
        self.recipe, self.crop, self.cut, self.train, self.by = recipe, crop, cut, train, by
        self.failures = (*cut.faces.failures, *cut.failures)
        self.card: dict[str, Any] = {}
        self.split: dict[str, Any] = {}

    @classmethod
    @abstractmethod
    def prepare(cls, material: Any, recipe: Any, workers: int) -> Self:
        """The lesson on some material, whose faces are cut where they are not yet."""

    @abstractmethod
    def describe(self) -> str:
        """What is taught, for the line before the first epoch."""

    def remarks(self) -> list[str]:
        """What the user should know before the first epoch."""
        return []

    @abstractmethod
    def batches(self, *, rank: int, replicas: int, now: Callable[[], int]) -> Sampler[np.ndarray]:
        """Rows of `cut`, batch by batch, for one process of several; `now` gives the epoch when one begins."""

    def make_network(self) -> Network:
        """The network that is taught, with random weights: as a rule the recipe's row."""
        choice = self.recipe.network
        return build(row(choice.name), normalise=choice.normalise, dropout=choice.dropout)

    def begin(self, network: Network, device: torch.device) -> None:  # noqa: ARG002
        """What is computed once, with the network as it starts; as a rule nothing."""
        return

    def rate(self, done: float) -> float:
        """The learning rate as a share of its peak, when `done` of the run (0..1) is over."""
        schedule = self.recipe.schedule
        return learning_rate(schedule.shape, schedule.warmup, done)

    def make_signals(self, network: Network) -> dict[str, nn.Module]:  # noqa: ARG002
        """What is taught beside the network, by its names in a checkpoint; as a rule nothing."""
        return {}

    @abstractmethod
    def step(
        self,
        network: Network,
        pictures: Tensor,
        answers: Sequence[Tensor],
        epochs: float,
        note: Note,
        draws: torch.Generator,
    ) -> Tensor:
        """The loss of one step, a scalar; `note` is given each part of it.

        Args:
            network: in training mode.
            pictures: uint8 (n, views, height, width, channels).
            answers: the batch's rows of `answers`.
            epochs: how many are over.
            draws: all that is drawn comes from it; a CPU generator, seeded by the step.
        """

    @abstractmethod
    def validate(self, network: Network, pictures: Tensor) -> None:
        """Keep what a batch of pictures, uint8 (n, views, height, width, channels), becomes."""

    @abstractmethod
    def judge(self) -> tuple[Rate, dict[str, Any]]:
        """Accuracy on what `validate` kept, which is dropped; and further entries of the weights' card.

        Raises:
            FacerepError: training diverged.
        """

    def measured(self) -> dict[str, float]:
        """Further columns of metrics.csv, that the last validation gave."""
        return {}

    def begins(self, epoch: int) -> bool:  # noqa: ARG002
        """Whether an epoch begins another stage: its weights are kept, although one before may have been more right."""
        return False

    def warning(self, means: dict[str, float]) -> str:  # noqa: ARG002
        """What is wrong with an epoch, in words; "" where nothing is."""
        return ""


class FeatureLesson(Lesson):
    """A lesson whose signals see features: faces are mirrored and changed a little, then go through the network.

    Attributes:
        mirrored: faces are mirrored half of the time.
    """

    mirrored = True

    def step(
        self,
        network: Network,
        pictures: Tensor,
        answers: Sequence[Tensor],
        epochs: float,
        note: Note,
        draws: torch.Generator,
    ) -> Tensor:
        seen = normalise(one_view(pictures, draws) if self.mirrored else pictures[:, 0])
        mirror = self.mirrored and pictures.shape[1] == 1
        faces = augment(seen, draws, self.recipe.data.augment, mirror=mirror)
        return self.loss(network.supervised(faces), answers, epochs, note)

    @abstractmethod
    def loss(self, features: Sequence[Tensor], answers: Sequence[Tensor], epochs: float, note: Note) -> Tensor:
        """The loss of the features of each taught layer (n, length), the lowest first; see `step`."""


def crop_of(faces: Faces, recipe: RunRecipe) -> Crop:
    """The crop that a recipe asks for: a preset or `auto`, and the part of the face.

    Raises:
        BadInput, Usage: no such preset, patch or network.
    """
    chosen = chosen_preset(faces, recipe.data.crop)
    shape = row(recipe.network.name)
    return Crop(
        chosen, shape.height, shape.width, parse_patch(recipe.data.patch, "rgb" if shape.channels == 3 else "grey")
    )


def require_finite(values: np.ndarray, what: str) -> None:
    """Raise where training diverged.

    Raises:
        FacerepError: a value is not finite.
    """
    if not np.isfinite(values).all():
        raise FacerepError(f"training diverged: {what} are not finite", hint="give a lower --rate")
