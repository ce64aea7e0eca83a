"""`facerep reconstruct`: faces drawn anew by a network, beside the truth."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.completions import models
from facerep.cli.options import Crop, Device, Json, Overwrite, Seed, Strict, Where, Workers


def reconstruct(
    run: Annotated[
        str,
        Argument(
            autocompletion=models, help="Run or weights of `train --loss canonical` or `multiview`.", metavar="RUN"
        ),
    ],
    datasets: Annotated[list[str], Argument(help="Folders, tables, .bin, .rec, or `orl`.", metavar="FACES...")],
    output: Annotated[
        Path, Option("--output", "-o", metavar="FOLDER", help="Folder of pictures, contact sheet and figures.")
    ] = Path("reconstructed"),
    view: Annotated[
        list[str] | None, Option(help="Of a multi-view run: the view to draw; may be given several times. Default: 0.")
    ] = None,
    all_views: Annotated[bool, Option("--all-views", help="Of a multi-view run: draw all views.")] = False,
    interpolate: Annotated[
        bool, Option("--interpolate", help="Also draw views that were not trained, between two that were.")
    ] = False,
    target: Annotated[
        str | None,
        Option(help="What the true picture of a person is: COLUMN=VALUE,... Default: what the network was taught."),
    ] = None,
    by: Annotated[str | None, Option(help="Judge pictures by a column too, such as `view`.")] = None,
    faces: Annotated[int, Option(min=1, max=240, help="How many faces the contact sheet has.")] = 36,
    crop: Crop = "auto",
    where: Where = None,
    overwrite: Overwrite = False,
    device: Device = "auto",
    workers: Workers = -1,
    seed: Seed = 0,
    strict: Strict = False,
    json: Json = False,
) -> None:
    """Draw the canonical view of faces, or every view, and judge how near they are to the truth.

    Example: facerep reconstruct runs/fip rendered/ --where split=test --by view -o out/
    """
    from facerep.errors import Failures, Usage
    from facerep.report.reconstruction.reconstruction import FILES, report_of
    from facerep.report.target import Target

    place = Target(output, FILES, overwrite=overwrite, json=json)
    from facerep.networks.device import device as pick_device
    from facerep.networks.weights import load_model
    from facerep.readers.load import load_all
    from facerep.studies.reconstruction.asked_views import AskedViews
    from facerep.studies.reconstruction.reconstruct import reconstruct as study
    from facerep.studies.reconstruction.shown_faces import shown_faces
    from facerep.studies.reconstruction.view_painter import any_painter

    if view and all_views:
        raise Usage("--view names some views, --all-views draws all", hint="give the one or the other")
    if interpolate and not (view or all_views):
        raise Usage("--interpolate draws views between others", hint="give --view or --all-views too")
    model, table = load_model(run), load_all(datasets)
    for condition in where or []:
        table = table.where(condition)
    result, drawn = study(
        model, table, crop=crop, target=target, by=by, device=pick_device(device), workers=workers, seed=seed,
        painting=partial(any_painter, asked=AskedViews(tuple(view or ()), all_views, interpolate)),
    )  # fmt: skip
    place.deliver(report_of(result, drawn, shown_faces(drawn, faces, seed)), then=f"facerep report {output}")
    if strict and result.failures:
        raise Failures(f"faces that failed, {len(result.failures)}", output)
