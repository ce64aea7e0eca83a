"""Joint Bayesian against dense Gaussians, a loop over people, and covariances that were planted."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from facerep.codes.projection import project
from facerep.errors import BadInput
from facerep.scorers import joint_bayesian
from facerep.scorers import joint_bayesian_em as em
from facerep.scorers.joint_bayesian import JointBayesian, fit_joint_bayesian


def planted(people: int, most: int, d: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Features, people, and the covariances they were drawn with; a person has 1 to `most` faces."""
    random = np.random.default_rng(seed)
    a, b = random.normal(size=(2, d, d))
    between, within = a @ a.T / d, b @ b.T / d + 0.3 * np.eye(d)
    groups = np.repeat(np.arange(people), random.integers(1, most + 1, people))
    values = random.multivariate_normal(np.zeros(d), between, people)[groups]
    values += random.multivariate_normal(np.linspace(-1, 1, d), within, len(groups))
    return values, groups.astype(str), between, within


@pytest.fixture(scope="module")
def fitted() -> tuple[np.ndarray, np.ndarray, JointBayesian]:
    values, people, _, _ = planted(300, 6, 5)
    return values, people, fit_joint_bayesian(values, people)


def ratio_of_gaussians(model: JointBayesian, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """log p(a, b | same) - log p(a, b | different), from the full covariance of both."""
    total = model.between + model.within
    both = np.block([[total, model.between], [model.between, total]])
    same = multivariate_normal(np.tile(model.mean, 2), both).logpdf(np.hstack([a, b]))
    alone = multivariate_normal(model.mean, total)
    return same - alone.logpdf(a) - alone.logpdf(b)


def dense_likelihood(x: np.ndarray, people: np.ndarray, between: np.ndarray, within: np.ndarray) -> float:
    found = 0.0
    for person in np.unique(people):
        of_person = x[people == person]
        m = len(of_person)
        covariance = np.kron(np.ones((m, m)), between) + np.kron(np.eye(m), within)
        found += float(multivariate_normal(np.zeros(covariance.shape[0]), covariance).logpdf(of_person.ravel()))
    return found


def loop_round(x: np.ndarray, people: np.ndarray, between: np.ndarray, within: np.ndarray, exact: bool):
    """One round of EM, person by person, from the inverse of a person's whole covariance.

    The exact one regresses the faces on the expected people, as a regression on a variable that is not seen is done.
    """
    d = x.shape[1]
    of_people, of_faces, crossed_with_faces, repeated = np.zeros((4, d, d))
    labels = np.unique(people)
    for person in labels:
        of_person = x[people == person]
        m = len(of_person)
        inverse = np.linalg.inv(np.kron(np.ones((m, m)), between) + np.kron(np.eye(m), within))
        crossed = np.kron(np.ones((1, m)), between)
        expected = crossed @ inverse @ of_person.ravel()
        unsure = exact * (between - crossed @ inverse @ crossed.T)
        of_people += np.outer(expected, expected) + unsure
        repeated += m * (np.outer(expected, expected) + unsure)
        for row in of_person:
            of_faces += np.outer(row - expected, row - expected)
            crossed_with_faces += np.outer(row, expected)
    if not exact:
        return of_people / len(labels), of_faces / len(x)
    slope = crossed_with_faces @ np.linalg.inv(repeated)
    unexplained = x.T @ x - slope @ crossed_with_faces.T
    return slope @ of_people @ slope.T / len(labels), unexplained / len(x)


def test_scores_are_log_ratios_of_dense_gaussians(fitted) -> None:
    values, _, model = fitted
    a, b = values[:100], values[100:200]
    wanted = ratio_of_gaussians(model, a, b)
    np.testing.assert_allclose(model.score(model.prepare(a), model.prepare(b)), wanted, atol=1e-10)
    np.testing.assert_allclose(model.matrix(model.prepare(a), model.prepare(b)).diagonal(), wanted, atol=1e-10)


def test_one_dimension_by_hand() -> None:
    model = JointBayesian(
        mean=np.zeros(1), between=np.array([[3.0]]), within=np.ones((1, 1)), directions=np.ones((1, 1)),
        ratios=np.array([3.0]), likelihoods=[0.0], converged=True,
    )  # fmt: skip
    one, two = model.prepare(np.array([[1.0]])), model.prepare(np.array([[2.0]]))
    # -9/28 (1 + 4) + 6/7 * 2 + log(16/7), halved
    assert model.score(one, two) == pytest.approx(0.5 * (-45 / 28 + 12 / 7 + np.log(16 / 7)))


def test_people_who_do_not_differ_score_zero() -> None:
    model = JointBayesian(
        mean=np.zeros(3), between=np.zeros((3, 3)), within=np.eye(3), directions=np.eye(3),
        ratios=np.zeros(3), likelihoods=[0.0], converged=True,
    )  # fmt: skip
    rows = model.prepare(np.random.default_rng(0).normal(size=(20, 3)))
    assert (model.score(rows[:10], rows[10:]) == 0).all()


@pytest.mark.parametrize("exact", [True, False])
def test_em_on_sums_is_em_by_a_loop_over_people(exact: bool) -> None:
    # 60 people in 3 dimensions: more people than dimensions for each m, so sums are compressed
    values, people, _, _ = planted(60, 4, 3, seed=3)
    groups, counts = np.unique(people, return_inverse=True, return_counts=True)[1:]
    sums = em.collect(values, groups, counts)
    assert len(sums.rows) <= 3 * 4
    model = em.start(sums)
    x = values - values.mean(axis=0)
    for _ in range(3):
        diagonal = em.diagonalise(model)
        dense = dense_likelihood(x, people, model.between.numpy(), model.within.numpy())
        assert em.likelihood(diagonal, sums) == pytest.approx(dense, rel=1e-11)
        wanted = loop_round(x, people, model.between.numpy(), model.within.numpy(), exact)
        model = em.maximise(diagonal, sums, certain=not exact)
        np.testing.assert_allclose(model.between.numpy(), wanted[0], atol=1e-11)
        np.testing.assert_allclose(model.within.numpy(), wanted[1], atol=1e-11)


def test_planted_covariances_are_found() -> None:
    values, people, between, within = planted(3000, 8, 4, seed=1)
    model = fit_joint_bayesian(values, people, tolerance=1e-6)
    np.testing.assert_allclose(model.between, between, atol=0.1 * np.abs(between).max())
    np.testing.assert_allclose(model.within, within, atol=0.03 * np.abs(within).max())


@pytest.mark.parametrize("seed", range(4))
def test_the_likelihood_never_falls(seed: int) -> None:
    values, people, _, _ = planted(40, 3, 6, seed=seed)
    model = fit_joint_bayesian(values, people, rounds=2000, tolerance=0.0)
    steps = np.diff(model.likelihoods)
    assert model.converged  # as far as float64 can tell
    assert model.falls == 0
    assert (steps > -1e-7).all()
    assert steps[0] > 0


def far_fewer_dimensions_of_people_than_of_pictures(people: int = 200, d: int = 30, rank: int = 5):
    """Two faces each, of length 1, whose people differ in a few directions only: plain EM needs hundreds of rounds."""
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(people), 2)
    values = (random.normal(size=(people, rank)) @ random.normal(size=(rank, d)))[groups] / np.sqrt(d)
    values += 0.5 * random.normal(size=(len(groups), d))
    return values / np.linalg.norm(values, axis=1, keepdims=True), groups.astype(str)


