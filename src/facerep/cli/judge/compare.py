"""`facerep compare`: the score of two faces, judged by a threshold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.completions import models, presets
from facerep.cli.detecting import DetectorOf, OneOfSeveral, PointsOf, finding
from facerep.cli.judging import AtFar, MetricOfPairs, ScorerFile, ThresholdOfPairs
from facerep.cli.model import default_model
from facerep.cli.options import Device, Json, Overwrite


def compare(
    left: Annotated[str, Argument(help="A photograph; with --features a name.", metavar="A")],
    right: Annotated[str, Argument(help="The other.", metavar="B")],
    features: Annotated[
        Path | None, Option(help="Feature or code file, or a folder of them: A and B are names of its faces.")
    ] = None,
    model: Annotated[
        str | None,
        Option(autocompletion=models, help="Run folder, weights file, `bundled` or `pixels`. Default: as for extract."),
    ] = None,
    crop: Annotated[
        str, Option(autocompletion=presets, help="Crop preset; auto finds the face of each photograph and aligns it.")
    ] = "auto",
    faces: OneOfSeveral = None,
    detector: DetectorOf = None,
    points: PointsOf = None,
    output: Annotated[
        Path | None, Option("--output", "-o", metavar="FILE", help="PNG of both aligned faces with their score.")
    ] = None,
    overwrite: Overwrite = False,
    metric: MetricOfPairs = None,
    scorer: ScorerFile = None,
    threshold_from: ThresholdOfPairs = None,
    at_far: AtFar = None,
    device: Device = "auto",
    json: Json = False,
) -> None:
    """The score of two faces, the threshold it is held against, and the false accept rate there.

    Example: facerep compare a.jpg b.jpg --threshold-from results/result.json
    """
    from facerep.errors import Usage
    from facerep.report.target import FileTarget

    if features is not None and (model is not None or crop != "auto" or device != "auto"):
        raise Usage("--features holds vectors already: --model, --crop and --device are for pictures")
    searched = features is None and crop == "auto"
    if output is not None and not searched:
        raise Usage("--output shows the faces that were found", hint="leave --crop and --features out")
    how = finding(searched, faces=faces, detector=detector, points=points, without="where no face is looked for")
    target = FileTarget(output, overwrite=overwrite, json=json)
    from facerep.pairs.decision_rule import DecisionRule
    from facerep.report.photographs.compare import report_of
    from facerep.studies.photographs.compare import compare_names, compare_pictures

    by = DecisionRule(metric, scorer, threshold_from, at_far)
    if features is not None:
        result = compare_names(left, right, features, by)
    else:
        source = default_model() if model is None else model
        result = compare_pictures(Path(left), Path(right), by, model=source, crop=crop, device=device, finding=how)
    target.deliver(report_of(result))
