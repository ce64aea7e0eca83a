"""Bits of features: a unit is 1 where its value is larger than its threshold.

Packing is numpy.packbits; codes are compared in hamming.py.
Source: DeepID2+ (CVPR 2015), section 5: thresholds of a ReLU layer are zero, or the median of each unit.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from facerep.errors import Mismatch, Usage
from facerep.files.features import Codes, Features


def binarize(
    features: Features,
    threshold: Literal["zero", "median"] | float = "zero",
    fitted_on: Features | None = None,
) -> Codes:
    """The codes of features, one bit a unit: 1 where value > threshold, compared in float32.

    Args:
        features: the vectors.
        threshold: "zero"; "median" of each unit; or one finite number for all units.
        fitted_on: rows that the medians are taken on; left out, the features themselves. Of the same network,
            layer, crop and mirror rule.

    Raises:
        Usage: a threshold that is no finite number, or `fitted_on` with a threshold that is not fitted.
        Mismatch: `fitted_on` has another contract or another length.

    >>> from facerep.files.features import Features
    >>> two = Features(names=np.array(["a", "b"], dtype=object), people=np.array(["", ""], dtype=object),
    ...                values=np.array([[0.0, 0.5, -1.0], [2.0, 0.0, 0.1]], dtype=np.float32))
    >>> np.unpackbits(binarize(two).packed, axis=1)[:, :3].tolist()
    [[0, 1, 0], [1, 0, 1]]
    """
    if threshold == "median":
        rows = features if fitted_on is None else _matching(features, fitted_on)
        thresholds = np.median(rows.values, axis=0).astype(np.float32)
    elif fitted_on is not None:
        raise Usage(f"threshold {threshold} is not fitted on rows, --from is for medians")
    else:
        thresholds = np.full(features.dimension, _number(threshold), dtype=np.float32)
    return Codes(
        names=features.names,
        people=features.people,
        labels=features.labels,
        failures=features.failures,
        protocols=features.protocols,
        contract=features.contract,
        path=features.path,
        packed=np.packbits(features.values > thresholds, axis=1),
        bits=features.dimension,
        thresholds=thresholds,
        chosen=threshold if isinstance(threshold, str) else f"{threshold:g}",
    )


def share_of_ones(codes: Codes) -> float:
    """How many of all bits are 1, a fraction in [0, 1]. Half is what a code carries most with."""
    return int(np.bitwise_count(codes.packed).sum(dtype=np.int64)) / (len(codes) * codes.bits)


def _matching(features: Features, fitted_on: Features) -> Features:
    fitted_on.contract.require(features.contract, fitted_on.where, features.where)
    if fitted_on.dimension != features.dimension:
        sides = f"{fitted_on.where} has {fitted_on.dimension}, {features.where} has {features.dimension}"
        raise Mismatch("dimension differs", sides, "make both with the same network and crop")
    return fitted_on


def _number(threshold: str | float) -> float:
    if threshold == "zero":
        return 0.0
    if isinstance(threshold, str) or not np.isfinite(np.float64(threshold).astype(np.float32)):
        raise Usage(f"no threshold {threshold!r}", hint="give zero, median or a number")
    return float(threshold)
