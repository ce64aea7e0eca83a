"""A reconstruction as a report: how near the pictures are to the truth; all of them, and a contact sheet of some."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from facerep.files.atomic import replacing
from facerep.report.cells import percent, rate_row
from facerep.report.report import Facts, File, Report, Table
from facerep.studies.reconstruction.reconstruct import Drawn
from facerep.studies.reconstruction.result import Closeness, Judgement, PictureGroup, ReconstructionResult

PICTURES, SHEET = "pictures.zip", "reconstruction.png"
FILES = ("result.json", PICTURES, SHEET)


def report_of(result: ReconstructionResult, drawn: Drawn, shown: np.ndarray) -> Report:
    """A reconstruction as a report; `shown` are the rows of the sheet."""
    return Report(
        result=result,
        shown=[_facts(result), *(_tables(result.judged) if result.judged else [])],
        files={PICTURES: File(lambda path: write_pictures(path, drawn)), SHEET: _sheet(drawn, shown)},
        warnings=result.warnings,
    )


def write_pictures(path: Path, drawn: Drawn) -> None:
    """Write all pictures into one ZIP file, a PNG each, by the name of their face and of what they show."""
    names = drawn.faces.names.tolist()
    stems = [name.removesuffix(PurePosixPath(name).suffix) for name in names]
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
        for name, pictures in zip(stems if len(set(stems)) == len(names) else names, drawn.pictures, strict=True):
            for shows, picture in zip(drawn.names, pictures, strict=True):
                stream = io.BytesIO()
                Image.fromarray(picture).save(stream, format="PNG")
                entry = _entry(f"{name}_{shows}.png" if shows else f"{name}.png")
                # always the same instant: the same pictures are the same bytes
                archive.writestr(zipfile.ZipInfo(entry, (1980, 1, 1, 0, 0, 0)), stream.getvalue())


def _entry(name: str) -> str:
    """A name that stays inside the folder where the archive is unpacked."""
    return "/".join(part for part in PurePosixPath(name).parts if part not in ("..", "/"))


def _sheet(drawn: Drawn, shown: np.ndarray) -> File:
    from facerep.report.reconstruction.sheet import write_sheet  # matplotlib takes a while to import

    return File(lambda path: write_sheet(path, drawn, shown))


def _facts(result: ReconstructionResult) -> Facts:
    what = result.network["name"]
    targets = f"{result.target}: {', '.join(result.targets)}" if len(result.targets) > 1 else result.target
    rows = [["network", what], ["crop", result.network["crop"]], ["faces", f"{result.faces:,}"]]
    rows += [["faces that failed", f"{len(result.failures):,}"]] if result.failures else []
    rows += [["drawn between trained views", ", ".join(result.between)]] if result.between else []
    return Facts([*rows, ["truth", targets or "none"]])


def _tables(judged: Judgement) -> Iterator[Table]:
    notes = [
        f"squared error: mean over pixels, grey values in -1..1; nearest truth: of {judged.people:,} people, chance "
        f"{percent(1 / judged.people)}",
        f"intervals: {judged.drawn.nearest_truth.interval}; faces that are the truth themselves are not judged",
    ]
    if judged.without_truth:
        notes.append(f"{judged.without_truth:,} faces of people without a truth are not judged")
    rows = [
        ["this network", *_cells(judged.drawn)],
        ["untrained", *_cells(judged.untrained)],
        ["one picture for all", f"{judged.one_for_all:.4f}", "", "", ""],
    ]
    header = ["", "squared error", "nearest truth", "95 % interval", "counts"]
    yield Table(header, rows, "Pictures against the truth", notes)
    for title, groups in (("By what is drawn", judged.pictures), (f"By {judged.by}", judged.groups)):
        if groups:
            yield Table(header, _by(groups), title)


def _by(groups: Sequence[PictureGroup]) -> list[list[str]]:
    return [[group.name or "(none)", *_cells(group.drawn)] for group in groups]


def _cells(closeness: Closeness) -> list[str]:
    return [f"{closeness.error:.4f}", *rate_row("", closeness.nearest_truth)[1:]]
