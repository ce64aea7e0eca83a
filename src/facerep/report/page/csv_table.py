"""A CSV file of a result folder as a table for the eye: words for heads, per cent for rates, few digits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facerep.errors import BadInput
from facerep.files.csv_file import read_rows
from facerep.report.report import Table

_RATES = re.compile(
    r"accuracy|balanced|majority|(^|[_ ])(low|high|difference|share|standard_error)($|[_ ])|chance|left_above|more_lost"
)
_RATES_OF = {"cmc.csv": ("value",), "attributes.csv": ("yes", "no")}
"""Columns that are rates in these files only."""
_IN_PER_CENT = ("claims.csv",)


def read_table(path: Path) -> Table:
    """Read a CSV file of ours.

    Raises:
        BadInput: it is none, or is empty.
    """
    lines = list(read_rows(path, "take it out of the folder"))
    if not lines:
        raise BadInput("CSV file is empty", path)
    header, *rows = lines
    columns = [list(column) for column in zip(*rows, strict=False)] or [[] for _ in header]
    rates = [_is_rate(path.name, name, column) for name, column in zip(header, columns, strict=False)]
    shown = [_shown(column, rate) for column, rate in zip(columns, rates, strict=False)]
    heads = [f"{_words(name)}, %" if rate else _words(name) for name, rate in zip(header, rates, strict=False)]
    return Table(heads, [list(row) for row in zip(*shown, strict=True)], title=path.name)


def _words(name: str) -> str:
    return name if name.startswith("=") else name.replace("_", " ")


def _is_rate(file: str, name: str, column: Sequence[str]) -> bool:
    named = _RATES.search(name) or name in _RATES_OF.get(file, ()) or file == "comparison.csv"
    cells = [cell for cell in column if cell]
    if not named or file in _IN_PER_CENT or not cells:
        return False
    return all(_is_number(cell) and -1 <= float(cell) <= 1 for cell in cells)


def _shown(column: Sequence[str], rate: bool) -> list[str]:
    if rate:
        return [f"{100 * float(cell):.2f}" if cell else "" for cell in column]
    # in a column of whole numbers, or of words too, a number may be a name: only fractions are rounded
    if all(map(_is_fraction, filter(None, column))):
        return [cell if len(cell) <= 8 else f"{float(cell):.5g}" for cell in column]
    return list(column)


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text))) and "_" not in text
    except ValueError:
        return False


def _is_fraction(text: str) -> bool:
    return _is_number(text) and not text.lstrip("+-").isdecimal()
