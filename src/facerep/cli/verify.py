"""`facerep verify`: accuracy, error rates and thresholds on pairs of faces."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from facerep.cli.options import Device, Json, Output, Overwrite, Seed


class Metric(StrEnum):
    """How two vectors are compared."""

    cosine = "cosine"
    euclidean = "euclidean"
    joint_bayesian = "joint-bayesian"
    hamming = "hamming"


class Missing(StrEnum):
    """What is done about faces that pairs name and the file lacks."""

    stop = "stop"
    count = "count"  # pyright: ignore[reportAssignmentType]


def verify(
    features: Annotated[
        Path | None,
        typer.Argument(help="Feature or code file. Default: features.h5, else the only such file in this folder."),
    ] = None,
    pairs: Annotated[
        str | None,
        typer.Option(
            help="Pair list: a file, the name of a list in the feature file, or `all`; or a BLUFR list of trials. "
            "Default: the file's own list, else all pairs."
        ),
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(min=1, help="Draw that many genuine and that many impostor pairs instead of a list."),
    ] = None,
    metric: Annotated[
        Metric | None,
        typer.Option(
            help="How vectors are compared. Default: cosine; joint-bayesian with --scorer, hamming for codes."
        ),
    ] = None,
    scorer: Annotated[Path | None, typer.Option(help="Scorer file made by `facerep fit`.")] = None,
    far: Annotated[
        str | None,
        typer.Option(help="False accept rates, fractions with commas between. Default: 0.1,0.01,0.001."),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(help="Judge by this threshold, chosen on other pairs, instead of the best one."),
    ] = None,
    threshold_from: Annotated[
        Path | None,
        typer.Option(help="The same, from the result.json of other pairs: its most accurate threshold."),
    ] = None,
    at_far: Annotated[
        float | None,
        typer.Option(help="Of that result, or of these pairs, the threshold at this false accept rate."),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(help="Rates and their ratios for each value of this label of the faces, at one threshold."),
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="Table with that label, by name or person, if the features lack it.")
    ] = None,
    pooled: Annotated[bool, typer.Option("--pooled", help="Take no notice of the list's folds.")] = False,
    missing: Annotated[
        Missing, typer.Option(help="Faces that pairs name and the file lacks: stop, or count and go on.")
    ] = Missing.stop,
    setting: Annotated[
        str,
        typer.Option(help="What the protocol calls what was used, such as `unrestricted`; kept in the result."),
    ] = "not stated",
    device: Device = "auto",
    output: Output = None,
    overwrite: Overwrite = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Accuracy, error rates and thresholds on pairs of faces, with intervals.

    Example: facerep verify feats.h5 --metric hamming -o results/
    """
    targets = _rates(far)
    if threshold is not None and threshold != threshold:
        from facerep.errors import Usage

        raise Usage("--threshold is not a number: nan")
    if at_far is not None:
        _rates(str(at_far), "--at-far")
    if metric is None and scorer is not None:
        metric = Metric.joint_bayesian
    file = feature_file(features)
    from facerep.console import console
    from facerep.studies.trials import holds_trials

    if holds_trials(pairs):
        own = {
            "--sample": sample, "--threshold": threshold, "--threshold-from": threshold_from, "--at-far": at_far,
            "--group": group, "--labels": labels, "--pooled": pooled or None, "--seed": seed or None,
        }  # fmt: skip
        written = _trials(
            file, Path(str(pairs)), own, output, overwrite=overwrite, json=json, metric=metric and metric.value,
            scorer=scorer, far=targets, missing=missing.value, setting=setting, device=device,
        )  # fmt: skip
        if written:
            console.wrote(*written)
        return
    from facerep.report.verification import refuse, show
    from facerep.studies.verification import verify as study

    if output is not None:
        refuse(output, overwrite=overwrite)
    result = study(
        file, pairs, metric=metric and metric.value, scorer=scorer, far=targets, threshold=threshold,
        threshold_from=threshold_from, at_far=at_far, group=group, labels=labels, pooled=pooled, sample=sample,
        missing=missing.value, setting=setting, device=device, seed=seed,
    )  # fmt: skip
    written = show(result, json=json, folder=output, overwrite=overwrite)
    if written:
        console.wrote(*written, then=f"facerep report {output} OTHER")


def _trials(
    file: Path, lists: Path, own: dict[str, object], output: Path | None, *, overwrite: bool, json: bool, **options: Any
) -> list[Path]:
    """Judge the trials of a BLUFR list; options of single pair lists, `own`, are refused."""
    from facerep.errors import Usage
    from facerep.report.trials import refuse, show
    from facerep.studies.trials import verify_trials

    if given := [name for name, value in own.items() if value is not None]:
        raise Usage(f"{lists} holds trials, whose pairs are all of their faces: leave {', '.join(given)} out")
    if output is not None:
        refuse(output, overwrite=overwrite)
    return show(verify_trials(file, lists, **options), json=json, folder=output, overwrite=overwrite)


def feature_file(given: Path | None, folder: Path = Path()) -> Path:
    """The feature or code file to work on: the one given, else features.h5, else the only one in the folder.

    What was not given is named on stderr.

    Raises:
        Usage: there is none, or there are several.
    """
    if given is not None:
        return given
    from facerep.console import console
    from facerep.errors import BadInput, Usage
    from facerep.files.features import CODES, FEATURES, kind_of

    found = [folder / "features.h5"] if (folder / "features.h5").exists() else []
    if not found:
        for path in sorted(folder.glob("*.h5")):
            try:
                kind = kind_of(path)
            except BadInput:
                continue  # not HDF5, or damaged: not a candidate
            if kind in (FEATURES, CODES):
                found.append(path)
    if not found:
        raise Usage("no feature file in this folder", hint="name one, or make one with `facerep extract`")
    if len(found) > 1:
        raise Usage(f"several feature files here: {', '.join(path.name for path in found)}", hint="name one")
    console.note(f"using {found[0]}")
    return found[0]


def _rates(text: str | None, option: str = "--far") -> list[float] | None:
    if text is None:
        return None
    from facerep.errors import Usage

    try:
        rates = [float(part) for part in text.split(",")]
    except ValueError:
        rates = []
    if not rates or not all(0 < rate <= 1 for rate in rates):
        raise Usage(f"{option} wants fractions above 0 and at most 1 with commas between, got {text!r}")
    return rates
