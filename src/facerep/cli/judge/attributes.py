"""`facerep attributes`: what faces look like: sex, smile, glasses and others, by linear SVMs on features."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from facerep.cli.completions import models, networks, presets
from facerep.cli.judging import Missing, feature_file
from facerep.cli.model import require_known
from facerep.cli.options import Device, Json, Overwrite, Precision, RecipeSeed, Workers, refuse_meaningless

if TYPE_CHECKING:
    from facerep.faces.table import Faces
    from facerep.files.features import Features


def attributes(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            help="A feature file; a data set with --hog, --scratch or --fine-tune; or folders of results, to compare. "
            "Default: features.h5, else the only such file in this folder.",
            metavar="INPUT...",
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            help="CelebA's list_attr_celeba, or a table of faces. Default: columns of -1 and 1 in the set itself."
        ),
    ] = None,
    names: Annotated[
        str | None,
        typer.Option(
            "--attributes", help="Names with commas between; COLUMN=VALUE makes one of any column. Default: all."
        ),
    ] = None,
    split_by: Annotated[
        str | None,
        typer.Option(
            help="Column that says train, validation or test; or `people`: 60/20/20 by a hash of the person. "
            "Default: the column split, else people."
        ),
    ] = None,
    predict: Annotated[
        Path | None,
        typer.Option(metavar="RESULT", help="Answer for new faces with this attribute file, or the folder of it."),
    ] = None,
    hog: Annotated[bool, typer.Option("--hog", help="Judge HOG and colour histograms instead of a network.")] = False,
    scratch: Annotated[
        str | None,
        typer.Option(
            metavar="NETWORK", autocompletion=networks, help="Teach this row of `facerep models` from random weights."
        ),
    ] = None,
    fine_tune: Annotated[
        str | None,
        typer.Option(metavar="RUN", autocompletion=models, help="Teach on from a run, a weights file, or `bundled`."),
    ] = None,
    run: Annotated[
        Path | None, typer.Option(help="Run folder or people.txt of the recognition network: has it seen test people?")
    ] = None,
    costs: Annotated[
        str | None,
        typer.Option("--cost", help="Values of C to choose from, with commas between. Default: 0.00001 to 0.1."),
    ] = None,
    balanced: Annotated[
        bool, typer.Option("--balanced", help="Weight yes and no alike, and choose C by balanced accuracy.")
    ] = False,
    missing: Annotated[
        Missing, typer.Option(help="If faces have no label: stop, or count them and go on.")
    ] = Missing.stop,
    crop: Annotated[
        str | None,
        typer.Option(autocompletion=presets, help="Crop preset of a data set; auto takes the five points where known."),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the training faces.")] = None,
    rate: Annotated[float | None, typer.Option(help="Learning rate at its peak.")] = None,
    precision: Annotated[
        Precision | None, typer.Option(metavar="NAME", help="32-true, bf16-mixed or 16-mixed.")
    ] = None,
    seed: RecipeSeed = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="Any recipe key: --set data.augment=0.2")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the teaching in --output.")] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="PATH", help="Folder of the result, or of the run; with --predict a CSV file."
        ),
    ] = None,
    overwrite: Overwrite = False,
    device: Device = "auto",
    workers: Workers = -1,
    json: Json = False,
) -> None:
    """Attributes of faces by linear SVMs: fitted on train, C chosen on validation, judged on test, by person.

    Example: facerep attributes celeba.h5 --labels list_attr_celeba.txt -o results/
    """
    from facerep.errors import Usage

    teaching = {
        "--epochs": epochs, "--rate": rate, "--precision": precision, "--seed": seed, "--set": set_,
        "--resume": resume or None,
    }  # fmt: skip
    fitting = {
        "--labels": labels, "--split-by": split_by, "--run": run, "--cost": costs, "--balanced": balanced or None,
    }  # fmt: skip
    forms = {"--predict": predict, "--hog": hog or None, "--scratch": scratch, "--fine-tune": fine_tune}
    chosen = [name for name, value in forms.items() if value is not None]
    if len(chosen) > 1:
        raise Usage(f"{' and '.join(chosen)} exclude each other", hint="give one of them")
    form = chosen[0] if chosen else ""
    taught = form in ("--scratch", "--fine-tune")
    side_by_side = not form and any((Path(one) / "result.json").is_file() for one in inputs or ())
    if not taught:
        refuse_meaningless(teaching, "without --scratch or --fine-tune")
    if not (taught or hog):
        refuse_meaningless({"--crop": crop}, "without a data set")
    if form in ("--hog", "--scratch"):
        refuse_meaningless({"--run": run}, f"beside {form}, which has seen nobody before")
    if form == "--predict":
        refuse_meaningless(fitting, "beside --predict")
    if side_by_side:
        refuse_meaningless({**fitting, "--attributes": names}, "for results side by side")
    if labels is None:
        refuse_meaningless({"--missing": None if missing == "stop" else missing}, "without --labels")
    if scratch is not None:
        require_known(scratch)
    if taught and output is None:
        raise Usage(f"{form} needs a run folder to write", hint="name it with --output")
    asked = tuple(name.strip() for name in names.split(",") if name.strip()) if names is not None else None
    if asked == ():
        raise Usage("--attributes names none", hint="name some with commas between, or leave it out for all")
    if form == "--predict" or side_by_side:
        with _not_resumable():
            if side_by_side:
                _compare(inputs or [], output, overwrite, json)
            else:
                _predict(inputs, Path(predict or ""), asked, output, overwrite, json)
        return
    with nullcontext() if taught else _not_resumable():
        options: dict[str, Any] = {"costs": _costs(costs), "balanced": balanced, "run": run}
        from facerep.networks.device import device as pick_device
        from facerep.report.attributes.attributes import FILES, report_of
        from facerep.report.target import Target
        from facerep.studies.attributes.labelling import AttributeChoice

        target = Target(output, FILES, overwrite=overwrite or resume, json=json)
        choice = AttributeChoice(labels, asked, split_by, missing.value)
        if taught:
            from facerep.studies.attributes.teach import teach_and_judge
            from facerep.training.attributes.recipe import read_attribute_recipe
            from facerep.training.machine import Machine

            given = {
                "data.crop": crop, "schedule.epochs": epochs, "schedule.rate": rate,
                "precision": precision and precision.value, "seed": seed,
            }  # fmt: skip
            recipe = read_attribute_recipe(fine_tune or "", scratch, set_ or [], given)
            model, result = teach_and_judge(
                _faces(inputs, form), choice, recipe, Path(output or ""), machine=Machine(device, workers),
                resume=resume, overwrite=overwrite, **options,
            )  # fmt: skip
            then = f"extract NEW/ --model {output} -o new.h5"
        elif hog:
            from facerep.studies.attributes.hog import hog_attributes

            options |= {"crop": crop or "auto", "workers": workers, "device": str(pick_device(device))}
            model, result = hog_attributes(_faces(inputs, form), choice, **options)
            then = f"attributes {output} OTHER"
        else:
            from facerep.studies.attributes.fit import fit_attributes

            features = _features(inputs)
            model, result = fit_attributes(features, choice, device=str(pick_device(device)), **options)
            then = f"attributes NEW --predict {output}"
        target.overwrite |= taught
        target.deliver(report_of(result, model), then=f"facerep {then}")


@contextmanager
def _not_resumable() -> Iterator[None]:
    """Only teaching can be resumed: say of what was stopped that it is gone."""
    from facerep.errors import Stopped

    try:
        yield
    except Stopped as stopped:
        stopped.advice = "nothing was written"
        raise


def _predict(
    inputs: list[str] | None,
    model: Path,
    asked: tuple[str, ...] | None,
    output: Path | None,
    overwrite: bool,
    json: bool,
) -> None:
    from facerep.report.attributes.attributes import report_of_scores
    from facerep.report.target import FileTarget
    from facerep.studies.attributes.model_file import predict, read_model

    target = FileTarget(output, overwrite=overwrite, json=json)
    target.deliver(report_of_scores(predict(_features(inputs), read_model(model), asked)))


def _compare(inputs: list[str], output: Path | None, overwrite: bool, json: bool) -> None:
    from facerep.report.side_by_side import side_by_side
    from facerep.report.target import Target

    files, report = side_by_side([Path(one) for one in inputs], seed=0)
    Target(output, files, overwrite=overwrite, json=json).deliver(report())


def _features(inputs: list[str] | None) -> Features:
    from facerep.errors import Usage
    from facerep.files.features import read_features

    if inputs and len(inputs) > 1:
        raise Usage(f"one feature file is wanted, {len(inputs)} were named", hint="extract all faces into one file")
    given = Path(inputs[0]) if inputs else None
    if given is not None and given.is_dir():
        hint = "extract features first, or give --hog, --scratch or --fine-tune"
        raise Usage(f"{given} is a folder, a feature file is wanted", hint=hint)
    return read_features(feature_file(given))


def _faces(inputs: list[str] | None, form: str) -> Faces:
    from facerep.errors import Usage
    from facerep.readers.load import load_all

    if not inputs:
        raise Usage(f"{form} needs a data set", hint="name its folder or table")
    return load_all(inputs)


def _costs(text: str | None) -> tuple[float, ...]:
    from facerep.errors import Usage
    from facerep.studies.attributes.fit import COSTS

    if text is None:
        return COSTS
    try:
        costs = [float(part) for part in text.split(",")]
    except ValueError:
        costs = []
    if not costs or not all(0 < cost < float("inf") for cost in costs):
        raise Usage(f"--cost wants numbers above 0 with commas between, got {text!r}")
    return tuple(costs)
