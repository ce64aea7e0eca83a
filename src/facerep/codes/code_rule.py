"""What a rule of bits learns of features: thresholds, a rotation, the units that keep their bit.

Of a stream some units are read at a time, as many as the memory takes: it is gone through again for the next. A unit's
median and merit hang on that unit alone, so they are those of the features in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from facerep.codes.projection import project
from facerep.codes.rotation import itq
from facerep.codes.unit_selection import Criterion, best_units, merits
from facerep.files.rows import Features
from facerep.files.streams import MOST_PASSES, FeatureStream
from facerep.progress import progress

_BYTES_A_VALUE = 24
"""Of a value in float32, sorted or as its bit, in float64 and squared."""

_Units = Callable[[], Iterator[np.ndarray]]


def learn(
    source: Features | FeatureStream,
    number: float | None,
    rotation: str | None,
    bits: int | None,
    select: Criterion | None,
    memory: int,
    seed: int,
) -> tuple[np.ndarray, dict[str, Any]]:
    """The rule that features make.

    Args:
        source: features to learn from.
        number: the threshold of all units; None: each one's median.
        rotation, bits, select, seed: see `binarize.binarize`.
        memory: bytes that values of a stream may take.

    Returns:
        Thresholds, float32, shape (bits,); and the fields of `Codes` that the rule has beside them.

    Raises:
        BadInput: see `rotation.itq` and `unit_selection.merits`.
    """
    head = source.head if isinstance(source, FeatureStream) else source
    found: dict[str, Any] = {}
    if rotation:
        learned = itq(source if isinstance(source, FeatureStream) else source.values, bits or head.dimension, seed=seed)
        found = {"rotation": learned.directions, "mean": learned.mean, "rotated": rotation, "dimension": head.dimension}
    width = len(found["rotation"]) if found else head.dimension
    units = _units(source, found, width, memory)
    if number is not None:
        thresholds = np.full(width, number, np.float32)
    else:
        thresholds = np.concatenate([np.median(values, axis=0).astype(np.float32) for values in units()])
    if bits is None or bits >= width:
        return thresholds, found
    select, merit = select or "variance", None
    if select != "random":
        people, worth, first = _people(source, select), [], 0
        for values in units():
            cut = thresholds[first : first + values.shape[1]]
            worth.append(merits(values, values > cut, people, select))
            first += len(cut)
        merit = np.concatenate(worth)
    kept = best_units(merit, width, bits, select, seed=seed)
    return thresholds[kept], {"units": kept, "selected": select, "dimension": head.dimension}


def _units(source: Features | FeatureStream, turned: dict[str, Any], width: int, memory: int) -> _Units:
    """What gives the values of some units at a time, shape (faces, units)."""

    def turn(values: np.ndarray) -> np.ndarray:
        return project(values, turned["mean"], turned["rotation"]) if turned else values

    def some() -> Iterator[np.ndarray]:
        if not isinstance(source, FeatureStream):
            yield turn(source.values)
            return
        step = max(1, -(-width // MOST_PASSES), min(width, memory // (_BYTES_A_VALUE * len(source))))
        with progress(f"learn from {source.path.name}", len(source) * -(-width // step)) as advance:
            for first in range(0, width, step):
                values = np.empty((len(source), min(step, width - first)), np.float64 if turned else np.float32)
                for start, block in source.blocks():
                    values[start : start + len(block)] = turn(block)[:, first : first + step]
                    advance(len(block))
                yield values

    return some


def _people(source: Features | FeatureStream, select: Criterion) -> np.ndarray:
    """Whose faces they are, where a criterion asks for it."""
    if not isinstance(source, FeatureStream):
        return source.people
    every = np.arange(len(source) if select == "discriminative" else 0)
    return source.people(every) if len(every) else np.empty(0, object)
