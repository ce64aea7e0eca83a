"""Make the weights in the box: half precision, without heads, with thresholds measured on held-out people.

    python examples/bundle.py out/lfw/main-0 people.csv    # from a run
    python examples/bundle.py bundled people.csv           # the same weights again, with a new card
    python examples/bundle.py people people.csv            # whom they were trained on alone; no picture is read
    python examples/bundle.py RUN people.csv distilled     # the second ones: a run of --loss teacher

The data set is the one that the weights were trained on. Its people of split `train` with enough pictures are those who
trained, and stand in the card as hashes; those of split `validation` are judged: all pairs within each set (column
`set`), cut by their points, from aligned pictures, and as loosely as the pictures came. What half precision changes in
accuracy is measured by extracting with `--model bundled` (docs/systems.md).
"""

from __future__ import annotations

import hashlib
import io
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from safetensors import safe_open

from facerep.extraction.in_memory import extract
from facerep.faces.crops import PRESETS, Crop
from facerep.faces.table import Faces
from facerep.files import people
from facerep.networks.deepid import DeepID
from facerep.networks.weights import BUNDLED, DISTILLED_FILE, change_card, load_model, read_card, save_model
from facerep.pairs.bundled_thresholds import card_entries
from facerep.pairs.within_sets import pairs_within
from facerep.readers.decode_many import pictures
from facerep.readers.hash_splits import TRAIN, VALIDATION
from facerep.readers.load import load

OF_TEACHER = ("taught", "teacher", "trained_people", "typical", "validation_low", "validation_high")
KEPT = ("people", "faces", "trained_on", "recipe", "made", "validation_accuracy", "epoch")
METRICS = ("cosine", "euclidean", "hamming")
FARS = (0.1, 0.01, 0.001, 0.0001)
CUT = {"points": "cut by their five points", "aligned": "aligned pictures", "loose": "cut as loosely as they came"}


def main(source: str, dataset: str, name: str = "bundled") -> None:
    """Write weights in the box from `source`, a run or the name of weights there, which was trained on `dataset`."""
    target, again = {"bundled": BUNDLED, "distilled": DISTILLED_FILE}[name], source == name
    model, before = load_model(source), tensors(target) if again else ""
    assert isinstance(model.network, DeepID)
    faces = load(dataset)
    card = {name: model.card[name] for name in KEPT} | {"dtype": "float16", "notice": "research and teaching only"}
    if name == "bundled":
        card |= known_people(faces, card)
        card |= {key: model.card[key] for key in ("typical",) if key in model.card}  # see typical.py
    else:
        card |= {key: model.card[key] for key in OF_TEACHER}
    # where the first run lay is nobody's business, and says nothing elsewhere
    card["recipe"] = re.sub(r'(start|teacher) = ".*/(.*)"', r'\1 = "\2"', card["recipe"])
    made = {"crop": model.crop, "normalise": model.card["normalise"], "dropout": model.card["dropout"], "lower": False}
    if not again:
        save_model(target, model.network, **made, card=card)  # thresholds are of the weights in half precision
    held_out = faces.split(VALIDATION)
    loose = replace(held_out, points=np.full_like(held_out.points, np.nan))
    cut = {"points": held_out, "aligned": aligned(held_out), "loose": loose}
    thresholds = [entry for crop, some in cut.items() for entry in measure(some, crop, name)]
    save_model(target, model.network, **made, card={**card, "thresholds": thresholds})
    assert not again or tensors(target) == before, "the weights are not what they were"
    size = f"{target.stat().st_size / 1e6:.2f} MB"
    print(f"{target}: {size}, {len(thresholds)} thresholds, tensors {tensors(target)[:12]}")


def known_people(faces: Faces, card: dict[str, Any]) -> dict[str, str]:
    """The people who trained, as hashes: those of the training split with as many pictures as the recipe asks for."""
    least = tomllib.loads(card["recipe"])["data"]["least_pictures"]
    names, counts = np.unique(faces.split(TRAIN).people.astype(str), return_counts=True)
    kept = (counts >= least) & (names != "")
    assert (kept.sum(), counts[kept].sum()) == (card["people"], card["faces"]), "the weights saw other people"
    return {"trained_people": people.as_text(people.hashes(names[kept].tolist()))}


def tensors(path: Path) -> str:
    """SHA-256 of the tensors of weights, their names, shapes and types."""
    digest = hashlib.sha256()
    with safe_open(path, "np") as file:
        for name in sorted(file.keys()):
            tensor = file.get_tensor(name)
            digest.update(f"{name} {tensor.dtype} {tensor.shape} ".encode() + tensor.tobytes())
    return digest.hexdigest()


def aligned(faces: Faces) -> Faces:
    """The same faces as aligned pictures of 112x112."""
    places = np.empty(len(faces), dtype=object)
    for row, answer in pictures(faces, Crop(PRESETS["points"], 112, 112).cut, workers=-1):
        stream = io.BytesIO()
        if not isinstance(answer, str):  # else it fails again, with no bytes
            Image.fromarray(answer).save(stream, "PNG")
        places[row] = stream.getvalue()
    return replace(faces, paths=places, points=np.full_like(faces.points, np.nan))


def measure(faces: Faces, crop: str, model: str) -> Iterator[dict[str, Any]]:
    """The thresholds of each metric on all pairs within the sets of these faces."""
    features = extract(faces, model, crop=crop, workers=-1)
    for metric in METRICS:
        within = pairs_within(features, metric)
        who = f"{len(features):,} faces of {len(set(features.people))} held-out people, {CUT[crop]}"
        pairs = f"all pairs within each of {len(within)} sets, {who}"
        yield from card_entries(within, metric, features.contract, FARS, pairs)


if __name__ == "__main__":
    if sys.argv[1] == "people":
        change_card(BUNDLED, known_people(load(sys.argv[2]), read_card(BUNDLED)))
    else:
        main(*sys.argv[1:4])
