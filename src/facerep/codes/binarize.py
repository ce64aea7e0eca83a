"""Bits of features: which units, turned or not, are larger than their thresholds.

Packing is numpy.packbits; what a rule learns of features is in code_rule.py.
Source: DeepID2+ (CVPR 2015), section 5: thresholds of a ReLU layer are zero, or the median of each unit.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from facerep.codes.code_rule import learn
from facerep.codes.projection import project
from facerep.codes.unit_selection import Criterion
from facerep.errors import BadInput, Mismatch, Usage
from facerep.files.rows import Codes, Features
from facerep.files.streams import MEMORY, FeatureStream


def binarize(
    features: Features,
    threshold: str | float = "zero",
    fitted_on: Features | FeatureStream | None = None,
    *,
    rotation: Literal["itq"] | None = None,
    bits: int | None = None,
    select: Criterion | None = None,
    memory: int = MEMORY,
    seed: int = 0,
) -> Codes:
    """The codes of features, one bit a unit: 1 where value > threshold, compared in float32.

    Args:
        features: the vectors.
        threshold: "zero"; "median" of each unit; or one finite number for all units. Of a rotation, of what it gives.
        fitted_on: rows that medians, rotation and choice of units are taken from; left out, the features themselves.
            Of the same network, layer, crop and mirror rule. A stream is read some units at a time.
        rotation: "itq" learns one, and its bits are no longer those of single units.
        bits: how many; left out, as many as there are units.
        select: by what units are chosen where there are more than bits; left out, "variance". Not with a rotation,
            which makes as many bits as it is asked for.
        memory: bytes that the features of a stream may take at a time, in `fitted_on`.
        seed: of the rotation's start and of units chosen at random.

    Raises:
        Usage: a threshold that is no finite number, more bits than units, or choices that contradict each other.
        Mismatch: `fitted_on` has another contract or another length.
        BadInput: see `rotation.itq` and `unit_selection.choose_units`.

    >>> from facerep.files.rows import Features
    >>> two = Features(names=np.array(["a", "b"], dtype=object), people=np.array(["", ""], dtype=object),
    ...                values=np.array([[0.0, 0.5, -1.0], [2.0, 0.0, 0.1]], dtype=np.float32))
    >>> np.unpackbits(binarize(two).packed, axis=1)[:, :3].tolist()
    [[0, 1, 0], [1, 0, 1]]
    """
    number = None if threshold == "median" else threshold_value(threshold)
    if rotation and select:
        raise Usage("a rotation makes as many bits as it is asked for, it chooses no units", hint="leave --select out")
    if select and bits is None:
        raise Usage(f"units are chosen by {select} for a number of bits", hint="give --bits")
    if bits is not None and not 1 <= bits <= features.dimension:
        what = f"{features.where} has {features.dimension} units, {bits} bits were asked for"
        raise Usage(what, hint=f"give 1 to {features.dimension}; several networks together have more")
    if fitted_on is not None and not learns(threshold, rotation, bits, select, features.dimension):
        raise Usage(f"nothing is fitted: threshold {threshold}, no rotation, no units chosen", hint="leave --from out")
    source = features if fitted_on is None else fitted_on
    head = source.head if isinstance(source, FeatureStream) else source
    _matching(head, features)
    try:
        thresholds, found = learn(source, number, rotation, bits, select, memory, seed)
    except BadInput as error:
        raise BadInput(error.what, head.where, error.hint) from error
    chosen = threshold if isinstance(threshold, str) else f"{threshold:g}"
    return _codes(features, thresholds, chosen, **found)


def learns(
    threshold: str | float, rotation: str | None, bits: int | None, select: Criterion | None, dimension: int
) -> bool:
    """Whether something of a rule is taken from the features; else any row has the same rule."""
    chosen = bits is not None and bits < dimension and select != "random"
    return threshold == "median" or rotation is not None or chosen


def like(features: Features, codes: Codes) -> Codes:
    """The codes of features by the rule of other codes: same thresholds, same rotation, same units.

    Raises:
        Mismatch: another contract, or another length.
    """
    codes.contract.require(features.contract, codes.where, features.where)
    if features.dimension != codes.takes:
        sides = f"{codes.where} takes {codes.takes}, {features.where} has {features.dimension}"
        raise Mismatch("dimension differs", sides, "make both with the same network and crop")
    return _codes(
        features, codes.thresholds, codes.chosen,
        units=codes.units, selected=codes.selected, rotation=codes.rotation, mean=codes.mean, rotated=codes.rotated,
        dimension=codes.dimension,
    )  # fmt: skip


def bits_of(codes: Codes) -> np.ndarray:
    """The bits as numbers, for what compares vectors: float32 0 and 1, shape (n, bits)."""
    return np.unpackbits(codes.packed, axis=1, count=codes.bits).astype(np.float32)


def count_ones(codes: Codes) -> int:
    """How many of all bits are 1. Half is what a code carries most with."""
    return int(np.bitwise_count(codes.packed).sum(dtype=np.int64))


def _codes(features: Features, thresholds: np.ndarray, chosen: str, **rule: Any) -> Codes:
    values = features.values
    if rule.get("rotation") is not None:
        values = project(values, rule["mean"], rule["rotation"])
    elif rule.get("units") is not None:
        values = values[:, rule["units"]]
    return Codes(
        names=features.names,
        people=features.people,
        labels=features.labels,
        failures=features.failures,
        protocols=features.protocols,
        contract=features.contract,
        trained_people=features.trained_people,
        path=features.path,
        packed=np.packbits(values > thresholds, axis=1),
        bits=len(thresholds),
        thresholds=thresholds,
        chosen=chosen,
        **rule,
    )


def _matching(fitted_on: Features, features: Features) -> None:
    fitted_on.contract.require(features.contract, fitted_on.where, features.where)
    if fitted_on.dimension != features.dimension:
        sides = f"{fitted_on.where} has {fitted_on.dimension}, {features.where} has {features.dimension}"
        raise Mismatch("dimension differs", sides, "make both with the same network and crop")


def threshold_value(threshold: str | float) -> float:
    """The threshold of all units, which is not "median".

    Raises:
        Usage: another word, or a number that float32 does not hold.
    """
    if threshold == "zero":
        return 0.0
    if isinstance(threshold, str) or not abs(threshold) <= float(np.finfo(np.float32).max):
        raise Usage(f"no threshold {threshold!r}", hint="give zero, median or a number")
    return float(threshold)
