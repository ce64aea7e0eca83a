"""Trackers of OpenCV, to stand beside ours: CSRT, KCF and MIL."""

from __future__ import annotations

from typing import Any

import numpy as np

from facerep.errors import NotAvailable, Usage

NAMES = {"csrt": "TrackerCSRT", "kcf": "TrackerKCF", "mil": "TrackerMIL"}
"""What options call them, and what OpenCV does."""
RANDOM = ("mil",)
"""Those whose boxes depend on the seed."""


def require_opencv(names: tuple[str, ...]) -> Any:
    """OpenCV, with the trackers that are named.

    Raises:
        NotAvailable: it is not here, or without them.
        Usage: there is no such tracker.
    """
    if unknown := [name for name in names if name not in NAMES]:
        raise Usage(f"no tracker {unknown[0]!r}", hint="there are: " + ", ".join(NAMES))
    try:
        import cv2  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise NotAvailable("trackers of OpenCV are not here", hint="pip install 'facerep[opencv]'") from error
    if missing := [name for name in names if not hasattr(cv2, NAMES[name])]:
        what = f"this OpenCV has no tracker {missing[0]}"
        raise NotAvailable(what, hint="pip install opencv-contrib-python-headless in its place")
    return cv2


class OpenCVTracker:
    """One of them; made on the first frame, then given one frame after the other.

    Args:
        name: a key of NAMES.
        frame: uint8 (height, width, 3), RGB.
        box: of the face; OpenCV takes whole pixels.
        seed: of OpenCV's random numbers, which MIL uses.
    """

    def __init__(self, name: str, frame: np.ndarray, box: np.ndarray, seed: int) -> None:
        cv2 = require_opencv((name,))
        cv2.setRNGSeed(seed % 2**31)
        self._tracker = getattr(cv2, NAMES[name]).create()
        self._tracker.init(_bgr(frame), tuple(int(value) for value in np.round(box)))

    def follow(self, frame: np.ndarray) -> np.ndarray | None:
        """The box in the next frame, float64 (4,); None where the tracker has lost it."""
        found, box = self._tracker.update(_bgr(frame))
        return np.array(box, np.float64) if found else None


def _bgr(frame: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(frame[..., ::-1])
