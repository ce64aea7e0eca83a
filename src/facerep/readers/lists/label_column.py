"""A table of labels beside the features: one column, by face or by person."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from facerep.errors import BadInput
from facerep.readers.columns import FILE, people_column, read_columns, read_faces


def read_label(path: Path, column: str, names: np.ndarray, people: np.ndarray) -> np.ndarray:
    """The values of a column for each face, "" where the table does not say; object array of str, shape (n,).

    Args:
        path: CSV with a header. Its column `file`, `path` or `name` names faces, as in a pair list; where there is
            none, its column `person` names people, all of whose faces get the value.
        column: which one.
        names, people: of the faces, shape (n,).

    Raises:
        BadInput: no such column, no column of faces or people, one that stands twice, or none of them is here.
    """
    columns, lines = read_columns(path)
    if column.casefold() not in columns:
        raise BadInput(f"table has no column {column!r}, it has {', '.join(columns)}", path)
    by_face = any(name in columns for name in FILE)
    people_known = people_column(columns)
    if by_face:
        known, wanted = read_faces(columns, lines, list(names), path), names
    elif people_known is not None:
        known, wanted = people_known[1], people
        if len(set(known)) != len(known):
            raise BadInput("a person stands twice in the table", path)
    else:
        raise BadInput(f"table has no column file and none person, it has {', '.join(columns)}", path)
    values_of = dict(zip(known, columns[column.casefold()], strict=True)) | {"": ""}
    values = np.array([values_of.get(name, "") for name in wanted], dtype=object)
    if not (values != "").any():
        raise BadInput(f"table names none of the {'faces' if by_face else 'people'} of the features", path)
    return values
