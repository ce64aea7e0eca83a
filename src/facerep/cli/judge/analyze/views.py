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
    split: Annotated[
        str | None, Option(help="The faces of this split are judged. Default: test; with --by, all faces.")
    ] = None,
    fit_split: Annotated[
        str | None, Option(help="Regression and read-outs of the view are fitted on this split. Default: train.")
    ] = None,
    by: Annotated[
        str | None, Option(help="Only what view the faces of each value of this label show.", metavar="COLUMN")
    ] = None,
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
    from facerep.errors import refuse_meaningless
    from facerep.report.target import Target
    from facerep.report.views import views as all_readers
    from facerep.report.views import views_by_label as classes

    if by is not None:
        refuse_meaningless({"--fit-split": fit_split}, "with --by")
    target = Target(output, (all_readers if by is None else classes).FILES, overwrite=overwrite, json=json)
    from facerep.networks.device import device as pick_device
    from facerep.networks.weights import load_model
    from facerep.readers.load import load

    model, faces = load_model(run), load(dataset)
    for condition in where or []:
        faces = faces.where(condition)
    on = pick_device(device)
    if by is not None:
        from facerep.studies.views.views_by_label import views_by_label

        judged = faces if split is None else faces.split(split)
        result = views_by_label(model, judged, by, crop=crop, device=on, workers=workers, seed=seed)
        target.deliver(classes.report_of(result))
        return
    from facerep.studies.views.read_views import read_views

    judged, others = faces.split(split or "test"), faces.split(fit_split or "train")
    result = read_views(model, judged, others, crop=crop, device=on, workers=workers, seed=seed)
    target.deliver(all_readers.report_of(result))
