"""`facerep verify`: accuracy, error rates and thresholds on pairs of faces."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from facerep.cli.judging import Metric, Missing, ScorerFile, check_far, feature_file, fractions
from facerep.cli.options import Device, Json, OutputFolder, Overwrite, Seed


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
    scorer: ScorerFile = None,
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
        typer.Option(help="Judge by the most accurate threshold of this result.json, made on other pairs."),
    ] = None,
    at_far: Annotated[
        float | None,
        typer.Option(
            help="Take the threshold at this false accept rate instead: of that result, or without one of these pairs."
        ),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(help="Also give rates for each value of this label, at one threshold for all."),
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="Table that holds this label by name or person, if the feature file does not.")
    ] = None,
    pooled: Annotated[
        bool, typer.Option("--pooled", help="Judge all pairs together, although the list has folds.")
    ] = False,
    missing: Annotated[
        Missing, typer.Option(help="If pairs name faces that are not in the file: stop, or count them and go on.")
    ] = Missing.stop,
    setting: Annotated[
        str,
        typer.Option(
            help="The protocol's name for the training data used, such as `unrestricted`; kept in the result."
        ),
    ] = "not stated",
    device: Device = "auto",
    output: OutputFolder = None,
    overwrite: Overwrite = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Accuracy, error rates and thresholds on pairs of faces, with intervals.

    Example: facerep verify feats.h5 --metric hamming -o results/
    """
    targets = fractions(far)
    if threshold is not None and threshold != threshold:
        from facerep.errors import Usage

        raise Usage("--threshold is not a number: nan")
    check_far(at_far)
    if metric is None and scorer is not None:
        metric = Metric.joint_bayesian
    file = feature_file(features)
    from facerep.console import console
    from facerep.studies.verification.blufr import holds_trials

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
    from facerep.report.verification.verification import refuse, show
    from facerep.studies.verification.verify import verify as study

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
    from facerep.report.verification.blufr import refuse, show
    from facerep.studies.verification.blufr import verify_trials

    if given := [name for name, value in own.items() if value is not None]:
        raise Usage(f"{lists} holds trials, whose pairs are all of their faces: leave {', '.join(given)} out")
    if output is not None:
        refuse(output, overwrite=overwrite)
    return show(verify_trials(file, lists, **options), json=json, folder=output, overwrite=overwrite)
