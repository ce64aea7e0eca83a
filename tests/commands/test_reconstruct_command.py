"""`facerep reconstruct`: what it writes and shows, and what it refuses."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from facerep.faces.crops import parse_crop
from facerep.networks.build import build
from facerep.networks.catalog import row
from facerep.networks.weights import save_model
from facerep.results.read import read_result

HERE = ("--workers", 0, "--device", "cpu", "--crop", "loose")


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """A table of four people in three views."""
    lines = ["path,person,view,split"]
    for number in range(4):
        shape = np.random.default_rng(number).integers(20, 236, (5, 5)).repeat(12, axis=0).repeat(12, axis=1)
        for view in (-30, 0, 30):
            picture = np.clip(shape + view, 0, 255).astype(np.uint8)
            Image.fromarray(picture).save(tmp_path / f"{number}_{view}.png")
            lines.append(f"{number}_{view}.png,p{number},{view},{'train' if number < 2 else 'test'}")
    (tmp_path / "faces.csv").write_text("\n".join(lines) + "\n")
    return tmp_path / "faces.csv"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Weights that draw, as a run has them; they are random."""
    torch.manual_seed(0)
    network = build(row("fip-conv-32"), normalise=True)
    card = {"target": "view=0", "targets": [""]}
    crop = parse_crop("loose@32x32/face*1/grey/1")
    save_model(tmp_path / "run.safetensors", network, crop=crop, normalise=True, dropout=0.0, card=card)
    return tmp_path / "run.safetensors"


def test_a_folder_of_pictures_a_sheet_and_figures(here, faces: Path, run: Path, tmp_path: Path) -> None:
    done = here("reconstruct", run, faces, "--by", "view", "-o", "out", *HERE)
    assert done.code == 0, done.stderr
    assert [line.split("|")[0].strip() for line in done.stdout.splitlines() if "of 8" in line] == [
        "this network", "untrained",
    ]  # fmt: skip
    assert {path.name for path in (tmp_path / "out").glob("[!.]*")} == {
        "result.json", "command.json", "pictures.zip", "reconstruction.png",
    }  # fmt: skip
    with zipfile.ZipFile(tmp_path / "out" / "pictures.zip") as archive:
        assert len(archive.namelist()) == 12
        assert "0_-30.png" in archive.namelist()
    result = read_result(tmp_path / "out" / "result.json")
    assert result["format"] == "facerep/reconstruction"
    assert [group["name"] for group in result["judged"]["groups"]] == ["-30", "30"]
    assert result["judged"]["drawn"]["nearest_truth"]["of"] == 8
    assert here("report", "out", "-o", "page.html").code == 0
    assert "what the network draws of them" in (tmp_path / "page.html").read_text()


def test_json_where_columns_select_the_faces(here, faces: Path, run: Path) -> None:
    done = here("reconstruct", run, faces, "--where", "split=test", "-o", "out", "--json", *HERE)
    assert done.code == 0, done.stderr
    assert (done.json["faces"], done.json["judged"]["people"]) == (6, 2)


def test_faces_without_labels_have_pictures_and_no_truth(here, faces: Path, run: Path, tmp_path: Path) -> None:
    text = faces.read_text().replace("view", "turn")
    (tmp_path / "wild.csv").write_text(text)
    done = here("reconstruct", run, "wild.csv", "-o", "out", *HERE)
    assert done.code == 0, done.stderr
    assert "no truth here" in done.stderr
    assert (tmp_path / "out" / "reconstruction.png").exists()
    assert read_result(tmp_path / "out" / "result.json")["judged"] is None


def test_what_is_refused_is_one_line_and_nothing_is_written(here, faces: Path, run: Path, tmp_path: Path) -> None:
    for options, words in (
        (("--by", "pose"), "no column 'pose'"),
        (("--target", "light=7"), "no column 'light', which canonical pictures are chosen by"),
        (("--target", "view=90"), "nobody has a canonical picture (view=90)"),
        (("--target", "view"), "is no rule for canonical pictures"),
    ):
        done = here("reconstruct", run, faces, *options, "-o", "out", *HERE)
        assert done.code in (1, 2)
        assert words in done.error
        assert not (tmp_path / "out").exists()
    done = here("reconstruct", "bundled", faces, "-o", "out", *HERE)
    assert done.code == 1
    assert "draws no pictures" in done.error
