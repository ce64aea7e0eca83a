"""The data module of all lessons: batches of uint8 faces with what they teach, and of the faces that validate."""

from __future__ import annotations

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from facerep.training.lessons.lesson import Lesson

_VALIDATION_BATCH = 256


class LessonData(pl.LightningDataModule):
    """Batches (pictures, *answers) to train on and (pictures,) to validate with."""

    def __init__(self, lesson: Lesson) -> None:
        super().__init__()
        self.lesson = lesson

    def train_dataloader(self) -> DataLoader:
        trainer, lesson = self.trainer, self.lesson
        batches = lesson.batches(
            rank=trainer.global_rank if trainer else 0,
            replicas=trainer.world_size if trainer else 1,
            now=lambda: trainer.current_epoch if trainer else 0,
        )
        # a batch is one lookup in a memory-mapped array: processes of their own would only add copies
        return DataLoader(_Rows(lesson.cut.pixels, *lesson.answers), sampler=batches, batch_size=None, num_workers=0)

    def val_dataloader(self) -> DataLoader:
        pixels, rows = self.lesson.validation
        chunks = [rows[start : start + _VALIDATION_BATCH] for start in range(0, len(rows), _VALIDATION_BATCH)]
        return DataLoader(_Rows(pixels), sampler=chunks, batch_size=None, num_workers=0)


class _Rows(Dataset):
    """Rows of several arrays at once."""

    def __init__(self, *arrays: np.ndarray) -> None:
        self.arrays = arrays

    def __getitem__(self, rows: np.ndarray) -> tuple[Tensor, ...]:
        return tuple(torch.from_numpy(array[rows]) for array in self.arrays)
