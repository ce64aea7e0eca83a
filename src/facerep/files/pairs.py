"""A list of pairs: two face names, whether they are one person, and the fold."""

from __future__ import annotations

from dataclasses import dataclass

import h5py
import numpy as np

from facerep.errors import BadInput
from facerep.files.hdf5 import reading, writing


@dataclass(frozen=True, kw_only=True)
class PairList:
    """Pairs of face names.

    Attributes:
        name: what the list is called, such as "view2".
        left, right: face names, object arrays of shape (p,).
        same: True for genuine pairs, shape (p,).
        fold: which fold a pair belongs to, from 0; shape (p,). All 0 where there are no folds.
    """

    name: str
    left: np.ndarray
    right: np.ndarray
    same: np.ndarray
    fold: np.ndarray

    def __post_init__(self) -> None:
        if len({len(self.left), len(self.right), len(self.same), len(self.fold)}) != 1:
            raise BadInput("pair list has columns of different lengths", self.name)

    def __len__(self) -> int:
        return len(self.left)

    @property
    def folds(self) -> int:
        """How many folds there are."""
        return int(self.fold.max()) + 1 if len(self) else 0


def put_pairs(file: h5py.File | h5py.Group, pairs: PairList) -> None:
    """Write a pair list as the group `pairs.name`."""
    group = file.create_group(pairs.name)
    writing.put_strings(group, "left", pairs.left)
    writing.put_strings(group, "right", pairs.right)
    writing.put_numbers(group, "same", pairs.same, np.uint8)
    writing.put_numbers(group, "fold", pairs.fold, np.int32)


def get_pairs(file: h5py.File | h5py.Group, name: str) -> PairList:
    """Read the pair list `name`."""
    group = reading.subgroup(file, name)
    if group is None:
        raise BadInput("pair list is missing", f"{file.file.filename}:{name}")
    return PairList(
        name=name,
        left=reading.strings(group, "left"),
        right=reading.strings(group, "right"),
        same=reading.numbers(group, "same", ndim=1, kinds="iu").astype(bool),
        fold=reading.numbers(group, "fold", ndim=1, kinds="iu").astype(np.int64),
    )
