"""Options of commands that find faces in photographs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from typer import Option

from facerep.cli.completions import detectors

if TYPE_CHECKING:
    from facerep.detection.aligned_faces import Finding

_POINTS = "What finds the five points: `bundled`, a run of train --loss points, detector, box."

OfSeveral = Annotated[
    str, Option("--faces", metavar="NAME", help="Of several faces in a photograph: largest, central, all, or one only.")
]
Detector = Annotated[str, Option("--detector", autocompletion=detectors, help="What finds the faces.")]
Points = Annotated[str, Option("--points", help=_POINTS)]
LeastScore = Annotated[
    float, Option("--least-score", min=0, max=1, help="Score from which on what is found is a face.")
]
OneOfSeveral = Annotated[
    str | None, Option("--faces", metavar="NAME", help="Of several faces in a photograph: largest, central, one only.")
]
DetectorOf = Annotated[
    str | None, Option("--detector", autocompletion=detectors, help="What finds the faces in photographs.")
]
PointsOf = Annotated[str | None, Option("--points", help=_POINTS)]


def finding(
    align: bool, *, faces: str | None, detector: str | None, points: str | None, without: str = "without --align"
) -> Finding | None:
    """How faces are found, where they are to be found.

    Raises:
        Usage: they are not, and an option says how; or no such policy.
    """
    from facerep.errors import refuse_meaningless

    given = {"--faces": faces, "--detector": detector, "--points": points}
    if not align:
        refuse_meaningless(given, without)
        return None
    from facerep.detection.aligned_faces import Finding

    plain = Finding()
    return Finding(faces=faces or plain.faces, detector=detector or plain.detector, points=points or plain.points)
