"""Success AUC and precision against loops over frames and thresholds."""

import numpy as np
import pytest

from facerep.metrics.boxes.overlap import iou
from facerep.metrics.boxes.tracking import precision, success_auc, success_curve


def test_success_is_the_share_of_frames_above_each_of_21_thresholds_and_its_mean():
    rng = np.random.default_rng(0)
    truth = np.concatenate([rng.random((40, 2)) * 20, 5 + rng.random((40, 2)) * 20], axis=1)
    found = truth + rng.normal(size=truth.shape)
    overlaps = iou(found, truth)
    shares = [sum(value > threshold / 20 for value in overlaps) / 40 for threshold in range(21)]
    assert np.allclose(success_curve(found, truth), shares)
    assert success_auc(found, truth) == pytest.approx(np.mean(shares))


def test_boxes_that_are_the_true_ones_reach_all_but_the_threshold_1():
    truth = np.array([[1.0, 2, 3, 4], [5, 6, 7, 8]])
    assert success_auc(truth, truth) == pytest.approx(20 / 21)
    assert precision(truth, truth) == 1


def test_a_frame_without_a_box_is_missed():
    truth = np.array([[0.0, 0, 4, 4], [0, 0, 4, 4]])
    found = np.array([[np.nan] * 4, [12.0, 16, 4, 4]])
    assert precision(found, truth) == 0.5
    assert precision(found, truth, near=19.9) == 0
    assert success_auc(found, truth) == 0
