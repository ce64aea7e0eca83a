"""`facerep analyze tracking`: ways to track side by side, and what it refuses."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from facerep.faces.crops import parse_crop
from facerep.metrics.boxes.tracking import success_auc
from facerep.networks.build import build
from facerep.networks.catalog import row
from facerep.networks.weights import save_model
from facerep.results.read import read_result
from facerep.studies.tracking import compare
from facerep.tracking import selection

FRAMES = 4


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run of random weights, and a square that moves, in OTB's layout with commas."""
    monkeypatch.setattr(selection, "STEPS", 3)
    for name, (words, settings) in compare.WAYS.items():
        monkeypatch.setitem(compare.WAYS, name, (words, replace(settings, steps=20, grow=0.005)))
    torch.manual_seed(0)
    crop = parse_crop("points@31x31/face*1/rgb/1")
    save_model(
        tmp_path / "run.safetensors", build(row("deepid-31x31")), crop=crop, normalise=False, dropout=0.0, card={}
    )
    (tmp_path / "Square" / "img").mkdir(parents=True)
    lines = []
    for number in range(FRAMES):
        picture = np.full((64, 80, 3), 90, np.uint8)
        picture[20:40, 30 + number : 50 + number] = np.random.default_rng(0).integers(0, 255, (20, 20, 3))
        Image.fromarray(picture).save(tmp_path / "Square" / "img" / f"{number + 1:02d}.png")
        lines.append(f"{31 + number},21,20,20\n")
    (tmp_path / "Square" / "groundtruth_rect.txt").write_text("".join(lines))
    return tmp_path


def test_a_row_a_way_with_its_spread_over_seeds(here, world: Path) -> None:
    words = ("--ways", "selected,general", "--seeds", 2, "--device", "cpu")
    done = here("analyze", "tracking", "run.safetensors", "Square", *words, "-o", "out")
    assert done.code == 0, done.stderr
    assert "both heads, selected maps" in done.stdout
    assert f"one pass over {FRAMES} frames, the first included; 2 seeds" in done.stdout
    with (world / "out" / "tracking.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [one["way"] for one in rows] == ["both heads, selected maps", "general head alone"]
    assert all(one["sequence"] == "Square" and one["seeds"] == "2" for one in rows)
    result = read_result(world / "out" / "result.json")
    assert result["format"] == "facerep/tracking"
    judged = result["ways"][0]["each"][0]
    assert judged["success_auc"]["trials"] == 2
    assert judged["success_auc"]["mean"] == pytest.approx(float(rows[0]["success_auc"]))
    assert np.mean(judged["curve"]) == pytest.approx(judged["success_auc"]["mean"])
    assert judged["success_auc"]["mean"] > 0.3
    assert (world / "out" / "success.png").exists()


def test_several_sequences_are_gathered_by_their_kind_and_ways_stand_beside_the_first(here, world: Path) -> None:
    for name in ("calm-0", "calm-1", "wild-0"):
        shutil.copytree(world / "Square", world / name)
    words = ("--ways", "selected,general", "--seeds", 2, "--device", "cpu", "-o", "out")
    done = here("analyze", "tracking", "run.safetensors", "calm-0", "calm-1", "wild-0", *words)
    assert done.code == 0, done.stderr
    assert "calm (2)" in done.stdout
    assert "beside the first" in done.stdout
    first, second = read_result(world / "out" / "result.json")["ways"]
    assert [(group["name"], group["sequences"]) for group in first["groups"]] == [("calm", 2), ("wild", 1), ("all", 3)]
    for part in ("success_auc", "precision"):
        each = np.array([one[f"each_{part.removeprefix('success_')}"] for one in first["each"]])
        assert first["groups"][2][part]["mean"] == pytest.approx(each.mean())
        assert first["groups"][2][part]["standard_deviation"] == pytest.approx(each.mean(axis=0).std(ddof=1))
    apart = [
        one["success_auc"]["mean"] - other["success_auc"]["mean"]
        for one, other in zip(second["each"], first["each"], strict=True)
    ]
    assert first["beside"] is None
    assert second["beside"]["success_auc"] == pytest.approx(np.mean(apart))


@pytest.mark.usefixtures("world")
def test_trackers_of_opencv_stand_beside_ours(here) -> None:
    pytest.importorskip("cv2", reason="OpenCV is not installed")
    words = ("--ways", "specific", "--against", "csrt,kcf,mil", "--seeds", 1, "--device", "cpu")
    done = here("analyze", "tracking", "run.safetensors", "Square", *words)
    assert done.code == 0, done.stderr
    assert [line.split("|")[0].strip() for line in done.stdout.splitlines() if "OpenCV" in line] == [
        "OpenCV's CSRT", "OpenCV's KCF", "OpenCV's MIL",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("Square", "--ways", "best"),
            "no way to track 'best'; there are: selected, random, all, general, specific, fixed",
        ),
        (("Square", "--against", "tld"), "no tracker 'tld'; there are: csrt, kcf, mil"),
        (("Square/img",), "no true boxes (groundtruth_rect.txt): Square/img; name folders in OTB's layout"),
    ],
)
@pytest.mark.usefixtures("world")
def test_what_cannot_be_compared_is_one_line(here, words, message) -> None:
    done = here("analyze", "tracking", "run.safetensors", *words, "--device", "cpu")
    assert done.code in (1, 2)
    assert done.stderr == f"error: {message}\n"


def test_where_opencv_loses_the_face_the_last_box_stays(here, world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("cv2", reason="OpenCV is not installed")
    monkeypatch.setattr("facerep.tracking.opencv_trackers.OpenCVTracker.follow", lambda *_: None)
    words = ("--ways", "specific", "--against", "kcf", "--seeds", 1, "--device", "cpu", "-o", "out")
    assert here("analyze", "tracking", "run.safetensors", "Square", *words).code == 0
    judged = read_result(world / "out" / "result.json")["ways"][1]["each"][0]
    assert judged["success_auc"]["mean"] == pytest.approx(
        success_auc(
            np.tile([30.0, 20, 20, 20], (FRAMES, 1)),
            np.array([[30.0 + number, 20, 20, 20] for number in range(FRAMES)]),
        )
    )


@pytest.mark.usefixtures("world")
def test_without_opencv_one_line_names_the_extra(here, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "cv2", None)
    done = here("analyze", "tracking", "run.safetensors", "Square", "--against", "kcf", "--device", "cpu")
    assert done.stderr == "error: trackers of OpenCV are not here; pip install 'facerep[opencv]'\n"
