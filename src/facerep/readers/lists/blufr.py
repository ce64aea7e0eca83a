"""BLUFR lists of LFW: ten trials, each with people to train on, a gallery and probes.

`file,label,dev,trials`, one line a face: `label` is the person; `dev` is T (train), E (test) or -; `trials` has one
letter a trial, T train, G gallery, P probe. The test set of a trial is its gallery with its probes.
Source: Liao, Lei, Yi, Li, A benchmark study of large-scale unconstrained face recognition, IJCB 2014.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facerep.errors import BadInput
from facerep.readers.columns import read_columns, read_faces

TRAIN, GALLERY, PROBE = "T", "G", "P"
COLUMNS = ("label", "dev", "trials")


@dataclass(frozen=True, kw_only=True)
class Blufr:
    """The lists as they stand.

    Attributes:
        name: the file's stem.
        names: face names in the order of the list, object array of str, shape (n,).
        people: the list's own labels, object array of str, shape (n,).
        dev: "T", "E" or "-", shape (n,).
        roles: "T", "G" or "P", shape (n, trials).
    """

    name: str
    names: np.ndarray
    people: np.ndarray
    dev: np.ndarray
    roles: np.ndarray

    @property
    def trials(self) -> int:
        """How many trials there are."""
        return self.roles.shape[1]

    def rows(self, trial: int, roles: str = GALLERY + PROBE) -> np.ndarray:
        """Rows of the list that have one of `roles` in a trial, counted from 0; the test set if not said."""
        return np.flatnonzero(np.isin(self.roles[:, trial], list(roles)))


def read_blufr(path: Path, names: Sequence[str]) -> Blufr:
    """Read BLUFR lists.

    A name is found as in a pair list: whatever its ending, its letters' case and its Unicode normal form. One that
    is not in `names` stays as written.

    Args:
        path: the list.
        names: face names of the data set.

    Raises:
        BadInput: a column is missing; a line has no label, an unknown letter or another number of trials; a face
            stands twice; a trial whose train, gallery or probe set is empty.
    """
    columns, lines = read_columns(path)
    if absent := [name for name in COLUMNS if name not in columns]:
        raise BadInput(f"BLUFR list lacks the column {', '.join(absent)}", path)
    wide = len(columns["trials"][0])
    for line, label, dev, trials in zip(lines, *(columns[name] for name in COLUMNS), strict=True):
        if not label:
            raise BadInput(f"line {line} has no label", path)
        if dev not in ("T", "E", "-"):
            raise BadInput(f"line {line}: dev is {dev!r}, wanted T, E or -", path)
        if len(trials) != wide or not wide:
            raise BadInput(f"line {line} has {len(trials)} trials, the first has {wide}", path)
        if odd := set(trials) - {TRAIN, GALLERY, PROBE}:
            raise BadInput(f"line {line}: {min(odd)!r} is no role in a trial, wanted T, G or P", path)
    roles = np.array([list(trials) for trials in columns["trials"]])
    for trial in range(wide):
        if empty := [role for role in (TRAIN, GALLERY, PROBE) if role not in roles[:, trial]]:
            raise BadInput(f"trial {trial + 1} has no face with role {empty[0]}", path)
    return Blufr(
        name=path.stem,
        names=read_faces(columns, lines, names, path),
        people=np.array(columns["label"], dtype=object),
        dev=np.array(columns["dev"]),
        roles=roles,
    )
