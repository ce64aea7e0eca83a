"""`facerep binarize`: features into codes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from facerep.cli.options import Json, Overwrite


def binarize(
    features: Annotated[Path, typer.Argument(help="Feature file made by `facerep extract`.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Code file.")] = Path("codes.h5"),
    threshold: Annotated[
        str, typer.Option(help="A unit is 1 where it is larger than: zero, its median, or a NUMBER.")
    ] = "zero",
    source: Annotated[
        Path | None, typer.Option("--from", help="Feature file that the medians are taken on. Default: the same.")
    ] = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Turn features into binary codes, one bit a unit. Codes are not encryption.

    Example: facerep binarize feats.h5 --threshold median --from train.h5 -o codes.h5
    """
    from facerep.console import console
    from facerep.errors import Usage
    from facerep.files.atomic import refuse_existing

    rule = _threshold(threshold)
    if source is not None and rule != "median":
        raise Usage("--from is for --threshold median")
    refuse_existing(output, overwrite=overwrite)
    from facerep.codes.binarize import binarize as make_codes
    from facerep.codes.binarize import share_of_ones
    from facerep.files.features import read_features, write_codes
    from facerep.report.codes import show

    fitted_on = None if source is None else read_features(source)
    codes = make_codes(read_features(features), rule, fitted_on)
    write_codes(codes, output, overwrite=overwrite)
    show(codes, share_of_ones(codes), output, source, json=json)
    console.wrote(output, then=f"facerep verify {output} --metric hamming")


def _threshold(given: str) -> Literal["zero", "median"] | float:
    if given in ("zero", "median"):
        return cast(Literal["zero", "median"], given)
    from facerep.errors import Usage

    try:
        number = float(given)
    except ValueError:
        number = float("nan")
    if not -3e38 < number < 3e38:  # what float32 holds
        raise Usage(f"no threshold {given!r}", hint="give zero, median or a number")
    return number
