"""Edge boxes: windows that OpenCV's EdgeBoxes proposes, as the paper has them, in place of peaks of the response.

EdgeBoxes wants a map of edges. Its own model of them is in no package, so edges are gradients of the smoothed picture.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from facerep.errors import NotAvailable

MOST = 500
"""Windows of a picture, as many as the paper takes."""
_SMOOTH = 1.5


def require_edge_boxes() -> Any:
    """OpenCV's module of EdgeBoxes.

    Raises:
        NotAvailable: OpenCV is not here, or without its extra modules.
    """
    try:
        from cv2 import ximgproc  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        what = "OpenCV's EdgeBoxes is not here"
        raise NotAvailable(what, hint="pip install 'facerep[opencv]', in place of other packages of OpenCV") from error
    return ximgproc


def edge_boxes(picture: np.ndarray) -> np.ndarray:
    """The windows of a picture, uint8 (h, w, 3): x, y, width and height in pixels, float64 (n, 4), the best first."""
    smooth = Image.fromarray(picture).convert("L").filter(ImageFilter.GaussianBlur(_SMOOTH))
    down, across = np.gradient(np.asarray(smooth, np.float32))
    edges = np.hypot(down, across)
    if not edges.any():
        return np.empty((0, 4))
    proposer = require_edge_boxes().createEdgeBoxes()
    proposer.setMaxBoxes(MOST)
    found, _ = proposer.getBoundingBoxes(edges / edges.max(), np.arctan2(down, across) % np.pi)
    return np.array(found, np.float64).reshape(-1, 4)
