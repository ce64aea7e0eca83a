"""`facerep analyze views`: the view of a face, and which units know it."""

from __future__ import annotations

from typing import Annotated

from typer import Argument, Option

from facerep.cli.completions import models
from facerep.cli.options import Crop, Device, Json, OutputFolder, Overwrite, Seed, Where, Workers


def views(
    run: Annotated[
        str, Argument(autocompletion=models, help="Run folder or weights of `train --loss multiview`.", metavar="RUN")
    ],
    dataset: Annotated[str, Argument(help="Faces of labelled people and views.", metavar="FACES")],
    split: Annotated[str, Option(help="The faces of this split are judged.")] = "test",
    fit_split: Annotated[str, Option(help="Regression and read-outs of the view are fitted on this split.")] = "train",
    where: Where = None,
    crop: Crop = "auto",
    output: OutputFolder = None,
    overwrite: Overwrite = False,
    seed: Seed = 0,
    device: Device = "auto",
    workers: Workers = -1,
    json: Json = False,
) -> None:
    """Which view faces show, by a network's view units and by regression on pixels; which units know view and person.

    Example: facerep analyze views runs/mvp rendered/ -o views/
    """
    from facerep.report.target import Target
    from facerep.report.views.views import FILES, report_of

    target = Target(output, FILES, overwrite=overwrite, json=json)
    from facerep.networks.device import device as pick_device
    from facerep.networks.weights import load_model
    from facerep.readers.load import load

    model, faces = load_model(run), load(dataset)
    for condition in where or []:
        faces = faces.where(condition)
    from facerep.studies.views.read_views import read_views

    result = read_views(
        model, faces.split(split), faces.split(fit_split), crop=crop, device=pick_device(device), workers=workers,
        seed=seed,
    )  # fmt: skip
    target.deliver(report_of(result))
