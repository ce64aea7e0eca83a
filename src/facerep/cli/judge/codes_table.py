"""`facerep codes-table`: what bits cost and what they save."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.judging import MissingOfPairs, Sample, Setting
from facerep.cli.options import Device, Json, OutputFolder, Overwrite, Seed, Select, threshold_of


def codes_table(
    features: Annotated[Path, Argument(help="Feature file of the faces that are judged, or a folder of them.")],
    fit_on: Annotated[Path, Option("--fit-on", help="Feature file of other, labelled people: all is learned here.")],
    pairs: Annotated[
        str | None,
        Option(help="Pair list: a file, the name of a list in the feature file, or `all`. Default: as in verify."),
    ] = None,
    sample: Sample = None,
    bits: Annotated[
        str | None, Option(help="Lengths of codes with commas between. Default: 64,128,... up to the units.")
    ] = None,
    threshold: Annotated[
        str | None,
        Option(
            help="Threshold of the units: zero, median or a NUMBER. "
            "Default: zero if that is the network's rule, else median."
        ),
    ] = None,
    select: Annotated[Select, Option(help="How units are chosen, as in binarize.")] = "variance",
    chain: Annotated[
        str | None, Option(help="Chain that ends with joint-bayesian, see fit. Default: pca+joint-bayesian.")
    ] = None,
    missing: MissingOfPairs = "stop",
    setting: Setting = "not stated",
    gallery: Annotated[
        int, Option(min=10, help="How many faces a query is searched among when time is measured.")
    ] = 100_000,
    output: OutputFolder = None,
    device: Device = "auto",
    overwrite: Overwrite = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Accuracy, bytes a face and search time of vectors and of codes, in one run.

    Example: facerep codes-table test.h5 --fit-on train.h5 -o codes/
    """
    lengths = _lengths(bits)
    from facerep.report.codes.codes_table import FILES, report_of
    from facerep.report.target import Target

    target = Target(output, FILES, overwrite=overwrite, json=json)
    from facerep.files.features import read_features
    from facerep.files.streams import open_features
    from facerep.networks.device import device as pick_device
    from facerep.studies.codes.codes_table import codes_table as study

    table = study(
        open_features(features), read_features(fit_on), pairs, bits=lengths,
        threshold=threshold and threshold_of(threshold), select=select, chain=chain,
        sample=sample, missing=missing, setting=setting, gallery=gallery,
        device=pick_device(device), seed=seed,
    )  # fmt: skip
    target.deliver(report_of(table), then=f"facerep binarize {features} --bits N --from {fit_on}")


def _lengths(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    from facerep.errors import Usage

    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise Usage(f"--bits wants whole numbers with commas between, got {text!r}")
    return tuple(int(part) for part in parts)
