"""Templates: several faces of a person as one vector, medium by medium, as IJB-B and IJB-C are evaluated.

The faces of a medium are averaged, so that a video counts as one picture; then the media of a template are averaged.
Source: Whitelam et al., IARPA Janus Benchmark-B, CVPRW 2017; the evaluation that its users share sums media and brings
the sum to length 1, which has the same cosine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from facerep.console import counted
from facerep.errors import BadInput, Mismatch
from facerep.files.rows import Features
from facerep.readers.lists.template_list import TemplateList


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
    features: Features,
    wanted: TemplateList,
    path: Path,
    *,
    unit: bool = False,
    missing: Literal["stop", "count"] = "stop",
) -> Pooled:
    """Make one vector of each template.

    Args:
        features: of faces.
        wanted: which faces are which template.
        path: the list, for messages.
        unit: faces are brought to length 1 first; else those with longer vectors count for more.
        missing: what is done about faces that are not among the features: stop, or leave them out and count them.

    Raises:
        BadInput: faces are missing, or a face has an all-zero vector and `unit` is asked for.
        Mismatch: none of the faces is there.
    """
    index = features.index()
    rows = np.array([index.get(name, -1) for name in wanted.faces])
    here = rows >= 0
    if not here.any():
        raise Mismatch("none of the faces of the template list is in the file", features.where, f"{path} names others")
    if not here.all() and missing == "stop":
        what = (
            f"{counted(int((~here).sum()), 'face')} of the template list not in the file ({wanted.faces[~here][0]!r})"
        )
        raise BadInput(what, features.where, "extract them, or leave them out with --missing count")
    names, template = np.unique(wanted.templates[here].astype(str), return_inverse=True)
    values = features.values[rows[here]].astype(np.float64)
    if unit:
        lengths = np.linalg.norm(values, axis=1, keepdims=True)
        if not lengths.all():
            zero = features.names[rows[here][lengths.argmin()]]
            raise BadInput(f"an all-zero vector has no length 1 ({zero!r})", features.where, "leave --unit out")
        values /= lengths
    media, medium = np.unique(_pairs(template, wanted.media[here]), return_inverse=True)
    of_medium = _means(values, medium, len(media))
    owner = np.empty(len(media), np.int64)
    owner[medium] = template
    pooled = _means(of_medium, owner, len(names)).astype(np.float32)
    labels = {"faces": np.bincount(template), "media": np.bincount(owner)}
    made = replace(
        features, names=names.astype(object), people=_one_person(features.people[rows[here]], template, len(names)),
        labels={name: column.astype(np.int32) for name, column in labels.items()}, failures=(), protocols={},
        values=pooled, path=None,
    )  # fmt: skip
    empty = sorted(set(wanted.templates) - set(names))
    return Pooled(made, path, int(here.sum()), len(media), int((~here).sum()), tuple(empty))


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
