"""Tracking: frames a second of `track` beside OpenCV's CSRT, on one made sequence.

Both follow the same face, frame after frame, after they have learnt it from the first one; that is timed apart. The
trunk is MobileNetV2 with random weights: time does not depend on what they know, but for how often the specific head is
asked too.
"""

from __future__ import annotations

import time

import numpy as np
import torch

from facerep.console import console
from facerep.errors import NotAvailable
from facerep.faces.backgrounds import drawn
from facerep.networks.mobilenet import MobileNetV2, frozen
from facerep.tracking.made import GROUND, Actors, sequence
from facerep.tracking.opencv_trackers import OpenCVTracker, require_opencv
from facerep.tracking.settings import TrackerSettings
from facerep.tracking.tracker import Tracker
from facerep.tracking.trunk import of_mobilenet
from row import Row, peak, row

FRAMES, ROUNDS = 40, 5


def measure(frames: int = FRAMES, rounds: int = ROUNDS) -> list[Row]:
    """Frames a second of ours over those of the library; none where OpenCV is not here.

    Args:
        frames: of one round.
        rounds: how often both run, one after the other.
    """
    try:
        require_opencv(("csrt",))
    except NotAvailable as error:
        console.note(str(error))
        return []
    torch.manual_seed(0)
    trunk = of_mobilenet(frozen(MobileNetV2()), torch.device("cpu"))
    draws = np.random.default_rng(0)
    heads = np.stack([drawn(draws, 64) for _ in range(3)])
    actors = Actors(heads[:1], heads[1:], drawn(draws, GROUND), drawn(draws, 64))
    made = list(sequence("plain", actors, frames + 1, (0,)))
    seen, box = [pixels for pixels, _ in made], made[0][1]
    ours = Tracker(trunk, seen[0], box, TrackerSettings(), 0)
    _seconds(ours, seen[1:])
    ours_peak, times, learning = peak(), [], []
    for number in range(rounds):
        started = time.perf_counter()
        ours = Tracker(trunk, seen[0], box, TrackerSettings(), number)
        learning.append(time.perf_counter() - started)
        times.append((_seconds(ours, seen[1:]), _seconds(OpenCVTracker("csrt", seen[0], box, number), seen[1:])))
    mine, theirs = np.array(times).T
    note = (
        f"{frames / np.median(mine):.1f} against {frames / np.median(theirs):.1f} frames/s of 240x240; "
        f"ours learns the first frame in {np.median(learning):.1f} s"
    )
    return [row("track, mobilenet: facerep / OpenCV's CSRT", theirs / mine, None, ours_peak, note)]


def _seconds(tracker: Tracker | OpenCVTracker, frames: list[np.ndarray]) -> float:
    started = time.perf_counter()
    for pixels in frames:
        tracker.follow(pixels)
    return time.perf_counter() - started
