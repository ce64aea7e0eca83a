"""Measure thresholds for a network of others that a package brings, on people of our own data.

    python examples/packaged_card.py sface people.csv

The faces are those of split `validation`, cut by their points, from aligned pictures, and as loosely as the pictures
came; pairs lie within each set (column `set`), as for the weights in the box (bundle.py). Whether the network was
trained on some of these people is not known. It writes src/facerep/assets/NAME.json.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
from bundle import aligned, measure

from facerep.files.atomic import write_json
from facerep.networks.weights import BUNDLED
from facerep.readers.hash_splits import VALIDATION
from facerep.readers.load import load

METRICS = ("cosine", "euclidean")


def main(name: str, dataset: str) -> None:
    """Write the card of the network `name`."""
    held_out = load(dataset).split(VALIDATION)
    loose = replace(held_out, points=np.full_like(held_out.points, np.nan))
    cut = {"points": held_out, "aligned": aligned(held_out), "loose": loose}
    thresholds = [entry for crop, some in cut.items() for entry in measure(some, crop, name, METRICS)]
    place = BUNDLED.parent / f"{name}.json"
    write_json(place, {"thresholds": thresholds}, overwrite=True)
    print(f"{place}: {len(thresholds)} thresholds")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
