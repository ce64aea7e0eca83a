"""`facerep localize`: the boxes of the faces in photographs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.completions import models
from facerep.cli.options import Device, Json, OutputFile, Overwrite, Strict


def localize(
    run: Annotated[
        str, Argument(autocompletion=models, help="Run or weights of `train --loss localization`.", metavar="RUN")
    ],
    photographs: Annotated[
        list[Path], Argument(help="Pictures, folders of them, or tables of pictures.", metavar="PHOTOS...")
    ],
    maps: Annotated[
        Path | None,
        Option(metavar="FOLDER", help="Folder of pictures, each with its response map and the boxes found."),
    ] = None,
    attribute: Annotated[
        str | None, Option(metavar="NAME", help="The maps are those of this attribute's answer: where it is seen.")
    ] = None,
    threshold: Annotated[
        float | None, Option(help="Score from which on a box is a face. Default: as held-out pictures chose it.")
    ] = None,
    least: Annotated[float, Option(min=8, help="Side of the smallest boxes looked for, in pixels.")] = 20.0,
    most: Annotated[float, Option(min=0, help="Side of the largest; 0 is as large as the picture.")] = 0.0,
    stages: Annotated[int, Option(min=1, max=2, help="1 takes the boxes of the first stage as they are.")] = 2,
    output: OutputFile = None,
    overwrite: Overwrite = False,
    device: Device = "auto",
    strict: Strict = False,
    json: Json = False,
) -> None:
    """Find faces by a network that was taught attributes only; boxes are x, y, width and height in pixels.

    Example: facerep localize runs/lnet photographs/ -o boxes.csv --maps maps/
    """
    from facerep.errors import Failures, Usage
    from facerep.report.target import FileTarget

    if attribute is not None and maps is None:
        raise Usage("--attribute is about maps", hint="give --maps FOLDER too")
    target = FileTarget(output, overwrite=overwrite, json=json)
    from facerep.localization.cascade import Search
    from facerep.readers.photographs import photographs as read
    from facerep.report.localization.localization import drawer, report_of
    from facerep.studies.localization.localize import localize as study

    search = Search(least=least, most=most, stages=stages, threshold=threshold)
    show = None if maps is None else drawer(maps, overwrite=overwrite)
    result = study(run, read(photographs), search, attribute=attribute, show=show, device=device)
    target.deliver(report_of(result, output))
    if strict and result.failures:
        raise Failures(f"photographs that failed, {len(result.failures)}", output or photographs[0])
