"""One self-contained HTML page of any result folders, for a colleague.

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
from facerep.pairs.score_file import read_scores
from facerep.readers.sets.album import Album
from facerep.report.drawing import svg_of
from facerep.report.page import run_words
from facerep.report.page.csv_table import read_table
from facerep.report.page.joint_figures import found_by_rank, on_one_axis
from facerep.report.page.pictures import Exhibit, of_pairs, of_people
from facerep.report.page.result_words import facts_of, side_by_side, tables_of
from facerep.report.page.svg_colours import follow_light_and_dark
from facerep.report.report import Table
from facerep.report.side_by_side import Verifications, verifications
from facerep.report.target import COMMAND
from facerep.results.kinds import CLAIMS, IDENTIFICATION, KINDS, SELECTIVENESS, UNITS, VERIFICATION
from facerep.results.read import names_of, read_result
from facerep.studies.identification.ranks_file import CMC, RANKS, read_cmc, read_known_probes
from facerep.studies.identification.taken_for import taken_for
from facerep.studies.verification.worst_pairs import worst_pairs

MOST_ROWS = 200
"""A CSV with more rows is data for programs, not a table for a reader; the page says that it was left out."""
_SHOWN = 6
"""Pairs and people of each kind that went most wrong."""
_WIDE = 400
"""Points: a wider figure is not made smaller than its words can be read on a telephone; it scrolls."""
_RESULTS = ("result.json", "trials.json", "comparison.json")
_ALONE = (CLAIMS.format, SELECTIVENESS.format, UNITS.format)
"""Kinds whose results are not put side by side: they are tables of many rows already."""
_CAPTIONS = {
    "roc": "ROC: true over false accept rate",
    "det": "DET: false reject over false accept rate",
    "cmc": "CMC: known probes found at this rank or better",
    "dir": "DIR: known probes found and accepted, over the false alarm rate",
    "best": "The best unit for each person or attribute",
    "sheet": "Faces that excite each unit most and least",
    "reconstruction": "Faces, what the network draws of them, and the truth",
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
class PageSection:
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
    places: Sequence[Path],
    path: Path,
    *,
    title: str | None = None,
    faces: Sequence[Faces] = (),
    overwrite: bool = False,
    seed: int = 0,
) -> None:
    """Write the page, whole or absent. Several results of `verify` stand side by side before all else.

    Args:
        places: result folders or the JSON files in them, and run folders.
        path: the page.
        title: "" or None takes the name of the file.
        faces: data sets that the results are of; the worst pairs are shown from them.
        overwrite: replace a page that exists.
        seed: of the paired bootstrap between results of `verify`.

    Raises:
        BadInput: a folder that is neither, or one that is not ours.
        OutputExists: the page does.
    """
    refuse_existing(path, overwrite=overwrite)
    files = [_main_file(place) for place in places]
    album = Album(faces)
    sections = [section_of(file, name, album) for file, name in zip(files, names_of(files), strict=True)]
    sections[:0] = _joint_sections(files, seed)
    engine = Environment(
        loader=PackageLoader("facerep", "report/page"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    page = engine.get_template("page.html.jinja").render(
        title=title or path.stem, version=__version__, date=_date(now()), command=console.command, sections=sections
    )
    write_text(path, page, overwrite=overwrite)


def _main_file(place: Path) -> Path:
    """The file that says what a folder holds: a result, or the recipe of a run."""
    if place.is_file():
        return place
    run = ["recipe.toml"] if run_words.is_run(place) else []
    return next((place / name for name in (*_RESULTS, *run) if (place / name).is_file()), place / "result.json")


@contextmanager
def _damage(file: Path) -> Iterator[None]:
    """What is put into words may have any form: rates are checked when they are read, words when they are made."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        what = f"result is damaged, or of another version ({type(error).__name__})"
        raise BadInput(what, file, "make it again, or leave it out") from error


def section_of(file: Path, name: str, album: Album | None = None) -> PageSection:
    """Everything that a reader wants of one result, or of a run by its recipe."""
    with _damage(file):
        return _of_run(file.parent, name) if file.name == "recipe.toml" else _of_result(file, name, album or Album(()))


