"""`facerep analyze robustness`: faces that are covered in part."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from facerep.cli.completions import layers as layers_known
from facerep.cli.completions import models
from facerep.cli.judging import Missing
from facerep.cli.model import default_model
from facerep.cli.options import BatchSize, Crop, Device, Json, OutputFolder, Overwrite, Seed, Workers, numbers

On = Literal["both", "one"]
"""Which faces of a pair are covered."""


def robustness(
    dataset: Annotated[str, Argument(help="Faces whose pairs are verified.", metavar="DATASET")],
    model: Annotated[
        list[str] | None,
        Option(
            autocompletion=models,
            help="Run folder or weights file, `bundled`, `lbp` or `pixels`; commas between networks put them side by "
            "side; may be given several times. Default: as for extract.",
        ),
    ] = None,
    layers: Annotated[
        str, Option(autocompletion=layers_known, help="Layers, commas between; each network is asked for those it has.")
    ] = "feature",
    scorer: Annotated[
        list[Path] | None,
        Option(help="Scorer file of clean faces; each layer takes the one made for it. Default: cosine."),
    ] = None,
    fit_on: Annotated[
        str | None, Option(help="Clean faces of other people: scorers that are not given are fitted on them.")
    ] = None,
    fit_split: Annotated[str | None, Option(help="Only this split of --fit-on, such as validation.")] = None,
    chain: Annotated[str | None, Option(help="What is fitted on --fit-on. Default: l2+pca+joint-bayesian.")] = None,
    pairs: Annotated[
        str | None,
        Option(help="A list of the data set, a file, or `all`. Default: its own list, else up to 3,000 of each kind."),
    ] = None,
    sample: Annotated[int | None, Option(min=1, help="Draw that many pairs of each kind instead.")] = None,
    split: Annotated[
        str | None, Option(help="Only the faces of this split of DATASET: train, validation, test.")
    ] = None,
    missing: Annotated[
        Missing, Option(help="If faces of pairs are absent or unreadable: stop, or count them and go on.")
    ] = "stop",
    cover: Annotated[On, Option(help="Cover both faces of a pair, or one, the second.")] = "both",
    bottom: Annotated[
        str, Option(help="Shares of the face covered from the bottom, commas between; empty for none.")
    ] = "0.1,0.2,0.3,0.4,0.5,0.6,0.7",
    block: Annotated[
        str, Option(help="Sides of the block in pixels of a face of 112x96; empty for none.")
    ] = "10,20,30,40,50,60,70",
    mirror: Annotated[str, Option(help="Mirrored face: none, mean or concatenate.")] = "mean",
    crop: Crop = "auto",
    output: OutputFolder = None,
    overwrite: Overwrite = False,
    seed: Seed = 0,
    device: Device = "auto",
    workers: Workers = -1,
    batch_size: BatchSize = 128,
    json: Json = False,
) -> None:
    """Verification of faces that are covered in part, by scorers that know clean faces only.

    Example: facerep analyze robustness lfw/ --model bundled --model lbp --scorer jb.h5 --pairs view2 -o robustness/
    """
    from facerep.errors import refuse_meaningless
    from facerep.report.robustness.robustness import FILES, report_of
    from facerep.report.target import Target

    shares, sides = _amounts(bottom, "--bottom", 1), _amounts(block, "--block", 96)
    if fit_on is None:
        refuse_meaningless({"--fit-split": fit_split}, "without --fit-on")
    target = Target(output, FILES, overwrite=overwrite, json=json)
    from facerep.readers.load import load

    faces, clean = load(dataset), None if fit_on is None else load(fit_on)
    if split is not None:
        faces = faces.split(split)
    if clean is not None and fit_split is not None:
        clean = clean.split(fit_split)
    from facerep.studies.robustness.robustness import robustness as study

    model = model or [str(default_model() or "bundled")]
    result = study(
        faces, model, layers=[name.strip() for name in layers.split(",")], scorers=scorer or (),
        clean=clean, chain=chain, pairs=pairs, sample=sample, missing=missing,
        on=cover, bottom=shares, block=sides, crop=crop, mirror=mirror, device=device, workers=workers,
        batch_size=batch_size, seed=seed,
    )  # fmt: skip
    target.deliver(report_of(result))


def _amounts(words: str, option: str, most: float) -> list[float]:
    return numbers(words, option, f"numbers above 0 and at most {most:g}") if words.strip() else []
