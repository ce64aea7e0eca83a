"""Feature files beside those of today.mk: what single units would do if they were not special, or had fewer faces.

python examples/today.py rotated lfw.h5 rotated.h5 0  # the same vectors, turned by the random rotation of that seed
python examples/today.py few lfw.h5 few.h5 0          # 15 faces of each of 50 people, as Georgia Tech has
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from facerep.files.features import read_features, write_features
from facerep.files.rows import Features

PEOPLE, EACH = 50, 15


def rotated(features: Features, seed: int) -> Features:
    """All scores stay as they are, but no unit is one that training has made."""
    matrix, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(features.dimension, features.dimension)))
    turned = (features.values.astype(np.float64) @ matrix).astype(np.float32)
    network = replace(features.contract, network=f"{features.contract.network}-rotated")
    return replace(features, values=turned, contract=network)


def few(features: Features, seed: int) -> Features:
    """Some faces of some people."""
    rng, people = np.random.default_rng(seed), features.people.astype(str)
    names, counts = np.unique(people, return_counts=True)
    chosen = rng.permutation(names[(counts >= EACH) & (names != "")])[:PEOPLE]
    rows = [rng.permutation(np.flatnonzero(people == name))[:EACH] for name in chosen]
    return features.take(np.sort(np.concatenate(rows)))


if __name__ == "__main__":
    made = {"rotated": rotated, "few": few}[sys.argv[1]](read_features(Path(sys.argv[2])), int(sys.argv[4]))
    write_features(replace(made, protocols={}), Path(sys.argv[3]), overwrite=True)
