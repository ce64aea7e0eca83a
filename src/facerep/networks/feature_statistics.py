"""What features of faces are like, as the card of weights says it; and whether a set of features is like that.

Two numbers of a feature x of d units, none negative: its length, and the share of the units that take part in it,
(sum x)^2 / (d * sum x^2): 1/d where one unit says all, 1 where all say the same. Of a face few units speak loudly; of
a crop without one, or with one at the wrong place, many speak a little. A single face cannot be told from a crop
without one in this way; the mean of a set can. How often this is right: docs/extract.md, section 5.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from facerep.networks.catalog import CatalogRow

FEWEST = 10
"""A set of fewer faces is not judged."""

FEWEST_PEOPLE = 20
"""A reference is not made of fewer: features of two held-out people made those of ten others look strange."""

PARTICIPATION, LENGTH, DOUBT = 0.75, 2.0, 1.5
"""How many standard deviations above faces the mean of a set may lie; a set of n faces may DOUBT / sqrt(n) more."""

VIEWS = ("none", "mean")
"""Mirror rules of which a card has numbers: the face alone, the mean with its mirror image."""


def measured(features: np.ndarray) -> np.ndarray:
    """Participation and length of each feature: float64 (n, 2); a feature of zeros takes part with nothing."""
    values = np.asarray(features, np.float64)
    lengths = np.linalg.norm(values, axis=1)
    shares = (values.sum(axis=1) / np.maximum(lengths, 1e-12)) ** 2 / values.shape[1]
    return np.stack([shares, lengths], axis=1)


def reference(views: Mapping[str, np.ndarray], faces: str, people: int) -> dict[str, Any] | None:
    """What a card keeps as `typical`.

    Args:
        views: by mirror rule what `measured` gives of the same faces.
        faces: which they are, in words.
        people: how many they are of.

    Returns:
        None where there are too few people, or all faces are alike.
    """
    kept: dict[str, Any] = {"faces": faces}
    for view, rows in views.items():
        spread = rows.std(axis=0)
        if people < FEWEST_PEOPLE or not (spread > 0).all():
            return None
        for name, mean, deviation in zip(("participation", "length"), rows.mean(axis=0), spread, strict=True):
            kept.setdefault(view, {})[name] = [float(f"{mean:.6g}"), float(f"{deviation:.6g}")]
    return kept


def strange(features: np.ndarray, card: Mapping[str, Any], row: CatalogRow, layer: str, mirror: str) -> str:
    """What is strange about a set of features, in words; "" where nothing is, or nothing is known.

    Args:
        features: (n, d), of one network; under "concatenate" face and mirror image side by side.
        card, row: of the weights.
        layer, mirror: of the features.
    """
    view = "none" if mirror == "concatenate" else mirror
    typical = card.get("typical")
    known = typical.get(view) if isinstance(typical, Mapping) else None
    if not isinstance(known, Mapping) or layer not in ("feature", row.layers[-1]) or len(features) < FEWEST:
        return ""
    n = len(features)
    found = measured(features.reshape(-1, features.shape[1] // 2) if mirror == "concatenate" else features).mean(axis=0)
    for place, (name, most) in enumerate((("participation", PARTICIPATION), ("length", LENGTH))):
        mean, spread = _numbers(known.get(name))
        away = (found[place] - mean) / spread
        if away > most + DOUBT / math.sqrt(n):
            what = "too many units take part" if place == 0 else "they are too long"
            return f"{what}, {away:.1f} standard deviations above faces where {most + DOUBT / math.sqrt(n):.1f} pass"
    return ""


def _numbers(pair: Any) -> tuple[float, float]:
    """A mean and a standard deviation of a card; what is none of that makes nothing strange."""
    if isinstance(pair, list) and len(pair) == 2 and all(isinstance(number, int | float) for number in pair):
        mean, spread = map(float, pair)
        if math.isfinite(mean) and 0 < spread < math.inf:
            return mean, spread
    return math.inf, 1.0
