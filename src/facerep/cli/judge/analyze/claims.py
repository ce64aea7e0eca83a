"""`facerep analyze claims`: what DeepID2+ claims, beside what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument

from facerep.cli.options import Json, OutputFolder, Overwrite


def claims(
    results: Annotated[
        list[Path], Argument(help="Folders or result.json of `verify`, `identify` and `analyze`.", metavar="RESULTS...")
    ],
    output: OutputFolder = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """What DeepID2+ claims, beside what these results measured on networks of ours and on others, in one table.

    A network is ours where it is a row of the catalog; others come by `facerep import`.

    Example: facerep analyze claims sparseness/ selectiveness/ robustness/
    """
    from facerep.report.claims.claims import FILES, report_of
    from facerep.report.target import Target
    from facerep.studies.claims.claims import claims as study

    target = Target(output, FILES, overwrite=overwrite, json=json)
    target.deliver(report_of(study(results)))
