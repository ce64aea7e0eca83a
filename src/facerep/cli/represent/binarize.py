"""`facerep binarize`: features into codes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from facerep.cli.options import Json, Memory, Overwrite, Seed, Select, bytes_of, threshold_of

Rotation = Literal["itq"]
"""How units are turned before they are cut."""


def binarize(
    features: Annotated[Path, Argument(help="Feature file made by `facerep extract`, or a folder of them.")],
    output: Annotated[
        Path,
        Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Code file. For a folder of features: a name without an ending makes a folder of code files.",
        ),
    ] = Path("codes.h5"),
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
        Option("--from", help="Feature file, or folder of them, for medians, rotation and units. Default: the same."),
    ] = None,
    like: Annotated[
        Path | None, Option(help="Code file whose thresholds, rotation and units are used, instead of all these.")
    ] = None,
    memory: Memory = None,
    resume: Annotated[bool, Option("--resume", help="Go on with a folder of code files that was stopped.")] = False,
    overwrite: Overwrite = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Turn features into binary codes, one bit a unit. Codes are not encryption.

    Example: facerep binarize feats.h5 --rotation itq --bits 128 --from train.h5 -o codes.h5
    """
    from facerep.console import console
    from facerep.errors import Stopped, Usage, refuse_meaningless
    from facerep.files.folders.feature_folder import is_feature_folder, names_folder

    if like is not None and any(given is not None for given in (threshold, rotation, bits, select, source)):
        raise Usage("--like brings thresholds, rotation and units", hint="give no other rule beside it")
    if resume and overwrite:
        raise Usage("--resume and --overwrite contradict each other")
    if threshold != "median" and (bits is None or rotation or select == "random"):
        refuse_meaningless({"--memory": memory}, "without medians, or units that are chosen")
    folder = is_feature_folder(features) and names_folder(output)
    if not folder:
        refuse_meaningless({"--resume": resume or None}, "without a folder of code files")
    from facerep.codes.code_folder import code_rule, write_code_file, write_code_folder
    from facerep.report.codes.codes import report_of
    from facerep.report.target import show

    rule = partial(
        code_rule, features, threshold_of(threshold or "zero"), source,
        like_codes=like, rotation=rotation, bits=bits, select=select, seed=seed,
        **({} if memory is None else {"memory": bytes_of(memory)}),
    )  # fmt: skip
    if folder:
        made = write_code_folder(features, rule, output, resume=resume, overwrite=overwrite)
    else:
        try:
            made = write_code_file(features, rule, output, overwrite=overwrite)
        except Stopped as stopped:
            stopped.advice = "nothing was written"  # one file is not gone on with
            raise
    show(report_of(made, output, source or like), json=json)
    console.wrote(output, then=f"facerep verify {output} --metric hamming")
