"""Sparseness of feature files: how many units fire on a face, how many faces make a unit fire.

Files are read in blocks and never whole. Source: DeepID2+, section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from facerep.files.contract import Contract
from facerep.files.streams import FeatureStream, open_features
from facerep.metrics.sparseness import Sparseness, Tally
from facerep.results.kinds import SPARSENESS


@dataclass(frozen=True)
class LayerSparseness:
    """One file: what it says of itself, and what was counted in it."""

    JSON: ClassVar = (
        "file", "network=contract.network", "layer=contract.layer", "weights=contract.weights",
        "dataset=contract.dataset", "*counts",
    )  # fmt: skip

    file: str
    contract: Contract
    counts: Sparseness


@dataclass(frozen=True)
class SparsenessResult:
    """All files, in the order in which they were given."""

    KIND: ClassVar = SPARSENESS

    layers: tuple[LayerSparseness, ...]
    warnings: tuple[str, ...]


def sparseness(files: Sequence[Path]) -> SparsenessResult:
    """Count active units in feature files, one layer each.

    Raises:
        BadInput: not a feature file, or codes, whose bits say nothing of how strongly a unit fires.
    """
    layers, warnings = [], []
    for file in files:
        stream = open_features(file)
        counts = _count(stream)
        layers.append(LayerSparseness(Path(file).name, stream.head.contract, counts))
        if counts.negative:
            share = counts.negative / (counts.faces * counts.units)
            what = f"{file}: {100 * share:.1f} % of the values are below 0"
            warnings.append(f"{what}: active means > 0, population and lifetime sparseness are not defined")
        elif counts.never:
            warnings.append(f"{file}: {counts.never} of {counts.units} units never fire; their entropy is 0")
    return SparsenessResult(tuple(layers), tuple(warnings))


def _count(stream: FeatureStream) -> Sparseness:
    tally = Tally(stream.head.dimension)
    for start, block in stream.blocks():
        tally.add(block, stream.people(np.arange(start, start + len(block))))
    return tally.result()
