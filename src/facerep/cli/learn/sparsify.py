"""`facerep sparsify`: a trained network with a small part of its connections."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from facerep.cli.options import Device, Json, Overwrite, Where, Workers

Rule = Literal["correlation", "random", "strongest", "magnitude"]
"""By what connections are chosen."""


def sparsify(
    run: Annotated[Path, Argument(help="Run folder of `train` or `sparsify`.", metavar="RUN")],
    datasets: Annotated[list[str], Argument(help="The faces that it was trained on.", metavar="DATASET...")],
    keep: Annotated[
        list[str] | None,
        Option(
            metavar="LAYER=SHARE", help="Share of the weights that each unit of a layer keeps, such as feature=1/8."
        ),
    ] = None,
    recipe: Annotated[Path | None, Option(help="TOML file with the schedule; options override it.")] = None,
    rule: Annotated[
        Rule | None, Option(metavar="NAME", help="correlation (default), random, strongest or magnitude.")
    ] = None,
    strong: Annotated[
        float | None, Option(help="Share of the kept weights that comes from the more correlated half; default 0.75.")
    ] = None,
    measured: Annotated[
        int | None, Option("--faces", help="Faces that correlations are measured on; default 10,000.")
    ] = None,
    from_scratch: Annotated[
        bool, Option("--from-scratch", help="Train the structure of a sparsified RUN from random weights.")
    ] = False,
    output: Annotated[
        Path | None, Option("--output", "-o", metavar="FOLDER", help="Run folder; default runs/DATE-RUN-sparse.")
    ] = None,
    epochs: Annotated[int | None, Option(min=1, help="Of training again after each layer.")] = None,
    rate: Annotated[float | None, Option(help="Its peak learning rate; default RUN's.")] = None,
    set_: Annotated[list[str] | None, Option("--set", help="Any recipe key of training again.")] = None,
    seed: Annotated[int | None, Option(min=0, help="Seed of the choice; default RUN's.")] = None,
    where: Where = None,
    resume: Annotated[bool, Option("--resume", help="Go on with the work in --output.")] = False,
    overwrite: Overwrite = False,
    device: Device = "auto",
    workers: Workers = -1,
    json: Json = False,
) -> None:
    """Keep a few connections of each unit, chosen by correlation, and train again; the top layer first.

    Example: facerep sparsify runs/mine people.csv --keep feature=1/8 --keep conv4=1/8 -o runs/sparse
    """
    from facerep.errors import Stopped, Usage

    if resume and output is None:
        raise Usage("--resume needs the work to go on with", hint="name it with --output")
    choices = {"rule": rule, "strong": strong, "faces": measured, "seed": seed}
    given = {key: value for key, value in choices.items() if value is not None}
    if from_scratch and (keep or given.keys() - {"seed"}):
        raise Usage("--from-scratch takes the structure of RUN", hint="leave out --keep, --rule, --strong, --faces")
    from facerep.training.recipe import parse_setting
    from facerep.training.sparsification.sparse_recipe import read_schedule

    schedule = read_schedule(recipe, keep or [], given)
    changes = {key: value for key, value in (("schedule.epochs", epochs), ("schedule.rate", rate)) if value is not None}
    changes.update(parse_setting(text) for text in set_ or [])
    from facerep.console import console
    from facerep.readers.load import load_all
    from facerep.report.sparsification.sparsification import report_of_steps
    from facerep.report.target import show
    from facerep.studies.sparsification.sizes import sized
    from facerep.training.machine import Machine
    from facerep.training.run_folder import default_folder
    from facerep.training.sparsification.sparsify import sparsify

    faces = load_all(datasets)
    for condition in where or []:
        faces = faces.where(condition)
    folder = output or default_folder(f"{run.resolve().name}-{'scratch' if from_scratch else 'sparse'}")
    try:
        done = sparsify(
            run, faces, schedule, folder, changes=changes, machine=Machine(device, workers),
            from_scratch=from_scratch, resume=resume, overwrite=overwrite,
        )  # fmt: skip
    except Stopped as stopped:
        if output is None:  # without a name the next work would take another folder
            stopped.advice = f"give the same command with --output {folder} --resume to go on"
        raise
    show(report_of_steps(done, sized(done.runs)), json=json)
    console.wrote(folder, then=f"facerep extract FACES --model {folder} -o features.h5")
