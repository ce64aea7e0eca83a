"""`facerep verify`: accuracy, error rates and thresholds on pairs of faces."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from typer import Argument, Option

from facerep.cli.completions import presets
from facerep.cli.judging import (
    MetricOfPairs,
    MissingOfPairs,
    Sample,
    ScorerFile,
    Setting,
    feature_file,
    fractions,
    is_run,
)
from facerep.cli.options import Address, Device, Engine, Json, Memory, OutputFolder, Overwrite, Seed, bytes_of

PairStep = Literal["network", "modes", "networks", "groups", "rbm", "tuned"]
"""What a run of pairs scores by: each has one thing more than the one before."""


def verify(
    features: Annotated[
        Path | None,
        Argument(help="Feature or code file, or a folder of them. Default: features.h5, else the only one here."),
    ] = None,
    faces: Annotated[str | None, Argument(help="Faces, where FEATURES is a run of `train --loss pair`.")] = None,
    pairs: Annotated[
        str | None,
        Option(
            help="Pair list: a file, the name of one in the feature file, or `all`; or a BLUFR list of trials. "
            "Default: the file's own, else all."
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
    pooled: Annotated[bool, Option("--pooled", help="Judge all pairs together, also those in folds.")] = False,
    missing: MissingOfPairs = "stop",
    setting: Setting = "not stated",
    step: Annotated[
        PairStep | None,
        Option(
            help="By which step of a run of pairs: network, modes, networks, groups, rbm or tuned. Default: the last.",
            metavar="NAME",
        ),
    ] = None,
    crop: Annotated[
        str | None, Option(help="Crop preset of the faces, see `extract`. Default: auto.", autocompletion=presets)
    ] = None,
    workers: Annotated[int | None, Option(help="Processes that decode. Default: one a core.")] = None,
    memory: Memory = None,
    device: Device = "auto",
    engine: Engine = None,
    address: Address = None,
    output: OutputFolder = None,
    overwrite: Overwrite = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Accuracy, error rates and thresholds on pairs of faces, with intervals.

    Example: facerep verify feats.h5 --metric hamming -o results/
    """
    options: dict[str, Any] = {"far": fractions(far), "missing": missing, "setting": setting, "device": device}
    rest: dict[str, Any] = {
        "threshold": threshold, "threshold_from": threshold_from, "at_far": at_far, "group": group, "labels": labels,
        "pooled": pooled, "sample": sample, "seed": seed,
    }  # fmt: skip
    from facerep.errors import Usage, refuse_meaningless
    from facerep.report.target import Target

    on = {"--engine": engine, "--address": address}
    limit: dict[str, Any] = {} if memory is None else {"memory": bytes_of(memory)}
    if engine != "ray":
        refuse_meaningless({"--address": address}, "without --engine ray")
    if faces is not None and features is not None:
        refuse_meaningless({**on, "--memory": memory}, "with a run of pairs")
        refuse_meaningless({"--metric": metric, "--scorer": scorer}, "with a run of pairs, which makes its own scores")
        from facerep.readers.load import load
        from facerep.report.verification.verification import FILES, report_of
        from facerep.studies.verification.pair_run import verify_by_pairs

        target = Target(output, FILES, overwrite=overwrite, json=json)
        result = verify_by_pairs(
            features, load(faces), pairs, step=step or "", crop=crop or "auto",
            workers=-1 if workers is None else workers, **options, **rest,
        )  # fmt: skip
        target.deliver(report_of(result), then=f"facerep report {output} OTHER")
        return
    of_runs = {"--step": step, "--crop": crop, "--workers": workers}
    refuse_meaningless(of_runs, "without FACES and a run of pairs")
    file = feature_file(features)
    if is_run(file):
        hint = f"give what extract --model {file} makes; of a run of pairs: facerep verify {file} FACES --pairs LIST"
        raise Usage(f"{file} is a network, not a feature file", hint=hint)
    from facerep.studies.verification.blufr import holds_trials

    options |= {"metric": metric, "scorer": scorer}
    if holds_trials(pairs):
        own = {
            "--sample": sample, "--threshold": threshold, "--threshold-from": threshold_from, "--at-far": at_far,
            "--group": group, "--labels": labels, "--pooled": pooled or None, "--seed": seed or None, **on,
        }  # fmt: skip
        if given := [name for name, value in own.items() if value is not None]:
            raise Usage(f"{pairs} holds trials, whose pairs are all of their faces: leave {', '.join(given)} out")
        from facerep.report.verification import blufr
        from facerep.studies.verification.blufr import verify_trials

        target = Target(output, blufr.FILES, overwrite=overwrite, json=json)
        target.deliver(blufr.report_of(verify_trials(file, Path(str(pairs)), **limit, **options)))
        return
    from facerep.ray_cluster import cluster_of
    from facerep.report.verification.verification import FILES, report_of
    from facerep.studies.verification.verify import verify as study

    target = Target(output, FILES, overwrite=overwrite, json=json)
    result = study(file, pairs, machines=cluster_of(engine, address), **limit, **options, **rest)
    target.deliver(report_of(result), then=f"facerep report {output} OTHER")
