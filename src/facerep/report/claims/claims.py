"""Claims as a report: every claim of the paper beside what was measured, in one table and as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from facerep.console import counted
from facerep.report.report import Csv, Report, Table
from facerep.studies.claims.claims import Claims, Measured, MeasuredClaim

FILES = ("result.json", "claims.csv")
COLUMNS = ("about", "claim", "paper", "measured", "low", "high", "of", "how", "ours", "file")


def report_of(result: Claims) -> Report:
    """Claims beside measurements as a report."""
    return Report(result=result, shown=[_table(result)], files={"claims.csv": Csv(COLUMNS, lambda: _lines(result))})


def _lines(table: Claims) -> Iterator[tuple[object, ...]]:
    for row in table.rows:
        claim = row.claim.quantity.about, row.claim.text.strip(), row.claim.paper
        for one in row.measured:
            yield *claim, one.value, one.low, one.high, one.of, one.how, int(one.ours), one.file
        if not row.measured:
            yield *claim, *[None] * 7


def _table(table: Claims) -> Table:
    shown = [row for row in table.rows if row.measured and row.claimed]
    notes = [
        "in per cent, in brackets 95 % intervals; ~ read off a plot; ? not given",
        "lost: points of accuracy; left: share of what clean faces have above a coin",
        "same faces: judged on those that chose the unit, as in the paper; other faces: on the other half",
    ]
    for what, ours in (("here", True), ("not ours", False)):
        known = dict.fromkeys(one.of for row in shown for one in row.measured if one.ours == ours)
        if known:
            notes.append(f"{what}: " + "; ".join(known))
    if table.silent:
        notes.append("not measured: " + "; ".join(text.strip() for text in table.silent))
    if others := sum(len(row.measured) for row in table.rows if not row.claimed):
        notes.append(
            f"{counted(others, 'figure')} of which the paper has none: see --json, or claims.csv with --output"
        )
    lines = [line for row in shown for line in _cells(row)]
    return Table(["claim of DeepID2+", "paper", "here", "not ours"], lines, notes=notes)


def _cells(row: MeasuredClaim) -> Iterator[list[str]]:
    """A claim on a line; where several of a side measured it, each on a line of its own, with its name."""
    ours, others = ([one for one in row.measured if one.ours == side] for side in (True, False))
    if max(len(ours), len(others)) == 1:
        yield [row.claim.text, row.claim.paper, *(_figure(side[0]) if side else "" for side in (ours, others))]
        return
    yield [row.claim.text, row.claim.paper, "", ""]
    for mine, other in zip_longest(ours, others):
        name = " / ".join(_name(one, side) for one, side in ((mine, ours), (other, others)) if one)
        yield [f"    {name}", "", *(_figure(one) if one else "" for one in (mine, other))]


def _name(one: Measured, side: Sequence[Measured]) -> str:
    """Network and layer; how it was measured where these alone do not distinguish it from the others."""
    alike = [other for other in side if other.of == one.of]
    return f"{one.of}: {one.how}" if len(alike) > 1 and one.how else one.of


def _figure(one: Measured) -> str:
    if one.low is None or one.high is None:
        return f"{one.value:.1f}"
    return f"{one.value:.1f} [{one.low:.1f}, {one.high:.1f}]"
