"""Recognition: `id`, `ve` or both, validated by verification of held-out people.

Source: DeepID2, algorithm of table 1. The loss of a pair is Ident_i + Ident_j + lambda Verif_ij; over the pairs of a
batch and divided by two it is mean(Ident) + lambda / 2 mean(Verif). DeepID2+ adds the same for every supervised
feature layer, equally weighted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from facerep.console import counted
from facerep.errors import BadInput
from facerep.faces.crops import Crop
from facerep.faces.table import Faces
from facerep.files.picture_source import FileSpans
from facerep.networks.network import Network
from facerep.readers.cache import CutFaces
from facerep.results.figures import Rate
from facerep.signals.identification import Softmax
from facerep.signals.margin_heads import MarginHead
from facerep.signals.verification import VerificationSignal
from facerep.signals.verification_margin import Margin
from facerep.training.lessons.held_out_faces import HeldOutFaces, cut_and_split
from facerep.training.lessons.lesson import FeatureLesson, Note
from facerep.training.people_split import Split
from facerep.training.recipe import Recipe
from facerep.training.sampler import PeopleBatches, WindowBatches

FEW_TO_TRAIN = 100
"""The most people with whom random weights were tried; they were far worse than the box (docs/train.md, section 3)."""


def shards_of(faces: Faces) -> np.ndarray:
    """Which container each face's picture is in, int64 (n,), numbered by name.

    Raises:
        BadInput: some picture is in none.
    """
    if not all(isinstance(place, FileSpans) for place in faces.paths):
        raise BadInput("data.window counts shards, and the pictures are in none", faces.root, "facerep data shard")
    return np.unique([str(place.file) for place in faces.paths], return_inverse=True)[1]


class Recognition(FeatureLesson):
    """Which of the training people is it, and are two faces of one person?

    Args:
        recipe: every choice.
        crop, cut: the faces, of which some rows train.
        judges: the faces that validate, each with its mirrored picture's crop, as extraction cuts them.
        split: rows of `cut` by use.

    Attributes:
        judging: what `judges` come to.
    """

    COLUMNS = ("id", "ve", "margin", "genuine_distance", "impostor_distance")
    SHOWN = ("id", "ve", "margin")

    recipe: Recipe
    judging: HeldOutFaces

    def __init__(self, recipe: Recipe, crop: Crop, cut: CutFaces, judges: CutFaces, split: Split) -> None:
        super().__init__(recipe, crop, cut, split.train, split.by)
        people, choice = cut.faces.people, recipe.data
        self.mirrored = choice.mirror
        self.people = sorted(set(people[self.train]))
        numbers = {person: number for number, person in enumerate(self.people)}
        labels = np.full(len(people), -1, np.int64)
        labels[self.train] = [numbers[person] for person in people[self.train]]
        self.answers = (labels,)
        self.faces_per_step = min(choice.people_per_batch, len(self.people)) * choice.pictures_per_person
        self.judging = HeldOutFaces(judges, choice.validation_pairs, recipe.seed)
        self.held_out, self.validation, self.judged = self.judging.people, self.judging.validation, self.judging.judged

    @classmethod
    def prepare(cls, material: Faces, recipe: Recipe, workers: int) -> Self:
        """The lesson on labelled faces.

        Raises:
            BadInput: see cut_and_split; a window of shards is asked for, and there are none.
        """
        if recipe.data.window:
            shards_of(material)
        crop, cut, judges, split = cut_and_split(material, recipe, workers, streams=True)
        return cls(recipe, crop, cut, judges, split)

    def describe(self) -> str:
        return (
            f"{counted(len(self.train), 'face')} of {counted(len(self.people), 'person', 'people')}, crop {self.crop}, "
            f"{len(self.failures)} failed; validation by {self.by}, {self.judged} pairs"
        )

    def remarks(self) -> list[str]:
        if self.recipe.network.start or len(self.people) > FEW_TO_TRAIN:
            return []
        return [
            f"{len(self.people)} people are few to train from random weights: --start bundled goes on from the weights "
            "in the box (docs/train.md, section 3)"
        ]

    def batches(
        self, *, rank: int = 0, replicas: int = 1, now: Callable[[], int] | None = None
    ) -> PeopleBatches | WindowBatches:
        choice, labels = self.recipe.data, self.answers[0]
        drawing: dict[str, Any] = {
            "people": choice.people_per_batch, "pictures": choice.pictures_per_person, "balance": choice.balance,
            "cap": choice.cap, "seed": self.recipe.seed, "rank": rank, "replicas": replicas, "now": now,
        }  # fmt: skip
        if not choice.window:
            return PeopleBatches(labels, **drawing)
        return WindowBatches(labels, shards_of(self.cut.faces), window=choice.window, **drawing)

    def make_signals(self, network: Network) -> dict[str, nn.Module]:
        length, layers = network.row.feature, 1 + len(network.below)
        signal = self.recipe.signal
        self.heads = nn.ModuleList(self._head(length) for _ in range(layers if "id" in signal.loss else 0))
        self.verifications = nn.ModuleList(
            VerificationSignal(signal.verification, signal.share, signal.scale, unit=signal.unit)
            for _ in range(layers if "ve" in signal.loss else 0)
        )
        self.margins = nn.ModuleList(Margin(signal.margin_pairs, signal.margin_start) for _ in self.verifications)
        return {"heads": self.heads, "verifications": self.verifications, "margins": self.margins}

    def _head(self, length: int) -> Softmax | MarginHead:
        signal = self.recipe.signal
        if signal.head == "softmax":
            return Softmax(length, len(self.people), signal.smoothing)
        return MarginHead(signal.head, length, len(self.people), signal.head_margin, signal.head_scale)

    def loss(self, features: Sequence[Tensor], answers: Sequence[Tensor], epochs: float, note: Note) -> Tensor:
        (people,) = answers
        signal, device = self.recipe.signal, people.device
        loss = torch.zeros((), device=device)
        for head, feature in zip(self.heads, features, strict=False):
            if isinstance(head, MarginHead):
                head.bring_in(epochs / signal.head_warmup if signal.head_warmup else 1.0)
            identification = head(feature, people)
            loss = loss + identification
            note("id", identification)
        alone = not len(self.heads)
        weight = 1.0 if alone else signal.weight / 2 * min(1.0, epochs / signal.ramp if signal.ramp else 1.0)
        for verification, margin, feature in zip(self.verifications, self.margins, features, strict=False):
            assert isinstance(verification, VerificationSignal)
            assert isinstance(margin, Margin)
            with torch.autocast(device.type, enabled=False):
                distance, same = verification.distances(feature.float(), people)
                pair_loss = verification.of_distances(distance, same, margin.value)
            loss = loss + weight * pair_loss
            note("ve", pair_loss)
            if verification.kind == "cosine":  # it has no margin, and what it compares are no distances
                continue
            margin.update(distance.detach(), same)
            if feature is features[-1]:
                note("margin", margin.value)
                note("genuine_distance", distance[same].mean())
                note("impostor_distance", distance[~same].mean())
        return loss

    def validate(self, network: Network, pictures: Tensor) -> None:
        self.judging.validate(network, pictures)

    def judge(self) -> tuple[Rate, dict[str, Any]]:
        return self.judging.judge()

    def warning(self, means: dict[str, float]) -> str:
        """Where the margin has followed shrinking features down until nothing is pushed apart any more.

        Seen with ve alone: from 1.4 after one epoch to 0.02 after three, held-out accuracy at chance all along.
        """
        if "margin" in means and means["impostor_distance"] < 0.1 and means["validation_accuracy"] < 0.6:
            return (
                "features of all people fall together, the pull of ve outweighs the rest: "
                "teach id too, or lower --lambda, or raise signal.margin_pairs"
            )
        return ""
