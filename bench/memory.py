"""Memory: the most that a process took after few photographs or frames over the most after ten times as many.

What is read is small (64x64 pixels) and the networks are small and know nothing: what could grow with the number is
names, boxes, rows, the state of an unfinished track, and what is forgotten to be given back. A ratio of 1 is no growth.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from facerep.faces.crops import parse_crop
from facerep.faces.table import make_faces
from facerep.networks.build import build
from facerep.networks.catalog import row as catalog_row
from facerep.networks.mobilenet import MobileNetV2, frozen
from facerep.networks.weights import save_model
from facerep.studies.localization.localize import localize
from facerep.studies.tracking.state_file import StateFile
from facerep.studies.tracking.track import track
from facerep.tracking.frames import folder_frames
from facerep.tracking.settings import TrackerSettings
from facerep.tracking.trunk import of_mobilenet
from row import Row, peak, row

FEW, MANY, SIDE, KINDS = 1_000, 10_000, 64, 10


def measure(few: int = FEW, many: int = MANY) -> list[Row]:
    """Peak memory of `localize` and of `track`, after few over after many.

    Args:
        few, many: photographs, and frames.
    """
    with tempfile.TemporaryDirectory() as place:
        pictures = _pictures(Path(place) / "pictures", many)
        return [_localize(Path(place), pictures, few, many), _track(Path(place), few, many)]


def _pictures(folder: Path, count: int) -> list[Path]:
    """So many files of KINDS pictures."""
    folder.mkdir()
    draws, paths = np.random.default_rng(0), [folder / f"{number:05d}.png" for number in range(count)]
    for number, path in enumerate(paths):
        if number < KINDS:
            Image.fromarray(draws.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)).save(path)
        else:
            os.link(paths[number % KINDS], path)
    return paths


def _localize(place: Path, pictures: list[Path], few: int, many: int) -> Row:
    stage = {"across": 0.0, "down": 0.0, "side": 0.7, "threshold": 0.0}
    card = {"localization": {"attributes": ["smile"] * 40, "stages": [stage, stage]}}
    torch.manual_seed(0)
    run, crop = place / "lnet.safetensors", parse_crop("points@48x48/face*1.4/rgb/1")
    save_model(run, build(catalog_row("lnet"), normalise=True), crop=crop, normalise=True, dropout=0.0, card=card)
    peaks, found = [], 0
    for count in (few, many):
        names = [path.name for path in pictures[:count]]
        faces = make_faces("photographs", names, [""] * count, pictures[:count], root=place)
        found = localize(run, faces, device="cpu").faces
        peaks.append(peak())
    note = f"{peaks[0]:.0f} MB and {peaks[1]:.0f} MB; {found:,} boxes in {many:,} photographs of {SIDE}x{SIDE}"
    name = f"memory of localize: after {few:,} / after {many:,} photographs"
    return row(name, [peaks[0] / peaks[1]], 0.9, peaks[1], note)


def _track(place: Path, few: int, many: int) -> Row:
    torch.manual_seed(0)
    trunk = of_mobilenet(frozen(MobileNetV2(width=0.125)), torch.device("cpu"), size=16 * 5 + 1)
    frames, box, peaks = folder_frames(place / "pictures"), np.array([20.0, 20.0, 20.0, 20.0]), []
    for count in (few, many):
        some = type(frames)(frames.path, frames.names[:count], frames.folder, None, ())
        track(trunk, some, box, TrackerSettings(), state=StateFile(place / "boxes.csv", overwrite=True))
        peaks.append(peak())
    note = f"{peaks[0]:.0f} MB and {peaks[1]:.0f} MB, frames of {SIDE}x{SIDE}"
    name = f"memory of track: after {few:,} / after {many:,} frames"
    return row(name, [peaks[0] / peaks[1]], 0.9, peaks[1], note)
