"""Rendering: one view seen once and put under all lights, against seeing it anew for every picture; pictures a second.

The head is that of FACEREP_HEAD, made by `facerep data assets`; without it the tests' drawn one, which has an eighth of
the triangles.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np

from facerep.rendering.assets import Assets, read_assets
from facerep.rendering.camera import Camera, look
from facerep.rendering.light import lighting
from facerep.rendering.mesh import build
from facerep.rendering.names import LIGHTS
from facerep.rendering.person import sample_person
from facerep.rendering.picture import Relit, develop, margin
from facerep.rendering.shard import render
from facerep.rendering.texture import paint
from row import Row, peak, row

ROUNDS, SIZE = 5, 64


def measure(rounds: int = ROUNDS, size: int = SIZE) -> list[Row]:
    """Processor time of a view for each light over that of one view for all.

    Args:
        rounds: how often both sides render a frontal view under all lights.
        size: of the pictures.
    """
    assets, what = _head()
    person = sample_person(assets, 0, 1)
    painted = paint(assets, person)
    head = build(assets, person, painted, "neutral")
    lit = lighting(head, 3 * size)
    camera = Camera(0, size, margin(size))

    def sights(count: int) -> list[np.ndarray]:
        found = []
        for numbers in np.array_split(np.arange(LIGHTS), count):
            relit = Relit(look(head, painted, person, lit, camera), lit, person)
            noise = np.random.default_rng(0)
            found += [develop(relit.light(int(number)), camera, np.zeros(2), noise) for number in numbers]
        return found

    begun = time.process_time()
    pictures = sum(1 for _ in render(assets, 0, 1, size))
    rate = pictures / (time.process_time() - begun)
    most = peak()
    sights(1)
    times = np.array([[_time(sights, LIGHTS), _time(sights, 1)] for _ in range(rounds)])
    note = f"{what}, {size}x{size}: {rate:,.0f} pictures a second of one core, a whole person"
    return [row("rendering: a view a light / a view for all", times[:, 0] / times[:, 1], None, most, note)]


def _head() -> tuple[Assets, str]:
    if named := os.environ.get("FACEREP_HEAD"):
        return read_assets(Path(named)), "MakeHuman's head"
    sys.path.append(str(Path(__file__).parents[1] / "tests"))
    from tiny_head import tiny_head

    return tiny_head(), "the drawn head"


def _time(work, count: int) -> float:
    begun = time.process_time()
    work(count)
    return time.process_time() - begun
