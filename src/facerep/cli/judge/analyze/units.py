"""`facerep analyze units`: the faces that excite a unit most and least."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.options import Json, Overwrite, Seed


def units(
    dataset: Annotated[str, Argument(help="The faces that FEATS was made of.", metavar="DATASET")],
    features: Annotated[Path, Argument(help="Feature file, or a folder of them.", metavar="FEATS")],
    unit: Annotated[list[str], Option(help="LAYER:NUMBER or NUMBER, from 0; may be given several times.")],
    faces: Annotated[int, Option(min=1, max=100, help="How many faces of each end.")] = 10,
    output: Annotated[Path, Option("--output", "-o", metavar="FOLDER", help="Folder of the sheet.")] = Path("units"),
    overwrite: Overwrite = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """The faces that excite a unit most and least, in ranks, as a contact sheet.

    Example: facerep analyze units lfw/ feats.h5 --unit feature:12 -o units/
    """
    from facerep.readers.load import load
    from facerep.report.neurons.faces_of_units import FILES, report_of
    from facerep.report.target import Target
    from facerep.studies.neurons.faces_of_units import pictures_of
    from facerep.studies.neurons.faces_of_units import units as study

    target = Target(output, FILES, overwrite=overwrite, json=json)
    result = study(features, unit, faces=faces, seed=seed)
    target.deliver(report_of(result, pictures_of(result, load(dataset))))
