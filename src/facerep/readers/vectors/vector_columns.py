"""Which columns of a table are units: those that are named, or the one family that is numbered through.

An index, a label, a box or a score is a number too; one such column among the units can decide every distance.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from facerep.errors import BadInput, Usage

_NUMBERED = re.compile(r"(.*\D|)(\d{1,9})", re.DOTALL)
_SHOWN = 8


def vector_columns(columns: Sequence[str], chosen: str | None, where: str | Path) -> list[int]:
    """The places of the unit columns, in the order of their numbers, or as they were named.

    Args:
        columns: the names, without those of names and people.
        chosen: names with commas between, each a column or a range such as f0..f511; None looks for the family.
        where: the file, for errors.

    Raises:
        BadInput: no family, several, or one with gaps, and nothing was chosen.
        Usage: no such column.

    >>> vector_columns(["label", "f1", "f0", "score"], None, "v.csv")
    [2, 1]
    >>> vector_columns(["a", "b", "c"], "c,a", "v.csv")
    [2, 0]
    """
    families = _families(columns)
    if chosen is not None:
        return [place for part in chosen.split(",") for place in _asked(part.strip(), columns, families, where)]
    runs = {stem: members for stem, members in families.items() if len(members) > 1}
    if not runs:
        what = f"no columns are numbered through, such as f0, f1, f2; there are {listed(columns)}"
        raise BadInput(what, where, "name the units with --units, such as a,b,c or f0..f511")
    if len(runs) > 1:
        shown = [_range(columns, members) for members in sorted(runs.values(), key=len, reverse=True)]
        raise BadInput(f"several families of numbered columns: {listed(shown)}", where, f"give --units {shown[0]}")
    ((stem, members),) = runs.items()
    first, last = min(members), max(members)
    if len(members) != last - first + 1 or first > 1:
        lacks = next((number for number in range(min(first, 1), last) if number not in members), 0)
        hint = f"give --units {_range(columns, members)} to take what is there"
        raise BadInput(f"numbered columns {_range(columns, members)} lack {stem}{lacks}", where, hint)
    return [members[number] for number in sorted(members)]


def counts_up(cells: Sequence[str]) -> bool:
    """True where cells are 0, 1, 2 ... or 1, 2, 3 ...: the header of a table without names, and no face's vector."""
    return len(cells) > 2 and any(list(cells) == [str(n + first) for n in range(len(cells))] for first in (0, 1))


def listed(names: Sequence[str]) -> str:
    """Names with commas between; of many the first ones, and how many more there are."""
    shown = [name or "without a name" for name in names]
    more = [f"and {len(shown) - _SHOWN:,} more"] if len(shown) > _SHOWN + 1 else []
    return ", ".join((shown[:_SHOWN] if more else shown) + more) or "none"


def _families(columns: Sequence[str]) -> dict[str, dict[int, int]]:
    """Of each stem, the places by number."""
    found: dict[str, dict[int, int]] = {}
    for place, column in enumerate(columns):
        if match := _NUMBERED.fullmatch(column):
            found.setdefault(match[1], {}).setdefault(int(match[2]), place)
    return found


def _asked(part: str, columns: Sequence[str], families: dict[str, dict[int, int]], where: str | Path) -> list[int]:
    if part in columns:
        return [columns.index(part)]
    ends = [_NUMBERED.fullmatch(end) for end in part.split("..")]
    if len(ends) == 2 and ends[0] and ends[1] and ends[0][1] == ends[1][1]:
        members, first, last = families.get(ends[0][1], {}), int(ends[0][2]), int(ends[1][2])
        if found := [members[number] for number in sorted(members) if first <= number <= last]:
            return found
    raise Usage(f"no column {part!r} for --units: {where}", hint=f"it has {listed(columns)}")


def _range(columns: Sequence[str], members: dict[int, int]) -> str:
    return f"{columns[members[min(members)]]}..{columns[members[max(members)]]}"
