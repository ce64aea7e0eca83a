"""Options that mean the same in every command, declared once."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import Annotated, Literal

import typer
from typer import Option

from facerep.cli.completions import devices, models, presets
from facerep.files.byte_sizes import bytes_of as bytes_of

Precision = Literal["32-true", "bf16-mixed", "16-mixed"]
"""Numbers of the arithmetic, as Lightning names them."""
Select = Literal["variance", "entropy", "discriminative", "random"]
"""By what units are chosen for a code."""


def _below_2_63(seed: int | None) -> int | None:
    # a range in the option's type would fill the help page's columns
    if seed is not None and seed >= 2**63:
        raise typer.BadParameter("a seed is below 2**63")
    return seed


def threshold_of(given: str) -> str | float:
    """A number where one was typed; which words and numbers are thresholds `codes.binarize` knows."""
    try:
        number = float(given)
    except ValueError:
        return given
    return number if isfinite(number) else given


def comma_separated(text: str | None) -> tuple[str, ...] | None:
    """The words of an option that takes several with commas between; None where it was not given."""
    return None if text is None else tuple(word.strip() for word in text.split(",") if word.strip())


def numbers(text: str, option: str, wants: str) -> list[float]:
    """The numbers of an option that takes several with commas between; its study checks their range.

    Raises:
        Usage: one of them is no number.
    """
    try:
        return [float(word) for word in text.split(",")]
    except ValueError as error:
        from facerep.errors import Usage

        raise Usage(f"{option} wants {wants} with commas between, got {text!r}") from error


Json = Annotated[bool, Option("--json", help="Print the result as JSON instead of a table.")]
Overwrite = Annotated[bool, Option("--overwrite", help="Replace an output that exists.")]
Strict = Annotated[bool, Option("--strict", help="End with exit code 3 when a face failed.")]
Memory = Annotated[
    str | None,
    Option(
        "--memory",
        metavar="SIZE",
        help="What features may take in memory, such as 500MB; more is read in parts. Default: 1GB.",
    ),
]
"""Of commands that go through a file more than once: with less memory they read it more often."""
Seed = Annotated[int, Option("--seed", min=0, callback=_below_2_63, help="Seed of every random choice.")]
RecipeSeed = Annotated[
    int | None, Option("--seed", min=0, callback=_below_2_63, help="Seed of every random choice; default 0.")
]
Device = Annotated[
    str,
    Option(
        "--device", autocompletion=devices, help="auto, cpu, cuda or cuda:INDEX; it is an error if it is not there."
    ),
]
Engine = Annotated[
    Literal["local", "ray"] | None, Option("--engine", metavar="NAME", help="Who does the work: local, or ray.")
]
Address = Annotated[str | None, Option("--address", help="HOST:PORT of Ray; without it, started here.")]
Devices = Annotated[int | None, Option("--devices", min=1, help="GPUs or processes; of Ray, default all.")]
Rows = Annotated[int | None, Option("--rows", min=1, help="Rows a file, of a table; default 65536.")]
Workers = Annotated[int, Option("--workers", min=-1, help="Processes that decode pictures; -1 starts one per core.")]
RecipePrecision = Annotated[
    Precision | None,
    Option("--precision", metavar="NAME", help="32-true, bf16-mixed or 16-mixed, as Lightning names them."),
]
Crop = Annotated[
    str, Option("--crop", autocompletion=presets, help="Crop preset; auto takes the five points where known.")
]
RecipeCrop = Annotated[
    str | None, Option("--crop", autocompletion=presets, help="Crop preset; auto takes the five points where known.")
]
BatchSize = Annotated[int, Option("--batch-size", min=1, help="Faces in one batch.")]
OutputFolder = Annotated[
    Path | None,
    Option(
        "--output", "-o", metavar="FOLDER", help="Folder that the result is written to: result.json, tables, figures."
    ),
]
OutputFile = Annotated[
    Path | None, Option("--output", "-o", metavar="FILE", help="CSV file that the result is written to.")
]
Sheet = Annotated[
    Path | None, Option("--sheet", metavar="FILE", help="PNG of some crops as the network sees them, with their names.")
]
Where = Annotated[
    list[str] | None, Option("--where", help="Only faces with COLUMN=VALUE or COLUMN!=VALUE, such as set!=bolly.")
]
OfGallery = Annotated[
    list[str] | None,
    Option(
        "--model",
        autocompletion=models,
        help="Run or weights file that made the gallery, where it is not that in the box; several as for extract.",
    ),
]
CropOfPicture = Annotated[
    str | None,
    Option("--crop", autocompletion=presets, help="Crop preset of the picture. Default: that of the gallery."),
]
