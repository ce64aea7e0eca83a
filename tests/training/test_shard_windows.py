"""Batches from a window of shards: every shard once an epoch, mixed by the seed, by place; ranks apart."""

from __future__ import annotations

import numpy as np
import pytest

from facerep.training.sampler import WindowBatches

PEOPLE, EACH, SHARDS = 96, 10, 24
LABELS = np.repeat(np.arange(PEOPLE), EACH)
IN_SHARD = np.repeat(np.arange(SHARDS), PEOPLE * EACH // SHARDS)


def windows(labels=LABELS, shards=IN_SHARD, **changes) -> WindowBatches:
    given = {"window": 3, "people": 4, "pictures": 4, "balance": 0.75, "cap": 40, "seed": 0, **changes}
    return WindowBatches(labels, shards, **given)


def test_an_epoch_goes_through_all_shards_a_window_at_a_time() -> None:
    drawn, seen = windows(), []
    assert len(drawn) == PEOPLE * EACH // 16
    for rows in drawn:
        people, counts = np.unique(LABELS[rows], return_counts=True)
        assert len(people) == 4
        assert (counts == 4).all()
        there = set(IN_SHARD[rows])
        assert len(there) <= 3
        if not seen or not there <= seen[-1]:
            seen.append(set(IN_SHARD[drawn.windows()[len(seen)]]))
            assert there <= seen[-1]
    assert len(seen) == SHARDS // 3
    assert sorted(shard for some in seen for shard in some) == list(range(SHARDS))


def test_a_batch_is_made_again_by_seed_epoch_and_place_alone() -> None:
    batches = list(windows())
    again = windows()
    assert all((again.batch(place) == batches[place]).all() for place in (59, 0, 31, 7))
    again.epoch = 1
    assert set(IN_SHARD[again.windows()[0]]) != set(IN_SHARD[windows().windows()[0]])
    other = windows(seed=1)
    assert not (other.batch(0) == batches[0]).all()


@pytest.mark.parametrize("epoch", [0, 1, 2])
def test_ranks_draw_from_disjoint_shards_and_as_many_batches(epoch: int) -> None:
    ranks = [windows(rank=rank, replicas=4) for rank in range(4)]
    shards = []
    for one in ranks:
        one.now = lambda: epoch
        shards.append({shard for rows in one for shard in IN_SHARD[rows]})
    assert len({len(one) for one in ranks}) == 1
    assert all(not some & other for place, some in enumerate(shards) for other in shards[:place])
    assert set().union(*shards) == set(range(SHARDS))


def test_ranks_share_shards_that_are_too_few_by_disjoint_faces() -> None:
    two = IN_SHARD // 12
    ranks = [windows(shards=two, rank=rank, replicas=3) for rank in range(3)]
    faces = [set(np.concatenate(list(one))) for one in ranks]
    assert all(not some & other for place, some in enumerate(faces) for other in faces[:place])
    assert all(len(np.unique(LABELS[rows])) == 4 for one in ranks for rows in one)


def test_shards_of_few_people_are_put_together_until_a_batch_has_its_people() -> None:
    one_each = LABELS
    drawn = windows(shards=one_each, window=2)
    assert {len(np.unique(LABELS[rows])) for rows in drawn.windows()} == {4}
    assert all(len(np.unique(LABELS[rows])) == 4 for rows in drawn)


def test_a_window_of_all_shards_draws_from_all_and_faces_that_are_not_taught_never_come() -> None:
    labels = np.where(LABELS < 10, -1, LABELS - 10)
    drawn = windows(labels=labels, window=99)
    assert len(drawn.windows()) == 1
    rows = np.concatenate(list(drawn))
    assert (labels[rows] >= 0).all()
    assert len(np.unique(IN_SHARD[rows])) > 20
