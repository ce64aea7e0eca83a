"""Hashes of people's labels: the same wherever they are made, and nothing but the label counts."""

import hashlib

import numpy as np
import pytest

from facerep.files.people import Overlap, as_text, from_text, hashes, label_hash, overlap, person_hash, together
from facerep.readers.hash_splits import share


def labels(*people):
    return np.array(people, dtype=object)


def test_a_hash_is_the_first_eight_bytes_of_sha256_and_decides_the_split_too():
    assert person_hash("ana") == int(hashlib.sha256(b"ana").hexdigest()[:16], 16)
    assert share("ana") == person_hash("ana") / 2**64


def test_ways_to_write_a_label_have_one_hash_and_digits_are_their_own():
    assert label_hash("pins:adriana_lima") == label_hash("Lima, Adriana") == person_hash("adriana lima")
    assert label_hash("0123") == person_hash("0123") != label_hash("celeba:123")


def test_hashes_are_sorted_once_each_and_nobody_has_none():
    found = hashes(["bo", "ana", "", "bo"])
    assert found.dtype == np.uint64
    assert found.tolist() == sorted([person_hash("ana"), person_hash("bo")])


def test_text_gives_the_hashes_back_and_broken_text_is_an_error():
    known = hashes(map(str, range(100)))
    np.testing.assert_array_equal(from_text(as_text(known)), known)
    assert from_text("").tolist() == []
    for broken in ("ä", "abc", "AAAA"):
        with pytest.raises(ValueError, match="hashes of people"):
            from_text(broken)


def test_the_overlap_counts_people_and_their_faces():
    people = labels("ana", "bo", "ana", "", "cy")
    assert overlap(people, hashes(["ana", "dee"])) == Overlap(1, 3, 2)
    assert overlap(people, hashes([])) == Overlap(0, 3, 0)


def test_where_either_side_is_unknown_nothing_is_said():
    assert overlap(labels("ana"), None) is None
    assert overlap(labels("", ""), hashes(["ana"])) is None


def test_several_files_know_the_people_of_all_that_tell():
    np.testing.assert_array_equal(together([hashes(["a"]), None, hashes(["b", "a"])]), hashes(["a", "b"]))
    assert together([None, None]) is None
