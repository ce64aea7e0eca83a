"""`facerep identify`: who of a gallery is this face, and is it anybody?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from facerep.cli.judging import AtFar, MetricOfPairs, Missing, ScorerFile, ThresholdOfPairs, feature_file, fractions
from facerep.cli.options import (
    CropOfPicture,
    Json,
    Memory,
    OfGallery,
    OutputFolder,
    Overwrite,
    Seed,
    bytes_of,
    comma_separated,
)

Template = Literal["mean", "max"]
"""How several gallery faces of a person become one."""


def identify(
    features: Annotated[
        Path | None,
        Argument(
            help="Feature or code file, or a folder of them; or a picture of one face, who is looked up in GALLERY. "
            "Default: features.h5, or the only one."
        ),
    ] = None,
    of_picture: Annotated[
        Path | None, Argument(metavar="gallery", help="Of a picture: the feature or code file. Default: the same.")
    ] = None,
    people: Annotated[int | None, Option("--people", "-k", min=1, help="How many people, at most. Default: 5.")] = None,
    model: OfGallery = None,
    crop: CropOfPicture = None,
    threshold_from: ThresholdOfPairs = None,
    at_far: AtFar = None,
    lists: Annotated[
        list[Path] | None,
        Option(help="CSV files of gallery and probe lists. Default: a split of the labelled faces by the seed."),
    ] = None,
    gallery: Annotated[
        str | None, Option(help="The gallery face of each person, such as view=0,light=7; != is: other than.")
    ] = None,
    probes: Annotated[
        str | None, Option(help="The faces that are looked up, in the same form. Default: all others.")
    ] = None,
    by: Annotated[str | None, Option(metavar="COLUMN", help="Rank 1 also by this label: view.")] = None,
    only: Annotated[str | None, Option(help="Judge this list only, such as `open`.")] = None,
    trial: Annotated[int | None, Option(min=1, help="Judge this trial of the lists only.")] = None,
    gallery_per_person: Annotated[
        int | None, Option(min=1, help="Of a split: gallery faces a person. Default: 1.")
    ] = None,
    unknown: Annotated[float | None, Option(help="Of a split: share of people in no gallery. Default: 0.2.")] = None,
    template: Annotated[
        Template | None,
        Option(
            help="Several gallery faces of a person: their mean, or the best score (max). Default: mean; max for codes."
        ),
    ] = None,
    metric: MetricOfPairs = None,
    scorer: ScorerFile = None,
    far: Annotated[
        str | None, Option(help="False alarm rates, fractions with commas between. Default: 0.1,0.01,0.001.")
    ] = None,
    missing: Annotated[Missing, Option(help="Faces of lists that are not in the file: stop, or count.")] = "stop",
    output: OutputFolder = None,
    overwrite: Overwrite = False,
    memory: Memory = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Ranks and rates of probes in a gallery: closed set (CMC) and open set (DIR at FAR), with intervals.

    Of one picture: the people of the gallery that are most like it, and whether a threshold accepts them.

    Example: facerep identify feats.h5 --lists lists.csv -o results/
    """
    from facerep.errors import refuse_meaningless
    from facerep.faces.decode import is_picture

    if features is not None and is_picture(features):
        of_lists = {
            "--lists": lists, "--gallery": gallery, "--probes": probes, "--by": by, "--only": only, "--trial": trial,
            "--gallery-per-person": gallery_per_person, "--unknown": unknown, "--far": far, "--output": output,
            "--memory": memory,
        }  # fmt: skip
        refuse_meaningless(of_lists, "for one picture")
        from facerep.extraction.picture_query import Taken
        from facerep.pairs.decision_rule import DecisionRule
        from facerep.report.identification.lookup import report_of as report_of_lookup
        from facerep.report.target import show
        from facerep.studies.identification.lookup import look_up

        rule, taken = DecisionRule(metric, scorer, threshold_from, at_far), Taken(model or (), crop)
        found = look_up(features, feature_file(of_picture), rule, people=people or 5, template=template, taken=taken)
        show(report_of_lookup(found), json=json)
        return
    for_picture = {
        "--people": people, "--model": model, "--crop": crop, "--threshold-from": threshold_from, "--at-far": at_far,
        "GALLERY": of_picture,
    }  # fmt: skip
    refuse_meaningless(for_picture, "without a picture")
    from facerep.report.identification.identification import FILES, report_of
    from facerep.report.target import Target

    target = Target(output, FILES, overwrite=overwrite, json=json)
    file = feature_file(features)
    from facerep.studies.identification.identify import identify as study

    result = study(
        file, lists or (), gallery=comma_separated(gallery), probes=comma_separated(probes), by=by, only=only,
        trial=trial, metric=metric, scorer=scorer, template=template,
        far=fractions(far), gallery_per_person=gallery_per_person, unknown=unknown, missing=missing, seed=seed,
        **({} if memory is None else {"memory": bytes_of(memory)}),
    )  # fmt: skip
    target.deliver(report_of(result))
