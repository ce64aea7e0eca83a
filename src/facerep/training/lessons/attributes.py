"""Attributes: what faces look like, beside it who the training people are where the recipe asks for that.

Source: Liu, Luo, Wang, Tang, ICCV 2015, section 3. The answers' own layer is thrown away afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Sampler

from facerep.console import counted
from facerep.faces.batches import face_and_twin
from facerep.faces.crops import Crop
from facerep.files.provenance import fingerprint
from facerep.metrics.clusters import clusters
from facerep.metrics.intervals import rate
from facerep.networks.network import Network
from facerep.readers.cache import CutFaces
from facerep.results.figures import Rate
from facerep.signals.attributes import AttributeSignal
from facerep.signals.identification import Softmax
from facerep.training.lessons.attribute_recipe import AttributeRecipe
from facerep.training.lessons.lesson import FeatureLesson, Note, require_finite


@dataclass(frozen=True)
class AnsweredFaces:
    """Cut faces and their answers.

    Attributes:
        crop, cut: the faces.
        attributes: names, (k,).
        answers: int8 (n, k): 1 yes, -1 no, 0 unknown.
        train, validation: rows.
        by: how these were chosen.
    """

    crop: Crop
    cut: CutFaces
    attributes: tuple[str, ...]
    answers: np.ndarray
    train: np.ndarray
    validation: np.ndarray
    by: str


class AttributeLesson(FeatureLesson):
    """Each attribute yes or no; validated by the mean accuracy of the answers."""

    COLUMNS = ("attributes", "id")
    SHOWN = ("id", "attributes")

    def __init__(self, material: AnsweredFaces, recipe: AttributeRecipe) -> None:
        faces = material.cut.faces
        super().__init__(recipe, material.crop, material.cut, material.train, material.by)
        self.attributes = material.attributes
        self.people, self.held_out = (
            sorted(set(faces.people[rows]) - {""}) for rows in (material.train, material.validation)
        )
        self.answers = material.answers, identities(faces.people, material.train)
        self.validation = material.cut.pixels, material.validation
        self.faces_per_step = min(recipe.data.batch_size, len(material.train))
        self.truth = material.answers[material.validation]
        known = self.truth != 0
        own = np.where(faces.people == "", faces.names, faces.people)[material.validation]
        whose = np.repeat(own[:, None], len(material.attributes), axis=1)[known]
        self.clusters, self.judged = clusters(whose, whose, "people"), int(known.sum())
        self.card = {"taught": "attributes"}
        self.split = {"attributes": self.attributes, "answers": fingerprint([material.answers.tobytes().hex()])}
        self._scores: list[Tensor] = []

    @classmethod
    def prepare(cls, material: AnsweredFaces, recipe: AttributeRecipe, workers: int) -> Self:  # noqa: ARG003
        return cls(material, recipe)

    def describe(self) -> str:
        return (
            f"{counted(len(self.attributes), 'attribute')} of {counted(len(self.train), 'face')}, crop {self.crop}; "
            f"validation by {self.by}"
        )

    def batches(self, *, rank: int, replicas: int, now: Callable[[], int]) -> EpochOrder:
        size = self.recipe.data.batch_size
        return EpochOrder(self.train, size, self.recipe.seed, now, rank=rank, replicas=replicas)

    def make_signals(self, network: Network) -> dict[str, nn.Module]:
        length, layers = network.row.feature, 1 + len(network.below)
        identified, signal = int(self.answers[1].max()) + 1, self.recipe.signal
        self.answering = nn.ModuleList(AttributeSignal(length, len(self.attributes)) for _ in range(layers))
        joint = signal.id > 0 and identified > 1
        self.heads = nn.ModuleList([Softmax(length, identified, signal.smoothing)] if joint else [])
        return {"answering": self.answering, "heads": self.heads}

    def loss(self, features: Sequence[Tensor], answers: Sequence[Tensor], epochs: float, note: Note) -> Tensor:  # noqa: ARG002
        wanted, people = answers
        each = [head(feature, wanted) for head, feature in zip(self.answering, features, strict=True)]
        loss = torch.stack(each).sum()
        note("attributes", loss / len(each))
        known = people >= 0
        for head in self.heads:
            identification = head(features[-1][known], people[known]) if known.any() else torch.zeros_like(loss)
            loss = loss + self.recipe.signal.id * identification
            note("id", identification)
        return loss

    def validate(self, network: Network, pictures: Tensor) -> None:
        faces, twins = face_and_twin(pictures)
        head = self.answering[-1]
        assert isinstance(head, AttributeSignal)
        self._scores.append(head.scores((network(faces) + network(twins)) / 2).cpu())

    def judge(self) -> tuple[Rate, dict[str, Any]]:
        scores = torch.cat(self._scores).numpy()
        self._scores.clear()
        require_finite(scores, "scores")
        return rate((np.where(scores > 0, 1, -1) == self.truth)[self.truth != 0], self.clusters), {}


def identities(people: np.ndarray, train: np.ndarray) -> np.ndarray:
    """Numbers of the training people with two faces or more, int64 (n,); -1 for all others and for other faces."""
    known, counts = np.unique(people[train][people[train] != ""].astype(str), return_counts=True)
    number = {person: place for place, person in enumerate(known[counts > 1].tolist())}
    numbers = np.full(len(people), -1, np.int64)
    numbers[train] = [number.get(person, -1) for person in people[train]]
    return numbers


class EpochOrder(Sampler[np.ndarray]):
    """Batches of rows, each row once an epoch, in an order that depends on seed and epoch alone.

    Ranks take the batches of that order in turns, as many each. A rest that fills no batch of every rank waits for the
    next epoch's order, unless there is nothing else.
    """

    def __init__(
        self, rows: np.ndarray, batch_size: int, seed: int, now: Callable[[], int], *, rank: int = 0, replicas: int = 1
    ) -> None:
        self.rows, self.seed, self.now, self.rank, self.replicas = rows, seed, now, rank, replicas
        self.batch_size = max(1, min(batch_size, len(rows) // replicas))

    def __len__(self) -> int:
        return len(self.rows) // (self.batch_size * self.replicas)

    def __iter__(self) -> Iterator[np.ndarray]:
        mixed = np.random.default_rng((self.seed, self.now())).permutation(self.rows)
        for place in range(self.rank, len(self) * self.replicas, self.replicas):
            yield mixed[place * self.batch_size : (place + 1) * self.batch_size]
