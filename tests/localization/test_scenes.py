"""Scenes: boxes lie where the faces came to lie, and empty scenes have none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from facerep.faces.table import make_faces
from facerep.localization.scenes import scenes

RED = np.array([250, 20, 20])


def test_boxes_are_where_the_faces_are_in_mosaics_and_moved_cuts(tmp_path: Path):
    paths, boxes = [], []
    for number in range(5):
        left, top, side = 60 + 10 * number, 50, 70 + 5 * number
        picture = np.random.default_rng(number).integers(0, 120, (200, 250, 3)).astype(np.uint8)
        picture[top : top + side, left : left + side] = RED
        Image.fromarray(picture).save(tmp_path / f"{number}.png")
        paths.append(tmp_path / f"{number}.png")
        boxes.append([left, top, left + side - 1, top + side - 1])
    (tmp_path / "bad.png").write_bytes(b"no picture")
    names = [path.name for path in paths]
    faces = make_faces("table", [*names, "bad.png"], [""] * 6, [*paths, tmp_path / "bad.png"], root=tmp_path,
                       boxes=np.array([*boxes, [1, 1, 9, 9]], np.float32))  # fmt: skip
    made = list(scenes(faces, 4, seed=1))
    assert [scene.kind for scene in made] == ["mosaic", "cut", "empty"] * 4
    seen = 0
    for scene in made:
        red = (np.abs(scene.picture.astype(int) - RED) < 60).all(axis=2)
        if scene.kind == "empty":
            assert len(scene.boxes) == 0
            assert red[:400].mean() < 0.02  # below them stands a drawn square, of any colour
        for x, y, width, height in scene.boxes:
            inside = red[round(y) + 1 : round(y + height) - 1, round(x) + 1 : round(x + width) - 1]
            assert inside.mean() > 0.9
            around = red[max(0, round(y) - 4) : round(y + height) + 4, max(0, round(x) - 4) : round(x + width) + 4]
            assert around.sum() < 1.25 * (width + 1) * (height + 1)
            seen += 1
    assert seen >= 12
    again = list(scenes(faces, 4, seed=1))
    assert all(np.array_equal(one.picture, other.picture) for one, other in zip(made, again, strict=True))
