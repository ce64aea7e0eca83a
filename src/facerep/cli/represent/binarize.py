"""`facerep binarize`: features into codes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from facerep.cli.options import Json, Overwrite, Seed, Select, threshold_of

Rotation = Literal["itq"]
"""How units are turned before they are cut."""


def binarize(
    features: Annotated[Path, Argument(help="Feature file made by `facerep extract`.")],
    output: Annotated[Path, Option("--output", "-o", metavar="FILE", help="Code file.")] = Path("codes.h5"),
    threshold: Annotated[
        str | None, Option(help="A unit is 1 where it is larger than: zero, its median, or a NUMBER. Default: zero.")
    ] = None,
    rotation: Annotated[Rotation | None, Option(help="Learn a rotation first; zero then is its middle.")] = None,
    bits: Annotated[int | None, Option(min=1, help="Bits of a code. Default: as many as there are units.")] = None,
    select: Annotated[
        Select | None,
        Option(
            help="How units are chosen for --bits: by variance, by the entropy of their bit, by how well it tells "
            "people apart, or at random. Default: variance."
        ),
    ] = None,
    source: Annotated[
        Path | None,
        Option("--from", help="Feature file that medians, rotation and units are taken from. Default: the same."),
    ] = None,
    like: Annotated[
        Path | None, Option(help="Code file whose thresholds, rotation and units are used, instead of all these.")
    ] = None,
    overwrite: Overwrite = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Turn features into binary codes, one bit a unit. Codes are not encryption.

    Example: facerep binarize feats.h5 --rotation itq --bits 128 --from train.h5 -o codes.h5
    """
    from facerep.console import console
    from facerep.errors import Usage
    from facerep.files.atomic import refuse_existing

    if like is not None and any(given is not None for given in (threshold, rotation, bits, select, source)):
        raise Usage("--like brings thresholds, rotation and units", hint="give no other rule beside it")
    refuse_existing(output, overwrite=overwrite)
    from facerep.codes.binarize import binarize as make_codes
    from facerep.codes.binarize import like as make_like
    from facerep.codes.binarize import share_of_ones
    from facerep.files.features import read_codes, read_features, write_codes
    from facerep.report.codes.codes import report_of
    from facerep.report.target import show

    rows = read_features(features)
    if like is not None:
        codes = make_like(rows, read_codes(like))
    else:
        codes = make_codes(
            rows, threshold_of(threshold or "zero"), None if source is None else read_features(source),
            rotation=rotation, bits=bits, select=select, seed=seed,
        )  # fmt: skip
    write_codes(codes, output, overwrite=overwrite)
    show(report_of(codes, share_of_ones(codes), output, source or like), json=json)
    console.wrote(output, then=f"facerep verify {output} --metric hamming")
