"""Templates: several faces of a person as one vector, medium by medium, as IJB-B and IJB-C are evaluated.

The faces of a medium are averaged, so that a video counts as one picture; then the media of a template are averaged.
Source: Whitelam et al., IARPA Janus Benchmark-B, CVPRW 2017; the evaluation that its users share sums media and brings
the sum to length 1, which has the same cosine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from facerep.console import counted
from facerep.errors import BadInput, Mismatch
from facerep.files.rows import Features
from facerep.files.streams import MEMORY, MOST_PASSES, FeatureStream
from facerep.readers.lists.template_list import TemplateList

_BYTES_A_VALUE = 24
"""Of a value as it is read, in float64, and sorted by medium."""


@dataclass(frozen=True)
class Pooled:
    """Templates as features, and what became of the faces of the list.

    Attributes:
        features: names are the templates', people those whose faces alone stand in a template, "" else.
        list: the file.
        faces: that were pooled, with repetitions where a face is in several templates.
        media: of all templates together.
        absent: faces of the list that the feature file lacks.
        empty: templates that have no other, by name: they are left out.
    """

    JSON: ClassVar = ("templates", "faces", "media", "absent", "empty", "dimension=features.dimension")

    features: Features
    list: Path
    faces: int
    media: int
    absent: int
    empty: tuple[str, ...]

    @property
    def templates(self) -> int:
        """How many there are."""
        return len(self.features)


def pool(
    features: Features | FeatureStream,
    wanted: TemplateList,
    path: Path,
    *,
    unit: bool = False,
    missing: Literal["stop", "count"] = "stop",
    memory: int = MEMORY,
) -> Pooled:
    """Make one vector of each template.

    Args:
        features: of faces; in memory, or a file on disk.
        wanted: which faces are which template.
        path: the list, for messages.
        unit: faces are brought to length 1 first; else those with longer vectors count for more.
        missing: what is done about faces that are not among the features: stop, or leave them out and count them.
        memory: bytes that the faces of some templates may take, which are read together; with less a file is read more
            often.

    Raises:
        BadInput: faces are missing, or a face has an all-zero vector and `unit` is asked for.
        Mismatch: none of the faces is there.
    """
    stream = features if isinstance(features, FeatureStream) else None
    held = features.head if isinstance(features, FeatureStream) else features
    faces = held if stream is None else stream.bare()
    index = faces.index()
    rows = np.array([index.get(name, -1) for name in wanted.faces])
    here = rows >= 0
    if not here.any():
        raise Mismatch("none of the faces of the template list is in the file", held.where, f"{path} names others")
    if not here.all() and missing == "stop":
        what = (
            f"{counted(int((~here).sum()), 'face')} of the template list not in the file ({wanted.faces[~here][0]!r})"
        )
        raise BadInput(what, held.where, "extract them, or leave them out with --missing count")
    names, template = np.unique(wanted.templates[here].astype(str), return_inverse=True)
    media, medium = np.unique(_pairs(template, wanted.media[here]), return_inverse=True)
    owner = np.empty(len(media), np.int64)
    owner[medium] = template  # which never falls
    pooled = np.empty((len(names), held.dimension), np.float32)
    for first, last in _at_once(np.bincount(template), memory // (_BYTES_A_VALUE * held.dimension)):
        some = np.flatnonzero((template >= first) & (template < last))
        of = rows[here][some]
        values = (held.values[of] if stream is None else stream.take(of, whole_blocks=True)).astype(np.float64)
        if unit:
            lengths = np.linalg.norm(values, axis=1, keepdims=True)
            if not lengths.all():
                zero = faces.names[of[lengths.argmin()]]
                raise BadInput(f"an all-zero vector has no length 1 ({zero!r})", held.where, "leave --unit out")
            values /= lengths
        low, high = np.searchsorted(owner, [first, last])
        of_medium = _means(values, medium[some] - low, high - low)
        pooled[first:last] = _means(of_medium, owner[low:high] - first, last - first)
    labels = {"faces": np.bincount(template), "media": np.bincount(owner)}
    made = replace(
        held, names=names.astype(object), people=_one_person(faces.people[rows[here]], template, len(names)),
        labels={name: column.astype(np.int32) for name, column in labels.items()}, failures=(), protocols={},
        values=pooled, path=None,
    )  # fmt: skip
    empty = sorted(set(wanted.templates) - set(names))
    return Pooled(made, path, int(here.sum()), len(media), int((~here).sum()), tuple(empty))


def _at_once(faces: np.ndarray, most: int) -> Iterator[tuple[int, int]]:
    """Templates from which to which, of at most so many faces together, or one; `faces`: of each template, (n,)."""
    done = np.cumsum(faces)
    most, first = max(most, -(-int(done[-1]) // MOST_PASSES)), 0
    while first < len(faces):
        before = int(done[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(done, before + most, side="right")))
        yield first, last
        first = last


def _pairs(template: np.ndarray, media: np.ndarray) -> np.ndarray:
    """A number for each template and medium together: a medium of two templates is one of each; int64 (n,)."""
    _, medium = np.unique(media.astype(str), return_inverse=True)
    return template.astype(np.int64) * (medium.max() + 1) + medium


def _means(values: np.ndarray, groups: np.ndarray, count: int) -> np.ndarray:
    """Means of rows by group; float64 (count, d)."""
    order = np.argsort(groups, kind="stable")
    sizes = np.bincount(groups, minlength=count)
    return np.add.reduceat(values[order], np.cumsum(sizes) - sizes) / sizes[:, None]


def _one_person(people: np.ndarray, template: np.ndarray, count: int) -> np.ndarray:
    """The person of each template, "" where its faces have several labels or none; object (count,)."""
    whose: list[set[str]] = [set() for _ in range(count)]
    for person, number in zip(people, template, strict=True):
        whose[number].add(str(person))
    return np.array([each.pop() if len(each) == 1 else "" for each in whose], dtype=object)
