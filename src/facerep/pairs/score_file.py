"""scores.csv: every pair with its score, in the columns that bob reads, so that others can score it again.

bob.bio.base takes the two sides of a pair as genuine where `probe_subject_id` and `bio_ref_subject_id` are equal, needs
`score`, and carries the other columns along.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facerep.errors import BadInput
from facerep.files.atomic import replacing
from facerep.files.csv_file import cell, read_rows
from facerep.pairs.listed import PairScores

COLUMNS = (
    "probe_key", "probe_subject_id", "bio_ref_template_id", "bio_ref_subject_id", "subjects", "fold", "accepted",
    "score",
)  # fmt: skip
FILE, PAIR = "file", "pair"
"""Where the subjects come from: the people of the feature file; or the pair, where these are unknown or the list says
otherwise, so that they only tell genuine from impostor."""


@dataclass(frozen=True)
class Pairs:
    """The columns of a scores.csv.

    Attributes:
        faces: names, shape (2, p).
        people: labels, "" where unknown, shape (2, p).
        same: True for genuine pairs, shape (p,).
        score: shape (p,).
        right: pairs that were judged rightly, shape (p,).
    """

    faces: np.ndarray
    people: np.ndarray
    same: np.ndarray
    score: np.ndarray
    right: np.ndarray


def write_scores(scores: PairScores, path: Path) -> None:
    """Write the pairs; a score reads back as the same number."""
    names = np.array([cell(name) for name in scores.names], dtype=object)
    people = np.array([cell(person) for person in scores.people], dtype=object)
    left, right = people[scores.left], people[scores.right]
    known = (left != "") & (right != "") & ((left == right) == scores.same)
    for place in np.flatnonzero(~known):
        left[place] = f"pair {place + 1}"
        right[place] = left[place] if scores.same[place] else f"pair {place + 1} other"
    columns = (
        names[scores.left], left, names[scores.right], right, np.where(known, FILE, PAIR),
        map(str, scores.fold.tolist()), np.where(scores.accepted, "1", "0"), map(repr, scores.value.tolist()),
    )  # fmt: skip
    lines = (",".join(row) + "\n" for row in zip(*columns, strict=True))
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(COLUMNS) + "\n")
        file.writelines(lines)


def read_scores(path: Path) -> Pairs | None:
    """Read a scores.csv of ours, None where there is none.

    Raises:
        BadInput: it is none of this version, or a score is no number.
    """
    if not path.exists():
        return None
    lines = read_rows(path, "verify again")
    if tuple(next(lines, ())) != COLUMNS:
        raise BadInput("not a scores.csv of this version of `facerep verify`", path, "verify again")
    columns = list(zip(*lines, strict=False))
    if len(columns) != len(COLUMNS):
        raise BadInput("scores.csv has no rows, or rows of different lengths", path)
    cells = dict(zip(COLUMNS, columns, strict=True))
    try:
        score = np.array(cells["score"], dtype=np.float64)
    except ValueError as error:
        raise BadInput(f"a score is not a number ({error})", path) from error
    faces = np.array([cells[key] for key in ("probe_key", "bio_ref_template_id")])
    subjects = np.array([cells[key] for key in ("probe_subject_id", "bio_ref_subject_id")])
    same = subjects[0] == subjects[1]
    people = np.where(np.array(cells["subjects"]) == FILE, subjects, "")
    return Pairs(faces, people, same, score, (np.array(cells["accepted"]) == "1") == same)
