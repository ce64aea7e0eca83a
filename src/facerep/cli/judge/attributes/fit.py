"""`facerep attributes fit`: linear SVMs on features, or on HOG and colour."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from facerep.cli.completions import presets
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
from facerep.cli.judging import MissingLabels, feature_file
from facerep.cli.options import Device, Json, OutputFolder, Overwrite, Workers


def fit(
    inputs: Annotated[
        list[str] | None,
        Argument(
            help="A feature file or a folder of them; with --hog a data set. "
            "Default: features.h5, else the only one here.",
            metavar="INPUT...",
        ),
    ] = None,
    labels: Labels = None,
    names: Names = None,
    split_by: SplitBy = None,
    missing: MissingLabels = "stop",
    hog: Annotated[bool, Option("--hog", help="Judge HOG and colour histograms instead of a network.")] = False,
    crop: Annotated[
        str | None, Option(autocompletion=presets, help="Crop preset of --hog; auto takes the five points where known.")
    ] = None,
    run: RunOfNetwork = None,
    costs: Costs = None,
    balanced: Balanced = False,
    output: OutputFolder = None,
    overwrite: Overwrite = False,
    device: Device = "auto",
    workers: Workers = -1,
    json: Json = False,
) -> None:
    """Linear SVMs, one an attribute: fitted on train, C chosen on validation, judged on test, by person.

    Example: facerep attributes fit celeba.h5 --labels list_attr_celeba.txt -o results/
    """
    from facerep.errors import Usage, refuse_meaningless

    if not hog:
        refuse_meaningless({"--crop": crop}, "without --hog")
    elif not inputs:
        raise Usage("--hog needs a data set", hint="name its folder or table")
    choice = choice_of(labels, names, split_by, missing)
    options: dict[str, Any] = {"svms": svms_of(costs, balanced), "run": run, "device": device}
    from facerep.report.attributes.attributes import FILES, report_of
    from facerep.report.target import Target

    target = Target(output, FILES, overwrite=overwrite, json=json)
    if hog:
        from facerep.readers.load import load_all
        from facerep.studies.attributes.hog import hog_attributes

        model, result = hog_attributes(load_all(inputs or []), choice, crop=crop or "auto", workers=workers, **options)
    else:
        from facerep.files.features import read_features
        from facerep.studies.attributes.fit import fit_attributes

        model, result = fit_attributes(read_features(_only(inputs)), choice, **options)
    then = f"report {output} OTHER" if hog else f"attributes predict NEW {output}"
    target.deliver(report_of(result, model), then=f"facerep {then}")


def _only(inputs: list[str] | None) -> Path:
    from facerep.errors import Usage
    from facerep.files.folders.feature_folder import is_feature_folder

    if inputs and len(inputs) > 1:
        raise Usage(f"one feature file is wanted, {len(inputs)} were named", hint="extract all faces into one file")
    file = feature_file(Path(inputs[0]) if inputs else None)
    if file.is_dir() and not is_feature_folder(file):
        hint = "extract features first, or give --hog, or teach a network by `facerep attributes teach`"
        raise Usage(f"{file} is a folder, a feature file is wanted", hint=hint)
    return file
