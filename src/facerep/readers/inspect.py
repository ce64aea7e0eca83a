"""Inspect: what a data set holds, and what is wrong with it, before anything is computed on it.

Every picture is decoded once; files of equal size are compared by SHA-256.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from facerep.faces.preset_choice import doubt_points
from facerep.faces.table import Faces
from facerep.files.pairs import PairList
from facerep.files.picture_source import sha256, size
from facerep.progress import progress
from facerep.readers.decode_many import pictures
from facerep.readers.load import load

_VALUES = 12
"""Values of a label that are counted one by one; of a label with more, only how many there are is told."""


@dataclass(frozen=True)
class Inspection:
    """What was found in a data set.

    Attributes:
        path: where it lies.
        kind: the reader that took it.
        pictures: how many faces are listed and on disk, unreadable ones included.
        people: how many known people; unknown: pictures without a known person.
        singletons: people with one picture.
        per_person: pictures a person: "min", "median", "max".
        histogram: people by their number of pictures, in classes such as "2-4".
        sizes: pictures by "WIDTHxHEIGHT", most frequent first.
        points, boxes: pictures whose five points, whose box is known.
        duplicates: groups of names whose files are equal byte for byte.
        across_people: how many of these groups hold more than one person.
        unreadable: (name, reason) of pictures that cannot be decoded.
        failures: (name, reason) of what the reader could not take.
        labels: values of each label with their counts; for one with many values {"different values": count}.
        protocols: pair lists: "pairs", "genuine", "impostor", "folds", "absent" (pairs with a face that is
            not here).
        notes: what the reader passed over.
    """

    path: str
    kind: str
    pictures: int
    people: int
    unknown: int
    singletons: int
    per_person: dict[str, float]
    histogram: dict[str, int]
    sizes: dict[str, int]
    points: int
    boxes: int
    duplicates: tuple[tuple[str, ...], ...]
    across_people: int
    unreadable: tuple[tuple[str, str], ...]
    failures: tuple[tuple[str, str], ...]
    labels: dict[str, dict[str, int]]
    protocols: dict[str, dict[str, int]]
    notes: tuple[str, ...]

    @property
    def faulty(self) -> int:
        """How many pictures cannot be used: unreadable, absent or refused."""
        return len(self.unreadable) + len(self.failures)


def inspect(path: str | Path, *, kind: str | None = None, workers: int = -1) -> Inspection:
    """Look at the data set at `path`.

    Args:
        path, kind: as `load` takes them.
        workers: as `look_at` takes them.

    Raises:
        BadInput: as `load`.
    """
    return look_at(load(path, kind=kind), path, workers=workers)


def look_at(faces: Faces, path: str | Path, *, workers: int = -1) -> Inspection:
    """Look at the faces that lie at `path`.

    Args:
        faces: as `load` gives them.
        path: what they are called.
        workers: processes that decode; 0 is none, -1 one a core.
    """
    doubt_points(faces)
    sizes: Counter[str] = Counter()
    unreadable = []
    with progress(f"look at {path}", len(faces)) as advance:
        for row, answer in pictures(faces, _size, workers=workers):
            if isinstance(answer, str):
                unreadable.append((str(faces.names[row]), answer))
            else:
                sizes[f"{answer[1]}x{answer[0]}"] += 1
            advance(1)
    each = Counter(person for person in faces.people if person)
    counts = np.array(sorted(each.values())) if each else np.zeros(1, int)
    duplicates = _duplicates(faces)
    person_of = dict(zip(faces.names, faces.people, strict=True))
    return Inspection(
        path=str(path),
        kind=faces.kind,
        pictures=len(faces),
        people=len(each),
        unknown=int((faces.people == "").sum()),
        singletons=int((counts == 1).sum()),
        per_person={"min": int(counts[0]), "median": float(np.median(counts)), "max": int(counts[-1])},
        histogram=_histogram(each.values()),
        sizes=dict(sizes.most_common()),
        points=int(np.isfinite(faces.points).all(axis=(1, 2)).sum()),
        boxes=int(np.isfinite(faces.boxes).all(axis=1).sum()),
        duplicates=duplicates,
        across_people=sum(len({person_of[name] for name in group}) > 1 for group in duplicates),
        unreadable=tuple(unreadable),
        failures=faces.failures,
        labels={name: _values(column) for name, column in faces.labels.items()},
        protocols={name: _protocol(pairs, set(faces.names)) for name, pairs in faces.protocols.items()},
        notes=faces.notes,
    )


def _size(picture: np.ndarray, _marks: np.ndarray) -> np.ndarray:
    return np.array(picture.shape[:2])


def _duplicates(faces: Faces) -> tuple[tuple[str, ...], ...]:
    by_size: defaultdict[int, list[int]] = defaultdict(list)
    for row, place in enumerate(faces.paths):
        by_size[size(place)].append(row)
    by_content: defaultdict[str, list[str]] = defaultdict(list)
    for length, rows in by_size.items():
        # absent and empty files are unreadable, not equal
        for row in rows if length > 0 and len(rows) > 1 else ():
            by_content[sha256(faces.paths[row])].append(str(faces.names[row]))
    return tuple(tuple(names) for names in sorted(by_content.values()) if len(names) > 1)


def _histogram(counts: Sequence[int] | Any) -> dict[str, int]:
    edges = [1, 2, 5, 10, 20, 50, 100]
    classes = ["1", "2-4", "5-9", "10-19", "20-49", "50-99", "100+"]
    found = Counter(classes[int(np.searchsorted(edges, count, side="right")) - 1] for count in counts)
    return {name: found[name] for name in classes if found[name]}


def _values(column: np.ndarray) -> dict[str, int]:
    counts = Counter("" if value is None else str(value) for value in column.tolist())
    if len(counts) > _VALUES:
        return {"different values": len(counts)}
    return dict(sorted(counts.items()))


def _protocol(pairs: PairList, names: set[str]) -> dict[str, int]:
    absent = sum(left not in names or right not in names for left, right in zip(pairs.left, pairs.right, strict=True))
    genuine = int(pairs.same.sum())
    return {
        "pairs": len(pairs),
        "genuine": genuine,
        "impostor": len(pairs) - genuine,
        "folds": pairs.folds,
        "absent": absent,
    }
