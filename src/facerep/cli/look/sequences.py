"""`facerep data sequences`: sequences with known boxes, made of real faces, to judge tracking by."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.options import Json, Seed, comma_separated


def sequences(
    photographs: Annotated[
        list[Path], Argument(help="Tables of photographs with a box each.", metavar="PHOTOGRAPHS...")
    ],
    output: Annotated[Path, Option("--output", "-o", metavar="FOLDER", help="A folder that is not there yet.")],
    turns: Annotated[
        str | None, Option(metavar="DATASET", help="People whose pictures go from one view to another, by their names.")
    ] = None,
    kinds: Annotated[
        str | None,
        Option(
            help="plain, alike, covered, turned, with commas between. Default: all; turned where there are --turns."
        ),
    ] = None,
    count: Annotated[int, Option(min=1, max=1000, help="Sequences of each kind.")] = 2,
    frames: Annotated[
        str, Option(metavar="NUMBERS", help="Frames of a sequence; several, with commas between, are taken in turn.")
    ] = "150",
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Make sequences of a face that moves and changes its size, with look-alikes, covers and turns; boxes are known.

    Example: facerep data sequences photos.csv --turns umist/ -o made/
    """
    from facerep.console import console
    from facerep.errors import Usage
    from facerep.readers.load import load
    from facerep.readers.photographs import photographs as read
    from facerep.report.target import show
    from facerep.report.tracking.made import report_of
    from facerep.studies.tracking.made import make_sequences

    try:
        lengths = [int(word) for word in comma_separated(frames) or ()]
    except ValueError:
        lengths = []
    if not lengths or min(lengths) < 2 or max(lengths) > 9999:
        raise Usage(f"--frames wants numbers from 2 to 9999, got {frames!r}")
    people = None if turns is None else load(turns)
    result = make_sequences(
        read(photographs), output, turns=people, kinds=comma_separated(kinds), count=count, frames=lengths, seed=seed
    )
    show(report_of(result), json=json)
    console.wrote(output, then=f"facerep analyze tracking mobilenet {output}/*")
