"""Lists of gallery and probe faces: a CSV file with one line a face and one column a list.

`file[,person],LIST[,LIST ...]`: a cell is gallery, probe, genuine (a probe of somebody in the gallery), impostor (a
probe of nobody there), or empty. A file with a column `trials` holds BLUFR lists.
Source: Best-Rowden et al., TIFS 2014, for the closed and the open set on LFW; blufr.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facerep.errors import BadInput
from facerep.readers.columns import FILE, people_column, read_columns, read_faces
from facerep.readers.lists.blufr import GALLERY, PROBE, Blufr, read_blufr

KNOWN, UNKNOWN, UNSTATED = 1, 0, -1
"""What a list says about a probe: somebody of the gallery, nobody of it, or nothing."""

_GALLERY, _NONE = 2, 3
_ROLES = {
    "gallery": _GALLERY, "probe": UNSTATED, "genuine": KNOWN, "known": KNOWN, "impostor": UNKNOWN,
    "unknown": UNKNOWN, "": _NONE, "-": _NONE,
}  # fmt: skip
MULTI = "open-multi-image"
_TURNED = "gallery: the probes of `closed`; known probes: the gallery of `open`; unknown ones: its impostors"


@dataclass(frozen=True, kw_only=True)
class GalleryList:
    """Who is in the gallery and who is looked for.

    Attributes:
        file: the file's name, "" where the list was made here.
        name: what the list is called.
        trial: from 1; 0 where there is only one.
        note: what must be known of the list, in words.
        gallery, gallery_people: face names and people, shape (g,); a person is "" where the list does not say.
        probes, probe_people: the same of the probes, shape (p,).
        known: KNOWN, UNKNOWN or UNSTATED, one a probe.
    """

    file: str = ""
    name: str
    trial: int = 0
    note: str = ""
    gallery: np.ndarray
    gallery_people: np.ndarray
    probes: np.ndarray
    probe_people: np.ndarray
    known: np.ndarray

    @property
    def title(self) -> str:
        """The list and its trial, for messages."""
        return f"{self.name!r}" + (f", trial {self.trial}" if self.trial else "")


def read_lists(path: Path, names: Sequence[str]) -> list[GalleryList]:
    """Read all lists of a file.

    Where a file has the columns `closed` and `open`, a third list `open-multi-image` is made of them: the closed
    set's probes are the gallery, the open set's gallery the known probes, its impostors the unknown ones.

    Args:
        path: the file.
        names: face names of the data set; a face that is not among them stays as written.

    Raises:
        BadInput: no column of roles; a cell that is no role, with its line; a list without gallery or probes; see
            also `columns.read_faces` and `blufr.read_blufr`.
    """
    columns, lines = read_columns(path)
    if "trials" in columns:
        return _trials(read_blufr(path, names), path)
    faces = read_faces(columns, lines, names, path)
    who, cells = people_column(columns) or (None, [""] * len(faces))
    people = np.array(cells, dtype=object)
    roles = {}
    for name, cells in columns.items():
        known = [_ROLES.get(cell.casefold()) for cell in cells]
        if name in (*FILE, who) or not any(role not in (None, _NONE) for role in known):
            continue
        if None in known:
            row = known.index(None)
            what = f"line {lines[row]}: {cells[row]!r} in column {name} is not gallery, probe, genuine or impostor"
            raise BadInput(what, path)
        roles[name] = np.array(known)
    if not roles:
        raise BadInput("no column says who is gallery and who is probe", path, "write gallery and probe in a column")
    if "closed" in roles and "open" in roles:
        roles[MULTI] = _turned(roles["closed"], roles["open"])
    return [_list(path, name, faces, people, column) for name, column in roles.items()]


def _turned(closed: np.ndarray, open_set: np.ndarray) -> np.ndarray:
    turned = np.full(len(closed), _NONE)
    turned[open_set == UNKNOWN] = UNKNOWN
    turned[open_set == _GALLERY] = KNOWN
    turned[(closed == UNSTATED) | (closed == KNOWN)] = _GALLERY
    return turned


def _list(path: Path, name: str, faces: np.ndarray, people: np.ndarray, roles: np.ndarray) -> GalleryList:
    gallery, probes = roles == _GALLERY, np.isin(roles, (KNOWN, UNKNOWN, UNSTATED))
    if not gallery.any() or not probes.any():
        counts = f"{gallery.sum()} gallery faces and {probes.sum()} probes"
        raise BadInput(f"list {name!r} has {counts}, both are needed", path)
    return GalleryList(
        file=path.name, name=name, note=_TURNED if name == MULTI else "",
        gallery=faces[gallery], gallery_people=people[gallery],
        probes=faces[probes], probe_people=people[probes], known=roles[probes],
    )  # fmt: skip


def _trials(lists: Blufr, path: Path) -> list[GalleryList]:
    return [_trial(lists, trial, path) for trial in range(lists.trials)]


def _trial(lists: Blufr, trial: int, path: Path) -> GalleryList:
    gallery, probes = lists.rows(trial, GALLERY), lists.rows(trial, PROBE)
    known = np.isin(lists.people[probes].astype(str), lists.people[gallery].astype(str))
    return GalleryList(
        file=path.name, name=lists.name, trial=trial + 1 if lists.trials > 1 else 0,
        note="the faces that a trial gives for training are not used",
        gallery=lists.names[gallery], gallery_people=lists.people[gallery],
        probes=lists.names[probes], probe_people=lists.people[probes],
        known=np.where(known, KNOWN, UNKNOWN),
    )  # fmt: skip
