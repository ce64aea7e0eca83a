"""`facerep data sequences`: folders in OTB's layout, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facerep.tracking.frames import folder_frames


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """Five photographs with a box, and a person of five views."""
    draws = np.random.default_rng(0)
    lines = ["path,person,x1,y1,x2,y2"]
    for number in range(5):
        Image.fromarray(draws.integers(0, 255, (160, 200, 3), dtype=np.uint8)).save(tmp_path / f"{number}.png")
        lines.append(f"{number}.png,{number},20,30,80,90")
    (tmp_path / "photos.csv").write_text("\n".join(lines) + "\n")
    for number in range(5):
        (tmp_path / "turns" / "anna").mkdir(parents=True, exist_ok=True)
        Image.fromarray(draws.integers(0, 255, (60, 50, 3), dtype=np.uint8)).save(
            tmp_path / "turns" / "anna" / f"{number}.png"
        )
    return tmp_path


def test_sequences_are_read_as_they_were_made(here, world: Path) -> None:
    words = ("--turns", "turns", "--count", 2, "--frames", "2,3", "-o", "made")
    done = here("data", "sequences", "photos.csv", *words)
    assert done.code == 0, done.stderr
    assert "plain-0, plain-1, alike-0, alike-1, covered-0, covered-1, turned-0, turned-1" in done.stdout
    frames = folder_frames(world / "made" / "alike-1")
    assert frames.count == 3
    assert frames.truth is not None
    assert frames.truth.shape == (3, 4)
    about = json.loads((world / "made" / "turned-0" / "made.json").read_text())
    assert about["face"] == "anna"
    first = (world / "made" / "plain-0" / "img" / "0001.jpg").read_bytes()
    assert here("data", "sequences", "photos.csv", *words[:-1], "again").code == 0
    assert (world / "again" / "plain-0" / "img" / "0001.jpg").read_bytes() == first
    again = here("data", "sequences", "photos.csv", "-o", "made")
    assert (again.code, again.stdout) == (1, "")
    assert "made" in again.stderr


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--kinds", "calm"), 2, "no kind of sequence 'calm'; there are: plain, alike, covered, turned"),
        (("--kinds", "turned"), 2, "faces that turn are wanted; name a folder of people with --turns"),
        (("--frames", "1"), 2, "--frames wants numbers from 2 to 9999, got '1'"),
        (("--frames", "many"), 2, "--frames wants numbers from 2 to 9999, got 'many'"),
    ],
)
def test_what_cannot_be_made_is_one_line(here, world: Path, words, code: int, message: str) -> None:
    done = here("data", "sequences", "photos.csv", *words, "-o", "made")
    assert (done.code, done.stdout, done.stderr) == (code, "", f"error: {message}\n")
    assert not (world / "made").exists()


def test_photographs_without_boxes_are_refused(here, world: Path) -> None:
    done = here("data", "sequences", "0.png", "1.png", "-o", "made")
    assert done.code == 1
    assert done.stderr.startswith("error: fewer than four photographs with boxes: ")
    assert not (world / "made").exists()
