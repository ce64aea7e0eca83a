"""How far can a wrong input contract be told? What docs/onnx.md, section 4, reports.

    python examples/wrong_contract.py people.csv net.onnx contract.toml [FEATURES.npz]

Four pictures of each of 40 people of split `validation` go through the network as the contract says and in wrong ways,
with their mirrored twins (seed 0). Then 200 sets of 40 faces (two of each of 20 people) and of 10 faces (of 10 people)
are drawn, and the check of `extract` is asked. A fourth argument keeps the features.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from facerep.faces.crops import Crop, preset
from facerep.faces.patches import Patch
from facerep.metrics.eer_auc import auc
from facerep.metrics.roc import sweep
from facerep.networks.onnx_files.contract_check import BETTER, LEAST, agreement
from facerep.networks.onnx_files.input_contract import InputContract, read_contract
from facerep.networks.onnx_files.load import load_onnx
from facerep.readers.decode_many import pictures
from facerep.readers.load import load

SIDE, BORDER, PEOPLE, EACH, DRAWS = 112, 10, 40, 4, 200


def main(dataset: str, net: str, contract: str, kept: str | None = None) -> None:
    """Print a row for each wrong way."""
    wide, who = faces_of(dataset)
    made = features(wide, Path(net), read_contract(Path(contract))) if kept is None or not Path(kept).exists() else None
    if made is not None and kept is not None:
        np.savez(kept, **made)
    held = made if made is not None else dict(np.load(str(kept)))
    rng = np.random.default_rng(0)
    draws = {
        "40": [two_of_each(who, rng, 20) for _ in range(DRAWS)],
        "10": [one_of_each(who, rng) for _ in range(DRAWS)],
    }
    print("way, AUC, agreement, doubted of sets of 40, of 10; the other colour order named, of sets of 40")
    for way, both in held.items():
        area = area_of(both[:, 0], who)
        shares = []
        for rows in draws.values():
            found = [agreement(both[some, 0], both[some, 1], who[some]) for some in rows]
            shares.append(np.mean(np.array(found) < LEAST))
        other = held["bgr" if way == "right" else "right"]
        named = [
            agreement(other[some, 0], other[some, 1], who[some])
            > BETTER * agreement(both[some, 0], both[some, 1], who[some])
            for some in draws["40"]
        ]
        said = f", {100 * np.mean(named):.1f} %" if way in ("right", "bgr") else ""
        mean = agreement(both[:, 0], both[:, 1], who)
        print(f"{way}, {100 * area:.1f}, {mean:.1f}, {100 * shares[0]:.1f} %, {100 * shares[1]:.1f} %{said}")


def faces_of(dataset: str) -> tuple[np.ndarray, np.ndarray]:
    """Faces with a border of 10 pixels, uint8 (n, 132, 132, 3), and whose they are."""
    faces, rng = load(dataset).split("validation"), np.random.default_rng(0)
    people, counts = np.unique(faces.people.astype(str), return_counts=True)
    rows = [
        row for person in rng.permutation(people[counts >= EACH])[:PEOPLE]
        for row in rng.permutation(np.flatnonzero(faces.people == person))[:EACH]
    ]  # fmt: skip
    some, side = faces.take(np.array(rows)), SIDE + 2 * BORDER
    crop = Crop(preset("points"), side, side, Patch("face", side / SIDE))
    cuts = {row: cut for row, cut in pictures(some, crop.cut, workers=0) if not isinstance(cut, str)}
    return np.stack([cuts[row] for row in sorted(cuts)]), some.people.astype(str)[sorted(cuts)]


def features(wide: np.ndarray, net: Path, contract: InputContract) -> dict[str, np.ndarray]:
    """Features of faces and twins, (n, 2, d), by the way in which the network was given them."""

    def window(right: int = 0, down: int = 0) -> np.ndarray:
        return wide[:, BORDER + down : BORDER + down + SIDE, BORDER + right : BORDER + right + SIDE]

    usual = {
        "-1..1": replace(contract, mean=(127.5,), scale=(1 / 127.5,)),
        "0..255": replace(contract, mean=(0.0,), scale=(1.0,)),
        "0..1": replace(contract, mean=(0.0,), scale=(1 / 255,)),
    }
    ways = {"right": (contract, window()), "bgr": (replace(contract, colour="bgr"), window())}
    ways |= {name: (said, window()) for name, said in usual.items()}
    ways |= {
        "5 pixels to the right": (contract, window(right=5)), "5 pixels down": (contract, window(down=5)),
        "10 pixels down": (contract, window(down=10)), "rows for columns": (contract, window().transpose(0, 2, 1, 3)),
        "upside down": (contract, window()[:, ::-1]),
    }  # fmt: skip
    made = {}
    for way, (said, faces) in ways.items():
        network = load_onnx(net, said).network
        both = np.ascontiguousarray(np.stack([faces, faces[:, :, ::-1]], axis=1).reshape(-1, SIDE, SIDE, 3))
        values = network.layers(torch.from_numpy(both), ("feature",))[0].numpy()  # pyright: ignore
        made[way] = values.reshape(len(faces), 2, -1)
    return made


def two_of_each(who: np.ndarray, rng: np.random.Generator, people: int) -> np.ndarray:
    """Rows of two faces of each of some people."""
    chosen = rng.permutation(np.unique(who))[:people]
    return np.concatenate([rng.permutation(np.flatnonzero(who == person))[:2] for person in chosen])


def one_of_each(who: np.ndarray, rng: np.random.Generator, people: int = 10) -> np.ndarray:
    """Rows of one face of each of some people."""
    return np.array([rng.choice(np.flatnonzero(who == person)) for person in rng.permutation(np.unique(who))[:people]])


def area_of(values: np.ndarray, who: np.ndarray) -> float:
    """Area under the ROC of all pairs by cosine."""
    unit = values / np.linalg.norm(values, axis=1, keepdims=True)
    pairs = np.triu_indices(len(who), 1)
    return auc(sweep((unit @ unit.T)[pairs].astype(np.float64), (who[:, None] == who[None])[pairs]))[0]


if __name__ == "__main__":
    main(*sys.argv[1:])
