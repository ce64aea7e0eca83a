"""Which of several faces are taken."""

from __future__ import annotations

import numpy as np
import pytest

from facerep.detection.choice import POLICIES, NotOne, chosen
from facerep.detection.found import Found
from facerep.errors import Usage

THREE = Found(np.array([[0.0, 0, 30, 30], [80, 80, 20, 20], [10, 10, 25, 40]]), np.array([0.9, 0.8, 0.7]))


def test_each_policy_takes_what_it_says():
    assert chosen(THREE, "largest", 180, 180).tolist() == [2]
    assert chosen(THREE, "central", 180, 180).tolist() == [1]
    assert chosen(THREE, "all", 180, 180).tolist() == [2, 0, 1]
    assert chosen(THREE.take(np.array([1])), "one", 180, 180).tolist() == [0]
    with pytest.raises(NotOne, match="3 faces were found, one is wanted"):
        chosen(THREE, "one", 180, 180)


@pytest.mark.parametrize("policy", POLICIES)
def test_no_face_gives_no_row(policy):
    assert len(chosen(THREE.take(np.array([], int)), policy, 10, 10)) == 0


def test_a_policy_that_there_is_not_is_refused():
    with pytest.raises(Usage, match="no policy 'oldest'.*there are: largest, central, all, one"):
        chosen(THREE, "oldest", 10, 10)
