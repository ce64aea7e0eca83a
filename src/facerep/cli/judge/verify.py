"""`facerep verify`: accuracy, error rates and thresholds on pairs of faces."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from facerep.cli.judging import MetricOfPairs, MissingOfPairs, Sample, ScorerFile, Setting, feature_file, fractions
from facerep.cli.options import Device, Json, OutputFolder, Overwrite, Seed


def verify(
    features: Annotated[
        Path | None,
        Argument(help="Feature or code file. Default: features.h5, else the only such file in this folder."),
    ] = None,
    pairs: Annotated[
        str | None,
        Option(
            help="Pair list: a file, the name of a list in the feature file, or `all`; or a BLUFR list of trials. "
            "Default: the file's own list, else all pairs."
        ),
    ] = None,
    sample: Sample = None,
    metric: MetricOfPairs = None,
    scorer: ScorerFile = None,
    far: Annotated[
        str | None, Option(help="False accept rates, fractions with commas between. Default: 0.1,0.01,0.001.")
    ] = None,
    threshold: Annotated[
        float | None, Option(help="Judge by this threshold, chosen on other pairs, instead of the best one.")
    ] = None,
    threshold_from: Annotated[
        Path | None, Option(help="Judge by the most accurate threshold of this result.json, made on other pairs.")
    ] = None,
    at_far: Annotated[
        float | None,
        Option(
            help="Take the threshold at this false accept rate instead: of that result, or without one of these pairs."
        ),
    ] = None,
    group: Annotated[
        str | None, Option(help="Also give rates for each value of this label, at one threshold for all.")
    ] = None,
    labels: Annotated[
        Path | None, Option(help="Table that holds this label by name or person, if the feature file does not.")
    ] = None,
    pooled: Annotated[bool, Option("--pooled", help="Judge all pairs together, although the list has folds.")] = False,
    missing: MissingOfPairs = "stop",
    setting: Setting = "not stated",
    device: Device = "auto",
    output: OutputFolder = None,
    overwrite: Overwrite = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Accuracy, error rates and thresholds on pairs of faces, with intervals.

    Example: facerep verify feats.h5 --metric hamming -o results/
    """
    file = feature_file(features)
    from facerep.report.target import Target
    from facerep.studies.verification.blufr import holds_trials

    options: dict[str, Any] = {
        "metric": metric, "scorer": scorer, "far": fractions(far), "missing": missing,
        "setting": setting, "device": device,
    }  # fmt: skip
    if holds_trials(pairs):
        own = {
            "--sample": sample, "--threshold": threshold, "--threshold-from": threshold_from, "--at-far": at_far,
            "--group": group, "--labels": labels, "--pooled": pooled or None, "--seed": seed or None,
        }  # fmt: skip
        if given := [name for name, value in own.items() if value is not None]:
            from facerep.errors import Usage

            raise Usage(f"{pairs} holds trials, whose pairs are all of their faces: leave {', '.join(given)} out")
        from facerep.report.verification import blufr
        from facerep.studies.verification.blufr import verify_trials

        target = Target(output, blufr.FILES, overwrite=overwrite, json=json)
        target.deliver(blufr.report_of(verify_trials(file, Path(str(pairs)), **options)))
        return
    from facerep.report.verification.verification import FILES, report_of
    from facerep.studies.verification.verify import verify as study

    target = Target(output, FILES, overwrite=overwrite, json=json)
    result = study(
        file, pairs, threshold=threshold, threshold_from=threshold_from, at_far=at_far, group=group, labels=labels,
        pooled=pooled, sample=sample, seed=seed, **options,
    )  # fmt: skip
    target.deliver(report_of(result), then=f"facerep report {output} OTHER")