def _of_run(folder: Path, name: str) -> PageSection:
    """What was trained on what, and how it went."""
    section = PageSection(name, "Training", run_words.facts_of_run(folder), _made(run_words.made_of_run(folder)))
    figure = run_words.figure_of_run(folder)
    if figure is not None:
        section.figures.append(_drawn(figure, "Losses, and accuracy on held-out people"))
    _add_table(section, folder / "metrics.csv")
    return section


def _of_result(file: Path, name: str, album: Album) -> PageSection:
    folder, result = file.parent, read_result(file)
    section = PageSection(name, _about(result["format"]), facts_of(result), _made(_command(folder, result)))
    section.warnings = [warning for warning in result.get("warnings") or () if isinstance(warning, str)]
    section.tables = tables_of(result)
    drawn = {path.stem: path for suffix in ("png", "svg") for path in visible(folder.glob(f"*.{suffix}"))}
    section.figures += [_figure(path) for _, path in sorted(drawn.items(), key=lambda one: _place(one[0]))]
    for path in visible(folder.glob("*.csv")):
        _add_table(section, path)
    _add_faces(section, folder, result["format"], album)
    return section


def _about(kind: str) -> str:
    """What a result of this format answers."""
    return KINDS[kind].about if kind in KINDS else kind.removeprefix("facerep/")


def _joint_sections(files: Sequence[Path], seed: int) -> Iterator[PageSection]:
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
            yield _joint(verifications(alike, seed=seed))
            continue
        word = kind.removeprefix("facerep/")
        section = PageSection(f"side by side: {word}", f"{len(alike)} results: {_about(kind)}")
        with _damage(alike[0]):
            ranked = [(names[file], steps) for file in alike if (steps := read_cmc(file.with_name(CMC)))]
            if ranked:
                section.figures.append(_drawn(found_by_rank(ranked), _CAPTIONS["cmc"]))
            table = side_by_side({names[file]: read_result(file) for file in alike})
        if table is not None:
            section.tables.append(table)
            yield section


def _joint(joint: Verifications) -> PageSection:
    """All results of `verify`: one ROC figure, one axis, one table."""
    section = PageSection("side by side", f"{counted(len(joint.rows), 'verification result')} on one axis")
    if joint.roc is not None:
        section.figures.append(_drawn(joint.roc, _CAPTIONS["roc"]))
    section.figures.append(_drawn(on_one_axis(joint.rows), "Equal error rate and accuracy"))
    section.tables.append(joint.table)
    if absent := [row.name for row in joint.rows if not row.pairs]:
        section.notes.append(f"not in the ROC figure, as no scores.csv lies beside the result: {', '.join(absent)}")
    return section


def _command(folder: Path, result: dict[str, Any]) -> dict[str, Any]:
    if (folder / COMMAND).is_file():
        return read_result(folder / COMMAND)
    return {"software": result.get("software")}


def _made(command: dict[str, Any]) -> dict[str, str]:
    """Command, date and versions, in words; what was not recorded is not guessed."""
    software = command.get("software")
    versions = ", ".join(f"{name} {number}" for name, number in software.items()) if isinstance(software, dict) else ""
    date = _date(str(command.get("time") or ""))
    made = {"command": str(command.get("command") or ""), "date": date, "versions": versions}
    return {name: value or "not recorded" for name, value in made.items()}


def _date(time: str) -> str:
    return time.replace("T", " ").replace("Z", " UTC")


def _add_table(section: PageSection, path: Path) -> None:
    table = read_table(path)
    if len(table.rows) <= MOST_ROWS:
        section.files.append(table)
    else:
        section.notes.append(f"{path.name} has {counted(len(table.rows), 'row')} and is left out here")


def _add_faces(section: PageSection, folder: Path, kind: str, album: Album) -> None:
    """The worst pairs and the most confused people; where no picture of them is at hand, that is said."""
    if kind == VERIFICATION.format and (pairs := read_scores(folder / "scores.csv")) is not None:
        section.exhibits = of_pairs(worst_pairs(pairs, _SHOWN), album)
    elif kind == IDENTIFICATION.format and (folder / RANKS).is_file():
        section.exhibits = of_people(taken_for(read_known_probes(folder / RANKS), _SHOWN), album)
    shown = [data for exhibit in section.exhibits for tile in exhibit.tiles for _, data in tile.faces]
    if shown and not any(shown):
        why = "names a data set without them" if album.sets else "was not given"
        section.notes.append(f"no pictures of the faces: --faces {why}")


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
