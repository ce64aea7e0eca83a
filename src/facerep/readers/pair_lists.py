"""Pair lists: files of pairs become a PairList in the names of a data set.

LFW's form (`Name 1 2`, `Name 1 Other 3`, with or without a header of counts) and the plain form `a b same
[fold]`, with commas, semicolons, tabs or blanks between.
Source: LFW's README of views 1 and 2, Huang et al., UMass TR 07-49.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from unicodedata import normalize

import numpy as np

from facerep.errors import BadInput
from facerep.files.pairs import PairList
from facerep.readers import text

_SAME = {
    **dict.fromkeys(("1", "true", "same", "genuine", "yes"), True),
    **dict.fromkeys(("0", "-1", "false", "different", "diff", "impostor", "no"), False),
}

_HEADER = re.compile(
    r"(a|b|x|y|left|right|first|second|(file|path|name|face|image|img|pair)?_?[0-9ab]?)", re.IGNORECASE
)
"""What the first two columns of a plain list are called where they are called something."""

_Row = tuple[int, list[str]]


def read_pairs(path: Path, names: Sequence[str]) -> PairList:
    """Read a pair list.

    A name is found whatever its ending, its letters' case and its Unicode normal form, in full or by its
    last two parts. One that is not in `names` stays as written, so that whoever scores can name it.

    Args:
        path: the list; the PairList is called after the file's stem.
        names: face names of the data set.

    Raises:
        BadInput: a malformed line, with its number; a count that differs from the header's; a name that fits
            several faces; no pair at all.
    """
    content = text.read_text(path)
    lines = [line for line in content.split("\n") if line.strip()]
    mark = text.delimiter(lines[min(1, len(lines) - 1)]) if lines else ""
    rows = list(text.rows(content, mark, path))
    counts = _counts(rows[0][1]) if rows else None
    if counts:
        rows = rows[1:]
    faces = Names(names)
    if counts or (rows and all(_numbered(cells) for _, cells in rows) and not _named(rows, faces, path)):
        left, right, same = _lfw(rows, path)
        fold = _blocks(counts, len(rows), path)
    else:
        left, right, same, fold = _plain(rows, path)
    if not left:
        raise BadInput("pair list has no pairs", path)
    return PairList(
        name=path.stem,
        left=np.array([faces.find(name, path) for name in left], dtype=object),
        right=np.array([faces.find(name, path) for name in right], dtype=object),
        same=np.array(same, dtype=bool),
        fold=np.asarray(fold, dtype=np.int64),
    )


class Names:
    """Face names, found by what a list may call them."""

    def __init__(self, names: Sequence[str]) -> None:
        self.exact = set(names)
        self.by_end: dict[str, list[str]] = {}
        for name in names:
            self.by_end.setdefault(_end(stem(name)), []).append(name)

    def find(self, written: str, where: Path) -> str:
        """The face that `written` means, else `written` in normal form C.

        Raises:
            BadInput: it fits several faces.
        """
        name = normalize("NFC", written).replace("\\", "/")
        if name in self.exact:
            return name
        wanted = stem(name)
        ending = self.by_end.get(_end(wanted), [])
        # one may have folders before it that the other lacks, but never others: train/s1/1 is not test/s1/1
        found = [face for face in ending if _ends(stem(face), wanted) or _ends(wanted, stem(face))]
        if len(found) > 1:
            found = [face for face in found if _bare(face) == _bare(name)] or found
        if len(found) > 1:
            raise BadInput(f"name {written!r} fits {len(found)} faces ({found[0]}, {found[1]})", where)
        return found[0] if found else name


def _end(text: str) -> str:
    return "/".join(text.split("/")[-2:])


def _ends(text: str, end: str) -> bool:
    return text == end or text.endswith("/" + end)


def stem(name: str) -> str:
    """A face name without its picture ending, case folded, in normal form C."""
    return normalize("NFC", _bare(name).casefold())


def _bare(name: str) -> str:
    path = PurePosixPath(normalize("NFC", name))
    # an ending is letters and a digit at most: `anna.maria_1` has none
    return str(path.with_suffix("")) if path.suffix[1:].isalnum() and len(path.suffix) <= 5 else str(path)


def _counts(cells: list[str]) -> tuple[int, int] | None:
    """(folds, pairs of each kind in one), or None where the line is no header of counts."""
    if len(cells) > 2 or not all(map(_whole, cells)):
        return None
    return (1, int(cells[0])) if len(cells) == 1 else (int(cells[0]), int(cells[1]))


def _numbered(cells: list[str]) -> bool:
    if len(cells) == 3:
        return _whole(cells[1]) and _whole(cells[2])
    return len(cells) == 4 and _whole(cells[1]) and _whole(cells[3]) and not cells[2].isdecimal()


def _named(rows: list[_Row], faces: Names, path: Path) -> bool:
    """Whether `17 23 1` is meant as two faces and an answer: both are names of the data set."""
    return all(
        len(cells) == 3 and cells[2] in ("0", "1") and all(faces.find(cell, path) in faces.exact for cell in cells[:2])
        for _, cells in rows
    )


def _whole(cell: str) -> bool:
    return cell.isdecimal() and len(cell) < 10


def _lfw(rows: list[_Row], path: Path) -> tuple[list[str], list[str], list[bool]]:
    left, right, same = [], [], []
    for line, cells in rows:
        if not _numbered(cells):
            raise BadInput(f"line {line} is neither `name 1 2` nor `name 1 other 3`: {' '.join(cells)[:60]!r}", path)
        other = cells[0] if len(cells) == 3 else cells[2]
        left.append(_picture(cells[0], cells[1]))
        right.append(_picture(other, cells[-1]))
        same.append(len(cells) == 3)
    return left, right, same


def _picture(person: str, number: str) -> str:
    return f"{person}/{person}_{int(number):04d}.jpg"


def _blocks(counts: tuple[int, int] | None, pairs: int, path: Path) -> np.ndarray:
    """The fold of each pair: they stand one after the other, each with as many same as different pairs."""
    if counts is None:
        return np.zeros(pairs, np.int64)
    folds, each = counts
    if folds * each * 2 != pairs:
        raise BadInput(f"pair list has {pairs} pairs, its header says {folds} x {each} same and different", path)
    return np.arange(pairs) // (2 * each)


def _is_header(cells: list[str]) -> bool:
    return len(cells) in (3, 4) and all(_HEADER.fullmatch(cell) and not cell.isdecimal() for cell in cells[:2])


def _plain(rows: list[_Row], path: Path) -> tuple[list[str], list[str], list[bool], list[int]]:
    if rows and _is_header(rows[0][1]):
        rows = rows[1:]
    left, right, same, fold = [], [], [], []
    for line, cells in rows:
        if len(cells) not in (3, 4):
            raise BadInput(f"line {line} has {len(cells)} columns, wanted `a b same` or `a b same fold`", path)
        if cells[2].lower() not in _SAME:
            raise BadInput(f"line {line}: {cells[2]!r} is not 1 or 0, same or different", path)
        if len(cells) == 4 and not _whole(cells[3]):
            raise BadInput(f"line {line}: fold {cells[3]!r} is not a whole number", path)
        if not cells[0] or not cells[1]:
            raise BadInput(f"line {line} has an empty name", path)
        left.append(cells[0])
        right.append(cells[1])
        same.append(_SAME[cells[2].lower()])
        fold.append(int(cells[3]) if len(cells) == 4 else 0)
    order = {number: place for place, number in enumerate(sorted(set(fold)))}
    return left, right, same, [order[number] for number in fold]
