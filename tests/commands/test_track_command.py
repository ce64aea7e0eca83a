"""`facerep track`: what it writes and shows, and what it refuses."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from facerep.errors import Stopped
from facerep.faces.crops import parse_crop
from facerep.networks.build import build
from facerep.networks.catalog import row
from facerep.networks.weights import save_model
from facerep.studies.tracking import track as study
from facerep.studies.tracking.state_file import StateFile
from facerep.tracking import selection

HERE = ("--device", "cpu")
FRAMES = 7


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "STEPS", 5)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Random weights of a small network of ours, as a trunk."""
    torch.manual_seed(0)
    path = tmp_path / "run.safetensors"
    save_model(
        path, build(row("deepid-31x31")), crop=parse_crop("points@31x31/face*1/rgb/1"), normalise=False, dropout=0.0,
        card={},
    )  # fmt: skip
    return path


@pytest.fixture
def sequence(tmp_path: Path) -> Path:
    """A square that moves, in OTB's layout: 1-based boxes with tabs, and Windows' line ends."""
    folder = tmp_path / "Square"
    (folder / "img").mkdir(parents=True)
    lines = []
    for number in range(FRAMES):
        picture = np.full((64, 80, 3), 90, np.uint8)
        picture[20:40, 30 + number : 50 + number] = np.random.default_rng(0).integers(0, 255, (20, 20, 3))
        Image.fromarray(picture).save(folder / "img" / f"{number + 1}.png")
        lines.append(f"{31 + number}\t21\t20\t20\r\n")
    (folder / "groundtruth_rect.txt").write_text("".join(lines), newline="")
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_box_a_frame_and_figures_against_the_true_boxes(here, run: Path, sequence: Path, tmp_path: Path) -> None:
    done = here("track", run, sequence, "-o", "boxes.csv", *HERE)
    assert done.code == 0, done.stderr
    found = rows(tmp_path / "boxes.csv")
    assert [one["name"] for one in found] == [f"{number}.png" for number in range(1, FRAMES + 1)]
    assert [float(found[0][side]) for side in ("x", "y", "width", "height")] == [30, 20, 20, 20]
    assert found[0]["head"] == "given"
    assert f"against the true boxes of {FRAMES} frames" in done.stdout
    assert f"{FRAMES} frames, " in done.stderr
    assert "frames a second" in done.stderr
    again = here("track", run, sequence, "--box", "30,20,20,20", "-o", "again.csv", *HERE)
    assert again.code == 0, again.stderr
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "boxes.csv").read_bytes()


def test_json_has_figures_and_counts_and_pictures_alone_need_a_box(here, run: Path, sequence: Path) -> None:
    import json

    pictures = sequence / "img"
    done = here("track", run, pictures, "--box", "30,20,20,20", "--heads", "specific", "--json", *HERE)
    assert done.code == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["format"] == "facerep/track"
    assert result["figures"] is None
    assert result["counts"]["frames"] == FRAMES
    assert result["counts"]["specific"] == FRAMES - 1
    done = here("track", run, pictures, *HERE)
    assert (done.code, done.stderr) == (
        2, "error: where is the face in the first frame?; give --box X,Y,WIDTH,HEIGHT\n",
    )  # fmt: skip


