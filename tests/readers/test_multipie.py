"""Multi-PIE trees, made up here: labels come from the names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facerep.errors import BadInput
from facerep.faces.crops import choose_preset
from facerep.readers.load import kind_of_data_set, load
from facerep.rendering.names import PictureName


def draw(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(len(str(path))).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


def tree(root: Path, *, flat: bool = False) -> Path:
    """Subjects 1, 190, 201 in session 1 and 4, neutral and another, three cameras, two lights."""
    for session, recordings in (("01", ("01", "02")), ("04", ("01", "02"))):
        for subject in ("001", "190", "201"):
            for recording in recordings:
                for camera in ("110", "051", "081"):
                    for light in ("00", "07"):
                        name = PictureName(subject, session, recording, camera, light)
                        own = Path(f"session{session}/multiview/{subject}/{recording}/{camera[:2]}_{camera[2]}")
                        draw(root / ("" if flat else own) / f"{name}.png")
    return root


@pytest.mark.parametrize("flat", [False, True])
def test_labels_come_from_the_names(tmp_path, flat):
    root = tree(tmp_path / "pie", flat=flat)
    faces = load(root)
    assert (faces.kind, len(faces), faces.people_count) == ("multipie", 72, 3)
    assert choose_preset(faces.kind, faces.marks).name == "whole"
    stems = [name.rsplit("/")[-1] for name in faces.names]
    row = stems.index("190_04_02_110_07.png")
    told = {name: column[row] for name, column in faces.labels.items()}
    assert faces.people[row] == "190"
    assert told == {
        "split": "validation", "session": "04", "recording": "02", "camera": "110", "view": "-90", "light": "7",
        "expression": "scream",
    }  # fmt: skip
    assert stems == sorted(stems)
    assert [str(note) for note in faces.notes] == ["cameras not at head height, so of no view: 081"]
    by_person = dict(zip(faces.people, faces.labels["split"], strict=True))
    assert by_person == {"001": "train", "190": "validation", "201": "test"}


def test_the_papers_protocol_is_a_few_conditions(tmp_path):
    faces = load(tree(tmp_path / "pie")).where("session=01").where("expression=neutral")
    gallery = faces.where("view=0").where("light=7")
    assert gallery.people.tolist() == ["001", "190", "201"]


def test_other_pictures_are_told(tmp_path):
    root = tree(tmp_path / "pie")
    draw(root / "session01/multiview/001/01/05_1/001_01_01_051_07_copy.png")
    faces = load(root)
    assert len(faces) == 72
    assert faces.failures == (
        ("session01/multiview/001/01/05_1/001_01_01_051_07_copy.png", "not called as Multi-PIE's pictures are"),
    )


def test_a_folder_of_people_is_no_multipie(people_folder):
    assert kind_of_data_set(people_folder) == "folders"
    with pytest.raises(BadInput, match="not Multi-PIE: no picture such as 001_01_01_051_07.png"):
        load(people_folder, kind="multipie")
