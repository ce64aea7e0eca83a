"""What `identify` says of one picture: the people most like it, and the threshold they are held against."""

from __future__ import annotations

from collections.abc import Iterator

from facerep.console import console, counted
from facerep.report.photographs.compare import threshold_facts, threshold_warnings
from facerep.results.to_json import to_json
from facerep.studies.identification.lookup import Lookup


def show(found: Lookup, *, json: bool) -> None:
    """Print the people as a table with what decides below it, or all as JSON."""
    for warning in (*found.warnings, *threshold_warnings(found.chosen)):
        console.warn(warning)
    if json:
        console.json(to_json(found))
        return
    header = ["person", "faces", "score"] + ([] if found.chosen is None else ["accepted"])
    rows = []
    for each in found.found:
        row = [each.person, f"{each.faces:,}", f"{each.score:.6g}"]
        rows.append(row if each.accepted is None else [*row, "yes" if each.accepted else "no"])
    scorer = f", {found.scorer}" if found.scorer else ""
    console.table(
        f"{found.picture} in {found.gallery}, {found.metric}{scorer}", header, rows, notes=list(_notes(found))
    )


def _notes(found: Lookup) -> Iterator[str]:
    gallery = f"{counted(found.people, 'person', 'people')}, {counted(found.faces, 'face')}; {found.template}"
    yield f"gallery: {gallery}; crop {found.contract.crop}"
    if found.chosen is None:
        yield f"somebody is always the most alike; whether it is the same person is not decided: {found.undecided}"
        return
    for name, value in threshold_facts(found.chosen):
        yield f"{name}: {value}"
    strangers = found.strangers or 0.0
    yield f"at that rate a stranger is accepted by {strangers:.2g} of these {counted(found.faces, 'face')}, on average"
