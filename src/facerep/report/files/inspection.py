"""What `data inspect` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facerep.console import console
from facerep.results.to_json import to_json

if TYPE_CHECKING:
    from facerep.readers.inspect import Inspection

_SHOWN = 10


def show(inspection: Inspection, *, json: bool) -> None:
    """Print an inspection as a table, or as JSON; faults go to stderr, the first of each kind by name."""
    if json:
        console.json(to_json(inspection))
        return
    console.facts([["kind", inspection.kind], *_rows(inspection)], notes=inspection.notes)
    _warn("unreadable", inspection.unreadable)
    _warn("not taken", inspection.failures)
    for group in inspection.duplicates[:_SHOWN]:
        console.warn(f"equal files: {', '.join(map(one_line, group))}")


def one_line(name: str) -> str:
    """A name with its control characters escaped, so that it cannot write lines of its own."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in name)


def _rows(found: Inspection) -> list[list[str]]:
    each = found.per_person
    rows = [
        ["people", f"{found.people:,}"],
        ["faces", f"{found.pictures:,}"],
        ["faces a person: least, median, most", f"{each['min']:,}, {each['median']:,g}, {each['max']:,}"],
        ["people with one face", f"{found.singletons:,}"],
    ]
    rows += [[f"  people with {name} faces", f"{count:,}"] for name, count in found.histogram.items() if name != "1"]
    if found.unknown:
        rows.append(["faces without a known person", f"{found.unknown:,}"])
    rows += [[f"size {size}", f"{count:,}"] for size, count in list(found.sizes.items())[:_SHOWN]]
    if len(found.sizes) > _SHOWN:
        rows.append(["further sizes", f"{len(found.sizes) - _SHOWN:,}"])
    rows += [
        ["five points known", f"{found.points:,}"],
        ["box known", f"{found.boxes:,}"],
        ["groups of equal files", f"{len(found.duplicates):,}"],
        ["  of them across people", f"{found.across_people:,}"],
        ["unreadable", f"{len(found.unreadable):,}"],
        ["absent or refused", f"{len(found.failures):,}"],
    ]
    for name, values in found.labels.items():
        told = ", ".join(f"{one_line(value) or 'unknown'} {count:,}" for value, count in values.items())
        rows.append([f"label {one_line(name)}", told])
    for name, pairs in found.protocols.items():
        told = f"{pairs['genuine']:,} genuine, {pairs['impostor']:,} impostor, {pairs['folds']} folds"
        rows.append([f"pairs {name}", told + (f", {pairs['absent']:,} with absent faces" if pairs["absent"] else "")])
    return rows


def _warn(what: str, faults: tuple[tuple[str, str], ...]) -> None:
    for name, reason in faults[:_SHOWN]:
        console.warn(f"{what}: {one_line(name)}: {reason}")
    if len(faults) > _SHOWN:
        console.warn(f"{what}: {len(faults) - _SHOWN} more; --json lists all")
