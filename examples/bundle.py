"""Make the weights in the box from a run: half precision, without heads, with thresholds measured on held-out people.

    python examples/bundle.py out/lfw/main-0 people.csv
    python examples/bundle.py seen people.csv

The second writes into the bundled weights only whom they were trained on, as hashes of labels; no picture is read.

The data set is the one that the run was trained on; the people that validated the run are judged, all pairs, cut by
their points, from aligned pictures, and as loosely as the pictures came. What half precision changes in accuracy is
measured by extracting with `--model bundled` (docs/systems.md).
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from facerep.extraction.in_memory import extract
from facerep.faces.crops import PRESETS, Crop
from facerep.faces.table import Faces
from facerep.networks.deepid import DeepID
from facerep.networks.seen import seen
from facerep.networks.weights import BUNDLED, change_card, load_model, read_card, save_model
from facerep.readers.decode_many import pictures
from facerep.readers.recognise import load
from facerep.studies.card_thresholds import card_entries
from facerep.studies.verification import verify
from facerep.training.data import split_people
from facerep.training.recipe import DataChoice

KEPT = ("people", "faces", "trained_on", "recipe", "made", "validation_accuracy", "epoch")
METRICS = ("cosine", "euclidean", "hamming")
FARS = (0.1, 0.01, 0.001, 0.0001)
CUT = {"points": "cut by their five points", "aligned": "aligned pictures", "loose": "cut as loosely as they came"}


def main(run: Path, dataset: str) -> None:
    """Write the bundled weights from the best weights of `run`, which was trained on `dataset`."""
    model = load_model(run)
    assert isinstance(model.network, DeepID)
    card = {name: model.card[name] for name in KEPT} | {"dtype": "float16", "notice": "research and teaching only"}
    # where the first run lay is nobody's business, and says nothing elsewhere
    card["recipe"] = re.sub(r'start = ".*/(.*)"', r'start = "\1"', card["recipe"])
    made = {"crop": model.crop, "normalise": model.card["normalise"], "dropout": model.card["dropout"], "lower": False}
    save_model(BUNDLED, model.network, **made, card=card)
    # measured with the weights as they were written, in half precision; then they are written again
    faces = held_out(load(dataset), run)
    loose = replace(faces, points=np.full_like(faces.points, np.nan))
    cut = {"points": faces, "aligned": aligned(faces), "loose": loose}
    thresholds = [entry for crop, some in cut.items() for entry in measure(some, crop)]
    save_model(BUNDLED, model.network, **made, card={**card, "thresholds": thresholds})
    print(f"{BUNDLED}: {BUNDLED.stat().st_size / 1e6:.2f} MB, {len(thresholds)} thresholds")
    mark(dataset)


def mark(dataset: str) -> None:
    """Write whom the bundled weights were trained on, as hashes; counts that differ from the card's are refused."""
    faces, card = load(dataset), read_card(BUNDLED)
    train = faces.take(split_people(faces, DataChoice(), seed=0).train)
    people = set(train.people)
    if (len(people), len(train)) != (card["people"], card["faces"]):
        raise SystemExit(
            f"error: {len(people)} people, {len(train)} faces; the card has {card['people']}, {card['faces']}"
        )
    change_card(BUNDLED, {"seen": seen(people)})
    print(f"{BUNDLED}: trained on {len(people)} people, whom their labels tell from now on")


def held_out(faces: Faces, run: Path) -> Faces:
    """The faces of the people that validated the run."""
    split = json.loads((run / "split.json").read_text(encoding="utf-8"))
    assert not set(split["train"]) & set(split["validation"])
    return faces.take(np.isin(faces.people.astype(str), split["validation"]))


def aligned(faces: Faces) -> Faces:
    """The same faces as aligned pictures of 112x112."""
    places = np.empty(len(faces), dtype=object)
    for row, answer in pictures(faces, Crop(PRESETS["points"], 112, 112).cut, workers=-1):
        stream = io.BytesIO()
        if not isinstance(answer, str):  # else it fails again, with no bytes
            Image.fromarray(answer).save(stream, "PNG")
        places[row] = stream.getvalue()
    return replace(faces, paths=places, points=np.full_like(faces.points, np.nan))


def measure(faces: Faces, crop: str) -> Iterator[dict[str, Any]]:
    """The thresholds of each metric on all pairs of these faces."""
    features = extract(faces, crop=crop, workers=-1)
    pairs = f"all pairs of {len(features):,} faces of {len(set(features.people))} held-out people, {CUT[crop]}"
    for metric in METRICS:
        yield from card_entries(verify(features, "all", metric=metric, far=FARS), pairs)


if __name__ == "__main__":
    if sys.argv[1] == "seen":
        mark(sys.argv[2])
    else:
        main(Path(sys.argv[1]), sys.argv[2])
