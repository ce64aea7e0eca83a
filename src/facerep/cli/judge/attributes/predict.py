"""`facerep attributes predict`: the attributes of new faces."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.options import Json, OutputFile, Overwrite, comma_separated


def predict(
    features: Annotated[Path, Argument(help="Feature file of the new faces, or a folder of them.", metavar="FEATURES")],
    result: Annotated[
        Path, Argument(help="Folder that fit or teach wrote, or the attributes.h5 in it.", metavar="RESULT")
    ],
    names: Annotated[
        str | None, Option("--attributes", help="Only these, names with commas between. Default: all.")
    ] = None,
    output: OutputFile = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Which attributes new faces have, by the SVMs of a result; a CSV file holds the scores, above 0 is yes.

    Example: facerep attributes predict new.h5 results/ -o new.csv
    """
    from facerep.files.streams import open_features
    from facerep.report.attributes.attributes import report_of_scores
    from facerep.report.target import FileTarget
    from facerep.studies.attributes.model_file import predict as study
    from facerep.studies.attributes.model_file import read_model

    target = FileTarget(output, overwrite=overwrite, json=json)
    target.deliver(report_of_scores(study(open_features(features), read_model(result), comma_separated(names))))
