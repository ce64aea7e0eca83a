"""The sampler: P people with K pictures, a function of seed, epoch, place and rank alone."""

import numpy as np

from facerep.training.sampler import PeopleBatches

LABELS = np.repeat(np.arange(10), [1, 2, 3, 4, 5, 6, 7, 8, 9, 50])


def sampler(**changes):
    given = {"people": 4, "pictures": 4, "balance": 0.75, "cap": 40, "seed": 0, **changes}
    return PeopleBatches(LABELS, **given)


def test_each_batch_has_p_people_with_k_pictures_each():
    for rows in sampler():
        people, counts = np.unique(LABELS[rows], return_counts=True)
        assert len(people) == 4
        assert (counts == 4).all()


def test_pictures_repeat_only_where_a_person_has_too_few():
    for rows in sampler():
        for person in np.unique(LABELS[rows]):
            own = rows[LABELS[rows] == person]
            assert len(set(own)) == min(4, (person == LABELS).sum())


def test_a_batch_can_be_made_again_without_those_before_it():
    first, second = sampler(), sampler()
    batches = list(first)
    assert (second.batch(3) == batches[3]).all()
    second.epoch = 1
    assert not (second.batch(3) == batches[3]).all()


def test_ranks_draw_different_batches_and_share_the_epoch():
    alone, one, other = sampler(), sampler(rank=0, replicas=2), sampler(rank=1, replicas=2)
    assert not (one.batch(0) == other.batch(0)).all()
    assert abs(len(one) + len(other) - len(alone)) <= 1


def test_people_with_more_pictures_come_more_often_up_to_the_cap():
    drawn = np.zeros(10)
    for seed in range(300):
        for person in np.unique(LABELS[sampler(seed=seed, people=1, balance=1.0, cap=8).batch(0)]):
            drawn[person] += 1
    # chances are min(count, 8) / 52
    np.testing.assert_allclose(drawn / drawn.sum(), np.minimum(np.bincount(LABELS), 8) / 52, atol=0.06)
