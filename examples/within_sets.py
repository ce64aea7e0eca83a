"""How many genuine pairs a network finds at a low false accept rate, where all pairs lie within one set of pictures.

    facerep extract people.csv --split validation --model bundled -o held-out.h5
    python examples/within_sets.py held-out.h5 other.h5 held-out.h5+other.h5

One threshold for all sets (label `set`), each of which counts as much, as in the cards of the weights in the box
(docs/numbers.md, rule 12). Sets without two faces of a person are left out. A + puts the features of two files side by
side, each of length one.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from facerep.files.features import read_features
from facerep.files.rows import Features
from facerep.pairs.bundled_thresholds import card_entries
from facerep.pairs.within_sets import pairs_within

FARS = (0.01, 0.001)


def main(files: Sequence[str]) -> None:
    """Print a line a file and rate: accepted genuine pairs with their interval, and the set with most impostors."""
    for given in files:
        some = with_pairs(side_by_side([read_features(Path(file)) for file in given.split("+")]))
        for entry in card_entries(pairs_within(some, "cosine"), "cosine", some.contract, FARS, ""):
            value, low, high = (100 * entry["tar"][bound] for bound in ("value", "low", "high"))
            print(f"{given}  FAR {entry['far']:g}  TAR {value:.1f} % [{low:.1f}, {high:.1f}]  {entry['worst']['set']}")


def side_by_side(several: Sequence[Features]) -> Features:
    """One, or the features of several of the same faces in one vector."""
    first, *others = several
    if not others:
        return first
    assert all(np.array_equal(each.names, first.names) for each in others), "files of other faces"
    of_length_one = [each.values / np.linalg.norm(each.values, axis=1, keepdims=True) for each in several]
    return replace(first, values=np.hstack(of_length_one).astype(np.float32))


def with_pairs(features: Features) -> Features:
    """Faces of the sets in which a person has two."""
    people, sets = features.people.astype(str), features.labels["set"].astype(str)
    judged = [each for each in np.unique(sets) if np.unique(people[sets == each], return_counts=True)[1].max() > 1]
    return features.take(np.flatnonzero(np.isin(sets, judged) & (people != "")))


if __name__ == "__main__":
    main(sys.argv[1:])
