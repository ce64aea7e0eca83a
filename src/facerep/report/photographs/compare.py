"""The comparison of two faces as a report: one fact a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from facerep.detection.aligned_faces import SIDE
from facerep.extraction.faces_of_pictures import FoundFace
from facerep.report.contact_sheet import SheetTile, Strip, write
from facerep.report.report import Facts, File, Report
from facerep.report.thresholds import threshold_facts, threshold_warnings
from facerep.studies.photographs.compare import Comparison


def report_of(result: Comparison) -> Report:
    """A comparison as a report."""
    return Report(
        result=result,
        shown=[Facts(list(_rows(result)), list(_notes(result)))],
        files={"pair.png": File(lambda path: draw(result, path))} if result.found else {},
        warnings=[*_several(result), *result.makers.warnings(), *threshold_warnings(result.threshold)],
    )


def draw(result: Comparison, path: Path) -> None:
    """Write both aligned faces side by side, with the score and the decision above them."""
    tiles = [
        SheetTile(face.pixels.repeat(2, axis=0).repeat(2, axis=1), (face.name, _where(face))) for face in result.found
    ]
    said = "no threshold is known" if result.threshold is None else _decision(result)
    strip = Strip(f"score {result.score:.6g} ({result.metric})", said, [tiles])
    write(path, [strip], 2 * SIDE, 2 * SIDE, overwrite=True)


def _where(face: FoundFace) -> str:
    if face.box is None:
        return "an aligned face"
    x, y, width, height = face.box
    return f"{width:.0f}x{height:.0f} pixels at {x:.0f}, {y:.0f}; score {face.score:.2f}"


def _several(result: Comparison) -> Iterator[str]:
    for face in {face.name: face for face in result.found}.values():
        if face.found > 1:
            yield f"{face.name} has {face.found} faces, one was taken: look at it with -o; see --faces"


def _decision(result: Comparison) -> str:
    return "accepted, at or above the threshold" if result.accepted else "not accepted, below the threshold"


def _rows(result: Comparison) -> Iterator[list[str]]:
    contract, threshold = result.contract, result.threshold
    yield ["faces", f"{result.left}, {result.right}"]
    yield ["score", f"{result.score:.6g} ({result.metric}{', ' + result.scorer if result.scorer else ''})"]
    yield ["network", f"{contract.network or 'unknown'}, layer {contract.layer or 'unknown'}"]
    yield ["crop", contract.crop or "unknown"]
    if threshold is None:
        yield ["threshold", "none"]
        yield ["decision", f"none: {result.undecided}"]
        return
    yield from threshold_facts(threshold)
    yield ["decision", _decision(result)]


def _notes(result: Comparison) -> Iterator[str]:
    threshold = result.threshold
    if threshold is None:
        yield "give --threshold-from, the result.json of `facerep verify --output` on other people"
    else:
        yield f"in brackets 95 % intervals: {threshold.far.interval}"
        if threshold.worst is not None:
            yield f"of one set: {threshold.worst.far.interval}; on pictures of yet another set expect other rates"
        yield "these are rates of the pairs there, not the chance that these two are one person"
