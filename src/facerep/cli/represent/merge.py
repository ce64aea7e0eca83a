"""`facerep merge`: several feature or code files as one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.options import Json, Overwrite


def merge(
    features: Annotated[
        list[Path], Argument(help="Feature or code files of one contract, or folders of them.", metavar="FEATURES...")
    ],
    output: Annotated[Path, Option("--output", "-o", metavar="FILE", help="Feature or code file of all of them.")],
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Make one feature or code file of several, or of a folder of them.

    Example: facerep merge feats/ more.h5 -o all.h5
    """
    from facerep.console import console
    from facerep.files.atomic import refuse_existing

    refuse_existing(output, overwrite=overwrite)
    from facerep.files.features import read_together, write_rows
    from facerep.report.files.merged import report_of
    from facerep.report.target import show

    rows = read_together(features)
    write_rows(rows, output, overwrite=overwrite)
    show(report_of(rows, len(features), output), json=json)
    console.wrote(output, then=f"facerep verify {output}")
