"""What features of faces are like, for the card of the weights in the box; and how often a set is warned of.

    python examples/typical.py write people.csv    # the card's field `typical`, of its people of split validation
    python examples/typical.py judge DATA          # DATA: lfw, mtfl, photos, orl, celeba as tests have them

The tensors stay what they are. `judge` draws sets of neighbouring rows, so that they hold few people, as a user's do.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from facerep.extraction.in_memory import extract
from facerep.faces.alignment import SWAPPED
from facerep.faces.table import Faces, make_faces
from facerep.networks.feature_statistics import VIEWS, measured, reference, strange
from facerep.networks.network import Network
from facerep.networks.weights import BUNDLED, load_model, save_model
from facerep.readers.hash_splits import VALIDATION
from facerep.readers.load import load

SIZES, DRAWS, MOST = (10, 30, 100), 400, 600


def write(dataset: str) -> None:
    """Put the field into the card."""
    held_out = load(dataset).split(VALIDATION)
    views = {view: measured(extract(held_out, mirror=view, workers=-1).values) for view in VIEWS}
    people = held_out.people_count
    typical = reference(
        views, f"{len(views['mean']):,} faces of {people} held-out people, cut by their five points", people
    )
    model = load_model(None)
    assert isinstance(model.network, Network)
    save_model(
        BUNDLED, model.network, crop=model.crop, normalise=model.card["normalise"], dropout=model.card["dropout"],
        lower=False, card={**model.card, "typical": typical},
    )  # fmt: skip
    print(typical)


def judge(root: Path) -> None:
    """Print how many sets of each kind are warned of, per cent."""
    model, rng = load_model(None), np.random.default_rng(0)
    print(f"{'':32} {'faces':>6} " + " ".join(f"{f'sets of {size}':>12}" for size in SIZES))
    for name, faces, crop in kinds(root):
        values = extract(faces, crop=crop, workers=-1).values
        rates = []
        for size in SIZES:
            starts = rng.integers(0, len(values) - size + 1, DRAWS)
            told = [strange(values[start : start + size], model.card, model.row, "feature", "mean") for start in starts]
            rates.append(100 * sum(map(bool, told)) / DRAWS)
        print(f"{name:32} {len(values):6} " + " ".join(f"{rate:11.1f}%" for rate in rates), flush=True)


def kinds(root: Path) -> Iterator[tuple[str, Faces, str]]:
    """Name, faces and crop preset of each kind."""
    lfw, mtfl, photos = (some(load(root / name)) for name in ("lfw", "mtfl/labels.csv", "photos/labels.csv"))
    yield "LFW by points", lfw, "points"
    yield "LFW by its typical place", lfw, "lfw"
    yield "MTFL by points, many turned", mtfl, "points"
    yield "MTFL by boxes", mtfl, "box"
    yield "whole photographs by points", photos, "points"
    yield "whole photographs by boxes", photos, "box"
    yield "ORL by its typical place", some(load(root / "orl")), "orl"
    yield "CelebA by its typical place", some(load(root / "celeba")), "celeba"
    yield "LFW in 176x176, loosely", lfw, "loose"
    yield "MTFL's crops, loosely", mtfl, "loose"
    middle, eyes = lfw.points.mean(axis=1, keepdims=True), lfw.points[:, 1] - lfw.points[:, 0]
    apart = np.linalg.norm(eyes, axis=1)[:, None, None]
    rng = np.random.default_rng(1)
    for share in (0.5, 1.0):
        moved = lfw.points + share * apart * rng.choice([-1.0, 1.0], (len(lfw), 1, 2))
        yield f"LFW, {share:g} eye distances beside", replace(lfw, points=moved.astype(np.float32)), "points"
    for scale in (0.5, 2.0):
        wide = replace(lfw, points=middle + scale * (lfw.points - middle))
        yield f"LFW, points {scale:g} times as wide", wide, "points"
    yield "LFW, left and right swapped", replace(lfw, points=lfw.points[:, SWAPPED]), "points"
    yield "windows of photographs, no face", windows(photos), "box"
    for kind in ("noise", "clouds", "gradients"):
        yield f"drawn {kind}", drawn(kind), "aligned"


def some(faces: Faces) -> Faces:
    """At most MOST faces, in runs of 30 so that people stay together, spread over the set."""
    runs = np.linspace(0, max(0, len(faces) - 30), MOST // 30).astype(int)
    return faces.take(np.unique((runs[:, None] + np.arange(30)).ravel().clip(max=len(faces) - 1)))


def windows(photos: Faces) -> Faces:
    """One window a photograph, as a box, that does not touch the box of its face; where there is room."""
    rng, rows, found = np.random.default_rng(2), [], []
    for row, (left, top, right, bottom) in enumerate(photos.boxes):
        for _ in range(500):
            side = rng.uniform(50, 90)
            x, y = rng.uniform(0, 250 - side, 2)
            if x + side < left or x > right or y + side < top or y > bottom:
                rows.append(row)
                found.append([x, y, x + side, y + side])
                break
    return replace(photos.take(np.array(rows)), boxes=np.array(found, np.float32))


def drawn(kind: str) -> Faces:
    """300 pictures of 112x112 without anything in them."""
    places = []
    for number in range(300):
        rng = np.random.default_rng((3, number))
        if kind == "noise":
            pixels = rng.integers(0, 256, (112, 112, 3), dtype=np.uint8)
        elif kind == "clouds":
            small = rng.integers(0, 256, (rng.integers(4, 12), rng.integers(4, 12), 3), dtype=np.uint8)
            pixels = np.asarray(Image.fromarray(small).resize((112, 112), Image.Resampling.BICUBIC))
        else:
            y, x = np.mgrid[:112, :112] / 112
            across, down = rng.normal(0, 100, (2, 3))
            pixels = (128 + x[..., None] * across + y[..., None] * down).clip(0, 255).astype(np.uint8)
        stream = io.BytesIO()
        Image.fromarray(pixels).save(stream, "PNG")
        places.append(stream.getvalue())
    return make_faces(kind, [str(number) for number in range(300)], [""] * 300, places)


if __name__ == "__main__":
    write(sys.argv[2]) if sys.argv[1] == "write" else judge(Path(sys.argv[2]))
