"""Thresholds for a network of others that a package brings, measured on people of our own data.

    facerep extract people.csv --model sface -o people.h5
    python examples/packaged_card.py sface people.h5

Pairs lie within each set (label `set`), as for the weights in the box (bundle.py). Of each set people are drawn until
they have 1,500 faces (seed 0); sets without two faces of a person are left out. Whether the network was trained on some
of these people is not known. It writes src/facerep/assets/NAME.json.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from facerep.files.atomic import write_json
from facerep.files.features import read_features
from facerep.networks.onnx_files.packages import PACKAGED
from facerep.networks.weights import BUNDLED
from facerep.pairs.bundled_thresholds import card_entries
from facerep.pairs.within_sets import pairs_within

METRICS = ("cosine", "euclidean")
FARS = (0.1, 0.01, 0.001, 0.0001)
MOST = 1500


def main(name: str, file: str) -> None:
    """Write the card of the network `name` by features of people that it made."""
    features = read_features(Path(file))
    assert features.contract.weights == PACKAGED[name].sha256, "made by another network"
    assert features.contract.input == str(PACKAGED[name].contract), "made by another input contract"
    some = features.take(rows_of(features.people.astype(str), features.labels["set"].astype(str)))
    entries = []
    for metric in METRICS:
        within = pairs_within(some, metric)
        who = f"{len(some):,} faces of {len(set(some.people)):,} people, cut by their five points"
        words = f"all pairs within each of {len(within)} sets, {who}; unknown whether the network saw them"
        entries += card_entries(within, metric, some.contract, FARS, words)
    place = BUNDLED.parent / f"{name}.json"
    write_json(place, {"thresholds": entries}, overwrite=True)
    print(f"{place}: {len(entries)} thresholds")
    for entry in entries:
        print(entry["metric"], entry["far"], entry["threshold"], entry["tar"], entry["worst"])


def rows_of(people: np.ndarray, sets: np.ndarray) -> np.ndarray:
    """Rows of the people that are drawn, set by set."""
    rng, rows = np.random.default_rng(0), []
    for each in np.unique(sets):
        here = np.flatnonzero((sets == each) & (people != ""))
        names, counts = np.unique(people[here], return_counts=True)
        if not len(names) or counts.max() < 2:
            continue
        kept, faces = set(), 0
        for place in rng.permutation(len(names)):
            if counts[place] > 1 and faces + counts[place] <= MOST:
                kept.add(names[place])
                faces += counts[place]
        rows.append(here[np.isin(people[here], sorted(kept))])
    return np.sort(np.concatenate(rows))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
