"""The Faces table: name, person, labels, and where the pixels are.

No pixels here. Readers make it, everything above takes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from facerep.errors import BadInput
from facerep.faces.point_checks import are_fractions
from facerep.files.label_columns import as_text, matching
from facerep.files.pairs import PairList
from facerep.files.picture_source import PictureSource, size, stamp
from facerep.files.provenance import fingerprint
from facerep.files.rows import check_columns


@dataclass(frozen=True, kw_only=True)
class Faces:
    """Faces of one data set, or of several put together.

    Attributes:
        kind: which reader found them: "folders", "lfw", "celeba", "orl", "multipie", "rendered", "aligned",
            "table", "photographs", "insightface-bin" or "insightface-rec"; several joined by "+".
        names: face names, object array of str, shape (n,), all different: the path from the data set's root with
            "/" between its parts, in Unicode normal form C.
        people: labels, object array of str, shape (n,); "" where unknown.
        paths: where the pixels are, object array of Path, shape (n,); of FileSpans or bytes where they lie inside a
            container (files/picture_source.py).
        points: left eye, right eye, nose, left and right mouth corner as seen in the picture, x then y in pixels of
            the stored picture; float32, shape (n, 5, 2), NaN where unknown.
        boxes: x1, y1, x2, y2; float32, shape (n, 4), NaN where unknown.
        labels: further columns by name, each of shape (n,): "split", "view", attributes (int8, -1 / 1, 0 unknown).
        protocols: pair lists by name, in face names.
        failures: (name, reason) of what is listed but cannot be a face, such as a file that is absent.
        notes: what the reader passed over, in words, with counts.
        root: the folder, table or container that they came from, for messages; several joined by ", ".
    """

    kind: str
    names: np.ndarray
    people: np.ndarray
    paths: np.ndarray
    points: np.ndarray
    boxes: np.ndarray
    labels: dict[str, np.ndarray] = field(default_factory=dict)
    protocols: dict[str, PairList] = field(default_factory=dict)
    failures: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    root: str = ""

    def __len__(self) -> int:
        return len(self.names)

    def take(self, rows: np.ndarray) -> Faces:
        """Some rows only, in the given order; `rows` is a mask or an index array."""
        labels = {name: column[rows] for name, column in self.labels.items()}
        columns = {name: getattr(self, name)[rows] for name in ("names", "people", "paths", "points", "boxes")}
        return replace(self, labels=labels, **columns)

    def split(self, name: str) -> Faces:
        """The rows whose `split` label is `name`.

        Raises:
            BadInput: there is no split column, or no row of that name; the message lists the names there are.
        """
        if "split" not in self.labels:
            raise BadInput(f"data set has no split column, {name!r} was asked for", self.root)
        mask = self.labels["split"] == name
        if not mask.any():
            known = ", ".join(sorted(set(self.labels["split"])))
            raise BadInput(f"no face in split {name!r}", self.root, f"there are: {known}")
        return self.take(mask)

    def where(self, condition: str) -> Faces:
        """The rows for which `COLUMN=VALUE` or `COLUMN!=VALUE` holds; values are compared as text.

        Raises:
            BadInput: no such column (the message lists those there are), or no such row.
            Usage: not a condition.
        """
        return self.take(matching(self.labels, condition, self.root, what="data set"))

    def fingerprint(self) -> str:
        """SHA-256 of names and file sizes: changes when a picture is added, removed, or changes its length."""
        return fingerprint(f"{name}:{size(place)}" for name, place in zip(self.names, self.paths, strict=True))

    def stamp(self) -> str:
        """SHA-256 of all that crops are made of, as far as this machine can tell without reading the pictures.

        Not the fingerprint alone: pictures without compression all have one size, whatever they show.
        """
        marks = map(repr, self.marks.ravel().tolist())
        return fingerprint([self.fingerprint(), fingerprint(map(stamp, self.paths)), fingerprint(marks)])

    @property
    def marks(self) -> np.ndarray:
        """What says where the faces are: five points, behind them the two corners of the box; float32 (n, 7, 2)."""
        return np.concatenate([self.points, self.boxes.reshape(-1, 2, 2)], axis=1)

    @property
    def people_count(self) -> int:
        """How many different known people there are."""
        return len(set(self.people) - {""})


def make_faces(
    kind: str,
    names: Sequence[str],
    people: Sequence[str],
    paths: Sequence[PictureSource],
    *,
    root: Path | str = "",
    points: np.ndarray | None = None,
    boxes: np.ndarray | None = None,
    labels: dict[str, np.ndarray] | None = None,
    protocols: dict[str, PairList] | None = None,
    failures: Sequence[tuple[str, str]] = (),
    notes: Sequence[str] = (),
) -> Faces:
    """A Faces table from plain sequences; points and boxes that are not given are unknown (NaN).

    Without a `root` the kind stands for it in messages.

    Raises:
        BadInput: a name stands twice, a label column has a name that a feature file cannot hold, or points or boxes are
            fractions.
    """
    n = len(names)
    for what, values in (("points", points), ("boxes", boxes)):
        if values is not None and are_fractions(values.reshape(n, -1)):
            said = f"{what} are fractions of the picture's sides (0 to 1), pixels are wanted"
            raise BadInput(said, root or kind, "multiply x by the picture's width, y by its height")
    check_columns(names, labels or {}, root or kind)
    path_column = np.empty(n, dtype=object)
    path_column[:] = list(paths)
    return Faces(
        kind=kind,
        names=np.array(names, dtype=object),
        people=np.array(people, dtype=object),
        paths=path_column,
        points=np.full((n, 5, 2), np.nan, np.float32) if points is None else points.astype(np.float32),
        boxes=np.full((n, 4), np.nan, np.float32) if boxes is None else boxes.astype(np.float32),
        labels=labels or {},
        protocols=protocols or {},
        failures=tuple(failures),
        notes=tuple(notes),
        root=str(root or kind),
    )


def concatenate(tables: Sequence[Faces]) -> Faces:
    """Several data sets as one; a name that two of them use is prefixed with its place in the list (`2:name`).

    Label columns that only some have are unknown for the others ("", NaN or 0); where none has a column `set`, it says
    which data set a face is of. One label is one person over all sets. Pair lists stay where the names that they use
    do.
    """
    if len(tables) == 1:
        return tables[0]
    names: list[str] = []
    taken: set[str] = set()
    protocols: dict[str, PairList] = {}
    for position, table in enumerate(tables, start=1):
        fresh = [name if name not in taken else f"{position}:{name}" for name in table.names]
        if fresh == list(table.names):
            protocols = {**table.protocols, **protocols}
        names += fresh
        taken.update(fresh)
    if len(taken) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise BadInput(f"face name {twice!r} stands twice", tables[-1].root, "put the sets into folders of one set")
    tables = _with_sets(tables)
    columns = sorted({column for table in tables for column in table.labels})
    labels = {column: np.concatenate([_column(table, column, tables) for table in tables]) for column in columns}
    return Faces(
        kind="+".join(dict.fromkeys(table.kind for table in tables)),
        names=np.array(names, dtype=object),
        people=np.concatenate([table.people for table in tables]),
        paths=np.concatenate([table.paths for table in tables]),
        points=np.concatenate([table.points for table in tables]),
        boxes=np.concatenate([table.boxes for table in tables]),
        labels=labels,
        protocols=protocols,
        failures=tuple(failure for table in tables for failure in table.failures),
        notes=tuple(note for table in tables for note in table.notes),
        root=", ".join(dict.fromkeys(table.root for table in tables)),
    )


def _with_sets(tables: Sequence[Faces]) -> list[Faces]:
    """The tables with a column `set`, their place and name, where none of them says so itself."""
    if any("set" in table.labels for table in tables):
        return [*tables]
    found = []
    for place, table in enumerate(tables, start=1):
        name = f"{place}:{Path(table.root).name}"
        found.append(replace(table, labels={**table.labels, "set": np.full(len(table), name, dtype=object)}))
    return found


def _column(table: Faces, name: str, tables: Sequence[Faces]) -> np.ndarray:
    there = [other.labels[name] for other in tables if name in other.labels]
    kinds = {column.dtype.kind for column in there}
    if name in table.labels:
        return table.labels[name] if len(kinds) == 1 else as_text(table.labels[name])
    if len(kinds) > 1 or kinds == {"O"}:
        return np.full(len(table), "", dtype=object)
    return np.full(len(table), np.nan if kinds == {"f"} else 0, dtype=there[0].dtype)
