"""Distillation: a small network learns to give the features that another network, the teacher, gave of the same faces.

Labels are not needed for it: faces of unknown people are taught too. Where they are known, people may be learned as
well.
Source: see signals/distillation.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from facerep.codes.unit_selection import power
from facerep.console import counted
from facerep.errors import BadInput, Mismatch, Usage
from facerep.faces.crops import Crop
from facerep.faces.table import Faces
from facerep.files.features import read_features
from facerep.files.provenance import file_sha256
from facerep.files.rows import Features
from facerep.networks.build import build
from facerep.networks.catalog import row
from facerep.networks.network import Network
from facerep.readers.cache import CutFaces
from facerep.results.figures import Rate
from facerep.signals.distillation import TeacherSignal
from facerep.signals.identification import Softmax
from facerep.training.lessons.attributes import EpochOrder, identities
from facerep.training.lessons.distillation_recipe import DistillationRecipe
from facerep.training.lessons.held_out_faces import HeldOutFaces, cut_and_split
from facerep.training.lessons.lesson import FeatureLesson, Note
from facerep.training.people_split import Split


class Distillation(FeatureLesson):
    """What does the teacher say of this face?

    Args:
        recipe: every choice.
        crop, cut: the faces, of which some rows train.
        judges: the faces that validate, each with its mirrored picture's crop, as extraction cuts them.
        split: rows of `cut` by use.
        teacher: the vectors to learn; of faces that it lacks nothing is taught.

    Attributes:
        units: of the teacher's units those that are learned, by number.
        labelled: how many of the taught faces have a known person.
        judging: what `judges` come to.
    """

    COLUMNS = ("teacher", "id")
    SHOWN = ("teacher", "id")

    recipe: DistillationRecipe
    judging: HeldOutFaces

    def __init__(
        self, recipe: DistillationRecipe, crop: Crop, cut: CutFaces, judges: CutFaces, split: Split, teacher: Features
    ) -> None:
        faces, choice = cut.faces, recipe.data
        self.judging = HeldOutFaces(judges, choice.validation_pairs, recipe.seed)
        self.held_out, self.validation, self.judged = self.judging.people, self.judging.validation, self.judging.judged
        place = teacher.index()
        found = np.array([place.get(name, -1) for name in faces.names])
        may = _may_be_taught(faces, self.held_out)
        train = np.flatnonzero(may & (found >= 0))
        if not len(train):
            raise Mismatch("no face to train on has a vector", teacher.where, "extract it from the same data set")
        super().__init__(recipe, crop, cut, train, split.by)
        self.absent, self.mirrored = int((may & (found < 0)).sum()), choice.mirror
        self.people = sorted(set(faces.people[train]) - {""})
        self.labelled = int((faces.people[train] != "").sum())
        self.units = _chosen(teacher.take(found[train]), faces.people[train], recipe.signal.units)
        wanted = np.zeros((len(faces), len(self.units)), np.float32)
        wanted[train] = _of_length_one(teacher.values[found[train]][:, self.units])
        self.answers = wanted, identities(faces.people, train)
        self.faces_per_step = min(choice.batch_size, len(train))
        made_by = {"network": teacher.contract.network, "units": len(self.units), "of": teacher.dimension}
        knows = teacher.trained_people is not None
        self.card = {"taught": recipe.signal.loss, "teacher": {**made_by, "people": "known" if knows else "unknown"}}
        self.also_trained, self.people_of_teacher = teacher.trained_people, knows
        self.split = {"teacher": file_sha256(teacher.path) if teacher.path else "", "units": self.units.tolist()}

    @classmethod
    def prepare(cls, material: Faces, recipe: DistillationRecipe, workers: int) -> Self:
        """The lesson on faces, of which those that validate are labelled.

        Raises:
            BadInput: see read_features and cut_and_split; more units than the teacher has.
            Mismatch: the teacher has none of the faces.
            Usage: no teacher is named.
        """
        if not recipe.signal.teacher:
            raise Usage("no teacher to learn from", hint="give --teacher FEATURES.h5, made from the same faces")
        teacher = read_features(Path(recipe.signal.teacher))
        if not set(teacher.names) & set(material.names):
            raise Mismatch("none of the faces has a vector", teacher.where, "extract it from the same data set")
        if recipe.signal.units > teacher.dimension:
            raise BadInput(f"{recipe.signal.units} units of {teacher.dimension} are asked for", teacher.where)
        return cls(recipe, *cut_and_split(material, recipe, workers), teacher)

    def describe(self) -> str:
        people = counted(len(self.people), "person", "people")
        return (
            f"{counted(len(self.train), 'face')}, {self.labelled:,} of {people}, "
            f"{len(self.units)} units of the teacher, crop {self.crop}, {len(self.failures)} failed; "
            f"validation by {self.by}, {self.judged} pairs"
        )

    def remarks(self) -> list[str]:
        remarks = []
        if self.absent:
            remarks.append(f"{counted(self.absent, 'face')} without a vector of the teacher left out")
        if not self.people_of_teacher:
            remarks.append("whom the teacher was trained on is not known: people you test on may be among them")
        return remarks

    def batches(self, *, rank: int, replicas: int, now: Callable[[], int]) -> EpochOrder:
        size = self.recipe.data.batch_size
        return EpochOrder(self.train, size, self.recipe.seed, now, rank=rank, replicas=replicas)

    def make_network(self) -> Network:
        choice = self.recipe.network
        plain = row(choice.name)
        if plain.signed:  # it can be the teacher's vector itself
            plain = replace(plain, feature=len(self.units))
        return build(plain, normalise=choice.normalise, dropout=choice.dropout)

    def make_signals(self, network: Network) -> dict[str, nn.Module]:
        length, layers, signal = network.row.feature, 1 + len(network.below), self.recipe.signal
        self.teaching = nn.ModuleList(
            TeacherSignal(length, len(self.units), mapped=not network.row.signed) for _ in range(layers)
        )
        identified = int(self.answers[1].max()) + 1 if "id" in signal.loss else 0
        heads = [Softmax(length, identified, signal.smoothing) for _ in range(layers)] if identified > 1 else []
        self.heads = nn.ModuleList(heads)
        return {"teaching": self.teaching, "heads": self.heads}

    def loss(self, features: Sequence[Tensor], answers: Sequence[Tensor], epochs: float, note: Note) -> Tensor:  # noqa: ARG002
        wanted, people = answers
        each = [signal(feature, wanted) for signal, feature in zip(self.teaching, features, strict=True)]
        note("teacher", each[-1])
        if not len(self.heads):
            return torch.stack(each).sum()
        loss = self.recipe.signal.weight * torch.stack(each).sum()
        known = people >= 0
        for head, feature in zip(self.heads, features, strict=True):
            identification = head(feature[known], people[known]) if known.any() else torch.zeros_like(loss)
            loss = loss + identification
            note("id", identification)
        return loss

    def validate(self, network: Network, pictures: Tensor) -> None:
        self.judging.validate(network, pictures)

    def judge(self) -> tuple[Rate, dict[str, Any]]:
        return self.judging.judge()


def _may_be_taught(faces: Faces, held_out: Sequence[str]) -> np.ndarray:
    """Which faces may be: of nobody who validates, and of no split but `train`, where there are splits; bool (n,)."""
    may = ~np.isin(faces.people.astype(str), list(held_out))
    column = faces.labels.get("split")
    return may if column is None else may & ((column == "train") | ((column == "") & (faces.people == "")))


def _chosen(teacher: Features, people: np.ndarray, count: int) -> np.ndarray:
    """The units to learn, rising: all, or those with the most variance between people over that within."""
    if not count:
        return np.arange(teacher.dimension)
    return np.sort(np.argsort(-power(teacher.values, people), kind="stable")[:count])


def _of_length_one(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)
