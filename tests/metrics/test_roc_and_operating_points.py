"""Curves and operating points, against slow counting and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score, roc_curve

from facerep.errors import BadInput, Usage
from facerep.metrics import eer_auc
from facerep.metrics.folds import judge_folds, mean_and_error
from facerep.metrics.operating_points import impostors_needed, tar_at_far
from facerep.metrics.roc import Curve, sweep

coarse = st.integers(-4, 4).map(float) | st.sampled_from([np.inf, -np.inf])
kinds = st.lists(coarse, min_size=1, max_size=25)


def joined(genuine, impostor):
    scores = np.array([*genuine, *impostor], np.float64)
    return scores, np.arange(len(scores)) < len(genuine)


def candidates(scores):
    return sorted({*scores.tolist(), np.inf})


@settings(max_examples=80, deadline=None)
@given(kinds, kinds)
def test_counts_at_every_candidate_are_those_of_a_slow_loop(genuine, impostor):
    scores, same = joined(genuine, impostor)
    curve = sweep(scores, same)
    assert curve.thresholds.tolist() == candidates(scores)[::-1]
    for threshold, true, false in zip(curve.thresholds, curve.true_accepts, curve.false_accepts, strict=True):
        assert true == sum(score >= threshold for score in genuine)
        assert false == sum(score >= threshold for score in impostor)


@settings(max_examples=60, deadline=None)
@given(kinds, kinds, st.sampled_from([0.05, 0.1, 0.29, 1 / 3, 0.5, 1.0]))
def test_tar_at_far_is_the_smallest_threshold_that_holds_the_target(genuine, impostor, far):
    scores, same = joined(genuine, impostor)
    point = tar_at_far(sweep(scores, same), far)
    held = [t for t in candidates(scores) if sum(s >= t for s in impostor) / len(impostor) <= far]
    if 1 / len(impostor) > far or not held:
        assert (point.flag, point.tar, point.threshold) == ("refused", None, None)
        return
    assert point.threshold == held[0]
    assert point.tar == sum(s >= held[0] for s in genuine) / len(genuine)
    assert point.flag == ("few impostors" if 10 / len(impostor) > far else None)


@settings(max_examples=60, deadline=None)
@given(kinds, kinds)
def test_auc_is_the_share_of_comparisons_won_with_ties_half(genuine, impostor):
    scores, same = joined(genuine, impostor)
    won = sum((g > i) + (g == i) / 2 for g in genuine for i in impostor)
    assert eer_auc.auc(sweep(scores, same)) == (won / (len(genuine) * len(impostor)), won)


@settings(max_examples=60, deadline=None)
@given(kinds, kinds)
def test_the_best_threshold_is_as_accurate_as_the_best_candidate_and_the_lower_median(genuine, impostor):
    scores, same = joined(genuine, impostor)
    right = {t: int(np.sum((scores >= t) == same)) for t in candidates(scores)}
    best = [t for t in right if right[t] == max(right.values())]
    chosen = best[(len(best) - 1) // 2]
    below = [s for s in candidates(scores) if s < chosen]
    middle = (chosen + below[-1]) / 2 if below and np.isfinite(chosen) and np.isfinite(below[-1]) else chosen
    found = eer_auc.best_threshold(sweep(scores, same))
    assert found == middle
    assert np.sum((scores >= found) == same) == max(right.values())


@settings(max_examples=60, deadline=None)
@given(kinds, kinds)
def test_the_equal_error_rate_follows_the_definition_of_fvc2000(genuine, impostor):
    scores, same = joined(genuine, impostor)
    far = {t: sum(s >= t for s in impostor) / len(impostor) for t in candidates(scores)}
    frr = {t: sum(s < t for s in genuine) / len(genuine) for t in candidates(scores)}
    highest = [t for t in far if frr[t] <= far[t]]
    lowest = [t for t in far if frr[t] >= far[t]]
    found = eer_auc.equal_error(sweep(scores, same))
    options = [far[t] + frr[t] for t in (max(highest, default=None), min(lowest, default=None)) if t is not None]
    assert found.far + found.frr == pytest.approx(min(options))
    assert found.value == (found.far + found.frr) / 2


def test_curve_and_auc_agree_with_scikit_learn():
    rng = np.random.default_rng(0)
    scores = np.round(rng.normal(size=3000) + np.repeat([1, 0], 1500), 2)
    same = np.arange(3000) < 1500
    far, tar, thresholds = roc_curve(same, scores, drop_intermediate=False)
    curve = sweep(scores, same)
    np.testing.assert_array_equal(curve.thresholds, thresholds)
    np.testing.assert_allclose(curve.far, far)
    np.testing.assert_allclose(curve.tar, tar)
    assert eer_auc.auc(curve)[0] == pytest.approx(roc_auc_score(same, scores), abs=1e-12)


def test_far_is_a_quotient_so_29_of_100_holds_a_target_of_29_per_cent():
    # 0.29 * 100 is a little less than 29: a product would accept one impostor too few
    curve = sweep(*joined([200.0], np.arange(100.0)))
    assert tar_at_far(curve, 0.29).false_accepts == 29
    assert all(tar_at_far(curve, k / 100).false_accepts == k for k in range(1, 100))


def test_coarse_hamming_scores_with_100_impostors_are_refused_at_a_thousandth_and_flagged_at_a_hundredth():
    rng = np.random.default_rng(6)
    genuine, impostor = rng.binomial(128, 0.75, 80).astype(float), rng.binomial(128, 0.5, 100).astype(float)
    curve = sweep(*joined(genuine, impostor))
    assert tar_at_far(curve, 1e-3).flag == "refused"
    assert impostors_needed(1e-3) == 1000
    point = tar_at_far(curve, 1e-2)
    by_hand = min(t for t in range(130) if np.sum(impostor >= t) <= 1 and t in {*genuine, *impostor})
    assert (point.flag, point.threshold) == ("few impostors", by_hand)
    assert point.true_accepts == np.sum(genuine >= by_hand)
    assert point.false_accepts == np.sum(impostor >= by_hand)


def test_a_system_that_ranks_every_pair_wrongly_has_no_true_accepts_at_a_low_far():
    point = tar_at_far(sweep(*joined([1, 2], [3])), far=1.0)
    assert point.false_accepts == 1
    assert eer_auc.equal_error(sweep(*joined([1, 2], [3]))).value == 1.0
    assert tar_at_far(sweep(*joined([1.0, 2.0], [3.0] * 10)), far=0.1).tar == 0


def test_an_infinite_impostor_score_means_that_no_threshold_holds_the_target():
    curve = sweep(*joined([np.inf, 1.0], [np.inf, *np.zeros(99)]))
    assert curve.far[0] == 0.01
    assert tar_at_far(curve, 0.01).tar == 1
    curve = sweep(*joined([np.inf, 1.0], [np.inf, np.inf, *np.zeros(98)]))
    assert tar_at_far(curve, 0.01).flag == "refused"


@pytest.mark.parametrize("far", [0.0, -0.1, 1.1, float("nan")])
def test_a_target_outside_its_range_is_refused(far):
    with pytest.raises(Usage, match="false accept rate"):
        tar_at_far(sweep(*joined([1], [0])), far)


def test_a_nan_score_and_a_missing_kind_are_errors_that_say_which():
    with pytest.raises(BadInput, match="1 of 3 scores are NaN, the first: pair 1"):
        sweep(np.array([1.0, np.nan, 0.0]), np.array([True, False, False]))
    with pytest.raises(BadInput, match="3 genuine and 0 impostor"):
        sweep(np.arange(3.0), np.ones(3, bool))
    with pytest.raises(BadInput, match="0 genuine and 0 impostor"):
        sweep(np.empty(0), np.empty(0, bool))


def test_a_fold_is_judged_by_the_threshold_of_the_others():
    rng = np.random.default_rng(3)
    same = np.tile(np.arange(60) < 30, 10)
    scores = np.round(rng.normal(size=600) + 1.5 * same, 1)
    fold = np.repeat(np.arange(10), 60)
    folds, accepted = judge_folds(scores, same, fold)
    for k, found in enumerate(folds):
        others, mine = fold != k, fold == k
        threshold = eer_auc.best_threshold(sweep(scores[others], same[others]))
        assert found.threshold == threshold
        assert found.count == np.sum((scores[mine] >= threshold) == same[mine])
        np.testing.assert_array_equal(accepted[mine], scores[mine] >= threshold)
    values = [found.count / found.of for found in folds]
    mean, error = mean_and_error(values)
    assert mean == pytest.approx(sum(values) / 10)
    assert error == pytest.approx((sum((v - mean) ** 2 for v in values) / 9) ** 0.5 / 10**0.5)


def test_folds_of_one_kind_of_pairs_are_refused():
    same = np.array([True, True, False, False])
    with pytest.raises(BadInput, match="fold 0 has 2 genuine and 0 impostor"):
        judge_folds(np.arange(4.0), same, np.array([0, 0, 1, 1]))
    with pytest.raises(BadInput, match="at least two"):
        judge_folds(np.arange(4.0), same, np.zeros(4))


def test_scaling_the_scores_changes_no_rate():
    rng = np.random.default_rng(1)
    scores, same = rng.normal(size=500), np.arange(500) < 200
    small, large = sweep(scores, same), sweep(scores * 8, same)
    assert eer_auc.equal_error(small) == eer_auc.equal_error(large)
    assert tar_at_far(small, 0.1).tar == tar_at_far(large, 0.1).tar
    assert eer_auc.best_threshold(large) == pytest.approx(8 * eer_auc.best_threshold(small))


def test_auc_of_more_comparisons_than_an_int64_holds():
    genuine, impostor = 10**7, 5 * 10**11
    perfect = Curve(
        thresholds=np.array([1.0, 0.0]), true_accepts=np.array([genuine, genuine]),
        false_accepts=np.array([0, impostor]), genuine=genuine, impostor=impostor,
    )  # fmt: skip
    assert eer_auc.auc(perfect) == (1.0, float(genuine * impostor))
