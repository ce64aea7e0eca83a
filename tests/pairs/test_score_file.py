"""scores.csv as a stranger reads it: bob's columns, genuine where the subjects are equal."""

import csv

import numpy as np
import pytest

from facerep.errors import BadInput
from facerep.pairs.listed import PairScores
from facerep.pairs.score_file import read_scores, write_scores


def scores(people, pairs, same):
    left, right = np.array(pairs).T
    value = np.linspace(-1, 1, len(pairs)) / 3
    return PairScores(
        names=np.array([f"{k}.png" for k in range(len(people))], dtype=object),
        people=np.array(people, dtype=object), left=left, right=right, same=np.array(same),
        fold=np.zeros(len(pairs), int), value=value, accepted=value >= 0,
    )  # fmt: skip


@pytest.fixture
def written(tmp_path):
    """Known people, unknown ones, a list that contradicts the file, and names that a spreadsheet would run."""
    people = ["=ana", "=ana", "bo, jr", "", "cy", "cy", "pair 3"]
    pairs = [(0, 1), (0, 2), (3, 4), (3, 2), (4, 5), (0, 2), (6, 0)]
    same = [True, False, True, False, False, True, False]
    given = scores(people, pairs, same)
    write_scores(given, tmp_path / "scores.csv")
    return given, tmp_path / "scores.csv"


def test_subjects_are_equal_in_genuine_pairs_and_in_no_other(written):
    given, path = written
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {"probe_key", "probe_subject_id", "bio_ref_subject_id", "score"} <= rows[0].keys()
    assert [row["probe_subject_id"] == row["bio_ref_subject_id"] for row in rows] == given.same.tolist()
    assert all(row["probe_subject_id"] and row["bio_ref_subject_id"] for row in rows)  # an empty cell reads as NaN
    assert [float(row["score"]) for row in rows] == given.value.tolist()
    assert [row["subjects"] for row in rows] == ["file", "file", "pair", "pair", "pair", "pair", "file"]
    assert list(rows[0])[-1] == "score"


def test_what_was_written_reads_back(written):
    given, path = written
    found = read_scores(path)
    assert found is not None
    np.testing.assert_array_equal(found.same, given.same)
    np.testing.assert_array_equal(found.score, given.value)
    np.testing.assert_array_equal(found.right, given.accepted == given.same)
    np.testing.assert_array_equal(found.faces, [given.names[given.left], given.names[given.right]])
    assert found.people[:, 0].tolist() == ["=ana", "=ana"]
    assert found.people[:, 1].tolist() == ["=ana", "bo, jr"]
    assert found.people[:, 2].tolist() == ["", ""]


def test_a_file_of_another_version_is_refused(tmp_path):
    assert read_scores(tmp_path / "absent.csv") is None
    (tmp_path / "scores.csv").write_text("left,right,score\n")
    with pytest.raises(BadInput, match="verify again"):
        read_scores(tmp_path / "scores.csv")