def test_a_frame_that_cannot_be_read_and_one_of_another_size_have_their_rows(
    here, run: Path, sequence: Path, tmp_path: Path
) -> None:
    (sequence / "img" / "3.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    Image.fromarray(np.zeros((10, 12, 3), np.uint8)).save(sequence / "img" / "5.png")
    done = here("track", run, sequence, "-o", "boxes.csv", "--strict", *HERE)
    assert done.code == 3
    found = rows(tmp_path / "boxes.csv")
    assert [one["name"] for one in found if one["failure"]] == ["3.png", "5.png"]
    assert found[4]["failure"] == "12x10 pixels, the first frame has 80x64"
    assert found[4]["x"] == found[4]["score"] == ""
    assert found[5]["x"] != ""
    assert "frames that failed, 2" in done.stderr


def test_missing_frames_are_told(here, run: Path, sequence: Path) -> None:
    (sequence / "img" / "4.png").unlink()
    done = here("track", run, sequence / "img", "--box", "30,20,20,20", *HERE)
    assert done.code == 0
    assert "warning: 1 frame missing between others (4): the face may jump there" in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--box", "90,20,5,5"), "box 90,20,5,5 lies outside the first frame (80x64 pixels)"),
        (("--box", "1,2,3"), "--box wants X,Y,WIDTH,HEIGHT in pixels, got '1,2,3'"),
        (("--box", "1,2,3,0"), "--box wants X,Y,WIDTH,HEIGHT in pixels, got '1,2,3,0'"),
        (("--box", "1,2,nan,4"), "--box wants X,Y,WIDTH,HEIGHT in pixels, got '1,2,nan,4'"),
        (("--resume",), "--resume means nothing without --output"),
    ],
)
def test_what_is_typed_wrongly_is_one_line(here, run: Path, sequence: Path, words, message) -> None:
    done = here("track", run, sequence, *words, *HERE)
    assert done.code in (1, 2)
    assert done.stderr.startswith(f"error: {message}")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,1,4\n", "line 1 is not x, y, width, height"),
        ("1,1,4,4\n", "1 box for 7 frames"),
        ("\n", "no box"),
        ("0,0,0,0\n" * FRAMES, "no face in the first frame"),
    ],
)
def test_true_boxes_that_do_not_fit_are_one_line(here, run: Path, sequence: Path, text, message) -> None:
    (sequence / "groundtruth_rect.txt").write_text(text)
    done = here("track", run, sequence, *HERE)
    assert done.code == 1
    assert done.stderr.startswith(f"error: {message}")
    assert len(done.stderr.splitlines()) == 1


def test_folders_without_frames_and_a_first_frame_that_is_broken(here, run: Path, sequence: Path, tmp_path) -> None:
    (sequence / "img" / "1.png").write_bytes(b"no picture")
    done = here("track", run, sequence, *HERE)
    assert done.code == 1
    assert done.stderr.startswith("error: first frame 1.png cannot be read (")
    (tmp_path / "empty").mkdir()
    done = here("track", run, "empty", "--box", "1,1,4,4", *HERE)
    assert done.stderr.startswith("error: no picture in folder: empty")


def test_a_stopped_track_goes_on_to_the_same_bytes(
    here, run: Path, sequence: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StateFile, "__init__", _every(3, StateFile.__init__))
    assert here("track", run, sequence, "-o", "whole.csv", *HERE).code == 0
    assert not (tmp_path / "whole.csv.part").exists()
    follow, count = study.Tracker.follow, []

    def stopped(self, frame):
        count.append(1)
        if len(count) == 5:
            raise Stopped(2)
        return follow(self, frame)

    monkeypatch.setattr(study.Tracker, "follow", stopped)
    done = here("track", run, sequence, "-o", "boxes.csv", *HERE)
    assert (done.code, done.stderr) == (130, "error: stopped; give the same command with --resume to go on\n")
    monkeypatch.setattr(study.Tracker, "follow", follow)
    assert (tmp_path / "boxes.csv.part").exists()
    assert "an unfinished track is here" in here("track", run, sequence, "-o", "boxes.csv", *HERE).stderr
    other = here("track", run, sequence, "-o", "boxes.csv", "--seed", 1, "--resume", *HERE)
    assert "unfinished track was made otherwise" in other.stderr
    assert "seed was '0', now '1'" in other.stderr
    shutil.copy(tmp_path / "boxes.csv.part", tmp_path / "bad.csv.part")
    (tmp_path / "bad.csv.part").write_bytes(b"no state")
    assert "no state of a track, or damaged" in here("track", run, sequence, "-o", "bad.csv", "--resume", *HERE).stderr
    assert here("track", run, sequence, "-o", "boxes.csv", "--resume", *HERE).code == 0
    assert (tmp_path / "boxes.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert not (tmp_path / "boxes.csv.part").exists()


def _every(frames, begin):
    def begun(self, *args, **named):
        begin(self, *args, **named)
        self.every = frames

    return begun
