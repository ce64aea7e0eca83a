"""`facerep data`: look at a data set before anything is computed on it, or render one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from facerep.cli.groups import Group
from facerep.cli.helps import Command
from facerep.cli.look.render import assets, render
from facerep.cli.look.sequences import sequences
from facerep.cli.look.shard import shard
from facerep.cli.options import Json, Overwrite, Sheet, Strict, Workers

data_app = typer.Typer(
    name="data", cls=Group, help="Look at data sets, or render one.", no_args_is_help=True, rich_markup_mode=None
)


@data_app.callback()
def data() -> None:
    """Look at data sets, or render one."""


@data_app.command(cls=Command)
def inspect(
    dataset: Annotated[
        str,
        Argument(
            help="A folder, table, .bin or .rec, or `orl`; or a feature, code, scorer or weights file, or a run.",
            metavar="DATASET",
        ),
    ],
    kind: Annotated[
        str | None,
        Option(
            help="Read it as folders, lfw, celeba, orl, multipie, rendered, shards, webdataset, table, insightface-bin "
            "or insightface-rec."
        ),
    ] = None,
    sheet: Sheet = None,
    crop: Annotated[str | None, Option(help="Crop preset of the sheet; default: the one that fits.")] = None,
    overwrite: Overwrite = False,
    workers: Workers = -1,
    strict: Strict = False,
    json: Json = False,
) -> None:
    """People, images, sizes, duplicates, unreadable files, labels and pair lists of a data set.

    Of a file that facerep wrote, or of a run: what it holds, and what it was made with.

    Example: facerep data inspect lfw/
    """
    from facerep.console import console
    from facerep.errors import Failures, refuse_meaningless
    from facerep.files.atomic import refuse_existing
    from facerep.readers.inspect import look_at
    from facerep.readers.load import is_made_here, load
    from facerep.report.target import show

    if kind is None and is_made_here(Path(dataset)):
        from facerep.report.files import holdings as holdings_report
        from facerep.studies.files.holdings import holdings

        refuse_meaningless({"--sheet": sheet, "--crop": crop, "--strict": strict or None}, "without pictures")
        show(holdings_report.report_of(holdings(Path(dataset))), json=json)
        return
    if sheet is None:
        refuse_meaningless({"--crop": crop, "--overwrite": overwrite or None}, "without --sheet")
    else:
        refuse_existing(sheet, overwrite=overwrite)
    faces = load(dataset, kind=kind)
    from facerep.report.files.inspection import report_of

    inspection = look_at(faces, dataset, workers=workers)
    show(report_of(inspection), json=json)
    if sheet is not None:
        from facerep.readers.crop_samples import sample_crops, whole_face
        from facerep.report.crop_sheet import write_crops

        write_crops(sheet, sample_crops(faces, [whole_face(faces, crop)]), overwrite=overwrite)
        console.wrote(sheet)
    if console.watched:
        console.note(f"next: facerep extract {dataset} -o features.h5")
    if strict and inspection.faulty:
        raise Failures(f"{inspection.faulty} images cannot be used", dataset)


data_app.command(cls=Command)(render)
data_app.command(cls=Command)(assets)
data_app.command(cls=Command)(sequences)
data_app.command(cls=Command)(shard)
