"""Inputs on which other projects crash, sit silent or are wrong, from pictures on disk to numbers.

Each case was reported against a peer; what concerns one function alone is tested beside that function.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from unicodedata import normalize

import numpy as np
import pytest
import torch
from PIL import Image

from facerep.faces.crops import parse_crop
from facerep.files.features import read_features, write_codes
from facerep.files.rows import Codes
from facerep.networks.catalog import row
from facerep.networks.deepid import DeepID
from facerep.networks.weights import save_model


@pytest.fixture
def extract(here, tmp_path):
    """`facerep extract ARGUMENTS -o f.h5` through a network that was taught nothing; gives the run and the features."""
    torch.manual_seed(0)
    network = DeepID(row("deepid-31x31"), normalise=True).eval()
    crop = parse_crop("loose@31x31/1")
    save_model(tmp_path / "m.safetensors", network, crop=crop, normalise=True, dropout=0.0, card={})

    def run(*arguments: object):
        options = ("--device", "cpu", "--workers", 0, "--model", "m.safetensors", "-o", "f.h5", "--overwrite")
        done = here("extract", *options, *arguments)
        assert done.code in (0, 3), done.stderr
        return done, read_features(tmp_path / "f.h5")

    return run


def picture(path: Path) -> Image.Image:
    return Image.open(path).convert("RGB")


def test_case_1_a_picture_that_lies_on_its_side_gives_the_features_of_the_upright_one(extract, people_folder, tmp_path):
    upright = picture(people_folder / "person_0" / "0.png").resize((64, 80))
    (tmp_path / "set" / "ana").mkdir(parents=True)
    upright.save(tmp_path / "set" / "ana" / "1.png")
    lying = {6: Image.Transpose.ROTATE_90, 5: Image.Transpose.TRANSPOSE, 2: Image.Transpose.FLIP_LEFT_RIGHT}
    for orientation, turn in lying.items():
        exif = Image.Exif()
        exif[0x0112] = orientation
        upright.transpose(turn).save(tmp_path / "set" / "ana" / f"exif{orientation}.png", exif=exif)
    _, features = extract("set", "--mirror", "none")
    assert len(features) == 4
    first = features.values[features.names == "ana/1.png"]
    np.testing.assert_allclose(features.values, np.repeat(first, 4, axis=0), atol=1e-4)


def test_case_2_clutter_empty_people_empty_files_and_singletons_do_not_stop_training_or_extraction(
    here, extract, people_folder
):
    for name in (".DS_Store", "Thumbs.db", "._0.png"):
        (people_folder / "person_0" / name).write_bytes(b"x")
    (people_folder / "nobody").mkdir()
    (people_folder / "single").mkdir()
    picture(people_folder / "person_0" / "0.png").save(people_folder / "single" / "1.png")
    (people_folder / "person_1" / "zero.jpg").touch()
    run, features = extract("people")
    assert run.code == 0
    assert (len(features), len(set(features.people))) == (25, 7)
    assert features.failures == (("person_1/zero.jpg", "file is empty"),)
    assert extract("people", "--strict")[0].code == 3
    small = ("--network", "deepid-31x31", "--epochs", 1, "--batch-size", 16, "--device", "cpu", "--workers", 0)
    run = here("train", "people", *small, "--json")
    told = json.loads(run.stdout)
    assert run.code == 0
    assert told["people"] + told["validation_people"] in (6, 7)  # the singleton validates or is left out
    assert [name for name, _ in told["failures"]] == ["person_1/zero.jpg"]


def test_case_3_every_kind_of_pixel_gives_features(extract, people_folder, tmp_path):
    face = picture(people_folder / "person_0" / "0.png")
    folder = tmp_path / "set" / "ana"
    folder.mkdir(parents=True)
    grey = face.convert("L")
    grey.save(folder / "grey8.png")
    Image.fromarray(np.asarray(grey).astype(np.uint16) * 257).save(folder / "grey16.png")
    grey.convert("LA").save(folder / "la.png")
    see_through = face.convert("RGBA")
    see_through.putpixel((0, 0), (255, 255, 255, 0))
    see_through.save(folder / "rgba.png")
    face.quantize(64).save(folder / "palette.png", transparency=0)
    face.convert("CMYK").save(folder / "cmyk.jpg", quality=95)
    run, features = extract("set", "--strict")
    assert run.code == 0
    values = dict(zip(features.names, features.values, strict=True))
    assert len(values) == 6
    np.testing.assert_allclose(values["ana/grey16.png"], values["ana/grey8.png"], atol=1e-5)
    np.testing.assert_allclose(values["ana/la.png"], values["ana/grey8.png"], atol=1e-5)


def test_case_4_names_of_any_script_are_found_by_pairs_and_are_no_formulas(here, extract, people_folder, tmp_path):
    people = {"Zoë": "Ångström_0001.png", "李": "李 四.png", "=1+1": "=SUM(A1).png"}
    for number, (person, name) in enumerate(people.items()):
        folder = tmp_path / "set" / normalize("NFD", person)
        folder.mkdir(parents=True)
        for place, form in enumerate((name, f"b {name}")):
            picture(people_folder / f"person_{number}" / f"{place}.png").save(folder / normalize("NFD", form))
    run, features = extract("set")
    assert run.code == 0
    assert set(features.people) == {normalize("NFC", person) for person in people}
    lines = [f"{person}/{name},{person}/b {name},1" for person, name in people.items()]
    lines += [f"Zoë/Ångström_0001.png,李/{people['李']},0", f"=1+1/{people['=1+1']},李/{people['李']},0"]
    (tmp_path / "pairs.csv").write_text(normalize("NFC", "\n".join(lines)) + "\n", encoding="utf-8")
    run = here("verify", "f.h5", "--pairs", "pairs.csv", "--json", "-o", "out")
    assert run.code == 0, run.stderr
    counts = json.loads(run.stdout)["counts"]
    assert (counts["genuine"], counts["impostor"]) == (3, 2)
    with (tmp_path / "out" / "scores.csv").open(newline="", encoding="utf-8") as stream:
        cells = [value for line in csv.DictReader(stream) for value in line.values()]
    assert "'=1+1/=SUM(A1).png" in cells
    assert not any(value.startswith("=") for value in cells)


def test_case_5_a_list_of_names_and_numbers_finds_other_endings_and_names_what_is_absent(
    here, extract, people_folder, tmp_path
):
    for number, person in enumerate(("Ana", "Bo", "Cy")):
        (tmp_path / "set" / person).mkdir(parents=True)
        for place, ending in ((1, "png"), (2, "JPG"), (3, "jpeg")):
            face = picture(people_folder / f"person_{number}" / f"{place}.png")
            face.save(tmp_path / "set" / person / f"{person}_{place:04}.{ending}")
    (tmp_path / "set" / "Cy" / "Cy_0003.jpeg").unlink()
    lines = ["Ana\t1\t2", "Bo\t1\t3", "Cy\t1\t3", "Ana\t1\tBo\t2", "Bo\t3\tCy\t2", "Ana\t3\tCy\t1"]
    (tmp_path / "pairs.txt").write_text("3\n" + "\n".join(lines) + "\n")
    assert extract("set", "--crop", "loose")[0].code == 0
    run = here("verify", "f.h5", "--pairs", "pairs.txt")
    assert (run.code, run.stdout) == (1, "")
    assert "Cy_0003" in run.error
    run = here("verify", "f.h5", "--pairs", "pairs.txt", "--missing", "count", "--json")
    assert run.code == 0, run.stderr
    counts = json.loads(run.stdout)["counts"]
    assert (counts["genuine"], counts["impostor"], counts["missing"]) == (2, 3, {"genuine": 1, "impostor": 0})


def test_case_6_rates_of_a_coarse_grid_are_counted_and_those_that_cannot_be_seen_are_refused(here, tmp_path):
    """200 pairs of 8-bit codes, 100 of a kind: genuine ones differ in 0 or 1 bits, impostors in 1, 3 or 4."""
    differ = [0] * 60 + [1] * 40 + [1] * 1 + [3] * 49 + [4] * 50
    names = [f"{side}{pair}.png" for pair in range(200) for side in "ab"]
    packed = np.array([[value] for bits in differ for value in (0, (1 << bits) - 1)], np.uint8)
    people = np.full(400, "", dtype=object)
    codes = Codes(
        names=np.array(names, dtype=object), people=people, packed=packed, bits=8, thresholds=np.zeros(8, np.float32)
    )
    write_codes(codes, tmp_path / "codes.h5")
    (tmp_path / "pairs.csv").write_text("".join(f"a{pair}.png,b{pair}.png,{int(pair < 100)}\n" for pair in range(200)))
    run = here("verify", "codes.h5", "--pairs", "pairs.csv", "--far", "0.001")
    assert (run.code, run.stdout) == (1, "")
    assert "100, at least 1000 are needed" in run.error
    run = here("verify", "codes.h5", "--pairs", "pairs.csv", "--far", "0.1,0.01,0.001", "--json")
    assert run.code == 0, run.stderr
    told = json.loads(run.stdout)
    tenth, hundredth, refused = told["tar_at_far"]
    # at most one bit may differ: all genuine pairs, and the one impostor pair that is as near
    assert [tenth["tar"][key] for key in ("count", "of", "value")] == [100, 100, 1.0]
    assert tenth["flag"] is None
    assert [hundredth["tar"][key] for key in ("count", "of")] == [100, 100]
    assert hundredth["flag"] is not None
    assert (refused["tar"], refused["flag"]) == (None, "refused")
    assert (told["accuracy"]["count"], told["accuracy"]["of"]) == (199, 200)


def test_case_9_rows_do_not_depend_on_the_batch(extract, people_folder):
    del people_folder
    one, seven, many = (extract("people", "--batch-size", size)[1] for size in (1, 7, 64))
    assert one.names.tolist() == seven.names.tolist() == many.names.tolist()
    np.testing.assert_allclose(seven.values, one.values, atol=1e-5)
    np.testing.assert_allclose(many.values, one.values, atol=1e-5)
