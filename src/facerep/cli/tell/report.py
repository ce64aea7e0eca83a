"""`facerep report`: several results in one table and one figure, or on one page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.options import Json, Overwrite, Seed


def report(
    results: Annotated[
        list[Path], Argument(help="Folders that --output of a command wrote, or the result.json in them; or runs.")
    ],
    output: Annotated[
        Path | None,
        Option(
            "--output", "-o", help="NAME.html: one page of all results, for a browser; without an ending: a folder."
        ),
    ] = None,
    title: Annotated[str | None, Option(help="Title of the page. Default: the name of its file.")] = None,
    faces: Annotated[
        list[str] | None,
        Option(
            help="Data set that the results are of: the page shows the worst pairs and the people taken for each "
            "other as pictures; may be given several times.",
            metavar="DATASET",
        ),
    ] = None,
    overwrite: Overwrite = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Several results in one table, or on one page.

    Results of `verify` stand side by side with intervals, paired differences and one ROC figure; those of `attributes`
    with their means and paired differences; those of `identify --by` by the values of the label, folders seed0, seed1
    ... as one system. Runs are shown with their weights, bytes and speed, and with the results of
    `verify` that lie in their folders. A page takes the results of any commands, and runs, with their figures and
    tables, in one file that needs nothing else.

    Example: facerep report pixels/ deepid2/ -o comparison.html
    """
    from facerep.console import console
    from facerep.errors import Usage, refuse_meaningless

    if output is not None and output.suffix.lower() == ".html":
        refuse_meaningless({"--json": json or None}, "for a page")
        _page(results, output, title, faces or [], overwrite=overwrite, seed=seed)
        console.wrote(output)
        return
    refuse_meaningless({"--title": title, "--faces": faces or None}, "without -o NAME.html")
    if output is not None and re.fullmatch(r"\.[A-Za-z]{2,5}", output.suffix) and not output.is_dir():
        raise Usage(f"--output ends in {output.suffix}, which is not written", hint="give NAME.html, or a folder")
    from facerep.report.side_by_side import side_by_side
    from facerep.report.target import Target

    files, report_of_all = side_by_side(results, seed=seed)
    Target(output, files, overwrite=overwrite, json=json).deliver(report_of_all())


def _page(
    results: list[Path], output: Path, title: str | None, faces: list[str], *, overwrite: bool, seed: int
) -> None:
    from facerep.files.atomic import refuse_existing
    from facerep.readers.load import load
    from facerep.report.page.page import write_page

    refuse_existing(output, overwrite=overwrite)
    shown = [load(dataset) for dataset in faces]
    write_page(results, output, title=title, faces=shown, overwrite=overwrite, seed=seed)
