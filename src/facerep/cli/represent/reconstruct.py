"""`facerep reconstruct`: faces drawn anew by a network, beside the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.completions import models
from facerep.cli.options import Crop, Device, Json, Overwrite, Seed, Strict, Where, Workers


def reconstruct(
    run: Annotated[
        str, Argument(autocompletion=models, help="Run folder or weights of `train --loss canonical`.", metavar="RUN")
    ],
    datasets: Annotated[list[str], Argument(help="Folders, tables, .bin, .rec, or `orl`.", metavar="FACES...")],
    output: Annotated[
        Path, Option("--output", "-o", metavar="FOLDER", help="Folder of pictures, contact sheet and figures.")
    ] = Path("reconstructed"),
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
    """Draw the canonical view of faces, and judge how near it is to the truth.

    Example: facerep reconstruct runs/fip rendered/ --where split=test --by view -o out/
    """
    from facerep.errors import Failures
    from facerep.report.reconstruction.reconstruction import FILES, report_of
    from facerep.report.target import Target

    place = Target(output, FILES, overwrite=overwrite, json=json)
    from facerep.networks.device import device as pick_device
    from facerep.networks.weights import load_model
    from facerep.readers.load import load_all
    from facerep.studies.reconstruction.reconstruct import reconstruct as study
    from facerep.studies.reconstruction.shown_faces import shown_faces

    model, table = load_model(run), load_all(datasets)
    for condition in where or []:
        table = table.where(condition)
    result, drawn = study(
        model, table, crop=crop, target=target, by=by, device=pick_device(device), workers=workers, seed=seed
    )
    place.deliver(report_of(result, drawn, shown_faces(drawn, faces, seed)), then=f"facerep report {output}")
    if strict and result.failures:
        raise Failures(f"faces that failed, {len(result.failures)}", output)
