"""The attribute teacher: a network is taught what faces look like, from random weights or from a recognition network.

Source: Liu, Luo, Wang, Tang, ICCV 2015, section 3. The answers' own layer is thrown away afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, Sampler

from facerep.errors import FacerepError
from facerep.faces.augment import augment
from facerep.faces.batches import face_and_twin, normalise, one_view
from facerep.metrics.clusters import clusters
from facerep.metrics.intervals import rate
from facerep.networks.build import build
from facerep.networks.catalog import row
from facerep.signals.attributes import Attributes
from facerep.signals.identification import Softmax
from facerep.training.attributes.recipe import AttributeRecipe
from facerep.training.teacher import Teacher, seed_of

_VALIDATION_BATCH = 256


class AttributeTeacher(Teacher):
    """Teaches one network with attributes; how weights move and what is told of an epoch is the Teacher's.

    Args:
        recipe: every choice.
        answers: of the validation faces, int8 (n, k): 1 yes, -1 no, 0 unknown.
        people: of the validation faces, (n,), for the interval.
        identities: how many training people are identified beside the attributes, where the recipe asks for that.
    """

    def __init__(
        self, recipe: AttributeRecipe, answers: np.ndarray, people: np.ndarray, identities: int = 0
    ) -> None:  # fmt: skip
        pl.LightningModule.__init__(self)
        self.recipe, self.answers = recipe, answers  # pyright: ignore[reportAttributeAccessIssue]
        known = answers != 0
        whose = np.repeat(people[:, None], answers.shape[1], axis=1)[known]
        self.clusters = clusters(whose, whose, "people")
        network = build(row(recipe.network.name), normalise=recipe.network.normalise, dropout=recipe.network.dropout)
        self.network = network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        length = self.network.row.feature
        taught = 1 + len(self.network.below)
        self.answering = nn.ModuleList(Attributes(length, answers.shape[1]) for _ in range(taught))
        self.verifications = self.margins = nn.ModuleList()  # ve teaches nothing here
        joint = recipe.signal.id > 0 and identities > 1
        self.heads = nn.ModuleList([Softmax(length, identities, recipe.signal.smoothing)] if joint else [])
        self.told: dict[str, float] = {}
        self.typical = None  # answers are judged, not features
        self._validated: list[Tensor] = []

    def training_step(self, batch: tuple[Tensor, Tensor, Tensor], _number: int) -> Tensor:  # pyright: ignore
        pictures, answers, people = batch
        step = torch.manual_seed(seed_of(self.recipe.seed, self.global_step, self.global_rank))
        seen = normalise(one_view(pictures, step))
        faces = augment(seen, step, self.recipe.data.augment, mirror=pictures.shape[1] == 1)
        features = self.network.supervised(faces)
        each = [head(feature, answers) for head, feature in zip(self.answering, features, strict=True)]
        loss = torch.stack(each).sum()
        self._note("attributes", loss / len(each))
        known = people >= 0
        for head in self.heads if known.any() else ():
            identification = head(features[-1][known], people[known])
            loss = loss + self.recipe.signal.id * identification  # pyright: ignore[reportAttributeAccessIssue]
            self._note("id", identification)
        self.steps += 1
        return loss

    def validation_step(self, pictures: Tensor, _number: int) -> None:
        faces, twins = face_and_twin(pictures)
        head = self.answering[-1]
        assert isinstance(head, Attributes)
        self._validated.append(head.scores((self.network(faces) + self.network(twins)) / 2).cpu())

    def on_validation_epoch_end(self) -> None:
        scores = torch.cat(self._validated).numpy()
        self._validated.clear()
        if not np.isfinite(scores).all():
            raise FacerepError("training diverged: scores are not finite", hint="give a lower --rate")
        found = rate((np.where(scores > 0, 1, -1) == self.answers)[self.answers != 0], self.clusters)
        self.told |= {
            "validation_accuracy": found.value, "validation_low": found.low, "validation_high": found.high,
        }  # fmt: skip


class AttributeData(pl.LightningDataModule):
    """Batches of uint8 faces with their answers and their person's number.

    Args:
        pixels: uint8 (n, views, height, width, channels).
        answers: int8 (n, k).
        people: numbers (n,), -1 for who is not identified.
        train, validation: rows of these.
        batch_size, seed: of the batches.
    """

    def __init__(
        self, pixels: np.ndarray, answers: np.ndarray, people: np.ndarray, train: np.ndarray, validation: np.ndarray,
        *, batch_size: int, seed: int,
    ) -> None:  # fmt: skip
        super().__init__()
        self.pixels, self.answers, self.people = pixels, answers, people
        self.train, self.validation = train, validation
        self.batch_size, self.seed = batch_size, seed

    def train_dataloader(self) -> DataLoader:
        trainer = self.trainer
        order = EpochOrder(self.train, self.batch_size, self.seed, lambda: trainer.current_epoch if trainer else 0)
        return DataLoader(
            _Labelled(self.pixels, self.answers, self.people), sampler=order, batch_size=None, num_workers=0
        )

    def val_dataloader(self) -> DataLoader:
        rows = self.validation
        chunks = [rows[start : start + _VALIDATION_BATCH] for start in range(0, len(rows), _VALIDATION_BATCH)]
        return DataLoader(_Pixels(self.pixels), sampler=chunks, batch_size=None, num_workers=0)


class EpochOrder(Sampler[np.ndarray]):
    """Batches of rows, each row once an epoch, in an order that depends on seed and epoch alone.

    A rest that fills no batch waits for the next epoch's order, unless there is nothing else.
    """

    def __init__(self, rows: np.ndarray, batch_size: int, seed: int, now: Callable[[], int]) -> None:
        self.rows, self.seed, self.now = rows, seed, now
        self.batch_size = min(batch_size, len(rows))

    def __len__(self) -> int:
        return len(self.rows) // self.batch_size

    def __iter__(self) -> Iterator[np.ndarray]:
        mixed = np.random.default_rng((self.seed, self.now())).permutation(self.rows)
        for place in range(len(self)):
            yield mixed[place * self.batch_size : (place + 1) * self.batch_size]


class _Pixels(Dataset):
    def __init__(self, pixels: np.ndarray) -> None:
        self.pixels = pixels

    def __getitem__(self, rows: np.ndarray) -> Any:
        return torch.from_numpy(self.pixels[rows])


class _Labelled(_Pixels):
    def __init__(self, pixels: np.ndarray, answers: np.ndarray, people: np.ndarray) -> None:
        super().__init__(pixels)
        self.answers, self.people = answers, people

    def __getitem__(self, rows: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
        return super().__getitem__(rows), torch.from_numpy(self.answers[rows]), torch.from_numpy(self.people[rows])
