"""`facerep attributes teach`: a network that is taught attributes, and judged by linear SVMs on its features."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.completions import models, networks
from facerep.cli.judge.attributes.options import (
    Balanced,
    Costs,
    Labels,
    Names,
    RunOfNetwork,
    SplitBy,
    choice_of,
    svms_of,
)
from facerep.cli.judging import MissingLabels
from facerep.cli.model import require_known
from facerep.cli.options import Device, Json, Overwrite, RecipeCrop, RecipePrecision, RecipeSeed, Workers


def teach(
    datasets: Annotated[list[str], Argument(help="Folders, tables or .rec of faces.", metavar="DATASET...")],
    output: Annotated[Path, Option("--output", "-o", metavar="FOLDER", help="Run folder, with the result in it.")],
    scratch: Annotated[
        str | None,
        Option(
            metavar="NETWORK", autocompletion=networks, help="Teach this row of `facerep models` from random weights."
        ),
    ] = None,
    fine_tune: Annotated[
        str | None,
        Option(metavar="RUN", autocompletion=models, help="Teach on from a run, a weights file, or `bundled`."),
    ] = None,
    labels: Labels = None,
    names: Names = None,
    split_by: SplitBy = None,
    missing: MissingLabels = "stop",
    crop: RecipeCrop = None,
    epochs: Annotated[int | None, Option(min=1, help="Passes over the training faces.")] = None,
    rate: Annotated[float | None, Option(help="Learning rate at its peak.")] = None,
    precision: RecipePrecision = None,
    seed: RecipeSeed = None,
    set_: Annotated[list[str] | None, Option("--set", help="Any recipe key: --set data.augment=0.2")] = None,
    run: RunOfNetwork = None,
    costs: Costs = None,
    balanced: Balanced = False,
    resume: Annotated[bool, Option("--resume", help="Go on with the teaching in --output.")] = False,
    overwrite: Overwrite = False,
    device: Device = "auto",
    workers: Workers = -1,
    json: Json = False,
) -> None:
    """Teach a network the attributes of the train split, then fit linear SVMs on its features and judge these.

    Example: facerep attributes teach celeba/ --crop celeba --fine-tune bundled -o runs/attributes
    """
    from facerep.errors import Usage

    if (scratch is None) == (fine_tune is None):
        what = "needs --scratch or --fine-tune" if scratch is None else "takes --scratch or --fine-tune, not both"
        raise Usage(f"attributes teach {what}", hint="give one of them")
    if scratch is not None:
        require_known(scratch)
    choice, svms = choice_of(labels, names, split_by, missing), svms_of(costs, balanced)
    from facerep.readers.load import load_all
    from facerep.report.attributes.attributes import FILES, report_of
    from facerep.report.target import Target
    from facerep.studies.attributes.teach import teach_and_judge
    from facerep.training.lessons.attribute_recipe import read_attribute_recipe
    from facerep.training.machine import Machine

    given = {
        "data.crop": crop, "schedule.epochs": epochs, "schedule.rate": rate,
        "precision": precision, "seed": seed,
    }  # fmt: skip
    recipe = read_attribute_recipe(fine_tune or "", scratch, set_ or [], given)
    Target(output, FILES, overwrite=overwrite or resume)
    model, result = teach_and_judge(
        load_all(datasets), choice, recipe, output, machine=Machine(device, workers), svms=svms, run=run,
        resume=resume, overwrite=overwrite,
    )  # fmt: skip
    target = Target(output, FILES, overwrite=True, json=json)
    target.deliver(report_of(result, model), then=f"facerep extract NEW/ --model {output} -o new.h5")
