"""How well boxes follow true boxes: success AUC and precision, as the benchmark OTB defines them.

Source: Wu, Lim, Yang, "Online Object Tracking: A Benchmark", CVPR 2013, section 4; one pass.
"""

from __future__ import annotations

import numpy as np

from facerep.metrics.boxes.overlap import centre_distance, iou

THRESHOLDS = np.linspace(0, 1, 21)
"""Overlaps 0, 0.05, ..., 1 over which success is averaged."""
NEAR = 20.0
"""Pixels between centres within which a frame is precise."""


def success_curve(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """The share of frames whose overlap is larger than each threshold, float64 (21,).

    Args:
        found, truth: boxes, shape (n, 4); a box that is not finite overlaps nothing.
    """
    overlaps = np.nan_to_num(iou(found, truth))
    return (overlaps[:, None] > THRESHOLDS).mean(axis=0)


def success_auc(found: np.ndarray, truth: np.ndarray) -> float:
    """The mean of the success curve, in 0..1."""
    return float(success_curve(found, truth).mean())


def precision(found: np.ndarray, truth: np.ndarray, near: float = NEAR) -> float:
    """The share of frames whose centres are at most so many pixels apart."""
    return float((np.nan_to_num(centre_distance(found, truth), nan=np.inf) <= near).mean())