def test_few_rounds_lead_where_plain_em_goes_in_hundreds() -> None:
    values, people = far_fewer_dimensions_of_people_than_of_pictures()
    model = fit_joint_bayesian(values, people)
    assert model.converged
    x, groups = values - values.mean(axis=0), np.unique(people, return_inverse=True)[1]
    s = np.array([x[groups == person].sum(axis=0) for person in np.unique(groups)])
    between, within = s.T @ s / 4 / len(s), np.eye(values.shape[1]) * x.var()
    plain = []
    for _ in range(300):  # with two faces each: W = between (2 between + within)^-1
        plain.append(dense_likelihood_of_twos(x, s, between, within))
        shrink = between @ np.linalg.inv(2 * between + within)
        expected = s @ shrink.T
        unsure = between - 2 * shrink @ between
        rest = x - expected[groups]
        between, within = expected.T @ expected / len(s) + unsure, rest.T @ rest / len(x) + unsure
    assert model.likelihoods[-1] > plain[-1]
    assert model.rounds < 60


def dense_likelihood_of_twos(x: np.ndarray, s: np.ndarray, between: np.ndarray, within: np.ndarray) -> float:
    """Of faces two by two of one person: their sum and their difference are independent."""
    together = multivariate_normal(np.zeros(x.shape[1]), 4 * between + 2 * within).logpdf(s).sum()
    apart = multivariate_normal(np.zeros(x.shape[1]), 2 * within).logpdf(x[::2] - x[1::2]).sum()
    return float(together + apart + len(s) * x.shape[1] * np.log(2))


def test_rounds_that_do_not_suffice_are_known_and_a_bar_counts_them(monkeypatch) -> None:
    values, people = far_fewer_dimensions_of_people_than_of_pictures()
    counted = []

    @contextmanager
    def bar(_what, total, noun):
        assert (total, noun) == (2, "rounds")
        yield counted.append

    monkeypatch.setattr(joint_bayesian, "progress", bar)
    model = fit_joint_bayesian(values, people, rounds=2)
    assert counted == [1, 1]
    assert not model.converged
    assert model.gain == model.likelihoods[2] - model.likelihoods[1] > 0


