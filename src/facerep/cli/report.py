"""`facerep report`: several results in one table and one figure."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from facerep.cli.options import Json, Output, Overwrite, Seed


def report(
    results: Annotated[
        list[Path],
        typer.Argument(help="result.json files of `facerep verify --output`, or the folders that hold them."),
    ],
    output: Output = None,
    overwrite: Overwrite = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Several verification results side by side, with intervals, paired differences and one ROC figure.

    Example: facerep report pixels/ deepid2/ -o comparison/
    """
    from facerep.console import console
    from facerep.report.comparison import compare

    written = compare(results, json=json, folder=output, overwrite=overwrite, seed=seed)
    if written:
        console.wrote(*written)
