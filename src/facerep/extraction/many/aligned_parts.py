"""A folder of shards of aligned faces while it is filled; in the end it is as `data shard` writes one."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from facerep.errors import BadInput
from facerep.extraction.many.aligning import FACES_BESIDE, FAILURES_BESIDE, MEASURED, beside
from facerep.extraction.many.parts import PartsFolder
from facerep.extraction.many.tasks import Line
from facerep.files.atomic import replacing, write_json
from facerep.files.folders.manifest import read_object
from facerep.files.inputs import remember
from facerep.files.json_file import of_form, read_json
from facerep.files.provenance import fingerprint
from facerep.files.unfinished import clear
from facerep.readers.shards.layout import (
    ABOUT,
    BOX,
    FAILURES,
    FORMAT,
    INDEX,
    PLACE,
    POINTS,
    VERSION,
    About,
    AboutAligned,
    is_ours,
    is_shard,
    shard_name,
)  # fmt: skip

_REMEDY = "give --overwrite to start again"
_HEAD, _TAIL = ("name", "person", *MEASURED), (*POINTS, *BOX, *PLACE)
"""Columns of faces.csv before and behind the labels."""
_SOURCE = "source_shard"
"""Column of failures.csv: the shard of the photograph."""
_OTHERS = "output is a folder that holds what `align` did not write, it is not replaced"


class AlignedParts(PartsFolder):
    """See PartsFolder."""

    INDEX, UNFINISHED, FOREIGN = ABOUT, "unfinished alignment", "no shard of aligned faces"

    def name(self, number: int) -> str:
        return shard_name(number)

    def is_part(self, name: str) -> bool:
        return is_shard(name)

    def may_stand(self, name: str) -> bool:
        return is_ours(name)

    def is_there(self, line: Line) -> bool:
        lists = (beside(self.folder, line.name, ending) for ending in (FACES_BESIDE, FAILURES_BESIDE))
        return super().is_there(line) and all(path.is_file() for path in lists)

    def read(self) -> tuple[list[Line], dict[str, Any], bool]:
        place = self.folder / ABOUT
        about = read_json(place, About, _REMEDY)
        if "how" not in about:
            raise BadInput(_OTHERS, self.folder, "name another --output")
        if about["version"] != VERSION:
            raise BadInput(f"shards are of version {about['version']}, this facerep takes {VERSION}", place, _REMEDY)
        of_form(about, AboutAligned, place, _REMEDY)
        if bad := [name for name in (*about["shards"], *about["empty"]) if not is_shard(name)]:
            raise BadInput(f"index names {bad[0][:60]!r}, which is no file of a folder", place, _REMEDY)
        lines = []
        for name, part in about["shards"].items():
            plain = {"rows" if key == "faces" else key: value for key, value in part.items()}
            lines.append(Line(part["source"], name, plain))
        for name, part in about["empty"].items():
            lines.append(Line(part["source"], name, {"rows": 0, "bytes": 0, "sha256": "", **part}))
        return lines, about["how"], about["complete"]

    def write(self, lines: Sequence[Line], *, complete: bool) -> None:
        shards, empty = {}, {}
        for line in lines:
            part = {key: value for key, value in line.part.items() if key not in ("rows", "bytes", "sha256")}
            if line.part["rows"]:
                own = {"faces": line.part["rows"], "bytes": line.part["bytes"], "sha256": line.part["sha256"]}
                shards[line.name] = {**own, **part}
            else:
                empty[line.name] = part
        about = {
            "format": FORMAT, "version": VERSION, "complete": complete, "kind": "aligned",
            "fingerprint": fingerprint(shard["sha256"] for shard in shards.values()), "size": 0, "how": self.how,
            "shards": shards, "empty": empty, "failures": [],
        }  # fmt: skip
        clear(self.folder, ABOUT)
        write_json(self.folder / ABOUT, of_form(about, AboutAligned, self.folder / ABOUT, _REMEDY), overwrite=True)

    def make_room(self) -> None:
        about = read_object(self.folder / ABOUT)
        if (self.folder / ABOUT).exists() and (about is None or "how" not in about):
            raise BadInput(_OTHERS, self.folder, "name another --output")

    def forget(self) -> None:
        super().forget()
        for ending in (FACES_BESIDE, FAILURES_BESIDE):
            self.remove_beside(ending)

    def go_on(self, lines: Sequence[Line], *, complete: bool) -> None:
        """Lists of a whole that is to grow become those of its shards again."""
        if not complete:
            return
        shards = {line.name: line.name for line in lines}
        sources = {line.source: line.name for line in lines}
        self._apart(INDEX, FACES_BESIDE, "shard", shards)
        self._apart(FAILURES, FAILURES_BESIDE, _SOURCE, sources)

    def settle(self, lines: Sequence[Line]) -> None:
        """The lists of all faces and of all failures."""
        held = [line for line in lines if line.part["rows"]]
        labels: dict[str, None] = {}
        for line in held:
            header = next(self._beside(line, FACES_BESIDE), [])
            labels |= dict.fromkeys(name for name in header if name not in (*_HEAD, *_TAIL))
        columns = (*_HEAD, *labels, *_TAIL)
        _write(self.folder / INDEX, columns, self._together(held, FACES_BESIDE, "rows", columns))
        columns = ("name", "reason", _SOURCE)
        _write(self.folder / FAILURES, columns, self._together(lines, FAILURES_BESIDE, "failures", columns))

    def _together(self, lines: Sequence[Line], ending: str, count: str, columns: Sequence[str]) -> Iterator[list[str]]:
        for line in lines:
            rows = self._beside(line, ending)
            header = [*next(rows, []), _SOURCE]
            places = [header.index(name) if name in header else -1 for name in columns]
            found = 0
            for cells in rows:
                found += 1
                cells = [*cells, line.source]
                if len(cells) != len(header):
                    break
                yield [cells[place] if place >= 0 else "" for place in places]
            if found != line.part[count]:
                raise BadInput("list of a shard is damaged", beside(self.folder, line.name, ending), _REMEDY)

    def _beside(self, line: Line, ending: str) -> Iterator[list[str]]:
        return _raw(beside(self.folder, line.name, ending))

    def _apart(self, whole: str, ending: str, by: str, names: dict[str, str]) -> None:
        """Write the list beside each shard from that of all; rows of shards that are not known are left out."""
        rows = _raw(self.folder / whole)
        header = next(rows, [])
        if by not in header:
            raise BadInput("list of shards is damaged (columns)", self.folder / whole, _REMEDY)
        place = header.index(by)
        kept = [at for at in range(len(header)) if header[at] != _SOURCE]
        columns, left = [header[at] for at in kept], dict(names)
        for key, some in groupby(rows, lambda cells: cells[place] if place < len(cells) else ""):
            if key in left:
                path = beside(self.folder, left.pop(key), ending)
                _write(path, columns, ([cells[at] if at < len(cells) else "" for at in kept] for cells in some))
        for name in left.values():
            _write(beside(self.folder, name, ending), columns, ())


def _raw(path: Path) -> Iterator[list[str]]:
    """The lines of a list as they stand there, what a spreadsheet would run still guarded."""
    remember(path)
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            yield from csv.reader(stream)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"list of shards cannot be read ({error})", path, _REMEDY) from error


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write such lines, whole or absent."""
    with replacing(path, overwrite=True) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
