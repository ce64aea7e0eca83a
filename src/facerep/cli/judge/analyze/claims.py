"""`facerep analyze claims`: what DeepID2+ claims, beside what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from facerep.cli.options import Json, OutputFolder, Overwrite


def claims(
    results: Annotated[
        list[Path],
        typer.Argument(help="Folders or result.json of `verify`, `identify` and `analyze`.", metavar="RESULTS..."),
    ],
    output: OutputFolder = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """What DeepID2+ claims, beside what these results measured on networks of ours and on others, in one table.

    A network is ours where it is a row of the catalog; others come by `facerep import`.

    Example: facerep analyze claims sparseness/ selectiveness/ robustness/
    """
    from facerep.console import console
    from facerep.report.claims.claims import refuse, show

    if output is not None:
        refuse(output, overwrite=overwrite)
    from facerep.studies.claims.claims import claims as study

    written = show(study(results), json=json, folder=output, overwrite=overwrite)
    if written:
        console.wrote(*written)
