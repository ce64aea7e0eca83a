"""The crop cache: what is damaged in it is cut anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facerep.faces.crops import parse_crop
from facerep.readers import cache
from facerep.readers.sets.folders import folders


def _cut_short(place: Path) -> None:
    pixels = place / "crops.npy"
    pixels.write_bytes(pixels.read_bytes()[:-1])


@pytest.mark.parametrize(
    "damage",
    [
        lambda place: (place / "rows.json").write_text("{"),
        lambda place: (place / "rows.json").write_text('{"kept": [0, 99], "failures": []}'),
        lambda place: (place / "rows.json").write_text('{"kept": "all", "failures": [3]}'),
        lambda place: (place / "crops.npy").write_bytes(b""),
        lambda place: (place / "crops.npy").unlink(),
        lambda place: np.save(place / "crops.npy", np.zeros((24, 3), np.uint8)),
        _cut_short,
    ],
)
def test_a_damaged_cache_is_made_anew(people_folder: Path, tmp_path: Path, monkeypatch, damage) -> None:
    monkeypatch.setenv("FACEREP_CACHE", str(tmp_path / "cache"))
    faces, crop = folders(people_folder), parse_crop("loose@31x31/1")
    good = np.array(cache.cut_all(faces, crop, workers=0).pixels)
    (place,) = (tmp_path / "cache" / "crops").iterdir()
    damage(place)
    again = cache.cut_all(faces, crop, workers=0)
    assert (again.pixels == good).all()
    assert len(again.faces) == 24
