"""The curve of streamed scores: figures bit for bit those of one sort of all of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerep.errors import BadInput
from facerep.metrics.eer_auc import auc, best_threshold, equal_error
from facerep.metrics.ladder import ladder
from facerep.metrics.operating_points import tar_at_far
from facerep.metrics.roc import sweep
from facerep.metrics.streamed import ScoreBlocks, streamed_curve

FARS = (1.0, 0.5, 0.29, 0.1, 0.01, 0.001)


def whole(genuine, impostor):
    return sweep(np.concatenate([genuine, impostor]), np.arange(len(genuine) + len(impostor)) < len(genuine))


def figures(curve):
    points = [tar_at_far(curve, far) for far in FARS]
    return [*points, equal_error(curve).value, equal_error(curve).far, auc(curve), best_threshold(curve)]


def at_crossing(curve):
    return float(curve.thresholds[equal_error(curve).row])


def split(scores, rng, parts):
    return [piece.reshape(-1, 1) for piece in np.array_split(rng.permutation(scores), parts)]


def drawn(seed):
    """A set of scores of some odd kind: ties, infinities, few of one kind, rounding."""
    rng = np.random.default_rng(seed)
    genuine = rng.normal(rng.choice([0.0, 1.0, 3.0]), 1, rng.integers(1, 60))
    impostor = rng.normal(0, rng.choice([1.0, 1e-3, 1e3]), rng.integers(1, 400))
    kind = seed % 6
    if kind == 1:
        genuine, impostor = np.round(genuine), np.round(impostor)
    elif kind == 2:
        impostor[rng.random(len(impostor)) < 0.2] = rng.choice([np.inf, -np.inf])
        genuine[rng.random(len(genuine)) < 0.2] = rng.choice([np.inf, -np.inf])
    elif kind == 3:
        impostor[: len(genuine)] = genuine[: len(impostor)]
    elif kind == 4:
        genuine, impostor = np.full_like(genuine, 0.25), rng.choice([0.25, 0.5, np.nextafter(0.25, 1)], len(impostor))
    elif kind == 5:
        genuine, impostor = genuine * 1e300, impostor * 1e304
    return rng, genuine, impostor


def test_thousands_of_score_sets_give_the_figures_of_one_sort():
    for seed in range(2000):
        rng, genuine, impostor = drawn(seed)
        blocks = split(impostor, rng, rng.integers(1, 6))
        coarse = rng.normal(0, 1, rng.integers(0, 9)) if seed % 2 else None
        found, right = streamed_curve(genuine, ScoreBlocks(lambda b=blocks: b), FARS, coarse), whole(genuine, impostor)
        assert figures(found) == figures(right), seed
        assert at_crossing(found) == at_crossing(right), seed
        assert (found.genuine, found.impostor) == (len(genuine), len(impostor))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.floats(allow_nan=False), min_size=1, max_size=20),
    st.lists(st.floats(allow_nan=False), min_size=1, max_size=40),
    st.lists(st.floats(allow_nan=False), max_size=5),
)
def test_any_doubles_give_the_figures_of_one_sort(genuine, impostor, coarse):
    genuine, impostor = np.array(genuine), np.array(impostor)
    found = streamed_curve(genuine, ScoreBlocks(lambda: [impostor[::2], impostor[1::2]]), FARS, np.array(coarse))
    assert figures(found) == figures(whole(genuine, impostor))


def test_each_row_counts_what_its_threshold_accepts_and_the_roc_has_its_corners():
    _, genuine, impostor = drawn(0)
    curve, right = streamed_curve(genuine, ScoreBlocks(lambda: [impostor]), FARS), whole(genuine, impostor)
    for threshold, true, false in zip(curve.thresholds, curve.true_accepts, curve.false_accepts, strict=True):
        assert (true, false) == (np.sum(genuine >= threshold), np.sum(impostor >= threshold))
    # where TAR rises the corners are the same; between them the ROC is level
    rises = {(far, tar) for far, tar in zip(*right.corners(), strict=True)}
    assert {(far, tar) for far, tar in zip(*curve.corners(), strict=True)} <= rises
    at = np.searchsorted(curve.corners()[0], right.corners()[0], side="right") - 1
    np.testing.assert_array_equal(curve.corners()[1][np.maximum(at, 0)][at >= 0], right.corners()[1][at >= 0])


def test_only_a_few_scores_are_kept():
    rng = np.random.default_rng(0)
    impostor, genuine = rng.normal(size=200_000), rng.normal(2, 1, size=3)
    coarse = np.quantile(rng.choice(impostor, 5000), np.linspace(0, 1, 200))
    curve = streamed_curve(genuine, ScoreBlocks(lambda: np.array_split(impostor, 10)), FARS, coarse)
    assert len(curve.thresholds) < 20_000
    assert figures(curve) == figures(whole(genuine, impostor))


def test_scores_that_change_between_the_passes_are_found_out():
    rng = np.random.default_rng(0)
    with pytest.raises(RuntimeError, match="changed"):
        streamed_curve(np.array([0.5]), ScoreBlocks(lambda: [rng.normal(size=100)]), FARS)


@pytest.mark.parametrize(("genuine", "impostor"), [([], [1.0]), ([1.0], [])])
def test_one_kind_of_pairs_only_is_refused_with_both_counts(genuine, impostor):
    with pytest.raises(BadInput, match=f"{len(genuine)} genuine and {len(impostor)} impostor"):
        streamed_curve(np.array(genuine), ScoreBlocks(lambda: [np.array(impostor)]))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=30), st.lists(st.floats(allow_nan=False), max_size=30))
def test_places_are_those_of_searchsorted(values, scores):
    scores, distinct = np.array([*scores, *values, np.inf, -np.inf]), np.unique(np.array(values))
    table = ladder(np.array(values))
    np.testing.assert_array_equal(table.below(scores), np.searchsorted(distinct, scores))
    both = np.searchsorted(distinct, scores, "left") + np.searchsorted(distinct, scores, "right")
    np.testing.assert_array_equal(table.slots(scores), both)


def test_places_among_many_values_in_one_step_are_those_of_searchsorted():
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(size=2000) * 1e-9, [5.0, -3.0]])
    scores = np.concatenate([rng.normal(size=2000) * 1e-9, values])
    np.testing.assert_array_equal(ladder(values).below(scores), np.searchsorted(np.sort(values), scores))
