"""`facerep train`: a network from faces of labelled people."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from facerep.cli.completions import models, networks, recipes
from facerep.cli.model import require_known
from facerep.cli.options import Device, Json, Overwrite, RecipeCrop, RecipePrecision, RecipeSeed, Strict, Where, Workers

Loss = Literal["id", "ve", "id+ve", "teacher", "id+teacher", "pair", "canonical", "multiview", "localization", "points"]
"""What a network is taught with."""


Head = Literal["softmax", "arcface", "cosface"]
"""The identification signal."""


Verification = Literal["l2", "l2+", "l2-", "l1", "cosine"]
"""The verification signal."""


def train(
    datasets: Annotated[
        list[str] | None,
        Argument(help="Folders, tables or .rec of faces; none is the ORL demo set.", metavar="DATASET"),
    ] = None,
    loss: Annotated[
        Loss | None,
        Option(
            help="Signals: identification, verification; a teacher; pairs; canonical, every view; localization; points."
        ),
    ] = None,
    network: Annotated[
        str | None, Option(autocompletion=networks, help="A row of the catalog; see `facerep models`.")
    ] = None,
    teacher: Annotated[
        Path | None, Option(metavar="FEATURES", help="Features of the same faces by another network, to be learned.")
    ] = None,
    start: Annotated[
        str | None, Option(autocompletion=models, help="Fine-tune: `bundled`, a run or a weights file to go on from.")
    ] = None,
    recipe: Annotated[
        str | None,
        Option(
            autocompletion=recipes,
            help="modern, paper, fine-tune, or a TOML file; default modern, with --start fine-tune.",
        ),
    ] = None,
    output: Annotated[
        Path | None, Option("--output", "-o", metavar="FOLDER", help="Run folder; default runs/DATE-NETWORK.")
    ] = None,
    epochs: Annotated[int | None, Option(min=1, help="Passes over the training faces.")] = None,
    batch_size: Annotated[int | None, Option(min=8, help="Faces in one batch, a multiple of four.")] = None,
    rate: Annotated[float | None, Option(help="Learning rate at its peak.")] = None,
    head: Annotated[Head | None, Option(metavar="NAME", help="Form of id: softmax, arcface or cosface.")] = None,
    verification: Annotated[
        Verification | None, Option(metavar="NAME", help="Form of ve: l2, l2+, l2-, l1 or cosine.")
    ] = None,
    weight: Annotated[float | None, Option("--lambda", help="Weight of the verification signal.")] = None,
    crop: RecipeCrop = None,
    precision: RecipePrecision = None,
    seed: RecipeSeed = None,
    set_: Annotated[list[str] | None, Option("--set", help="Any recipe key: --set signal.share=0.3")] = None,
    where: Where = None,
    resume: Annotated[bool, Option("--resume", help="Go on with the run in --output.")] = False,
    overwrite: Overwrite = False,
    device: Device = "auto",
    workers: Workers = -1,
    devices: Annotated[int, Option(min=1, help="Devices or processes, as Lightning takes them.")] = 1,
    nodes: Annotated[int, Option(min=1, help="Machines, as Lightning takes them.")] = 1,
    strategy: Annotated[str, Option(help="How they work together, as Lightning takes it: auto, ddp.")] = "auto",
    strict: Strict = False,
    json: Json = False,
) -> None:
    """Train a network on labelled faces; the best weights are those that verify held-out people best.

    Example: facerep train lfw-free.csv --loss id+ve -o runs/mine
    """
    from facerep.errors import Failures, Stopped, Usage, refuse_meaningless
    from facerep.networks.catalog import row

    if resume and output is None:
        raise Usage("--resume needs the run to go on with", hint="name it with --output")
    if crop not in (None, "auto"):
        from facerep.faces.crops import preset

        preset(crop)  # an unknown one is told as an option's fault, not as the recipe's
    if network is not None:
        require_known(network)
    overrides: dict[str, object] = {
        "signal.loss": loss, "network.name": network, "schedule.epochs": epochs, "schedule.rate": rate,
        "signal.head": head, "signal.verification": verification, "signal.weight": weight, "data.crop": crop,
        "precision": precision, "seed": seed, "signal.teacher": None if teacher is None else str(teacher),
    }  # fmt: skip
    if teacher is not None and loss is None and not (recipe and Path(recipe).is_file()):  # a file says its own
        overrides["signal.loss"] = "teacher"
    elif teacher is not None and loss not in (None, "teacher", "id+teacher"):
        raise Usage(f"--teacher has no meaning with --loss {loss}", hint="give --loss teacher or id+teacher")
    from facerep.training.lessons.catalog import read_run_recipe
    from facerep.training.recipe import Recipe, parse_setting

    started: dict[str, object] = {}
    if start is not None:
        from facerep.training.starting import start_keys

        started = start_keys(start, other_network=loss == "localization")
    given = started | {key: value for key, value in overrides.items() if value is not None}
    given.update(parse_setting(text) for text in set_ or [])
    chosen = read_run_recipe(recipe or ("fine-tune" if start else "modern"), given, batch_size)
    if not isinstance(chosen, Recipe):
        of_features = {"--head": head, "--verification": verification, "--lambda": weight}
        refuse_meaningless(of_features, f"with --loss {chosen.signal.loss}")
    elif chosen.signal.loss == "id":
        refuse_meaningless({"--verification": verification, "--lambda": weight}, "without the signal ve")
    elif chosen.signal.loss == "ve":
        refuse_meaningless({"--head": head, "--lambda": weight}, "without the signal id")
    from facerep.console import console
    from facerep.readers.load import load_all
    from facerep.training.run_folder import default_folder

    if row(chosen.network.name).baseline:
        raise Usage(f"network {chosen.network.name} has no weights to train", hint="give --network deepid2")
    if not datasets and os.environ.get("LOCAL_RANK", "0") == "0":
        console.note("no data set named: the ORL demo set")
    faces = load_all(datasets or ["orl"])
    for condition in where or []:
        faces = faces.where(condition)
    from facerep.report.target import show
    from facerep.report.training.training import report_of
    from facerep.studies.training.held_out import judge_held_out
    from facerep.training.machine import Machine
    from facerep.training.train import train

    folder = output or default_folder(chosen.network.name)
    machine = Machine(device, workers, devices, nodes, strategy)
    try:
        result = train(faces, chosen, folder, machine=machine, resume=resume, overwrite=overwrite)
    except Stopped as stopped:
        if output is None:  # without a name the next run would take another folder
            stopped.advice = f"give the same command with --output {folder} --resume to go on"
        raise
    if result is None:  # not the first process of a distributed run
        return
    held_out = judge_held_out(result, device=device, workers=workers)
    show(report_of(result, held_out), json=json)
    data = (datasets or ["orl"])[0]
    uses = {
        "pair": f"verify {folder} {data}", "localization": f"localize {folder} PHOTOGRAPHS/ -o boxes.csv",
        "points": f"align PHOTOGRAPHS/ --points {folder} -o aligned",
    }  # fmt: skip
    use = uses.get(chosen.signal.loss, f"extract {data} --model {folder} -o features.h5")
    console.wrote(folder, then=f"facerep {use}")
    if strict and result.lesson.failures:
        raise Failures(f"faces that failed, {len(result.lesson.failures)}", folder / "environment.json")
