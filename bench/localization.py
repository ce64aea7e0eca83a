"""Localization: photographs a second beside a cascade of a library, and overlapping patches by shared computation.

The first row looks for faces of the same sizes in the same photographs (drawn ones, 250x250) by `lnet` with random
weights, and by scikit-image's cascade of local binary patterns; time does not depend on what weights know, but on how
many places of the first stage go to the second: all of them, 60 at most. The second row takes features of overlapping
patches of a face's window, as ANet does, with the first two convolutions computed once, and patch by patch.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch

from facerep.faces.backgrounds import drawn
from facerep.localization.cascade import Localizer, Search, find
from facerep.networks.build import build
from facerep.networks.catalog import row as catalog_row
from facerep.networks.deepid import DeepID
from facerep.networks.localizing.calibration import Calibration
from facerep.networks.localizing.lnet import LNet
from facerep.networks.localizing.patch_features import corners_in, patch_by_patch, patch_features
from facerep.studies.localization.baselines import finder_of
from row import Row, peak, row

PICTURES, ROUNDS, SIDE, LEAST = 4, 5, 250, 24.0


def measure(pictures: int = PICTURES, rounds: int = ROUNDS) -> list[Row]:
    """Photographs a second of ours over those of the library; time patch by patch over that of shared computation.

    Args:
        pictures: photographs of one round.
        rounds: how often both run, one after another.
    """
    return [_photographs(pictures, rounds), _patches(rounds)]


def _photographs(pictures: int, rounds: int) -> Row:
    torch.manual_seed(0)
    network = build(catalog_row("lnet"), normalise=True).eval()
    assert isinstance(network, LNet)
    told = Calibration(0.0, 0.0, 0.7, -np.inf)
    by, search = Localizer(network, (told, told), (), torch.device("cpu")), Search(least=LEAST)
    seen = [drawn(np.random.default_rng(number), SIDE) for number in range(pictures)]
    _seconds(lambda: [find(picture, by, search) for picture in seen])
    ours_peak = peak()
    library = finder_of("cascade", LEAST)
    _seconds(lambda: [library(picture) for picture in seen])
    times = []
    for _ in range(rounds):
        ours = _seconds(lambda: [find(picture, by, search) for picture in seen])
        times.append((ours, _seconds(lambda: [library(picture) for picture in seen])))
    mine, theirs = np.array(times).T
    note = f"{pictures / np.median(mine):.1f} against {pictures / np.median(theirs):.1f} photographs/s of 250x250"
    return row("localize, lnet: facerep / scikit-image's cascade", theirs / mine, None, ours_peak, note)


def _patches(rounds: int) -> Row:
    network = build(catalog_row("deepid2-narrow"), normalise=True).eval()
    assert isinstance(network, DeepID)
    high, wide = network.row.height + 16, network.row.width + 16
    corners, windows = corners_in(high, wide, network), torch.randn(8, 3, high, wide)
    times = []
    with torch.inference_mode():
        for _ in range(rounds + 1):  # the first is thrown away
            shared = _seconds(lambda: patch_features(network, windows, corners))
            times.append((shared, _seconds(lambda: patch_by_patch(network, windows, corners))))
    shared, each = np.array(times[1:]).T
    note = (
        f"{len(corners)} patches a face, {1000 * np.median(shared) / 8:.1f} against {1000 * np.median(each) / 8:.1f} ms"
    )
    return row("features of overlapping patches: patch by patch / shared", each / shared, None, peak(), note)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
