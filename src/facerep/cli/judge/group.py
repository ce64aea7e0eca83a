"""`facerep group`: unlabelled faces by person."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.judging import AtFar, MetricOfPairs, ScorerFile, ThresholdOfPairs, feature_file
from facerep.cli.options import Json, OutputFile, Overwrite, Seed


def group(
    features: Annotated[
        Path | None,
        Argument(help="Feature or code file, or a folder of them. Default: features.h5, or the only one here."),
    ] = None,
    metric: MetricOfPairs = None,
    scorer: ScorerFile = None,
    threshold: Annotated[
        float | None, Option(help="Join groups whose mean score is at least this, in place of a measured threshold.")
    ] = None,
    threshold_from: ThresholdOfPairs = None,
    at_far: AtFar = None,
    output: OutputFile = None,
    overwrite: Overwrite = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Group faces by person, where nobody says who they are; beside labels, where there are some.

    Example: facerep group features.h5 -o groups.csv
    """
    from facerep.report.grouping.group import report_of
    from facerep.report.target import FileTarget

    target = FileTarget(output, overwrite=overwrite, json=json)
    file = feature_file(features)
    from facerep.pairs.decision_rule import DecisionRule
    from facerep.studies.grouping.group import group as study

    result = study(file, DecisionRule(metric, scorer, threshold_from, at_far), threshold=threshold, seed=seed)
    target.deliver(report_of(result, output))
