"""Files read as one: the rows of all parts of a feature folder in their order, and what the parts must share.

Parts share their contract, apart from the data set, and what says how a row is read: length, networks, rule of the
bits. A face stands in one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import NoReturn, TypeVar

import numpy as np

from facerep.errors import BadInput, Mismatch
from facerep.files.contract import Contract
from facerep.files.folders.feature_folder import INDEX, parts, read_as_folder, read_index
from facerep.files.hdf5 import reading
from facerep.files.hdf5.sandbox import look_first_at_all
from facerep.files.label_columns import together as labels_together
from facerep.files.pairs import PairList
from facerep.files.people import together
from facerep.files.provenance import fingerprint
from facerep.files.rows import Rows

Kind = TypeVar("Kind", bound=Rows)
_NONE = np.empty(0, np.int64)


@dataclass(frozen=True)
class Piece:
    """A file whose rows are some of the whole's: from `start` on, `count` of them."""

    path: Path
    start: int
    count: int


def pieces(path: Path) -> tuple[Piece, ...]:
    """The files that a feature or code file, or a folder of them, is read from, in order.

    Raises:
        BadInput: as `feature_folder.parts`; or a file has no names, or not as many rows as the index says.
    """
    path = Path(path)
    if not read_as_folder(path):
        return (Piece(path, 0, _count(path, reading.HEAD)),)
    stated = read_index(path)["parts"] if (path / INDEX).is_file() else {}
    found, start = [], 0
    files = parts(path)
    look_first_at_all(files)  # the names of all rows are read, so one look at a file is enough
    for file in files:
        count = _count(file, reading.ALL)
        if file.name in stated and count != (wanted := stated[file.name]["rows"]):
            raise BadInput(f"file has {count:,} rows, the index says {wanted:,}", file, "make the folder again")
        found.append(Piece(file, start, count))
        start += count
    return tuple(found)


def _count(path: Path, first: slice) -> int:
    with reading.opened(path, first) as file:
        return len(reading.dataset(file, "names", ndim=1, kinds="OSUiu"))


def read_joined(folder: Path, rows: slice, read: Callable[[Path, slice], Kind]) -> Kind:
    """The rows of all parts, or some of them; each is copied once.

    Args:
        folder: see files/folders/feature_folder.py.
        rows: from where to where, counted over all parts; what the parts say of every row is read of all of them.
        read: reads one part, or some rows of it.

    Raises:
        BadInput: as `pieces` and `read`; a face in two parts, or a pair list that is not the same in all.
        Mismatch: a part of another contract.
    """
    whole = _joined(pieces(folder), rows, read)
    return _checked(replace(whole, contract=_contract(folder, whole.contract), path=Path(folder)))


def read_several(paths: Sequence[Path], read: Callable[[Path, slice], Kind]) -> Kind:
    """The rows of several files, or folders of them, below each other, as those of a folder; `path` is None.

    Raises:
        BadInput, Mismatch: as `read_joined`.
    """
    found: list[Piece] = []
    for place, path in enumerate(paths):
        if Path(path).resolve() in [Path(other).resolve() for other in paths[:place]]:
            raise BadInput("input is named twice", path, "name it once")
        start = found[-1].start + found[-1].count if found else 0
        found += [replace(piece, start=start + piece.start) for piece in pieces(path)]
    return _checked(replace(_joined(found, reading.ALL, read), path=None))


def _checked(rows: Kind) -> Kind:
    rows.check()
    return rows


def _joined(of: Sequence[Piece], rows: slice, read: Callable[[Path, slice], Kind]) -> Kind:
    low, high, _ = rows.indices(of[-1].start + of[-1].count)
    columns: dict[str, np.ndarray] = {}
    labels, bare, at = [], [], 0
    for piece in of:
        start, stop = max(0, low - piece.start), min(piece.count, high - piece.start)
        if start == 0 and stop == piece.count:
            part = read(piece.path, reading.ALL)
        elif start < stop:
            part = read(piece.path, slice(start, stop))
        else:
            part = read(piece.path, reading.HEAD).take(_NONE)
        if bare:
            part.require(bare[0])
            _require_rule(part, bare[0])
        for name, values in part._columns().items():
            if name not in columns:
                columns[name] = np.empty((high - low, *values.shape[1:]), values.dtype)
            columns[name][at : at + len(part)] = values
        at += len(part)
        labels.append((len(part), part.labels))
        bare.append(part.take(_NONE))
    refuse_twice(columns["names"], of if (low, high) == (0, of[-1].start + of[-1].count) else ())
    return replace(
        bare[0],
        **columns,
        labels=labels_together(labels),
        failures=tuple(failure for part in bare for failure in part.failures),
        protocols=_protocols(bare),
        contract=_together(bare),
        trained_people=together(part.trained_people for part in bare),
    )


def _require_rule(part: Rows, first: Rows) -> None:
    mine, yours = part.contract.rule or "none", first.contract.rule or "none"
    if mine != yours:
        sides = f"{part.where} has {mine}, {first.where} has {yours}"
        raise Mismatch("network's rule for bits differs", sides, "make both with the same network")


def refuse_twice(names: np.ndarray, of: Sequence[Piece]) -> None:
    """Refuse a face that stands in two parts.

    Args:
        names: of all rows.
        of: the parts that they are of; none, and nothing is refused.

    Raises:
        BadInput: with the name and both parts.
    """
    if not of or len(set(names)) == len(names):
        return
    known: dict[str, int] = {}
    for row, name in enumerate(names):
        if (before := known.setdefault(name, row)) != row:
            say_twice(name, (before, row), of)


def say_twice(name: str, rows: Iterable[int], of: Sequence[Piece]) -> NoReturn:
    """Raise for a name of two rows."""
    starts = [piece.start for piece in of]
    one, other = (of[int(np.searchsorted(starts, row, side="right")) - 1].path for row in rows)
    what = f"face name {name!r} stands twice"
    if one == other:
        raise BadInput(what, one)
    raise BadInput(f"{what}, in {one.name} and", other, "leave one of the two out")


def _protocols(bare: Sequence[Rows]) -> dict[str, PairList]:
    lists: dict[str, tuple[PairList, Rows]] = {}
    for part in bare:
        for name, pairs in part.protocols.items():
            known, where = lists.setdefault(name, (pairs, part))
            sides = ((getattr(known, side), getattr(pairs, side)) for side in ("left", "right", "same", "fold"))
            if not all(np.array_equal(one, other) for one, other in sides):
                raise BadInput(f"pair list {name!r} is not that of {where.where}", part.where)
    return {name: pairs for name, (pairs, _) in lists.items()}


def _contract(folder: Path, of_files: Contract) -> Contract:
    """That of the files; data set and fingerprint are those of the index, where there is one."""
    if not (Path(folder) / INDEX).is_file():
        return of_files
    told = read_index(folder)["contract"]
    stated = Contract(**{item.name: told.get(item.name, "") for item in fields(Contract)})
    stated.require(of_files, Path(folder) / INDEX, "its files")
    return replace(of_files, dataset=stated.dataset, fingerprint=stated.fingerprint)


def _together(bare: Sequence[Rows]) -> Contract:
    """That of several files: data set and fingerprint are what all share, or what they make together."""
    first = bare[0].contract
    sets = dict.fromkeys(part.contract.dataset for part in bare)
    prints = [part.contract.fingerprint for part in bare]
    one = prints[0] if len(set(prints)) == 1 else fingerprint(prints)
    return replace(first, dataset="+".join(filter(None, sets)), fingerprint=one)
