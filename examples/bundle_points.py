"""Make the weights for five points in the box from a run of `train --loss points`: half precision, a card of their own.

python examples/bundle_points.py out/align/points
"""

from __future__ import annotations

import sys
from pathlib import Path

from facerep.faces.crops import parse_crop
from facerep.networks.weights import BUNDLED_POINTS, load_cascade, read_card, save_model, weights_file

KEPT = ("taught", "detector", "faces", "trained_on", "recipe", "made", "error", "epoch", "validation_accuracy")


def main(source: str) -> None:
    """Write the bundled weights from `source`, a run or its weights file."""
    network, before = load_cascade(source), read_card(weights_file(Path(source)))
    card = {name: before[name] for name in KEPT} | {"dtype": "float16", "notice": "research and teaching only"}
    crop, how = parse_crop(before["crop"]), {name: before[name] for name in ("normalise", "dropout")}
    save_model(BUNDLED_POINTS, network, crop=crop, card=card, **how)
    print(
        f"{BUNDLED_POINTS}: {BUNDLED_POINTS.stat().st_size / 1e6:.2f} MB, error on its validation {card['error']:.4f}"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
