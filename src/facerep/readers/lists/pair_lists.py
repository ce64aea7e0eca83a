"""Pair lists: files of pairs become a PairList in the names of a data set.

LFW's form (`Name 1 2`, `Name 1 Other 3`, with or without a header of counts) and the plain form `a b same
[fold]`, with commas, semicolons, tabs or blanks between.
Source: LFW's README of views 1 and 2, Huang et al., UMass TR 07-49.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice
from pathlib import Path, PurePosixPath
from unicodedata import normalize

import numpy as np

from facerep.errors import BadInput
from facerep.files.pairs import PairList
from facerep.files.text import open_lines
from facerep.readers import delimited

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
    """Read a pair list, of any length: only the distinct names and four numbers a pair are kept.

    A name is looked up whatever its ending, its letters' case and its Unicode normal form, in full or by its
    last two parts. One that is not in `names` stays as written, so that whoever scores can name it.

    Args:
        path: the list; the PairList is called after the file's stem.
        names: face names of the data set.

    Raises:
        BadInput: a malformed line, with its number; a count that differs from the header's; a name that fits
            several faces; no pair at all.
    """
    with open_lines(path) as lines:
        # the second line decides: the first may be a header of counts
        first = [line for line, _ in zip((line for line in lines if line.strip()), range(2), strict=False)]
        mark = delimited.delimiter(first[-1]) if first else ""
        counts = _counts(next(delimited.rows(first, mark, path), (0, []))[1]) if first else None
        faces = Names(names)

        def rows() -> Iterator[_Row]:
            """The rows without a header of counts, from the start each time."""
            return islice(delimited.rows(lines, mark, path), 1 if counts else 0, None)

        numbered = first and all(_numbered(cells) for _, cells in rows())
        if counts or (numbered and not _named(rows(), faces, path)):
            written = _lfw(rows(), path)
            fold = _blocks(counts, len(written.same), path)
        else:
            written, fold = _plain(rows(), path)
    if not written.same:
        raise BadInput("pair list has no pairs", path)
    meant = np.array([faces.find(name, path) for name in written.known], dtype=object)
    return PairList(
        name=path.stem,
        left=meant[np.frombuffer(written.left, np.intc)],
        right=meant[np.frombuffer(written.right, np.intc)],
        same=np.frombuffer(written.same, bool),
        fold=fold,
    )


@dataclass
class _Written:
    """The pairs as a list has them: distinct names with their numbers, two numbers a pair, and its kind."""

    known: dict[str, int] = field(default_factory=dict)
    left: array = field(default_factory=lambda: array("i"))
    right: array = field(default_factory=lambda: array("i"))
    same: bytearray = field(default_factory=bytearray)

    def put(self, left: str, right: str, same: bool) -> None:
        """Take a pair in."""
        known = self.known
        self.left.append(known.setdefault(left, len(known)))
        self.right.append(known.setdefault(right, len(known)))
        self.same.append(same)


class Names:
    """Face names, looked up by what a list may call them; each look-up takes the same time, however many there are."""

    def __init__(self, names: Sequence[str]) -> None:
        self.exact = dict.fromkeys(names)

    @cached_property
    def _by_stem(self) -> dict[str, list[str]]:
        by_stem: dict[str, list[str]] = {}
        for name in self.exact:
            by_stem.setdefault(stem(name), []).append(name)
        return by_stem

    @cached_property
    def _by_end(self) -> dict[str, list[str]]:
        """Faces by what their stems end with: two parts and more."""
        by_end: dict[str, list[str]] = {}
        for whole, faces in self._by_stem.items():
            for end in _ends(whole):
                by_end.setdefault(end, []).extend(faces)
        return by_end

    def find(self, written: str, where: Path) -> str:
        """The face that `written` means, else `written` in normal form C.

        Raises:
            BadInput: it fits several faces.
        """
        name = normalize("NFC", written).replace("\\", "/")
        if name in self.exact:
            return name
        # one may have folders before it that the other lacks, but never others: train/s1/1 is not test/s1/1
        wanted = stem(name)
        fitting = [*self._by_stem.get(wanted, []), *self._by_end.get(wanted, [])]
        fitting += [face for end in _ends(wanted) for face in self._by_stem.get(end, [])]
        if len(fitting) > 1:
            fitting = [face for face in fitting if _bare(face) == _bare(name)] or fitting
        if len(fitting) > 1:
            raise BadInput(f"name {written!r} fits {len(fitting)} faces ({fitting[0]}, {fitting[1]})", where)
        return fitting[0] if fitting else name


def _ends(stem: str) -> Iterator[str]:
    """What a stem ends with, from its second part on to its last two: of `a/b/c/d` these are `b/c/d` and `c/d`."""
    parts = stem.split("/")
    return ("/".join(parts[start:]) for start in range(1, len(parts) - 1))


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


def _named(rows: Iterable[_Row], faces: Names, path: Path) -> bool:
    """Whether `17 23 1` is meant as two faces and an answer: both are names of the data set."""
    return all(
        len(cells) == 3 and cells[2] in ("0", "1") and all(faces.find(cell, path) in faces.exact for cell in cells[:2])
        for _, cells in rows
    )


def _whole(cell: str) -> bool:
    return cell.isdecimal() and len(cell) < 10


def _lfw(rows: Iterable[_Row], path: Path) -> _Written:
    written = _Written()
    for line, cells in rows:
        if not _numbered(cells):
            raise BadInput(f"line {line} is neither `name 1 2` nor `name 1 other 3`: {' '.join(cells)[:60]!r}", path)
        other = cells[0] if len(cells) == 3 else cells[2]
        written.put(_picture(cells[0], cells[1]), _picture(other, cells[-1]), len(cells) == 3)
    return written


def _picture(person: str, number: str) -> str:
    return f"{person}/{person}_{int(number):04d}.jpg"


def _blocks(counts: tuple[int, int] | None, pairs: int, path: Path) -> np.ndarray:
    """The fold of each pair: they stand one after the other, each with as many same as different pairs."""
    if counts is None:
        return np.zeros(pairs, np.int32)
    folds, each = counts
    if folds * each * 2 != pairs:
        raise BadInput(f"pair list has {pairs} pairs, its header says {folds} x {each} same and different", path)
    return np.arange(pairs, dtype=np.int32) // (2 * each)


def _is_header(cells: list[str]) -> bool:
    return len(cells) in (3, 4) and all(_HEADER.fullmatch(cell) and not cell.isdecimal() for cell in cells[:2])


def _plain(rows: Iterator[_Row], path: Path) -> tuple[_Written, np.ndarray]:
    """The pairs of the plain form, and the fold of each, counted from the smallest."""
    written, fold = _Written(), array("i")
    first = next(rows, None)
    for line, cells in chain([] if first is None or _is_header(first[1]) else [first], rows):
        if len(cells) not in (3, 4):
            raise BadInput(f"line {line} has {len(cells)} columns, wanted `a b same` or `a b same fold`", path)
        same = _SAME.get(cells[2].lower())
        if same is None:
            raise BadInput(f"line {line}: {cells[2]!r} is not 1 or 0, same or different", path)
        if len(cells) == 4 and not _whole(cells[3]):
            raise BadInput(f"line {line}: fold {cells[3]!r} is not a whole number", path)
        if not cells[0] or not cells[1]:
            raise BadInput(f"line {line} has an empty name", path)
        written.put(cells[0], cells[1], same)
        fold.append(int(cells[3]) if len(cells) == 4 else 0)
    folds = np.frombuffer(fold, np.intc)
    return written, np.searchsorted(np.unique(folds), folds).astype(np.int32)
