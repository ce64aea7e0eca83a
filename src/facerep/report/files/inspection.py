"""What a data set holds, as a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from facerep.readers.inspect import Inspection
from facerep.report.report import Facts, Report

_SHOWN = 10


def report_of(result: Inspection) -> Report:
    """An inspection as a report; of faults the first of each kind by name."""
    faults = [*_faults("unreadable", result.unreadable), *_faults("not taken", result.failures)]
    faults += [f"equal files: {', '.join(map(one_line, group))}" for group in result.duplicates[:_SHOWN]]
    facts = Facts([["kind", result.kind], *_rows(result)], result.notes)
    return Report(result=result, shown=[facts], faults=faults)


def one_line(name: str) -> str:
    """A name with its control characters escaped, so that it cannot write lines of its own."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in name)


def _rows(result: Inspection) -> list[list[str]]:
    each = result.per_person
    rows = [
        ["people", f"{result.people:,}"],
        ["faces", f"{result.pictures:,}"],
        ["faces a person: least, median, most", f"{each['min']:,}, {each['median']:,g}, {each['max']:,}"],
        ["people with one face", f"{result.singletons:,}"],
    ]
    rows += [[f"  people with {name} faces", f"{count:,}"] for name, count in result.histogram.items() if name != "1"]
    if result.unknown:
        rows.append(["faces without a known person", f"{result.unknown:,}"])
    rows += [[f"size {size}", f"{count:,}"] for size, count in list(result.sizes.items())[:_SHOWN]]
    if len(result.sizes) > _SHOWN:
        rows.append(["further sizes", f"{len(result.sizes) - _SHOWN:,}"])
    rows += [
        ["five points known", f"{result.points:,}"],
        ["box known", f"{result.boxes:,}"],
        ["groups of equal files", f"{len(result.duplicates):,}"],
        ["  of them across people", f"{result.across_people:,}"],
        ["unreadable", f"{len(result.unreadable):,}"],
        ["absent or refused", f"{len(result.failures):,}"],
    ]
    for name, values in result.labels.items():
        words = ", ".join(f"{one_line(value) or 'unknown'} {count:,}" for value, count in values.items())
        rows.append([f"label {one_line(name)}", words])
    for name, pairs in result.protocols.items():
        words = f"{pairs['genuine']:,} genuine, {pairs['impostor']:,} impostor, {pairs['folds']} folds"
        rows.append([f"pairs {name}", words + (f", {pairs['absent']:,} with absent faces" if pairs["absent"] else "")])
    return rows


def _faults(what: str, faults: Sequence[tuple[str, str]]) -> Iterator[str]:
    for name, reason in faults[:_SHOWN]:
        yield f"{what}: {one_line(name)}: {reason}"
    if len(faults) > _SHOWN:
        yield f"{what}: {len(faults) - _SHOWN} more; --json lists all"
