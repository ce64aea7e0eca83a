"""`facerep import`: vectors of any network into a feature file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.options import Json, Overwrite


def import_(
    vectors: Annotated[Path, Argument(help=".npy, .npz, .csv, .parquet or .h5, one row for each face.")],
    output: Annotated[Path, Option("--output", "-o", metavar="FILE", help="Feature file.")] = Path("features.h5"),
    names: Annotated[
        Path | None, Option(help="Text file, one face name a line, or .npy. Default: the names in VECTORS.")
    ] = None,
    people: Annotated[
        Path | None, Option(help="Text file, one person on each line, or .npy; empty where unknown.")
    ] = None,
    labels: Annotated[
        Path | None, Option(help="Table with a column name; the others become labels, person the people.")
    ] = None,
    network: Annotated[str, Option(help="What made the vectors; scorers match it. Default: unknown.")] = "",
    key: Annotated[
        str | None, Option(help="Array of an .npz or column of a Parquet file that holds the vectors.")
    ] = None,
    units: Annotated[
        str | None,
        Option(
            metavar="COLUMNS",
            help="Columns of a table that are units, such as f0..f511 or a,b,c. Default: the numbered ones.",
        ),
    ] = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Make a feature file from embeddings that another program computed.

    Example: facerep import arcface.npy --names names.txt --people people.txt -o arcface.h5
    """
    from facerep.console import console
    from facerep.files.atomic import refuse_existing

    refuse_existing(output, overwrite=overwrite)
    from facerep.files.features import write_features
    from facerep.readers.vectors.import_vectors import import_vectors
    from facerep.report.files.imported import report_of
    from facerep.report.target import show

    features = import_vectors(vectors, names=names, people=people, labels=labels, network=network, key=key, units=units)
    write_features(features, output, overwrite=overwrite)
    show(report_of(features, output), json=json)
    console.wrote(output, then=f"facerep verify {output}")
