"""Make the weights in the box from a run: half precision, without heads.

    python examples/bundle.py out/lfw/main-0

What it changes in accuracy is measured by extracting with `--model bundled` (docs/systems.md).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from facerep.networks.deepid import DeepID
from facerep.networks.weights import BUNDLED, load_model, save_model

KEPT = ("people", "faces", "trained_on", "recipe", "made", "validation_accuracy", "epoch")


def main(run: Path) -> None:
    """Write the bundled weights from the best weights of `run`."""
    model = load_model(run)
    assert isinstance(model.network, DeepID)
    card = {name: model.card[name] for name in KEPT} | {"dtype": "float16", "notice": "research and teaching only"}
    # where the first run lay is nobody's business, and says nothing elsewhere
    card["recipe"] = re.sub(r'start = ".*/(.*)"', r'start = "\1"', card["recipe"])
    save_model(
        BUNDLED,
        model.network,
        crop=model.crop,
        normalise=model.card["normalise"],
        dropout=model.card["dropout"],
        card=card,
    )
    print(f"{BUNDLED}: {BUNDLED.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
