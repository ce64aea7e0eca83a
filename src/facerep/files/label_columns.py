"""Label columns of faces: what a cell is as text, and the rows for which `COLUMN=VALUE` holds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from facerep.errors import BadInput, Usage


def as_text(column: np.ndarray) -> np.ndarray:
    """A column as a table would have it: whole numbers without a point, 1 for true, nothing for NaN.

    >>> as_text(np.array([40.0, 23.5, np.nan])).tolist()
    ['40', '23.5', '']
    """
    if column.dtype.kind == "f":
        return np.array(
            ["" if np.isnan(cell) else np.format_float_positional(cell, trim="-") for cell in column], dtype=object
        )
    return (column.astype(int) if column.dtype.kind == "b" else column).astype(str).astype(object)


def text_column(labels: Mapping[str, np.ndarray], name: str, where: Path | str, what: str = "file") -> np.ndarray:
    """A column as text, object array of str, shape (n,).

    Raises:
        BadInput: there is none of that name; the message lists those there are.
    """
    if name not in labels:
        known = ", ".join(sorted(labels)) or "none"
        raise BadInput(f"{what} has no column {name!r}", where, f"there are: {known}")
    return as_text(labels[name])


def together(parts: Sequence[tuple[int, Mapping[str, np.ndarray]]]) -> dict[str, np.ndarray]:
    """The columns of several files as one table would have them: which part a face is in changes no kind of column.

    Where a part has not the column, its faces have no value: 0 of attributes (int8), NaN of numbers, "" of text.

    Args:
        parts: how many faces a file has, and its columns by name.

    >>> together([(1, {"age": np.array([23.5])}), (1, {"age": np.array(["40"], object)}), (1, {})])["age"].tolist()
    [23.5, 40.0, nan]
    """
    names = dict.fromkeys(name for _, columns in parts for name in columns)
    return {name: _one_column([(count, columns.get(name)) for count, columns in parts]) for name in names}


def _one_column(parts: Sequence[tuple[int, np.ndarray | None]]) -> np.ndarray:
    there = [column for count, column in parts if column is not None and (count or len(parts) == 1)]
    kinds = {column.dtype for column in there}
    if len(kinds) == 1 and len(there) == len(parts):
        return np.concatenate(there)
    texts = [np.full(count, "", object) if column is None else as_text(column) for count, column in parts]
    if not kinds or any(kind.kind not in "iufOU" for kind in kinds) or all(kind.kind in "OU" for kind in kinds):
        return np.concatenate(texts)
    different = set(np.concatenate(texts).tolist())
    if all(kind == np.int8 or kind.kind in "OU" for kind in kinds) and different <= {"", "-1", "0", "1"}:
        return np.array([int(cell or 0) for text in texts for cell in text], np.int8)
    if all(value == "" or not math.isnan(_number(value)) for value in different):
        return np.array([float(cell) if cell else math.nan for text in texts for cell in text])
    return np.concatenate(texts)


def by_number(value: str) -> tuple[bool, float, str]:
    """What sorts the values of a column: numbers by what they are, words after them.

    >>> sorted(["front", "15", "-60"], key=by_number)
    ['-60', '15', 'front']
    """
    try:
        return False, float(value), value
    except ValueError:
        return True, 0.0, value


def matching(
    labels: Mapping[str, np.ndarray],
    condition: str,
    where: Path | str,
    *,
    option: str = "--where",
    what: str = "file",
    none: bool = False,
) -> np.ndarray:
    """The rows for which `COLUMN=VALUE` or `COLUMN!=VALUE` holds, a mask; values are compared as text.

    Args:
        labels: columns by name.
        condition: what must hold.
        where: the file or folder, for messages.
        option: what asked, for messages.
        what: what has the columns, for messages.
        none: there may be no such row.

    Raises:
        BadInput: no such column, or no such row.
        Usage: not a condition.
    """
    name, sign, value = condition.partition("=")
    wanted = not name.endswith("!")
    name = name.removesuffix("!")
    if not sign or not name:
        raise Usage(f"{option} {condition!r} is not COLUMN=VALUE or COLUMN!=VALUE")
    mask = (text_column(labels, name, where, what) == value) == wanted
    if not none and not mask.any():
        raise BadInput(f"no face where {condition}", where)
    return mask


def in_order(values: Iterable[str]) -> list[str]:
    """Different values as a reader expects them: numbers from 0 outwards, the negative one first; else by letters.

    >>> in_order(["15", "-15", "0", "30", "0"])
    ['0', '-15', '15', '30']
    >>> in_order(["smile", "neutral", ""])
    ['neutral', 'smile', '']
    """
    different = set(values)
    numbers = [_number(value) for value in different if value]
    if all(math.isfinite(number) for number in numbers):
        return sorted(different, key=lambda value: (not value, abs(_number(value)), _number(value), value))
    return sorted(different, key=lambda value: (not value, value))


def as_cell(value: str) -> str | int:
    """A value for a CSV file: a whole number as one, so that a minus sign is not taken for the start of a formula.

    >>> as_cell("-15"), as_cell("007")
    (-15, '007')
    """
    number = int(value) if value.lstrip("-").isdecimal() and len(value) < 16 else None
    return value if number is None or str(number) != value else number


def _number(value: str) -> float:
    try:
        return float(value or 0)
    except ValueError:
        return math.nan
