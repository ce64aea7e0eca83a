"""The data module of all lessons: batches of uint8 faces with what they teach, and of the faces that validate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, IterableDataset, Sampler

from facerep.readers.streamed_crops import StreamedCrops
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
        if isinstance(lesson.cut.pixels, StreamedCrops):
            return DataLoader(_Streamed(lesson.cut.pixels, batches, lesson.answers), batch_size=None, num_workers=0)
        # a batch is one lookup in a memory-mapped array: processes of their own would only add copies
        return DataLoader(_Rows(lesson.cut.pixels, *lesson.answers), sampler=batches, batch_size=None, num_workers=0)

    def val_dataloader(self) -> DataLoader:
        pixels, rows = self.lesson.validation
        chunks = [rows[start : start + _VALIDATION_BATCH] for start in range(0, len(rows), _VALIDATION_BATCH)]
        return DataLoader(_Rows(pixels), sampler=chunks, batch_size=None, num_workers=0)


class _Streamed(IterableDataset):
    """Batches whose pictures are read ahead; `batches` says which rows, before the answers are looked up."""

    def __init__(self, crops: StreamedCrops, batches: Sampler[np.ndarray], answers: tuple[np.ndarray, ...]) -> None:
        self.crops, self.batches, self.answers = crops, batches, answers

    def __len__(self) -> int:
        return len(self.batches)  # pyright: ignore[reportArgumentType]

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        with closing(self.crops.batches(self.batches)) as batches:
            for rows, pixels in batches:
                yield tuple(torch.from_numpy(array) for array in (pixels, *(answer[rows] for answer in self.answers)))


class _Rows(Dataset):
    """Rows of several arrays at once."""

    def __init__(self, *arrays: np.ndarray) -> None:
        self.arrays = arrays

    def __getitem__(self, rows: np.ndarray) -> tuple[Tensor, ...]:
        return tuple(torch.from_numpy(array[rows]) for array in self.arrays)
