"""The pairs and people that went most wrong: against a slow loop over all pairs."""

import itertools

import numpy as np

from facerep.pairs.score_file import Pairs
from facerep.studies.verification.worst_pairs import confused, least_alike, most_alike


def all_pairs(seed=0):
    rng = np.random.default_rng(seed)
    people = np.repeat(["a", "b", "c", "d"], 5)
    names = np.array([f"{person}/{number}" for number, person in enumerate(people)])
    left, right = np.array(list(itertools.combinations(range(20), 2))).T
    turned = rng.random(len(left)) < 0.5
    left, right = np.where(turned, right, left), np.where(turned, left, right)
    score = rng.normal(size=len(left))
    return np.array([names[left], names[right]]), np.array([people[left], people[right]]), score


def test_the_worst_pairs_come_first_and_no_face_stands_in_two():
    faces, people, score = all_pairs()
    same = people[0] == people[1]
    for found, kind, sign in ((least_alike, same, 1), (most_alike, ~same, -1)):
        shown = found(Pairs(faces, people, same, score, same), 3)
        assert sign * shown[0].score == (sign * score[kind]).min()
        assert [one.score for one in shown] == sorted((one.score for one in shown), key=lambda value: sign * value)
        seen = [name for one in shown for name in (one.left, one.right)]
        assert len(set(seen)) == len(seen) == 6


def test_confused_people_are_counted_over_their_pairs_whichever_side_they_stand_on():
    faces, people, score = all_pairs()
    same = people[0] == people[1]
    right = (score > 0.5) == same
    wrong, of = {}, {}
    for one, other, alike, good in zip(*people.tolist(), same, right, strict=True):
        if not alike:
            both = tuple(sorted((one, other)))
            of[both] = of.get(both, 0) + 1
            wrong[both] = wrong.get(both, 0) + (not good)
    found = confused(Pairs(faces, people, same, score, right), 10)
    assert {one.people: (one.wrong, one.of) for one in found} == {
        key: (wrong[key], of[key]) for key in of if wrong[key]
    }
    assert [one.wrong for one in found] == sorted((one.wrong for one in found), reverse=True)
    for one in found:
        assert {one.pair.left[0], one.pair.right[0]} == set(one.people)
    assert confused(Pairs(faces, np.full_like(people, ""), same, score, right), 10) == []
