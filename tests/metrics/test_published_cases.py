"""Cases worked out in print."""

import numpy as np
import pytest

from facerep.metrics.eer_auc import auc, best_row, best_threshold
from facerep.metrics.intervals import clopper_pearson, wilson
from facerep.metrics.roc import sweep
from facerep.metrics.streamed import ScoreBlocks, streamed_curve

FAWCETT = [0.9, 0.8, 0.7, 0.6, 0.55, 0.54, 0.53, 0.52, 0.51, 0.505, 0.4, 0.39, 0.38, 0.37, 0.36, 0.35, 0.34, 0.33,
           0.3, 0.1]  # fmt: skip
KINDS = "ppnpppnnpnpnpnnnpnpn"


def curves(scores, same):
    """The curve of one sort, and that of streamed scores."""
    scores, same = np.asarray(scores, float), np.asarray(same)
    return sweep(scores, same), streamed_curve(scores[same], ScoreBlocks(lambda: [scores[~same]]), [0.1])


@pytest.mark.parametrize("which", [0, 1])
def test_the_twenty_instances_of_fawcett_give_his_points_and_his_highest_accuracy(which):
    """Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27, 2006, figure 3 and section 3."""
    curve = curves(FAWCETT, [kind == "p" for kind in KINDS])[which]
    far, tar = curve.corners()
    points = dict(zip(far.tolist(), tar.tolist(), strict=True))
    assert (points[0.0], points[0.1]) == (0.2, 0.5)
    right = curve.true_accepts + 10 - curve.false_accepts
    assert right.max() / 20 == 0.7  # "the ROC point at (0.1, 0.5) produces its highest accuracy (70 %)"
    threshold = best_threshold(curve)
    assert 0.53 < threshold <= 0.54
    assert (curve.far[best_row(curve)], curve.tar[best_row(curve)]) == (0.1, 0.5)


@pytest.mark.parametrize("which", [0, 1])
def test_the_rated_images_of_hanley_and_mcneil_give_their_area(which):
    """Hanley and McNeil, Radiology 143, 1982, table 1: 58 normal and 51 abnormal images, five ratings, many ties."""
    normal, abnormal = [33, 6, 6, 11, 2], [3, 2, 2, 11, 33]
    scores = np.repeat(np.tile(np.arange(1, 6), 2), [*normal, *abnormal])
    area, _ = auc(curves(scores, np.arange(len(scores)) >= 58)[which])
    assert area == pytest.approx(0.893, abs=0.0005)


@pytest.mark.parametrize(
    ("count", "of", "scored", "exact"),
    [
        (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
        (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
    ],
)
def test_intervals_of_a_proportion_are_those_of_newcombe(count, of, scored, exact):
    """Newcombe, Statistics in Medicine 17, 1998, 857-872, table I, methods 3 and 5."""
    assert wilson(count / of, of) == pytest.approx(scored, abs=5e-5)
    assert clopper_pearson(count, of) == pytest.approx(exact, abs=5e-5)
