"""`facerep analyze ensemble`: which networks are best together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.judging import MissingOfPairs, Sample
from facerep.cli.options import Json, OutputFolder, Overwrite, Seed


def ensemble(
    features: Annotated[
        list[Path], Argument(help="Feature files of the same faces, a network each, or of several.", metavar="FEATS...")
    ],
    pairs: Annotated[
        str | None, Option(help="Pairs that choose, as for verify. Default: the file's own list, else all or 20,000.")
    ] = None,
    sample: Sample = None,
    test: Annotated[
        list[Path] | None,
        Option(
            metavar="FEATS",
            help="Features of other faces by the same networks, which the chosen sets are tested on; once a file of "
            "FEATS, in the same order.",
        ),
    ] = None,
    test_pairs: Annotated[str | None, Option(help="Pairs of these, as for verify.")] = None,
    most: Annotated[int | None, Option(min=1, help="Networks of the largest set. Default: all.")] = None,
    missing: MissingOfPairs = "stop",
    output: OutputFolder = None,
    overwrite: Overwrite = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Which networks are best together, chosen forward and backward by pairs that they tell apart.

    Example: facerep analyze ensemble face.h5 upper.h5 lower.h5 -o ensemble/
    """
    from facerep.errors import refuse_meaningless
    from facerep.report.target import Target
    from facerep.report.verification.ensemble import FILES, report_of
    from facerep.studies.verification.ensemble import ensemble as study

    if not test:
        refuse_meaningless({"--test-pairs": test_pairs}, "without --test")
    target = Target(output, FILES, overwrite=overwrite, json=json)
    result = study(
        features, test or [], pairs=pairs, test_pairs=test_pairs, most=most, sample=sample, missing=missing, seed=seed
    )
    target.deliver(report_of(result), then="facerep extract FACES --model A --model B")
