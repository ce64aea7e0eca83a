"""Sparseness of feature files: how many units fire on a face, how many faces make a unit fire.

Files are read in blocks and never whole. Source: DeepID2+, section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from facerep.errors import BadInput
from facerep.files.features import Codes, Contract
from facerep.files.streams import Stream, open_stream
from facerep.metrics.sparseness import Sparseness, Tally
from facerep.results.to_json import to_json

FORMAT, VERSION = "facerep/sparseness", 1


@dataclass(frozen=True)
class LayerSparseness:
    """One file: what it says of itself, and what was counted in it."""

    file: str
    contract: Contract
    found: Sparseness

    @property
    def name(self) -> str:
        """The network with its layer; the file's name where it does not say."""
        known = [part for part in (self.contract.network, self.contract.layer) if part]
        return ", ".join(known) or self.file

    def to_dict(self) -> dict[str, Any]:
        """The layer as JSON holds it; what single units do stands in units.csv."""
        found = self.found
        defined = found.lifetime[np.isfinite(found.lifetime)]
        return {
            "file": self.file, "network": self.contract.network, "layer": self.contract.layer,
            "weights": self.contract.weights, "dataset": self.contract.dataset,
            "faces": found.faces, "units": found.units, "share_active": to_json(found.share),
            "active_units_of_a_face": _spread(*found.active),
            "faces_that_activate_a_unit": _spread(*found.exciting),
            "entropy": {"mean": float(found.entropy.mean()), "lowest": float(found.entropy.min())},
            "population_sparseness": found.population and _spread(*found.population),
            "lifetime_sparseness": _spread(defined.mean(), defined.std()) if len(defined) else None,
            "units_that_never_fire": found.never, "units_that_always_fire": found.always,
            "values_below_zero": found.negative,
        }  # fmt: skip


@dataclass(frozen=True)
class SparsenessResult:
    """All files, in the order in which they were given."""

    layers: tuple[LayerSparseness, ...]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON holds it."""
        layers = [to_json(layer) for layer in self.layers]
        return {"format": FORMAT, "version": VERSION, "layers": layers, "warnings": list(self.warnings)}


def sparseness(files: Sequence[Path]) -> SparsenessResult:
    """Count active units in feature files, one layer each.

    Raises:
        BadInput: not a feature file, or codes, whose bits say nothing of how strongly a unit fires.
    """
    layers, warnings = [], []
    for file in files:
        stream = open_stream(file)
        if isinstance(stream.head, Codes):
            raise BadInput("file holds codes, features are wanted", file, "name the file that they were made of")
        found = _count(stream)
        layers.append(LayerSparseness(Path(file).name, stream.head.contract, found))
        if found.negative:
            share = found.negative / (found.faces * found.units)
            what = f"{file}: {100 * share:.1f} % of the values are below 0"
            warnings.append(f"{what}: active means > 0, population and lifetime sparseness are not defined")
        elif found.never:
            warnings.append(f"{file}: {found.never} of {found.units} units never fire; their entropy is 0")
    return SparsenessResult(tuple(layers), tuple(warnings))


def _count(stream: Stream) -> Sparseness:
    assert not isinstance(stream.head, Codes)
    tally = Tally(stream.head.dimension)
    for start, block in stream.blocks():
        tally.add(block, stream.people(np.arange(start, start + len(block))))
    return tally.result()


def _spread(mean: float, deviation: float) -> dict[str, float]:
    return {"mean": float(mean), "standard_deviation": float(deviation)}
