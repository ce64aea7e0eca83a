"""One self-contained HTML page of any result folders: figures, rates, pictures and tables, for a colleague.

Nothing is fetched: figures and faces travel inside as data, and the page's own policy forbids the network. Figures come
before tables, rates in per cent; the CSV files of a folder stand folded at the end of its part.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib.figure import Figure

from facerep import __version__
from facerep.console import console, counted
from facerep.errors import BadInput
from facerep.faces.table import Faces
from facerep.files.atomic import refuse_existing, write_text
from facerep.files.provenance import now
from facerep.files.unfinished import visible
from facerep.report.drawing import svg_of
from facerep.report.page import run_words
from facerep.report.page.csv_table import read_table
from facerep.report.page.joint_figures import found_by_rank, on_one_axis
from facerep.report.page.pictures import Album, Exhibit, of_pairs, of_ranks
from facerep.report.page.result_words import facts_of, tables_of
from facerep.report.page.result_words import side_by_side as rates_side_by_side
from facerep.report.page.svg_colours import follow_light_and_dark
from facerep.report.report import Table
from facerep.report.target import COMMAND
from facerep.report.verification.comparison import roc_of, side_by_side
from facerep.results.kinds import KINDS, VERIFICATION
from facerep.results.read import read_result
from facerep.studies.verification.score_file import read_scores
from facerep.studies.verification.side_by_side import ComparedResult, names_of, read_results

MOST_ROWS = 200
"""A CSV with more rows is data for programs, not a table for a reader; the page says that it was left out."""
_WIDE = 400
"""Points: a wider figure is not made smaller than its words can be read on a telephone; it scrolls."""
_RESULTS = ("result.json", "trials.json", "comparison.json")
_ALONE = ("facerep/claims", "facerep/selectiveness", "facerep/units")
"""Kinds whose results are not put side by side: they are tables of many rows already."""
_CAPTIONS = {
    "roc": "ROC: true over false accept rate",
    "det": "DET: false reject over false accept rate",
    "cmc": "CMC: known probes found at this rank or better",
    "dir": "DIR: known probes found and accepted, over the false alarm rate",
    "best": "The best unit for each person or attribute",
    "sheet": "Faces that excite each unit most and least",
    "codes": "Accuracy over bytes and over search time",
}


@dataclass(frozen=True)
class Picture:
    """A picture as a data address; `wide` ones scroll on a small screen, `paper` ones keep their white ground."""

    caption: str
    data: str
    wide: bool = False
    paper: bool = False


@dataclass
class Section:
    """One result: what it is, in names and values, its figures, its rates, its faces, its CSV files."""

    name: str
    about: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    made: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    figures: list[Picture] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    exhibits: list[Exhibit] = field(default_factory=list)
    files: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def write_page(
    places: Sequence[Path], path: Path, *, title: str | None = None, faces: Sequence[Faces] = (),
    overwrite: bool = False, seed: int = 0,
) -> None:  # fmt: skip
    """Write the page, whole or absent. Several results of `verify` stand side by side before all else.

    Args:
        places: result folders or the JSON files in them, and run folders.
        path: the page.
        title: its title, "" or None takes the name of the file.
        faces: data sets that the results are of; the worst pairs are shown from them.
        overwrite: replace a page that exists.
        seed: of the paired bootstrap between results of `verify`.

    Raises:
        BadInput: a folder that is neither, or one that is not ours.
        OutputExists: the page does.
    """
    refuse_existing(path, overwrite=overwrite)
    files = [_told_by(place) for place in places]
    album = Album(faces)
    sections = [_section(file, name, album) for file, name in zip(files, names_of(files), strict=True)]
    sections[:0] = _joint_sections(files, seed)
    engine = Environment(
        loader=PackageLoader("facerep", "report/page"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    page = engine.get_template("page.html.jinja").render(
        title=title or path.stem, version=__version__, date=_date(now()), command=console.command, sections=sections
    )
    write_text(path, page, overwrite=overwrite)


def _told_by(place: Path) -> Path:
    """The file that says what a folder holds: a result, or the recipe of a run."""
    if place.is_file():
        return place
    found = [place / name for name in _RESULTS if (place / name).is_file()]
    if found:
        return found[0]
    return place / ("recipe.toml" if run_words.is_run(place) else "result.json")


def _section(file: Path, name: str, album: Album) -> Section:
    with _damage(file):
        return section_of_run(file.parent, name) if file.name == "recipe.toml" else section_of(file, name, album)


@contextmanager
def _damage(file: Path) -> Iterator[None]:
    """What is put into words may have any form: rates are checked when they are read, words when they are made."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise BadInput(f"result is damaged, or of another version ({type(error).__name__})", file, _AGAIN) from error


_AGAIN = "make it again, or leave it out"


def section_of_run(folder: Path, name: str) -> Section:
    """What a reader wants of a run: what was trained on what, and how it went."""
    section = Section(name, "Training", run_words.facts_of_run(folder), _made(run_words.made_of_run(folder)))
    figure = run_words.figure_of_run(folder)
    if figure is not None:
        section.figures.append(_drawn(figure, "Losses, and accuracy on held-out people"))
    _add_table(section, folder / "metrics.csv")
    return section


def section_of(file: Path, name: str, album: Album | None = None) -> Section:
    """Everything that a reader wants of one result."""
    folder, told = file.parent, read_result(file)
    kind = told["format"].removeprefix("facerep/")
    section = Section(name, _about(told["format"]), facts_of(told), _made(_command(folder, told)))
    section.warnings = [str(warning) for warning in told.get("warnings") or () if isinstance(warning, str)]
    section.tables = tables_of(told)
    drawn = {path.stem: path for suffix in ("png", "svg") for path in visible(folder.glob(f"*.{suffix}"))}
    section.figures += [_figure(path) for _, path in sorted(drawn.items(), key=lambda one: _place(one[0]))]
    for path in visible(folder.glob("*.csv")):
        _add_table(section, path)
    _add_faces(section, folder, kind, album or Album(()))
    return section


