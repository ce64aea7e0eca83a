"""Is the input contract of a network of others right? What its features of some faces and their mirrored twins say.

A network that is given what it was taught with sees one person in a face and its mirror image, and others in others.
Given another range, or faces that lie on their side, it finds all of them alike. The measure is how far the cosine of a
face and its twin lies above that of two people, in standard deviations of the latter. What can be told by it, and what
cannot (5 pixels beside, BGR to many a network): docs/onnx.md, section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from facerep.metrics.eer_auc import auc
from facerep.metrics.roc import sweep
from facerep.networks.onnx_files.input_contract import InputContract
from facerep.networks.onnx_files.runtime import OnnxNetwork

LEAST = 4.0
"""Standard deviations; below, the contract is doubted."""
BETTER = 1.1
"""Another colour order must be so many times better before it is named."""
FEWEST, MOST = 10, 40
"""Faces that are looked at: fewer say nothing, more nothing new."""
FEWEST_PAIRS = 10
"""Genuine pairs of them, for the comparison with pixels."""
RANGES = (((127.5,), (1 / 127.5,)), ((0.0,), (1.0,)), ((0.0,), (1 / 255,)))
"""Mean and scale that networks are usually taught with: -1..1, 0..255, 0..1."""


def doubts(network: OnnxNetwork, faces: np.ndarray, people: np.ndarray) -> list[str]:
    """What speaks against the input contract of a network, in words; nothing where nothing does.

    Args:
        network: as it is used.
        faces: uint8 (n, 2, height, width, channels), each face and its mirrored twin.
        people: of each face, "" where unknown.
    """
    if len(faces) < FEWEST or len(set(people) - {""}) == 1:
        return []
    straight, twins = _features(network, faces)
    found, words = agreement(straight, twins, people), []
    if found < LEAST:
        said = f"faces agree with their mirrored twins little more than with others ({found:.1f} standard deviations"
        words.append(said + f", {LEAST:g} and more are usual){_one_that_fits(network, faces, people, found)}")
    elif not network.stated and (other := _other_colour(network.contract)) is not None:
        swapped = agreement(*_features(_with(network, other), faces), people)
        if swapped > BETTER * found:
            said = f"faces agree with their mirrored twins more where the network is given {other.colour}"
            words.append(f"{said} ({swapped:.1f} against {found:.1f} standard deviations)")
    same = (people[:, None] == people[None]) & (people[:, None] != "")
    pairs = np.triu_indices(len(faces), 1)
    if FEWEST_PAIRS <= same[pairs].sum() < len(pairs[0]):
        ours = _area(straight, same, pairs)
        plain = faces[:, 0].reshape(len(faces), -1).astype(np.float64) - 127.5
        theirs = _area(plain, same, pairs)
        if ours <= theirs:
            words.append(f"its features tell people apart no better than pixels (AUC {ours:.2f} against {theirs:.2f})")
    return words


def agreement(straight: np.ndarray, twins: np.ndarray, people: np.ndarray) -> float:
    """How far the cosine of face and twin lies above that of two faces of two people, in standard deviations.

    Args:
        straight, twins: features (n, d).
        people: where two are the same and known, the pair is left out.
    """
    others = (people[:, None] != people[None]) | (people[:, None] == "")
    np.fill_diagonal(others, False)
    cosines = _cosines(straight, twins)
    apart = cosines[others]
    return float((np.diag(cosines).mean() - apart.mean()) / max(apart.std(), 1e-12)) if len(apart) else np.inf


def sample(people: Sequence[str]) -> np.ndarray:
    """Rows of at most MOST faces: two of each of some people where labels allow it, else spread over the set."""
    labels = np.array([str(person) for person in people], dtype=object)
    names, first, counts = np.unique(labels.astype(str), return_index=True, return_counts=True)
    known = np.flatnonzero((counts > 1) & (names != ""))
    if len(known) < MOST // 4:
        return np.unique(np.linspace(0, len(labels) - 1, MOST).round().astype(int))
    chosen = known[np.unique(np.linspace(0, len(known) - 1, MOST // 2).round().astype(int))]
    seconds = [np.flatnonzero(labels == names[place])[1] for place in chosen]
    return np.sort(np.concatenate([first[chosen], seconds]))


def _features(network: OnnxNetwork, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    flat = torch.from_numpy(np.ascontiguousarray(faces.reshape(-1, *faces.shape[2:])))
    values = network.layers(flat, ("feature",))[0].numpy().reshape(len(faces), 2, -1)
    return values[:, 0], values[:, 1]


def _cosines(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    one, two = (each.astype(np.float64) for each in (one, two))
    lengths = [np.maximum(np.linalg.norm(each, axis=1, keepdims=True), 1e-12) for each in (one, two)]
    return (one / lengths[0]) @ (two / lengths[1]).T


def _area(features: np.ndarray, same: np.ndarray, pairs: tuple[np.ndarray, np.ndarray]) -> float:
    """Area under the ROC of all pairs."""
    return auc(sweep(_cosines(features, features)[pairs], same[pairs]))[0]


def _with(network: OnnxNetwork, contract: InputContract) -> OnnxNetwork:
    return OnnxNetwork(network.graph, contract, network.path).to(network.device)


def _other_colour(contract: InputContract) -> InputContract | None:
    """The contract with the other colour order, numbers of a channel staying with their channel."""
    if contract.colour == "grey":
        return None
    colour = "bgr" if contract.colour == "rgb" else "rgb"
    return replace(contract, colour=colour, mean=contract.mean[::-1], scale=contract.scale[::-1])


def _one_that_fits(network: OnnxNetwork, faces: np.ndarray, people: np.ndarray, found: float) -> str:
    """The usual range or the colour order by which faces and twins agree as they should, in words; "" for none."""
    if network.stated:
        return ""
    others = {}
    if network.graph.type != "uint8":
        for mean, scale in RANGES:
            words = f"mean {mean[0]:g} and scale {scale[0]:.6g}"
            others[words] = replace(network.contract, mean=mean, scale=scale)
    if (other := _other_colour(network.contract)) is not None:
        others[other.colour] = other
    best, name = max(LEAST, BETTER * found), ""
    for words, contract in others.items():
        if (reached := agreement(*_features(_with(network, contract), faces), people)) > best:
            best, name = reached, f"; by {words} it would be {reached:.1f}"
    return name
