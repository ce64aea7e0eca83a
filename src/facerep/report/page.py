"""One self-contained HTML page of any result folders: their tables and figures, for a colleague.

Nothing is fetched: figures travel inside as data, and the page's own policy forbids the network. What a folder holds
is shown as it is: result.json says what it is, each small CSV is a table, each SVG (else PNG) a figure.
"""

from __future__ import annotations

import base64
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from facerep import __version__
from facerep.errors import BadInput
from facerep.files.atomic import refuse_existing, write_text
from facerep.files.result_file import read_result
from facerep.files.unfinished import visible
from facerep.metrics.result import FORMAT, Rate
from facerep.report.comparison import Table, names_of, read_rows, side_by_side
from facerep.report.csv_file import plain_cell
from facerep.report.verification import between, percent

MOST_ROWS = 200
"""A CSV with more rows is data for programs, not a table for a reader; the page says that it was left out."""


@dataclass(frozen=True)
class Figure:
    """A picture as a data address."""

    name: str
    data: str


@dataclass
class Section:
    """One result folder: what it is, in names and values, its tables and its figures."""

    name: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)


def write_page(folders: Sequence[Path], path: Path, *, overwrite: bool = False, seed: int = 0) -> None:
    """Write the page, whole or absent. Several results of `verify` stand side by side before all else.

    Args:
        folders: result folders, each with a result.json of facerep.
        path: the page.
        overwrite: replace a page that exists.
        seed: of the paired bootstrap between results of `verify`.

    Raises:
        BadInput: a folder without result.json, or one that is not ours.
        OutputExists: the page does.
    """
    refuse_existing(path, overwrite=overwrite)
    files = [folder / "result.json" for folder in folders]
    sections = [section_of(folder, name) for folder, name in zip(folders, names_of(files), strict=True)]
    verified = [file for file in files if read_result(file)["format"] == FORMAT]
    if len(verified) > 1:
        sections.insert(0, Section("side by side", [], [side_by_side(read_rows(verified, seed=seed))]))
    engine = Environment(
        loader=PackageLoader("facerep", "report"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    page = engine.get_template("page.html.jinja")
    write_text(path, page.render(title=path.stem, version=__version__, sections=sections), overwrite=overwrite)


def section_of(folder: Path, name: str) -> Section:
    """Everything that a reader wants of one result folder."""
    told = read_result(folder / "result.json")
    section = Section(name, _facts(told))
    if rates := list(_rates(told)):
        lines = [[what, *_cells(rate)] for what, rate in rates[:MOST_ROWS]]
        section.tables.append(Table(["rate", "per cent", "95 % interval", "count"], lines))
    for file in visible(folder.glob("*.csv")):
        table = _table(file)
        if len(table.rows) <= MOST_ROWS:
            section.tables.append(table)
        else:
            section.facts.append((file.name, f"{len(table.rows):,} rows, left out here"))
    drawn = {file.stem: file for suffix in ("png", "svg") for file in visible(folder.glob(f"*.{suffix}"))}
    section.figures += [_figure(file) for _, file in sorted(drawn.items())]
    return section


def _facts(told: dict[str, Any]) -> list[tuple[str, str]]:
    """What the result says of itself: its kind, metric, features, protocol, counts."""
    facts = [("kind", told["format"].removeprefix("facerep/"))]
    for key in ("metric", "features", "protocol", "counts"):
        value = told.get(key)
        if isinstance(value, dict):
            value = ", ".join(f"{name.replace('_', ' ')} {item}" for name, item in value.items() if _plain(item))
        if value:
            facts.append((key, str(value)))
    return facts


def _plain(value: Any) -> bool:
    # hashes say nothing to a reader
    return isinstance(value, int | float | str) and value != "" and len(str(value)) < 64


def _rates(told: Any, name: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every rate of a result with its counts and its interval, called after the keys that lead to it."""
    if isinstance(told, dict):
        if {"value", "low", "high", "count", "of"} <= told.keys():
            yield name, told
            return
        for key, value in told.items():
            yield from _rates(value, f"{name} {key.replace('_', ' ')}".strip())
    elif isinstance(told, list):
        for number, value in enumerate(told, 1):
            known = [str(value[key]) for key in _NAMING if isinstance(value, dict) and value.get(key) not in (None, "")]
            yield from _rates(value, f"{name} {', '.join(known) or number}")


_NAMING = ("name", "far", "rank", "attribute", "person", "layer", "trial")
"""Keys whose value tells an item of a list from the others."""


def _cells(rate: dict[str, Any]) -> list[str]:
    found = Rate(**{key: rate.get(key, "") for key in ("value", "low", "high", "count", "of", "interval")})
    return [percent(found.value).removesuffix(" %"), between(found), f"{found.count:,.0f} of {found.of:,}"]


def _table(path: Path) -> Table:
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            lines = list(csv.reader(stream))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"not a CSV file of facerep's ({error})", path, "take it out of the folder") from error
    if not lines:
        raise BadInput("CSV file is empty", path)
    header, *rows = ([plain_cell(cell) for cell in line] for line in lines)
    # in a column of whole numbers, or of words too, a number may be a name: only fractions are rounded
    rounded = [all(map(_is_fraction, filter(None, column))) for column in zip(*rows, strict=False)]
    shown = [[_short(cell) if short else cell for cell, short in zip(row, rounded, strict=False)] for row in rows]
    return Table(header, shown, title=path.stem.replace("_", " "))


def _is_fraction(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text))) and not text.lstrip("+-").isdecimal() and "_" not in text
    except ValueError:
        return False


def _short(text: str) -> str:
    """A number with as many digits as a reader wants."""
    return text if len(text) <= 8 else f"{float(text):.5g}"


def _figure(path: Path) -> Figure:
    kind = "svg+xml" if path.suffix == ".svg" else "png"
    return Figure(path.stem, f"data:image/{kind};base64,{base64.b64encode(path.read_bytes()).decode()}")
