"""A report: what a result is to a reader, as a value: tables, facts, lines, files. `target.py` shows and writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Table:
    """A table for the eye; the first column is text."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Facts:
    """Names with values, one a line."""

    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Csv:
    """A CSV file: its columns, and its rows, which are made when it is written."""

    columns: Sequence[str]
    rows: Callable[[], Iterable[Sequence[object]]]


@dataclass(frozen=True)
class Drawing:
    """A figure, drawn when it is written: as NAME.png and NAME.svg."""

    draw: Callable[[], Figure]


@dataclass(frozen=True)
class Json:
    """A further JSON file, for what another run would give otherwise, such as times."""

    value: Any


@dataclass(frozen=True)
class File:
    """A file of another kind; `write` is given its path."""

    write: Callable[[Path], object]


Content = Csv | Drawing | Json | File


@dataclass(frozen=True, kw_only=True)
class Report:
    """One result for a reader.

    Attributes:
        result: what JSON holds of it, see `results.to_json`.
        shown: for a terminal or a pipe, from top to bottom.
        files: by name, in the order in which they are written and named; a drawing has a name without ending.
        main: the file that holds `result`; written last, so that it says that all others are there.
        printed: further keys that --json prints and `main` does not hold.
        warnings: what the user should look at.
        faults: warnings that sum up what JSON lists one by one; shown behind tables, not beside JSON.
        unwritten: warnings for who writes files: what is not among them, and why.
    """

    result: Any
    shown: Sequence[Table | Facts | str]
    files: Mapping[str, Content] = field(default_factory=dict)
    main: str = "result.json"
    printed: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    faults: Sequence[str] = ()
    unwritten: Sequence[str] = ()
