"""`facerep analyze sparseness`: how many units are active on a face."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument

from facerep.cli.options import Json, OutputFolder, Overwrite


def sparseness(
    features: Annotated[
        list[Path], Argument(help="Feature files or folders of them, one layer each.", metavar="FEATS...")
    ],
    output: OutputFolder = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """How many units are active on a face, and how many faces activate a unit.

    Example: facerep analyze sparseness feats.h5 -o sparseness/
    """
    from facerep.report.neurons.sparseness import FILES, report_of
    from facerep.report.target import Target
    from facerep.studies.neurons.sparseness import sparseness as study

    target = Target(output, FILES, overwrite=overwrite, json=json)
    target.deliver(report_of(study(features)), then=f"facerep analyze selectiveness {features[0]}")