def _about(kind: str) -> str:
    """What a result of this format answers."""
    return KINDS[kind].about if kind in KINDS else kind.removeprefix("facerep/")


def _joint_sections(files: Sequence[Path], seed: int) -> Iterator[Section]:
    """A part for each kind of which there are several results."""
    names = dict(zip(files, names_of(files), strict=True))
    kinds: dict[str, list[Path]] = {}
    for file in files:
        if file.name != "recipe.toml":
            kinds.setdefault(read_result(file)["format"], []).append(file)
    for kind, alike in kinds.items():
        if len(alike) < 2 or kind in _ALONE:
            continue
        if kind == VERIFICATION.format:
            yield _joint(read_results(alike, seed=seed))
            continue
        word = kind.removeprefix("facerep/")
        section = Section(f"side by side: {word}", f"{len(alike)} results: {_about(kind)}")
        ranked = [(names[file], steps) for file in alike if (steps := _steps(file.with_name("cmc.csv")))]
        if ranked:
            section.figures.append(_drawn(found_by_rank(ranked), _CAPTIONS["cmc"]))
        with _damage(alike[0]):
            table = rates_side_by_side({names[file]: read_result(file) for file in alike})
        if table is not None:
            section.tables.append(table)
            yield section


def _steps(path: Path) -> list[tuple[int, float]]:
    """Rank and share of a cmc.csv of one trial; none where there are several, or no file."""
    if not path.is_file():
        return []
    table = read_table(path)
    places = [table.header.index(name) for name in ("list", "trial", "rank", "value, %") if name in table.header]
    if len(places) < 4 or len({(row[places[0]], row[places[1]]) for row in table.rows}) != 1:
        return []
    return [(int(row[places[2]]), float(row[places[3]]) / 100) for row in table.rows]


def _joint(rows: Sequence[ComparedResult]) -> Section:
    """All results of `verify`: one ROC figure, one axis, one table."""
    section = Section("side by side", f"{counted(len(rows), 'verification result')} on one axis")
    if any(row.pairs for row in rows):
        section.figures.append(_drawn(roc_of(rows), _CAPTIONS["roc"]))
    section.figures.append(_drawn(on_one_axis(rows), "Equal error rate and accuracy"))
    section.tables.append(side_by_side(rows))
    if absent := [row.name for row in rows if not row.pairs]:
        section.notes.append(f"not in the ROC figure, as no scores.csv lies beside the result: {', '.join(absent)}")
    return section


def _command(folder: Path, told: dict[str, Any]) -> dict[str, Any]:
    if (folder / COMMAND).is_file():
        return read_result(folder / COMMAND)
    return {"software": told.get("software")}


def _made(told: dict[str, Any]) -> dict[str, str]:
    """Command, date and versions, in words; what was not recorded is not guessed."""
    software = told.get("software")
    versions = ", ".join(f"{name} {number}" for name, number in software.items()) if isinstance(software, dict) else ""
    made = {"command": str(told.get("command") or ""), "date": _date(str(told.get("time") or "")), "versions": versions}
    return {name: value or "not recorded" for name, value in made.items()}


def _date(time: str) -> str:
    return time.replace("T", " ").replace("Z", " UTC")


def _add_table(section: Section, path: Path) -> None:
    table = read_table(path)
    if len(table.rows) <= MOST_ROWS:
        section.files.append(table)
    else:
        section.notes.append(f"{path.name} has {counted(len(table.rows), 'row')} and is left out here")


def _add_faces(section: Section, folder: Path, kind: str, album: Album) -> None:
    """The worst pairs and the most confused people; where no picture of them is at hand, that is said."""
    if kind == "verification" and (pairs := read_scores(folder / "scores.csv")) is not None:
        section.exhibits = of_pairs(pairs, album)
    elif kind == "identification" and (folder / "ranks.csv").is_file():
        section.exhibits = of_ranks(folder / "ranks.csv", album)
    shown = [data for exhibit in section.exhibits for tile in exhibit.tiles for _, data in tile.faces]
    if shown and not any(shown):
        told = "names a data set without them" if album.sets else "was not given"
        section.notes.append(f"no pictures of the faces: --faces {told}")


def _place(stem: str) -> tuple[int, str]:
    order = list(_CAPTIONS)
    return (order.index(stem) if stem in order else len(order), stem)


def _figure(path: Path) -> Picture:
    caption = _CAPTIONS.get(path.stem, path.stem.replace("_", " ").replace("-", " "))
    if path.suffix == ".png":
        data = base64.b64encode(path.read_bytes()).decode()
        return Picture(caption, f"data:image/png;base64,{data}", paper=True)
    try:
        return _svg(path.read_text(encoding="utf-8"), caption)
    except UnicodeDecodeError as error:
        raise BadInput("not an SVG figure of facerep's", path, "take it out of the folder") from error


def _drawn(figure: Figure, caption: str) -> Picture:
    return _svg(svg_of(figure), caption)


def _svg(text: str, caption: str) -> Picture:
    width = re.search(r'<svg\b[^>]*\bwidth="([0-9.]+)pt"', text)
    data = base64.b64encode(follow_light_and_dark(text).encode()).decode()
    wide = width is not None and float(width[1]) > _WIDE
    return Picture(caption, f"data:image/svg+xml;base64,{data}", wide=wide)