def test_more_of_the_same_faces_and_other_units_take_as_many_rounds(fitted) -> None:
    values, people, model = fitted
    twice = np.concatenate([values, values]), np.concatenate([people, np.char.add("again ", people)])
    assert fit_joint_bayesian(*twice).rounds == fit_joint_bayesian(1000 * values, people).rounds == model.rounds


def test_the_published_step_ends_below_the_exact_one() -> None:
    values, people, _, _ = planted(200, 3, 5, seed=2)
    exact = fit_joint_bayesian(values, people, rounds=30)
    published = fit_joint_bayesian(values, people, m_step="published", rounds=30, tolerance=0.0)
    assert published.likelihoods[-1] < exact.likelihoods[-1]
    assert published.falls > 0


@pytest.mark.parametrize("seed", range(4))
def test_people_with_one_face_help_to_model_people_who_were_held_out(seed: int) -> None:
    values, people, _, _ = planted(500, 3, 4, seed=seed)
    person = people.astype(int)
    first = np.isin(person, np.flatnonzero(np.bincount(person) > 1)[:40])  # few with several faces, many with one
    alone = (np.bincount(person) == 1)[person]
    held_out = ~first & ~alone

    def likelihood(rows: np.ndarray) -> float:
        model = fit_joint_bayesian(values[rows], people[rows])
        return dense_likelihood(values[held_out] - model.mean, people[held_out], model.between, model.within)

    assert likelihood(first | alone) > likelihood(first) + 1  # in nats


def test_order_and_names_of_people_do_not_matter(fitted) -> None:
    values, people, model = fitted
    order = np.random.default_rng(0).permutation(len(values))
    other = fit_joint_bayesian(values[order], np.array([f"x{person}" for person in people[order]]))
    np.testing.assert_allclose(other.between, model.between, atol=1e-9)


def test_the_number_of_a_pair_depends_on_the_pair_alone(fitted) -> None:
    values, _, model = fitted
    whole = model.prepare(values)
    for size in (1, 2, 3, 7, 8, 64, 333):
        parts = np.concatenate([model.prepare(values[i : i + size].copy()) for i in range(0, len(values), size)])
        assert np.array_equal(whole, parts), size
    a, b = whole[:200], whole[200:400]
    scores = model.score(a, b)
    assert np.array_equal(scores, model.score(b, a))
    for size in (1, 2, 3, 7, 8, 64):
        parts = [model.score(a[i : i + size], b[i : i + size].copy()) for i in range(0, 200, size)]
        assert np.array_equal(scores, np.concatenate(parts)), size


@pytest.mark.parametrize(("d", "k"), [(1, 1), (3, 2), (160, 150), (513, 31), (40, 64)])
def test_projection_of_a_row_depends_on_the_row_alone(d: int, k: int) -> None:
    random = np.random.default_rng(d)
    rows, mean, directions = (
        random.normal(size=(300, d)).astype(np.float32),
        random.normal(size=d),
        random.normal(size=(k, d)),
    )
    whole = project(rows, mean, directions)
    np.testing.assert_allclose(whole, (rows - mean) @ directions.T, atol=1e-10)
    for size in (1, 2, 3, 4, 7, 8, 31, 64, 299):
        parts = [project(rows[i : i + size].copy(), mean, directions) for i in range(0, 300, size)]
        assert np.array_equal(whole, np.concatenate(parts)), size


def test_too_few_people_or_faces_are_refused_with_what_to_do() -> None:
    random = np.random.default_rng(0)
    with pytest.raises(BadInput, match="at least 2 people with 2 faces each, 1 of 3"):
        fit_joint_bayesian(random.normal(size=(4, 2)), np.array(["a", "a", "b", "c"]))
    with pytest.raises(BadInput, match="50 dimensions are more than 20 faces of 10 people.*pca:10"):
        fit_joint_bayesian(random.normal(size=(20, 50)), np.repeat(np.arange(10), 2).astype(str))


def test_units_that_never_change_and_flat_features_are_refused() -> None:
    random = np.random.default_rng(0)
    people = np.repeat(np.arange(20), 5).astype(str)
    values = random.normal(size=(100, 6))
    values[:, 2] = 4.0
    with pytest.raises(BadInput, match="1 of 6 units never differ.*pca"):
        fit_joint_bayesian(values, people)
    values[:, 2] = values[:, 0] + values[:, 1]
    with pytest.raises(BadInput, match="differ in 5 of 6 dimensions only.*pca"):
        fit_joint_bayesian(values, people)


@pytest.mark.gpu
def test_a_gpu_finds_the_same_model(fitted) -> None:
    values, people, model = fitted
    np.testing.assert_allclose(fit_joint_bayesian(values, people, device="cuda").between, model.between, atol=1e-8)
