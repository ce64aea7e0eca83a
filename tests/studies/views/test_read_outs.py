"""Read-outs find what is linear in units, and nothing where nothing is."""

import numpy as np

from facerep.studies.views.read_outs import MOST_SUPPORT, classify, linear_regression, support_vectors


def test_labels_that_are_linear_in_units_are_found_and_constant_units_do_not_matter():
    draws = np.random.default_rng(0)
    centres = 4 * draws.normal(size=(5, 8))
    labels = draws.integers(0, 5, 400)
    units = np.column_stack([centres[labels] + draws.normal(size=(400, 8)), np.ones(400)])
    assert (classify(units[:200], labels[:200], units[200:]) == labels[200:]).mean() > 0.95


def test_units_that_never_change_give_the_commonest_label():
    assert classify(np.ones((5, 2)), np.array([1, 1, 2, 1, 0]), np.ones((3, 2))).tolist() == [1, 1, 1]


def test_it_is_the_linear_discriminant_of_scikit_learn():
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    draws = np.random.default_rng(5)
    labels = draws.permutation(np.repeat([0, 1, 2], [150, 100, 50]))
    units = draws.normal(size=(3, 4))[labels] + draws.normal(size=(300, 4)) @ draws.normal(size=(4, 4))
    theirs = LinearDiscriminantAnalysis(solver="lsqr").fit(units[:200], labels[:200]).predict(units[200:])
    assert (classify(units[:200], labels[:200], units[200:]) == theirs).mean() > 0.97


def test_units_that_say_it_exactly_are_read_exactly():
    units = np.repeat([0.0, 0.25, 1.0], 5)[:, None]
    labels = np.repeat([0, 1, 2], 5)
    assert (classify(units, labels, units) == labels).all()


def test_noise_is_read_at_chance():
    draws = np.random.default_rng(1)
    labels = draws.integers(0, 4, 2000)
    noise = draws.normal(size=(2000, 5))
    assert abs((classify(noise[:1000], labels[:1000], noise[1000:]) == labels[1000:]).mean() - 0.25) < 0.06


def test_regression_finds_degrees_and_support_vectors_those_that_are_not_linear():
    draws = np.random.default_rng(2)
    degrees = draws.choice([-60.0, -30.0, 0.0, 30.0, 60.0], 600)
    linear = degrees[:, None] / 60 @ draws.normal(size=(1, 6)) + 0.01 * draws.normal(size=(600, 6))
    assert np.abs(linear_regression(linear[:300], degrees[:300], linear[300:]) - degrees[300:]).mean() < 1
    bent = np.stack([np.cos(degrees / 20), np.sin(degrees / 20)], axis=1) + 0.01 * draws.normal(size=(600, 2))
    read, faces = support_vectors(bent[:300], degrees[:300], bent[300:], 0)
    assert faces == 300
    straight = linear_regression(bent[:300], degrees[:300], bent[300:])
    assert np.abs(read - degrees[300:]).mean() < np.abs(straight - degrees[300:]).mean() / 2


def test_support_vectors_are_chosen_from_no_more_than_they_can_be():
    draws = np.random.default_rng(3)
    many = draws.normal(size=(MOST_SUPPORT + 50, 2))
    assert support_vectors(many, many[:, 0], many[:5], 0)[1] == MOST_SUPPORT
