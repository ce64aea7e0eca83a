"""Options of commands that find faces in photographs."""

from __future__ import annotations

from typing import Annotated

from typer import Option

from facerep.cli.completions import detectors

OfSeveral = Annotated[
    str, Option("--faces", metavar="NAME", help="Of several faces in a photograph: largest, central, all, or one only.")
]
Detector = Annotated[str, Option("--detector", autocompletion=detectors, help="What finds the faces.")]
Points = Annotated[
    str,
    Option("--points", help="What finds the five points: `bundled`, a run of train --loss points, detector, or box."),
]
LeastScore = Annotated[
    float, Option("--least-score", min=0, max=1, help="Score from which on what is found is a face.")
]
