"""`facerep.align` and `facerep.compare`: what the commands of these names do, with their defaults, from Python."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from facerep.detection.aligned_faces import LEAST_SCORE, Finding
from facerep.detection.detectors import DEFAULT
from facerep.detection.five_points import BUNDLED
from facerep.extraction.align import align as align_photographs
from facerep.faces.table import Faces
from facerep.pairs.decision_rule import DecisionRule
from facerep.readers.load import load
from facerep.readers.photographs import photographs_of_people
from facerep.studies.photographs.compare import Comparison, compare_pictures


def align(
    photographs: str | Path | Sequence[str | Path],
    output: str | Path,
    *,
    faces: str = "largest",
    detector: str = DEFAULT,
    points: str = BUNDLED,
    least_score: float = LEAST_SCORE,
    workers: int = 0,
    resume: bool = False,
    overwrite: bool = False,
) -> Faces:
    """Find the faces of photographs, write them aligned into a folder, and load it.

    Args:
        photographs: picture files or data sets, one or several.
        output: the folder of the aligned faces, 112x112 pixels each, and of their table.
        faces, detector, points, least_score: as `facerep align` has them.
        workers, resume, overwrite: as there.

    Returns:
        The aligned faces; photographs without one are in `failures` of the folder's own report, not among them.

    Raises:
        BadInput, NotAvailable, OutputExists, Usage: see `extraction.align.align`.
    """
    places = [photographs] if isinstance(photographs, str | Path) else list(photographs)
    how = Finding(detector=detector, faces=faces, least_score=least_score, points=points)
    found = photographs_of_people(places)
    align_photographs(found, Path(output), how, workers=workers, resume=resume, overwrite=overwrite)
    return load(output)


def compare(
    left: str | Path,
    right: str | Path,
    *,
    model: str | Path | None = None,
    crop: str = "auto",
    metric: str | None = None,
    scorer: Path | None = None,
    threshold_from: Path | None = None,
    at_far: float | None = None,
    device: str = "auto",
) -> Comparison:
    """The score of the faces of two photographs, and the threshold that it is held against.

    Args:
        left, right: picture files; a face is found in each and aligned.
        model: a run folder or weights file; None takes the bundled weights.
        crop: "auto", or a preset: then nothing is searched.
        metric, scorer, threshold_from, at_far: as `facerep compare` has them.
        device: where it is computed.

    Raises:
        BadInput, Mismatch, NotAvailable, Usage: see `compare_pictures`.
    """
    by = DecisionRule(metric, scorer, threshold_from, at_far)
    return compare_pictures(Path(left), Path(right), by, model=model, crop=crop, device=device)
