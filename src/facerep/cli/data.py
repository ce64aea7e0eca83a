"""`facerep data`: look at a data set before anything is computed on it."""

from __future__ import annotations

from typing import Annotated

import typer

from facerep.cli.groups import Group
from facerep.cli.options import Json, Strict, Workers

data_app = typer.Typer(name="data", cls=Group, help="Look at data sets.", no_args_is_help=True, rich_markup_mode=None)


@data_app.callback()
def data() -> None:
    """Look at data sets."""


@data_app.command()
def inspect(
    dataset: Annotated[str, typer.Argument(help="A folder, table, .bin or .rec, or `orl`.", metavar="DATASET")],
    kind: Annotated[
        str | None,
        typer.Option(help="Read it as folders, lfw, celeba, orl, table, insightface-bin or insightface-rec."),
    ] = None,
    workers: Workers = -1,
    strict: Strict = False,
    json: Json = False,
) -> None:
    """People, images, sizes, duplicates, unreadable files, labels and pair lists of a data set.

    Example: facerep data inspect lfw/
    """
    from facerep.console import console
    from facerep.errors import Failures
    from facerep.readers.inspect import inspect as look
    from facerep.report.inspection import show

    found = look(dataset, kind=kind, workers=workers)
    show(found, json=json)
    if console.watched:
        console.note(f"next: facerep extract {dataset} -o features.h5")
    if strict and found.faulty:
        raise Failures(f"{found.faulty} images cannot be used", dataset)
