"""`facerep analyze selectiveness`: what single units know."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.judging import MissingLabels
from facerep.cli.options import Json, Memory, OutputFolder, Overwrite, Seed, bytes_of


def selectiveness(
    features: Annotated[Path, Argument(help="Feature file, or a folder of them.", metavar="FEATS")],
    labels: Annotated[
        Path | None,
        Option(help="Attributes of faces or of people: a table, or CelebA's list. Default: those of FEATS."),
    ] = None,
    attributes: Annotated[
        str | None,
        Option(
            help="Names of attributes with commas between; COLUMN=VALUE makes one of any column. "
            "Default: all columns of -1 and 1, or 0 and 1."
        ),
    ] = None,
    missing: MissingLabels = "stop",
    people: Annotated[int, Option(min=0, help="How many people to look at: those with most faces.")] = 5,
    against: Annotated[
        list[Path] | None, Option(help="Another feature file of the same faces, such as of `--model lbp`.")
    ] = None,
    shuffles: Annotated[int, Option(min=20, help="How often labels are shuffled, to measure what chance gives.")] = 100,
    memory: Memory = None,
    output: OutputFolder = None,
    overwrite: Overwrite = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """How well the best single unit tells one person or attribute from all others, and whether that is chance.

    Example: facerep analyze selectiveness feats.h5 --against lbp.h5 -o selectiveness/
    """
    from facerep.report.neurons.selectiveness import FILES, report_of
    from facerep.report.target import Target
    from facerep.studies.neurons.selectiveness import selectiveness as study

    target = Target(output, FILES, overwrite=overwrite, json=json)
    asked = None if attributes is None else [name.strip() for name in attributes.split(",")]
    result = study(
        features, against=against or (), labels=labels, attributes=asked, people=people, missing=missing,
        shuffles=shuffles, seed=seed,
        **({} if memory is None else {"memory": bytes_of(memory)}),
    )  # fmt: skip
    best = result.files[0].targets[0].best
    target.deliver(report_of(result), then=f"facerep analyze units DATASET {features} --unit {best}")
